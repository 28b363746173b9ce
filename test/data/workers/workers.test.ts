// Loading in worker threads: what workers see, what arrives, in which order.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { manualSeed, rand, type Tensor } from 'flambeau';
import { DataLoader, TensorDataset } from 'flambeau/data';
import { Numbers, NumberStream } from '../fixtures/numbers.js';
import {
  Augmented,
  Batchwise,
  Counting,
  describe,
  describeLater,
  describeOne,
  Everything,
  Meeting,
  Pair,
  Rows,
  toPair,
  Words,
} from '../fixtures/worker-datasets.js';

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}
const values = async (loader: AsyncIterable<Tensor>): Promise<unknown[]> =>
  (await all(loader)).map((batch) => batch.toArray());

suite('batches from workers', () => {
  test('are the same as without workers, of every type of field', async () => {
    manualSeed(0);
    const plain = (batch: unknown): unknown => {
      const { big, ...rest } = batch as Record<string, Tensor>;
      assert.deepEqual(big!.shape, [2, 100, 10]);
      return JSON.parse(JSON.stringify(rest, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)));
    };
    const local = await all(new DataLoader(new Everything(), { batchSize: 2 }));
    const remote = await all(new DataLoader(new Everything(), { batchSize: 2, numWorkers: 2 }));
    assert.deepEqual(remote.map(plain), local.map(plain));
    assert.equal((remote[0] as { date: Date[] }).date[1]!.getTime(), 1);
    assert.equal((remote[1] as { bytes: Uint8Array[] }).bytes[1]!.length, 3);
    assert.equal((remote[0] as { bigint: Tensor }).bigint.dtype, 'int64');
  });

  test('are samples with batchSize null, and nothing for an empty data set', async () => {
    assert.deepEqual(await all(new DataLoader(new Numbers(3), { batchSize: null, numWorkers: 2 })), [0, 1, 2]);
    assert.deepEqual(await all(new DataLoader(new Numbers(0), { numWorkers: 2 })), []);
    assert.deepEqual(await all(new DataLoader(new NumberStream(3), { batchSize: null, numWorkers: 1 })), [0, 1, 2]);
  });

  test('are what a collate function makes of the samples, in the worker', async () => {
    const numbers = new Numbers(4);
    assert.deepEqual(await all(new DataLoader(numbers, { batchSize: 2, numWorkers: 2, collateFn: describe })), [
      { sum: 1, worker: 0 },
      { sum: 5, worker: 1 },
    ]);
    assert.deepEqual(
      await all(new DataLoader(numbers, { batchSize: 3, numWorkers: 1, collateFn: describeLater })),
      [3, 1],
    );
    assert.deepEqual(await all(new DataLoader(numbers, { batchSize: null, numWorkers: 1, collateFn: describeOne })), [
      '#0',
      '#1',
      '#2',
      '#3',
    ]);
  });

  test('may be instances of classes', async () => {
    const [pair] = await all(new DataLoader(new Numbers(3), { batchSize: 3, numWorkers: 1, collateFn: toPair }));
    assert.ok(pair instanceof Pair);
    assert.equal(pair.total, 3);
    assert.deepEqual(pair.rest.get('samples'), [0, 1, 2]);
  });

  test("know the types that the data set's module adds", async () => {
    assert.deepEqual(await all(new DataLoader(new Words(), { batchSize: 3, numWorkers: 1 })), ['never odd even']);
  });

  test('are fetched together where a data set can be asked so', async () => {
    assert.deepEqual(await values(new DataLoader(new Batchwise(), { batchSize: 4, numWorkers: 2 })), [
      [0, 10, 20, 30],
      [40, 50],
    ]);
  });

  test('wait for their samples together', async () => {
    assert.deepEqual(await values(new DataLoader(new Meeting(8, 4), { batchSize: 4, numWorkers: 2 })), [
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ]);
  });

  test("belong to whoever takes them: views of the data set's tensors show its memory", async () => {
    const rows = rand([4, 50]);
    const samples = await all(new DataLoader(new Rows(rows), { batchSize: null, numWorkers: 2 }));
    samples[2]!.fill_(3);
    assert.equal(rows.select(0, 2).sum().item(), 150);
    const batches = await all(new DataLoader(new TensorDataset(rows), { batchSize: 2, numWorkers: 1 }));
    batches[0]![0].fill_(7);
    assert.notEqual(rows.select(0, 0).sum().item(), 350);
  });

  test('stay what they are while later ones are made', async () => {
    const rows = rand([64, 500]);
    const batches = await all(new DataLoader(new TensorDataset(rows), { batchSize: 2, numWorkers: 2 }));
    batches.forEach(([batch], i) => assert.deepEqual(batch.toArray(), rows.narrow(0, 2 * i, 2).toArray()));
  });
});

suite('several epochs', () => {
  test('new workers begin anew, persistent ones go on', async () => {
    const fresh = new DataLoader(new Counting(4), { batchSize: null, numWorkers: 2 });
    const expected = ['0:0:0', '1:1:0', '0:2:1', '1:3:1'];
    assert.deepEqual(await all(fresh), expected);
    assert.deepEqual(await all(fresh), expected);
    const living = new DataLoader(new Counting(4), { batchSize: null, numWorkers: 2, persistentWorkers: true });
    assert.deepEqual(await all(living), expected);
    assert.deepEqual(await all(living), ['0:0:2', '1:1:2', '0:2:3', '1:3:3']);
  });

  test('the generators of persistent workers go on, those of new ones are seeded anew', async () => {
    const epochs = async (persistentWorkers: boolean): Promise<string[]> => {
      manualSeed(2);
      const loader = new DataLoader(new Augmented(2), { batchSize: null, numWorkers: 1, persistentWorkers });
      const draws: string[] = [];
      for (let epoch = 0; epoch < 2; epoch++)
        for (const [, x] of await all(loader)) draws.push(JSON.stringify(x.toArray()));
      return draws;
    };
    const [living, fresh] = [await epochs(true), await epochs(false)];
    assert.equal(new Set(living).size, 4);
    assert.equal(new Set(fresh).size, 4);
    assert.deepEqual(living.slice(0, 2), fresh.slice(0, 2));
    assert.notDeepEqual(living.slice(2), fresh.slice(2));
  });

  test('iterators with workers of their own are independent of each other', async () => {
    const loader = new DataLoader(new Counting(3), { batchSize: null, numWorkers: 1 });
    const [a, b] = [loader[Symbol.asyncIterator](), loader[Symbol.asyncIterator]()];
    const results = [await a.next(), await b.next(), await a.next(), await b.next()].map(({ value }) => value);
    assert.deepEqual(results, ['0:0:0', '0:0:0', '0:1:1', '0:1:1']);
    await Promise.all([a.return!(), b.return!()]);
  });

  test('a second iterator of a persistent loader restarts the one that runs', async () => {
    const loader = new DataLoader(new Numbers(5), { batchSize: null, numWorkers: 2, persistentWorkers: true });
    const first = loader[Symbol.asyncIterator]();
    assert.deepEqual([(await first.next()).value, (await first.next()).value], [0, 1]);
    const second = loader[Symbol.asyncIterator]();
    assert.equal(second, first);
    assert.deepEqual([(await first.next()).value, (await second.next()).value], [0, 1]);
    await second.return!();
    assert.deepEqual(await first.next(), { done: true, value: undefined });
    assert.deepEqual(await all(loader), [0, 1, 2, 3, 4]);
  });
});

test('calls made without waiting are answered in their order', async () => {
  const iterator = new DataLoader(new Numbers(5), { batchSize: 2, numWorkers: 2 })[Symbol.asyncIterator]();
  const results = await Promise.all([
    iterator.next(),
    iterator.next(),
    iterator.next(),
    iterator.next(),
    iterator.next(),
  ]);
  assert.deepEqual(
    results.map(({ done, value }) => (done ? 'done' : value.toArray())),
    [[0, 1], [2, 3], [4], 'done', 'done'],
  );
});
