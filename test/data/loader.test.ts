// Iteration without workers: fetching, converting, ending, and what is drawn.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Tensor } from 'flambeau';
import { DataLoader, Dataset, IterableDataset, type Samples } from 'flambeau/data';
import { Numbers, NumberStream } from './fixtures/numbers.js';

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}
const values = async (loader: AsyncIterable<Tensor>): Promise<unknown[]> =>
  (await all(loader)).map((batch) => batch.toArray());

suite('fetching by index', () => {
  test('gives batches in order, the last one shorter unless dropped', async () => {
    assert.deepEqual(await values(new DataLoader(new Numbers(5), { batchSize: 2 })), [[0, 1], [2, 3], [4]]);
    assert.deepEqual(await values(new DataLoader(new Numbers(5), { batchSize: 2, dropLast: true })), [
      [0, 1],
      [2, 3],
    ]);
    assert.deepEqual(await values(new DataLoader(new Numbers(2))), [[0], [1]]);
  });

  test('an empty data set gives no batches', async () => {
    assert.deepEqual(await all(new DataLoader(new Numbers(0), { batchSize: 2 })), []);
  });

  test('batchSize null gives converted samples one by one', async () => {
    class Rows extends Dataset<[Float32Array, string]> {
      readonly length = 2;
      getItem(index: number): [Float32Array, string] {
        return [Float32Array.of(index, 1), `${index}`];
      }
    }
    const samples = await all(new DataLoader(new Rows(), { batchSize: null }));
    assert.deepEqual(
      samples.map(([row, name]) => [row.toArray(), name]),
      [
        [[0, 1], '0'],
        [[1, 1], '1'],
      ],
    );
  });

  test('asks for a batch at once where the data set has getItems', async () => {
    const asked: (readonly number[])[] = [];
    class Batches extends Numbers {
      override getItem(): number {
        throw new Error('not to be called');
      }
      override getItems(indices: readonly number[]): Samples<number> {
        asked.push(indices);
        return indices.map((index) => index * 10);
      }
    }
    assert.deepEqual(await values(new DataLoader(new Batches(3), { batchSize: 2 })), [[0, 10], [20]]);
    assert.deepEqual(asked, [[0, 1], [2]]);
  });

  test('says so when getItems gives another number of samples', async () => {
    class Wrong extends Numbers {
      override getItems(): Samples<number> {
        return [1];
      }
    }
    await assert.rejects(all(new DataLoader(new Wrong(4), { batchSize: 2 })), /asked for 2 samples and must return an array of as many, got 1/); // prettier-ignore
  });

  test('asynchronous getItem calls of a batch overlap: all are in flight at once, none of the next batch is', async () => {
    const inFlight: number[] = [];
    let finish: (() => void)[] = [];
    /** A batch's samples end when the last of them has begun: one after the other they never would. */
    class Remote extends Dataset<number> {
      readonly length = 8;
      async getItem(index: number): Promise<number> {
        await new Promise<void>((resolve) => {
          inFlight.push(finish.push(resolve));
          if (finish.length < 4) return;
          for (const resolve of finish) resolve();
          finish = [];
        });
        return index;
      }
    }
    assert.deepEqual(await values(new DataLoader(new Remote(), { batchSize: 4, numWorkers: 0 })), [
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ]);
    assert.deepEqual(inFlight, [1, 2, 3, 4, 1, 2, 3, 4]);
    assert.deepEqual(finish, []);
    // Of a batch that nobody asks for yet nothing is begun.
    const iterator = new DataLoader(new Remote(), { batchSize: 4 })[Symbol.asyncIterator]();
    await iterator.next();
    assert.deepEqual(inFlight.slice(8), [1, 2, 3, 4]);
  });

  test('takes a mixture of samples that are there and samples that come later', async () => {
    class Mixed extends Dataset<number> {
      readonly length = 3;
      getItem(index: number): number | Promise<number> {
        return index === 1 ? Promise.resolve(10) : index;
      }
    }
    assert.deepEqual(await values(new DataLoader(new Mixed(), { batchSize: 3 })), [[0, 10, 2]]);
  });

  test('a collate function gets the samples, and may be async', async () => {
    const loader = new DataLoader(new Numbers(3), {
      batchSize: 2,
      collateFn: async (samples) => Promise.resolve(samples.length),
    });
    assert.deepEqual(await all(loader), [2, 1]);
    const single = new DataLoader(new Numbers(2), { batchSize: null, collateFn: (sample) => `#${sample}` });
    assert.deepEqual(await all(single), ['#0', '#1']);
  });

  test('takes samplers and batch samplers of any kind of iterable', async () => {
    assert.deepEqual(await values(new DataLoader(new Numbers(9), { sampler: new Set([8, 2, 5]), batchSize: 2 })), [
      [8, 2],
      [5],
    ]);
    assert.deepEqual(
      await values(new DataLoader(new Numbers(9), { batchSampler: [[1], [], [3, 4]].filter((b) => b.length) })),
      [[1], [3, 4]],
    );
    const arrays = [Int32Array.of(7, 8)] as unknown as number[][];
    assert.deepEqual(await values(new DataLoader(new Numbers(9), { batchSampler: arrays })), [[7, 8]]);
  });

  test('needs no promise per batch where everything is there', async () => {
    const iterator = new DataLoader(new Numbers(3))[Symbol.asyncIterator]();
    const order: string[] = [];
    const asked = [iterator.next(), iterator.next()].map((result, i) => result.then(() => order.push(`batch ${i}`)));
    queueMicrotask(() => order.push('one turn later'));
    await Promise.all(asked);
    assert.deepEqual(order, ['batch 0', 'batch 1', 'one turn later']);
  });
});

suite('fetching from a stream', () => {
  test('gives batches, the last one shorter unless dropped, or samples', async () => {
    assert.deepEqual(await values(new DataLoader(new NumberStream(5), { batchSize: 2 })), [[0, 1], [2, 3], [4]]);
    assert.deepEqual(await values(new DataLoader(new NumberStream(5), { batchSize: 2, dropLast: true })), [
      [0, 1],
      [2, 3],
    ]);
    assert.deepEqual(await all(new DataLoader(new NumberStream(2), { batchSize: null })), [0, 1]);
    assert.deepEqual(await all(new DataLoader(new NumberStream(0), { batchSize: 2 })), []);
  });

  test('closes the stream when the loop is left', async () => {
    const closed: string[] = [];
    class Closing extends IterableDataset<number> {
      async *[Symbol.asyncIterator](): AsyncIterator<number> {
        try {
          for (let i = 0; ; i++) yield await Promise.resolve(i);
        } finally {
          closed.push('closed');
        }
      }
    }
    const loader = new DataLoader(new Closing(), { batchSize: 2 });
    for await (const batch of loader) if (batch.toArray()) break;
    assert.deepEqual(closed, ['closed']);
    await assert.rejects(async () => {
      for await (const _ of loader) throw new Error('enough');
    }, /enough/);
    assert.deepEqual(closed, ['closed', 'closed']);
  });

  test('an error in the stream ends it; it arrives as it was thrown', async () => {
    const error = new RangeError('broken stream');
    class Broken extends IterableDataset<number> {
      async *[Symbol.asyncIterator](): AsyncIterator<number> {
        yield await Promise.resolve(1);
        throw error;
      }
    }
    const iterator = new DataLoader(new Broken())[Symbol.asyncIterator]();
    assert.equal((await iterator.next()).done, false);
    await assert.rejects(iterator.next(), (thrown) => thrown === error);
    assert.deepEqual(await iterator.next(), { done: true, value: undefined });
  });
});

suite('the iterator', () => {
  test('is an object with next, return and throw, and iterable itself', async () => {
    const iterator = new DataLoader(new Numbers(4), { batchSize: 2 })[Symbol.asyncIterator]();
    assert.equal(iterator[Symbol.asyncIterator](), iterator);
    assert.equal((await iterator.next()).done, false);
    assert.deepEqual(await iterator.return!(), { done: true, value: undefined });
    assert.deepEqual(await iterator.next(), { done: true, value: undefined });
    assert.deepEqual(await iterator.return!(), { done: true, value: undefined });
    await assert.rejects(iterator.throw!(new Error('thrown in')), /thrown in/);
  });

  test('answers calls made without waiting in their order', async () => {
    const iterator = new DataLoader(new NumberStream(6), { batchSize: 2 })[Symbol.asyncIterator]();
    const results = await Promise.all([iterator.next(), iterator.next(), iterator.return!(), iterator.next()]);
    assert.deepEqual(
      results.map(({ value }) => (value as Tensor | undefined)?.toArray()),
      [[0, 1], [2, 3], undefined, undefined],
    );
  });

  test('several run independently of each other', async () => {
    const loader = new DataLoader(new Numbers(3));
    const [a, b] = [loader[Symbol.asyncIterator](), loader[Symbol.asyncIterator]()];
    const item = async (iterator: AsyncIterator<Tensor>): Promise<unknown> =>
      ((await iterator.next()).value as Tensor).item();
    assert.deepEqual([await item(a), await item(a), await item(b), await item(a), await item(b)], [0, 1, 0, 2, 1]);
  });

  test('goes on after an error in getItem, which arrives as it was thrown', async () => {
    const error = new TypeError('bad sample');
    class Bad extends Numbers {
      override getItem(index: number): number {
        if (index === 1) throw error;
        return index;
      }
    }
    const iterator = new DataLoader(new Bad(3))[Symbol.asyncIterator]();
    await iterator.next();
    await assert.rejects(iterator.next(), (thrown) => thrown === error);
    assert.equal(((await iterator.next()).value as Tensor).item(), 2);
    assert.equal((await iterator.next()).done, true);
  });

  test('an error beside samples that come later leaves no promise behind that nobody handles', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): number => unhandled.push(reason);
    process.on('unhandledRejection', note);
    class Failing extends Dataset<number> {
      readonly length = 4;
      getItem(index: number): number | Promise<number> {
        if (index === 3) throw new Error('the last one');
        return Promise.reject(new Error(`sample ${index}`));
      }
    }
    await assert.rejects(all(new DataLoader(new Failing(), { batchSize: 4 })), /the last one/);
    await assert.rejects(all(new DataLoader(new Failing(), { batchSize: 3 })), /sample 0/);
    await new Promise((resolve) => setTimeout(resolve, 5));
    process.off('unhandledRejection', note);
    assert.deepEqual(unhandled, []);
  });
});
