import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

import { createReferenceBackend } from '../../../src/backend/reference/index.js';
import { assertNumbers, backend, empty, view } from './views.js';

test('a released storage can not be used', () => {
  const values = view('float32', [2], [1, 2]);
  backend.release(values.storage);
  assert.throws(() => backend.fill(values, 0), /released/);
  assert.throws(() => backend.readScalar(values), /released/);
});

test('memory counts what is allocated, released and shared', () => {
  const own = createReferenceBackend();
  const first = own.allocate(1000);
  const second = own.allocate(3000);
  assert.deepStrictEqual(own.memory(), { allocated: 4000, peak: 4000, reserved: 4000 });
  own.release(first);
  own.release(first);
  assert.deepStrictEqual(own.memory(), { allocated: 3000, peak: 4000, reserved: 3000 });
  own.resetPeakMemory();
  const token = own.share(second);
  own.adopt(token);
  assert.deepStrictEqual(own.memory(), { allocated: 3000, peak: 3000, reserved: 3000 });
});

test('storages that share a block see each other write', () => {
  const values = view('float32', [3], [1, 2, 3]);
  const adopted = { ...values, storage: backend.adopt(backend.share(values.storage)) };
  assertNumbers(adopted, [1, 2, 3]);
  backend.fill(adopted, 5);
  assertNumbers(values, [5, 5, 5]);
  assert.equal(adopted.storage.byteLength, 12);
});

test('another thread can write to a shared block', async () => {
  const values = view('int32', [2], [1, 2]);
  const source = `const { workerData } = require('node:worker_threads'); new Int32Array(workerData.buffer)[1] = 9;`;
  const worker = new Worker(source, { eval: true, workerData: backend.share(values.storage) });
  await new Promise((resolve, reject) => worker.once('exit', resolve).once('error', reject));
  assertNumbers(values, [1, 9]);
});

test('garbage is given back', async () => {
  const { setFlagsFromString } = await import('node:v8');
  const { runInNewContext } = await import('node:vm');
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const own = createReferenceBackend();
  for (let i = 0; i < 10; i++) own.allocate(8000);
  assert.equal(own.memory().allocated, 80000);
  for (let turn = 0; turn < 20 && own.memory().allocated > 0; turn++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assert.equal(own.memory().allocated, 0);
  assert.equal(own.memory().peak, 80000);
});

test('garbage of a loop without a turn of the event loop is not counted as living', () => {
  const own = createReferenceBackend();
  for (let i = 0; i < 4000; i++) own.allocate(2 ** 18);
  const { allocated, peak } = own.memory();
  assert.ok(allocated < 2 ** 29, `${allocated} of ${4000 * 2 ** 18} bytes count as allocated`);
  assert.ok(peak < 2 ** 29, `the peak is ${peak}`);
});

test('a block of no bytes', () => {
  assertNumbers(empty('float64', [0]), []);
});
