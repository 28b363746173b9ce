// Data sets made of tensors and of other data sets.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { arange, Generator, IndexError, manualSeed, ShapeError, tensor, zeros } from 'flambeau';
import {
  ChainDataset,
  ConcatDataset,
  Dataset,
  IterableDataset,
  randomSplit,
  StackDataset,
  Subset,
  TensorDataset,
  type Samples,
} from 'flambeau/data';
import { Numbers, NumberStream } from './fixtures/numbers.js';

/** Answers later, and tells what it was asked for. */
class Slow extends Dataset<string> {
  readonly asked: (number | readonly number[])[] = [];

  constructor(readonly length: number) {
    super();
  }

  async getItem(index: number): Promise<string> {
    this.asked.push(index);
    return Promise.resolve(`item ${index}`);
  }

  override getItems(indices: readonly number[]): Samples<string> {
    this.asked.push(indices);
    return indices.map((index) => `item ${index}`);
  }
}

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

suite('TensorDataset', () => {
  test('gives the slices along the first dim', () => {
    const data = new TensorDataset(tensor([[1, 2], [3, 4]]), tensor([5n, 6n])); // prettier-ignore
    assert.equal(data.length, 2);
    const [x, y] = data.getItem(1);
    assert.deepEqual([x.toArray(), y.toArray()], [[3, 4], 6]);
    assert.deepEqual(data.getItem(-2)[0].toArray(), [1, 2]);
  });

  test('gives views, not copies', () => {
    const x = zeros([2, 2]);
    new TensorDataset(x).getItem(1)[0].fill_(7);
    assert.deepEqual(x.toArray(), [[0, 0], [7, 7]]); // prettier-ignore
  });

  test('refuses tensors whose first dims differ', () => {
    assert.throws(() => new TensorDataset(zeros([3]), zeros([2, 3])), {
      name: 'ShapeError',
      message: /tensor 0 has 3 samples, tensor 1 has 2/,
    });
    assert.throws(() => new TensorDataset(tensor(1)), ShapeError);
    assert.throws(() => new TensorDataset(), ShapeError);
    assert.throws(() => new TensorDataset(zeros([2])).getItem(2), IndexError);
  });
});

suite('Subset', () => {
  test('gives the samples at its indices', () => {
    const subset = new Subset(new Numbers(10), [7, 3, 7]);
    assert.equal(subset.length, 3);
    assert.deepEqual([0, 1, 2].map((i) => subset.getItem(i)), [7, 3, 7]); // prettier-ignore
    assert.throws(() => subset.getItem(3), IndexError);
  });

  test('asks for a whole batch where the data set can be asked so', async () => {
    const slow = new Slow(10);
    const subset = new Subset(new Subset(slow, [9, 8, 7, 6]), [3, 0]);
    assert.deepEqual(await subset.getItems([0, 1]), ['item 6', 'item 9']);
    assert.deepEqual(slow.asked, [[6, 9]]);
    assert.deepEqual(new Subset(new Numbers(10), [4, 5]).getItems([1, 0]), [5, 4]);
  });
});

suite('ConcatDataset', () => {
  const data = new ConcatDataset([new Numbers(3), new Numbers(0), new Numbers(2)]);

  test('gives one data set after the other', () => {
    assert.equal(data.length, 5);
    assert.deepEqual(data.cumulativeSizes, [3, 3, 5]);
    assert.deepEqual([0, 1, 2, 3, 4].map((i) => data.getItem(i)), [0, 1, 2, 0, 1]); // prettier-ignore
  });

  test('counts negative indices from the end', () => {
    assert.deepEqual([-1, -2, -3, -5].map((i) => data.getItem(i)), [1, 0, 2, 0]); // prettier-ignore
    assert.throws(() => data.getItem(-6), IndexError);
    assert.throws(() => data.getItem(5), IndexError);
  });

  test('refuses streams and nothing', () => {
    assert.throws(() => new ConcatDataset([]), /one or more data sets/);
    assert.throws(() => new ConcatDataset([new NumberStream(3) as unknown as Numbers]), /ChainDataset/);
  });
});

suite('ChainDataset', () => {
  test('gives one stream after the other', async () => {
    assert.deepEqual(await all(new ChainDataset([new NumberStream(2), new NumberStream(0), new NumberStream(3)])), [0, 1, 0, 1, 2]); // prettier-ignore
  });

  test('opens a stream when the one before has ended', async () => {
    const opened: string[] = [];
    class Noted extends IterableDataset<number> {
      constructor(readonly name: string) {
        super();
      }
      async *[Symbol.asyncIterator](): AsyncIterator<number> {
        opened.push(this.name);
        yield await Promise.resolve(1);
      }
    }
    for await (const _ of new ChainDataset([new Noted('first'), new Noted('second')])) {
      opened.push('sample');
    }
    assert.deepEqual(opened, ['first', 'sample', 'second', 'sample']);
  });

  test('has a length where all have one', () => {
    const sized = (length: number): IterableDataset<number> => Object.assign(new NumberStream(length), { length });
    assert.equal(new ChainDataset([sized(2), sized(3)]).length, 5);
    assert.equal(new ChainDataset([sized(2), new NumberStream(3)]).length, undefined);
    assert.throws(() => new ChainDataset([new Numbers(3) as unknown as NumberStream]), /ConcatDataset/);
  });
});

suite('StackDataset', () => {
  test('gives tuples or objects', () => {
    assert.deepEqual(new StackDataset([new Numbers(2), new Numbers(2)]).getItem(1), [1, 1]);
    assert.deepEqual(new StackDataset({ a: new Numbers(2), b: new Numbers(2) }).getItem(1), { a: 1, b: 1 });
  });

  test('waits for parts that come later', async () => {
    const stacked = new StackDataset({ a: new Numbers(2), b: new Slow(2) });
    assert.deepEqual(await stacked.getItem(1), { a: 1, b: 'item 1' });
  });

  test('refuses other lengths', () => {
    assert.throws(() => new StackDataset({ a: new Numbers(2), b: new Numbers(3) }), /a has 2 samples, b has 3/);
    assert.throws(() => new StackDataset([]), /one or more data sets/);
  });
});

suite('randomSplit', () => {
  const data = new Numbers(10);

  test('parts do not overlap and hold everything', () => {
    const parts = randomSplit(data, [3, 0, 7]);
    assert.deepEqual(parts.map(({ length }) => length), [3, 0, 7]); // prettier-ignore
    const indices = parts.flatMap((part) => [...(part.indices as number[])]);
    assert.deepEqual(indices.sort((a, b) => a - b), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]); // prettier-ignore
  });

  test('fractions: the whole number below, what remains handed round', () => {
    const lengths = (fractions: number[], count: number): number[] =>
      randomSplit(new Numbers(count), fractions).map(({ length }) => length);
    assert.deepEqual(lengths([0.5, 0.5], 11), [6, 5]);
    assert.deepEqual(lengths([0.3, 0.3, 0.4], 11), [4, 3, 4]);
    assert.deepEqual(lengths([0.1, 0.1, 0.8], 19), [2, 2, 15]);
    assert.deepEqual(lengths([1 / 3, 1 / 3, 1 / 3], 5), [2, 2, 1]);
    assert.deepEqual(lengths([1], 4), [4]);
  });

  test('the same generator gives the same parts', () => {
    const split = (): unknown => randomSplit(data, [5, 5], { generator: new Generator().manualSeed(3) }).map(({ indices }) => indices); // prettier-ignore
    assert.deepEqual(split(), split());
    manualSeed(1);
    const first = randomSplit(data, [5, 5])[0]!.indices;
    assert.notDeepEqual(first, randomSplit(data, [5, 5])[0]!.indices);
  });

  test('refuses what does not add up', () => {
    assert.throws(() => randomSplit(data, [3, 3]), /the lengths add up to 6, but the data set has 10 samples/);
    assert.throws(
      () => randomSplit(data, [0.5, 0.7]),
      /whole numbers, or fractions that add up to 1, got 0.5 at index 0/,
    );
    assert.throws(() => randomSplit(data, [11, -1]), /got -1 at index 1/);
    assert.throws(() => randomSplit(data, [1.5, -0.5]), /fraction 1.5 at index 0 is not between 0 and 1/);
  });
});

test('datasets of tensors go through a loader with the samples of the split', () => {
  const [train] = randomSplit(new TensorDataset(arange(10)), [4, 6]);
  const values = [0, 1, 2, 3].map((i) => (train!.getItem(i) as [ReturnType<typeof arange>])[0].item());
  assert.deepEqual(values, [...(train!.indices as number[])]);
});
