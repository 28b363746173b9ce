// `npm run soak`: what a DataLoader leaves behind in the long run. A thousand epochs of workers that live on, three hundred of
// workers that are made anew and left in every way, and a gigabyte read by four workers: threads, handles and native memory
// return to where they were, and the data is there once. Prints what was measured; ends with 1 if something was left.

import { readdirSync } from 'node:fs';
import v8 from 'node:v8';
import vm from 'node:vm';
import { prepare } from './bootstrap.js';

prepare();
const { backendInfo, full } = await import('flambeau');
const { DataLoader, TensorDataset } = await import('flambeau/data');
const { Large, LargeStream } = await import('./soak/datasets.js');

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc');

/** What may be left behind: threads of any kind, what keeps the process alive, bytes of living tensors of all threads. */
function leftovers() {
  return {
    threads: readdirSync('/proc/self/task').length,
    handles: process.getActiveResourcesInfo().filter((kind) => /Worker|MessagePort|Timeout|Immediate/.test(kind))
      .length,
    bytes: backendInfo().memory.allocated,
  };
}

/** Waits for what comes about by collection and its finalizers. */
async function settled(enough) {
  let last;
  for (let turn = 0; turn < 500; turn++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 10));
    const now = leftovers();
    if (enough?.(now) || (enough === undefined && JSON.stringify(now) === last)) return now;
    last = JSON.stringify(now);
  }
  return leftovers();
}

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
const resident = () => process.memoryUsage.rss();
/** What the process may grow by in the second half: the allocator keeps some of what threads have used, but not ever more. */
const residentBound = 48e6;
let failed = false;

/** Prints what was before and after, and notes whether more was left than may be. */
function compare(name, before, after, { allowed = 0, resident: grown, seconds }) {
  const holds =
    after.threads <= before.threads &&
    after.handles <= before.handles &&
    after.bytes <= before.bytes + allowed &&
    grown < residentBound;
  failed ||= !holds;
  console.log(
    `${holds ? 'ok    ' : 'FAILED'}  ${name}: threads ${before.threads} -> ${after.threads}, handles ${before.handles} -> ` +
      `${after.handles}, tensors ${megabytes(before.bytes)} -> ${megabytes(after.bytes)}, resident ` +
      `${grown < 0 ? '-' : '+'}${megabytes(Math.abs(grown))} (${seconds.toFixed(0)} s)`,
  );
}

async function epoch(loader, expected) {
  let batches = 0;
  for await (const batch of loader) batches += Number(batch.shape[1] === 5000);
  if (batches !== expected) throw new Error(`an epoch gave ${batches} batches, not ${expected}`);
}

/** Epochs of one set of workers. The first half makes whatever lives for the rest of the process. */
async function persistent(name, dataset, options, epochs) {
  const started = performance.now();
  const loader = new DataLoader(dataset, { batchSize: 2, numWorkers: 2, persistentWorkers: true, ...options });
  const run = async (count) => {
    for (let i = 0; i < count; i++) {
      // Workers collect in the last epochs before a count.
      dataset.collecting = i >= count - 2;
      await epoch(loader, 4);
    }
  };
  await run(epochs / 2);
  const before = await settled();
  const residentBefore = resident();
  await run(epochs / 2);
  // A worker's last samples and the batch made of them are not collected before it does something: a whole epoch at most.
  const allowed = 8 * 5000 * 4;
  const enough = ({ threads, handles, bytes }) =>
    threads <= before.threads && handles <= before.handles && bytes <= before.bytes + allowed;
  const after = await settled(enough);
  const seconds = (performance.now() - started) / 1000;
  compare(`${epochs} epochs, ${name}`, before, after, { allowed, resident: resident() - residentBefore, seconds });
}

/** Ways of leaving an epoch, in turn. */
const endings = [
  (loader) => epoch(loader, 4),
  async (loader) => {
    for await (const _ of loader) break;
  },
  async (loader) => {
    try {
      for await (const _ of loader) throw new Error('enough');
    } catch (error) {
      if (error.message !== 'enough') throw error;
    }
  },
  async (_, failing) => {
    try {
      for await (const _ of failing);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return;
    }
    throw new Error('the torn sample was not noticed');
  },
  async (loader) => {
    await loader[Symbol.asyncIterator]().next();
    // Otherwise such workers would pile up until the next collection.
    setTimeout(collect, 0);
  },
];

/** Epochs with workers of their own. */
async function anew(epochs) {
  const started = performance.now();
  const options = { batchSize: 2, numWorkers: 2 };
  const loader = new DataLoader(new Large(8), options);
  const failing = new DataLoader(new Large(8, { failing: 5 }), options);
  const run = async (count) => {
    for (let i = 0; i < count; i++) await endings[i % endings.length](loader, failing);
  };
  await run(epochs / 2);
  const before = await settled();
  const residentBefore = resident();
  await run(epochs / 2);
  const after = await settled(
    ({ threads, handles, bytes }) => threads <= before.threads && handles <= before.handles && bytes <= before.bytes,
  );
  const seconds = (performance.now() - started) / 1000;
  const grown = resident() - residentBefore;
  compare(`${epochs} epochs of new workers, left in ${endings.length} ways`, before, after, {
    resident: grown,
    seconds,
  });
}

/** A gigabyte of data, read by four workers from end to end. */
async function once() {
  const started = performance.now();
  const [rows, columns] = [262_144, 1024];
  const bytes = rows * columns * 4;
  const data = new TensorDataset(full([rows, columns], 1));
  const loader = new DataLoader(data, { batchSize: 64, numWorkers: 4 });
  collect();
  const before = { resident: resident(), native: backendInfo().memory.allocated };
  if (before.resident < bytes) throw new Error('the data is not resident: this would measure nothing');
  let most = 0;
  let native = 0;
  let count = 0;
  for await (const [batch] of loader) {
    if (count++ % 64 !== 0) continue;
    // What is to be seen is what is kept, not batches that were forgotten and wait for a collection.
    collect();
    if (batch.sum().item() !== 64 * columns) throw new Error('a batch is not what the data is');
    most = Math.max(most, resident());
    native = Math.max(native, backendInfo().memory.allocated);
  }
  const grown = [most - before.resident, native - before.native];
  const holds = grown.every((growth) => growth < bytes / 10) && count === rows / 64;
  failed ||= !holds;
  const share = grown.map((growth) => `${megabytes(growth)} (${((100 * growth) / bytes).toFixed(1)} %)`);
  console.log(
    `${holds ? 'ok    ' : 'FAILED'}  ${megabytes(bytes)} read by 4 workers: resident +${share[0]}, tensors +${share[1]} ` +
      `(${((performance.now() - started) / 1000).toFixed(0)} s)`,
  );
}

// First, in a process whose memory nothing else has used. `npm run soak -- epochs` leaves it out, `npm run soak -- gigabyte` the rest.
const part = process.argv[2];
if (part !== 'epochs') await once();
if (part !== 'gigabyte') {
  await persistent('one set of workers', new Large(8), { shuffle: true }, 1000);
  await persistent('one set of workers, a stream', new LargeStream(8), {}, 1000);
  await anew(300);
}
process.exitCode = failed ? 1 : 0;
