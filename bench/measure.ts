// One process that measures: it is told on its standard input, a line each, which row to set up and when to run it, and
// answers each line with one of JSON. Python's side is measure.py; both take their times in the same way.
//
//   node measure.js THREADS
//     setup ROW     sets the row up and runs it until it is warm: {"repeats", "flops"?, "bytes"?}
//     round SECONDS runs it for that long, at least five times: {"seconds": the median of one unit}
//     end           {"peak": bytes of resident memory at the most}

import { createInterface } from 'node:readline';
import { manualSeed, setNumThreads } from 'flambeau';
import { programOf } from './rows/index.js';
import type { Program } from './rows/row.js';

const WARM_SECONDS = 0.25;

setNumThreads(Number(process.argv[2] ?? 2));
manualSeed(0);

let program: Program = { run: () => {} };

async function once(): Promise<number> {
  const start = performance.now();
  const result = await program.run();
  return program.timesItself ? (result as number) : (performance.now() - start) / 1000;
}

/** A run that is known to be synchronous gives the event loop no turn, as in a user's loop. */
function onceSync(): number {
  const start = performance.now();
  program.run();
  return (performance.now() - start) / 1000;
}

async function measured(seconds: number, least: number): Promise<number[]> {
  const first = program.run();
  const async = first instanceof Promise;
  if (async) await first;
  const samples: number[] = [];
  for (let total = 0; total < seconds || samples.length < least;) {
    const sample = async ? await once() : onceSync();
    samples.push(sample);
    total += sample;
  }
  return samples.sort((a, b) => a - b);
}

async function answer(line: string): Promise<object> {
  const [command, ...words] = line.split(' ');
  const rest = words.join(' ');
  if (command === 'setup') {
    program = await programOf(rest)();
    await measured(WARM_SECONDS, 3);
    const { repeats = 1, flops, bytes } = program;
    return { repeats, flops, bytes };
  }
  if (command === 'round') {
    const samples = await measured(Number(rest), 5);
    return { seconds: samples[samples.length >> 1]! / (program.repeats ?? 1) };
  }
  return { peak: process.resourceUsage().maxRSS * 1024 };
}

for await (const line of createInterface({ input: process.stdin })) console.log(JSON.stringify(await answer(line)));
