// Memory of the native backend: it comes back without anybody freeing it, in a synchronous loop too; released memory
// and views outside their storage are refused; blocks are shared between threads.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

import type { StridedView } from '../../../src/backend/backend.js';
import type { Storage } from '../../../src/backend/storage.js';
import { native, needsAddon } from './pairs.js';

const MEBIBYTE = 2 ** 20;

function vector(storage: Storage, length: number): StridedView {
  return { storage, dtype: 'float32', shape: [length], strides: [1], offset: 0 };
}

function made(length: number, value = 0): StridedView {
  const view = vector(native!.allocate(4 * length), length);
  native!.fill(view, value);
  return view;
}

function read(view: StridedView): number[] {
  const target = new Float32Array(view.shape[0]!);
  native!.read(view, target);
  return [...target];
}

test('a synchronous loop without a free keeps memory flat', needsAddon, () => {
  const before = native!.memory().allocated;
  let most = 0;
  for (let step = 0; step < 10_000; step++) {
    for (let i = 0; i < 6; i++) made(64 * 1024, i);
    native!.stepEnded();
    if (step > 100) most = Math.max(most, native!.memory().allocated);
  }
  // 15 GiB were handed out.
  assert.ok(most - before < 256 * MEBIBYTE, `${((most - before) / MEBIBYTE).toFixed(0)} MiB in use`);
});

test('memory comes back without the end of a step, too', needsAddon, () => {
  const before = native!.memory().allocated;
  for (let i = 0; i < 20_000; i++) made(64 * 1024);
  const { allocated } = native!.memory();
  assert.ok(allocated - before < 1024 * MEBIBYTE, `${((allocated - before) / MEBIBYTE).toFixed(0)} MiB in use`);
});

test('what lived long and then died comes back', needsAddon, () => {
  const before = native!.memory().allocated;
  for (let round = 0; round < 40; round++) {
    // Survives several collections, then becomes garbage at once.
    const kept: StridedView[] = [];
    for (let step = 0; step < 10; step++) {
      kept.push(made(2 * 1024 * 1024, step));
      for (let i = 0; i < 20; i++) made(256 * 1024);
      native!.stepEnded();
    }
    assert.deepEqual(read({ ...kept[3]!, shape: [2] }), [3, 3]);
  }
  const { allocated } = native!.memory();
  assert.ok(allocated - before < 600 * MEBIBYTE, `${((allocated - before) / MEBIBYTE).toFixed(0)} MiB in use`);
});

test('small storages share a block and keep their content', needsAddon, () => {
  const views = Array.from({ length: 1000 }, (_, i) => made(1 + (i % 200), i));
  for (const [i, view] of views.entries()) assert.deepEqual(new Set(read(view)), new Set([i]));
});

test('released memory is handed out again and refuses to be used', needsAddon, () => {
  const view = made(10_000, 1);
  const before = native!.memory().allocated;
  native!.release(view.storage);
  assert.ok(native!.memory().allocated < before);
  assert.throws(() => native!.fill(view, 0), /released/);
  assert.throws(() => native!.read(view, new Float32Array(10_000)), /released/);
  assert.throws(() => native!.write(view.storage, 0, new Float32Array(1)), /released/);
  assert.throws(() => native!.share(view.storage), /released/);
  native!.release(view.storage);
});

test('a view that leaves its block is refused, whatever its strides', needsAddon, () => {
  const storage = native!.allocate(8192);
  const good = made(2048, 1);
  const bad: Partial<StridedView>[] = [
    { shape: [1_000_000] },
    { offset: 1_000_000 },
    { offset: -1 },
    { strides: [5000] },
    { shape: [2048], strides: [-1] },
    { shape: [2 ** 40, 2 ** 40], strides: [2 ** 40, 1] },
    { offset: NaN },
    { shape: [NaN] },
    { shape: [-5] },
    { strides: [NaN] },
    { shape: new Array<number>(13).fill(1), strides: new Array<number>(13).fill(1) },
  ];
  for (const part of bad) {
    const view = { ...vector(storage, 2048), ...part };
    assert.throws(() => native!.fill(view, 7), Error, JSON.stringify(part));
    assert.throws(() => native!.copy(view, good), Error, JSON.stringify(part));
    assert.throws(() => native!.reduce('sum', vector(native!.allocate(4), 1), view), Error, JSON.stringify(part));
  }
  // From the last element backwards is within.
  native!.fill({ ...vector(storage, 2048), strides: [-1], offset: 2047 }, 3);
  assert.deepEqual(new Set(read(vector(storage, 2048))), new Set([3]));
});

test('views that do not fit together are refused', needsAddon, () => {
  const [a, b] = [made(300), made(301)];
  assert.throws(() => native!.binary('add', a, a, b), /broadcast/);
  assert.throws(() => native!.cumulative('sum', a, b, 0), /shapes differ/);
  assert.throws(() => native!.sort(a, b, a, 0, false), /int64/);
  assert.throws(() => native!.matmul(a, a, b), /two dims/);
  assert.throws(() => native!.concatenate(a, [b]), /301 elements don't fill an output of 300/);
  assert.throws(() => native!.unary('abs', a, { ...a, storage: { ...a.storage, handle: {} } }), /no storage/);
  assert.throws(() => native!.write(a.storage, 299, new Float32Array(2)), /storage of 1200 bytes/);
  assert.throws(() => native!.read(a, new Float32Array(5)), /element count/);
  assert.throws(() => native!.read(a, new Float64Array(300)), /Float64Array/);
});

test('memory() counts, and the peak can be reset', needsAddon, () => {
  native!.resetPeakMemory();
  const before = native!.memory();
  assert.equal(before.peak, before.allocated);
  const view = made(1024 * 1024);
  const during = native!.memory();
  assert.ok(during.allocated - before.allocated >= 4 * MEBIBYTE);
  native!.release(view.storage);
  const after = native!.memory();
  assert.equal(after.allocated, before.allocated);
  assert.ok(after.peak >= during.allocated && after.reserved >= after.allocated);
});

// Registers the TypeScript loader, which a worker does not inherit, then runs the file.
const bootstrap = `import('tsx/esm/api').then(({ tsImport }) => tsImport('./sharing-worker.ts', ${JSON.stringify(import.meta.url)}))`;

/** Runs the worker on a message and returns its answer. */
async function inWorker(message: unknown): Promise<unknown> {
  const worker = new Worker(bootstrap, { eval: true });
  try {
    return await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`the worker exited with ${code}`)));
      worker.postMessage(message);
    });
  } finally {
    await worker.terminate();
  }
}

test('another thread adopts a block, writes to it and outlives nothing', needsAddon, async () => {
  for (const length of [10, 100_000]) {
    const view = made(length, 5);
    const answer = await inWorker({ token: native!.share(view.storage), length });
    assert.deepEqual(answer, { sum: 5 * length });
    assert.deepEqual(read(view).slice(0, 3), [6, 6, 6], 'both see one memory');
  }
});

test('a block from another thread stays when that thread is gone', needsAddon, async () => {
  const { token, length } = (await inWorker({ make: 100_000, value: 9 })) as { token: unknown; length: number };
  const before = native!.memory().allocated;
  const view = vector(native!.adopt(token), length);
  assert.equal(native!.memory().allocated, before, 'nothing is copied');
  assert.deepEqual(new Set(read(view)), new Set([9]));
  native!.release(view.storage);
  assert.ok(native!.memory().allocated <= before - 4 * length);
});

test('a token is adopted once', needsAddon, () => {
  const view = made(5000, 2);
  const token = native!.share(view.storage);
  const copy = structuredClone(token);
  const other = vector(native!.adopt(copy), 5000);
  assert.throws(() => native!.adopt(token), /once/);
  assert.throws(() => native!.adopt('something else'), /token/);
  // Either reference keeps the block.
  native!.release(view.storage);
  assert.deepEqual(read(other).slice(0, 2), [2, 2]);
});

test('a worker computes on one thread until told otherwise', needsAddon, async () => {
  assert.deepEqual(await inWorker({ threads: true }), { before: 1, after: 2 });
});
