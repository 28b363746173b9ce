// Which worker loads what, how much ahead, and in which order it is given: loaders with worker threads. The state machine behind
// it is tested without threads in scheduler.test.ts.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Tensor } from 'flambeau';
import { DataLoader } from 'flambeau/data';
import { Numbers, NumberStream } from './fixtures/numbers.js';
import { Gated, Observing, UnevenStream } from './fixtures/worker-datasets.js';

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}
const values = async (loader: AsyncIterable<Tensor>): Promise<unknown[]> =>
  (await all(loader)).map((batch) => batch.toArray());

suite('batches from workers', () => {
  test('come in the order of the sampler', async () => {
    for (const numWorkers of [1, 2, 3]) {
      const loader = new DataLoader(new Numbers(17), { batchSize: 2, numWorkers });
      assert.deepEqual(
        (await values(loader)).flat(),
        Array.from({ length: 17 }, (_, i) => i),
      );
    }
  });

  test('are loaded by the workers in turn', async () => {
    const seen = await all(new DataLoader(new Observing(7), { batchSize: null, numWorkers: 3 }));
    assert.deepEqual(seen.map(({ id }) => id), ['0', '1', '2', '0', '1', '2', '0']); // prettier-ignore
  });

  test('are put in order, though a later one is there first', async () => {
    const loader = new DataLoader(new Gated(6, 3), { batchSize: null, numWorkers: 2 });
    assert.deepEqual(await all(loader), ['0:0', '1:1', '0:2', '1:3', '0:4', '1:5']);
  });

  test('come as they are ready if order does not matter, and whoever has room loads the next', async () => {
    const loader = new DataLoader(new Gated(7, 6), { batchSize: null, numWorkers: 2, inOrder: false });
    const given = await all(loader);
    assert.deepEqual(given.slice(0, 4), ['1:1', '1:3', '1:4', '1:5']);
    assert.deepEqual(given.slice(4).sort(), ['0:0', '0:2', '1:6']);
  });

  test('come each once if order does not matter', async () => {
    const loader = new DataLoader(new Numbers(17), { batchSize: 2, numWorkers: 3, inOrder: false, prefetchFactor: 1 });
    const numbers = (await values(loader)).flat() as number[];
    assert.deepEqual(numbers.sort((a, b) => a - b), Array.from({ length: 17 }, (_, i) => i)); // prettier-ignore
  });
});

suite('streams in workers', () => {
  test('each worker reads a copy of its own', async () => {
    const loader = new DataLoader(new NumberStream(7), { batchSize: 2, numWorkers: 2 });
    assert.deepEqual(await values(loader), [[0, 2], [1, 3], [4, 6], [5]]);
  });

  test('a worker whose stream ends is passed over; dropLast drops what is short in each worker', async () => {
    const stream = new UnevenStream([5, 1, 3]);
    assert.deepEqual(await all(new DataLoader(stream, { batchSize: 2, numWorkers: 3 })), [
      ['0:0', '0:1'],
      ['1:0'],
      ['2:0', '2:1'],
      ['0:2', '0:3'],
      ['2:2'],
      ['0:4'],
    ]);
    assert.deepEqual(await all(new DataLoader(stream, { batchSize: 2, numWorkers: 3, dropLast: true })), [
      ['0:0', '0:1'],
      ['2:0', '2:1'],
      ['0:2', '0:3'],
    ]);
    assert.deepEqual(await all(new DataLoader(new UnevenStream([0, 0]), { numWorkers: 2 })), []);
  });

  test('persistent workers read their streams again', async () => {
    const loader = new DataLoader(new UnevenStream([2, 1]), {
      batchSize: null,
      numWorkers: 2,
      persistentWorkers: true,
    });
    for (let epoch = 0; epoch < 3; epoch++) assert.deepEqual(await all(loader), ['0:0', '1:0', '0:1']);
  });
});

test('an iterator begins prefetchFactor times numWorkers batches at once, and one more for each that is taken', async () => {
  let drawn = 0;
  const sampler = { length: 100, *[Symbol.iterator]() { for (let i = 0; i < 100; i++) { drawn++; yield i; } } }; // prettier-ignore
  const loader = new DataLoader(new Numbers(100), { sampler, numWorkers: 2, prefetchFactor: 3 });
  const iterator = loader[Symbol.asyncIterator]();
  assert.equal(drawn, 6);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(drawn, 6);
  await iterator.next();
  assert.equal(drawn, 7);
  await iterator.next();
  await iterator.next();
  assert.equal(drawn, 9);
  await iterator.return!();
});
