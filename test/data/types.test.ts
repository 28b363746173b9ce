// What the types promise: batch types follow from sample types, and options that exclude each other don't compile. Most of
// this file is checked by the compiler alone (`npm run typecheck`); what must not compile is marked.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Generator, tensor, type Tensor } from 'flambeau';
import {
  Bytes,
  DataLoader,
  Dataset,
  IterableDataset,
  RandomSampler,
  StackDataset,
  TensorDataset,
  type Collated,
  type Converted,
} from 'flambeau/data';
import { Numbers, NumberStream } from './fixtures/numbers.js';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function expectTrue<_T extends true>(): void {
  // Nothing happens at run time.
}

/** The type of a loader's batches. */
type BatchOf<L> = L extends AsyncIterable<infer Batch> ? Batch : never;

declare module 'flambeau/data' {
  interface CollatedTypes {
    interval: [sample: Interval, batch: { starts: Tensor; ends: Tensor }];
  }
}
class Interval {
  constructor(
    readonly start: number,
    readonly end: number,
  ) {}
}

interface Sample {
  readonly image: Tensor;
  readonly label: number;
  readonly name: string;
  readonly meta: { readonly flipped: boolean; readonly seen: bigint; readonly at: Date };
  readonly boxes: [number, Float32Array];
  readonly file: Bytes;
}
class Samples extends Dataset<Sample> {
  readonly length = 1;
  getItem(): Sample {
    return {
      image: tensor([1]),
      label: 1,
      name: 'a',
      meta: { flipped: true, seen: 1n, at: new Date(0) },
      boxes: [1, new Float32Array(2)],
      file: new Bytes(new Uint8Array(1)),
    };
  }
}

test('what a sample collates to', () => {
  expectTrue<Equal<Collated<number>, Tensor>>();
  expectTrue<Equal<Collated<3 | 4>, Tensor>>();
  expectTrue<Equal<Collated<bigint>, Tensor>>();
  expectTrue<Equal<Collated<boolean>, Tensor>>();
  expectTrue<Equal<Collated<string>, string[]>>();
  expectTrue<Equal<Collated<'cat' | 'dog'>, string[]>>();
  expectTrue<Equal<Collated<Tensor>, Tensor>>();
  expectTrue<Equal<Collated<Uint8Array>, Tensor>>();
  expectTrue<Equal<Collated<BigInt64Array>, Tensor>>();
  expectTrue<Equal<Collated<Date>, Date[]>>();
  expectTrue<Equal<Collated<Bytes>, Uint8Array[]>>();
  expectTrue<Equal<Collated<[Tensor, number]>, [Tensor, Tensor]>>();
  expectTrue<Equal<Collated<readonly [Tensor, string]>, [Tensor, string[]]>>();
  expectTrue<Equal<Collated<number[]>, Tensor[]>>();
  expectTrue<Equal<Collated<{ readonly x: number; readonly y: [string] }>, { x: Tensor; y: [string[]] }>>();
  expectTrue<Equal<Collated<null>, never>>();
  expectTrue<Equal<Collated<() => void>, never>>();
  expectTrue<Equal<Collated<unknown>, unknown>>();
  expectTrue<Equal<Collated<Interval>, { starts: Tensor; ends: Tensor }>>();
  expectTrue<Equal<Collated<[Interval, number]>, [{ starts: Tensor; ends: Tensor }, Tensor]>>();
});

test('what a sample converts to', () => {
  expectTrue<Equal<Converted<number>, number>>();
  expectTrue<Equal<Converted<string>, string>>();
  expectTrue<Equal<Converted<Float64Array>, Tensor>>();
  expectTrue<Equal<Converted<readonly [Uint8Array, number]>, [Tensor, number]>>();
  expectTrue<Equal<Converted<{ a: Bytes; b: Date }>, { a: Uint8Array; b: Date }>>();
});

test('the batches of a loader', async () => {
  const loader = new DataLoader(new Samples(), { batchSize: 1 });
  expectTrue<
    Equal<
      BatchOf<typeof loader>,
      {
        image: Tensor;
        label: Tensor;
        name: string[];
        meta: { flipped: Tensor; seen: Tensor; at: Date[] };
        boxes: [Tensor, Tensor];
        file: Uint8Array[];
      }
    >
  >();
  for await (const { image, name, meta, boxes, file } of loader) {
    assert.deepEqual(image.shape, [1, 1]);
    assert.deepEqual(name, ['a']);
    assert.equal(meta.flipped.dtype, 'bool');
    assert.deepEqual(boxes[1].shape, [1, 2]);
    assert.equal(file[0]!.length, 1);
  }
  const bare = new DataLoader(new Numbers(3));
  expectTrue<Equal<BatchOf<typeof bare>, Tensor>>();
  const singles = new DataLoader(new Samples(), { batchSize: null });
  expectTrue<Equal<BatchOf<typeof singles>['label'], number>>();
  expectTrue<Equal<BatchOf<typeof singles>['boxes'], [number, Tensor]>>();
  const stream = new DataLoader(new NumberStream(3), { batchSize: 2 });
  expectTrue<Equal<BatchOf<typeof stream>, Tensor>>();
  const streamSingles = new DataLoader(new NumberStream(3), { batchSize: null });
  expectTrue<Equal<BatchOf<typeof streamSingles>, number>>();
  const pairs = new DataLoader(new TensorDataset(tensor([1, 2]), tensor([3, 4])));
  expectTrue<Equal<BatchOf<typeof pairs>, [Tensor, Tensor]>>();
  const stacked = new DataLoader(new StackDataset({ n: new Numbers(1), sample: new Samples() }).datasets.n);
  expectTrue<Equal<BatchOf<typeof stacked>, Tensor>>();
});

test('a collate function decides the type of the batches', () => {
  const lengths = new DataLoader(new Samples(), {
    batchSize: 2,
    collateFn: (samples) => samples.map(({ name }) => name.length),
  });
  expectTrue<Equal<BatchOf<typeof lengths>, number[]>>();
  const later = new DataLoader(new Numbers(2), { collateFn: async (samples) => Promise.resolve(new Set(samples)) });
  expectTrue<Equal<BatchOf<typeof later>, Set<number>>>();
  const each = new DataLoader(new Samples(), { batchSize: null, collateFn: (sample) => sample.name });
  expectTrue<Equal<BatchOf<typeof each>, string>>();
  const streamed = new DataLoader(new NumberStream(2), {
    batchSize: 2,
    collateFn: (samples: number[]) => samples.length,
  });
  expectTrue<Equal<BatchOf<typeof streamed>, number>>();
});

test('the data set keeps its type, and a loader can be named by its batches alone', () => {
  const loader = new DataLoader(new Samples(), { batchSize: 2 });
  expectTrue<Equal<typeof loader.dataset, Dataset<Sample>>>();
  const count = (given: DataLoader<Tensor>): number => given.dataset.length;
  assert.equal(count(new DataLoader(new Numbers(7), { batchSize: 2 })), 7);
  // @ts-expect-error -- batches of another type
  const wrong: DataLoader<string[]> = new DataLoader(new Numbers(7));
  assert.ok(wrong);
});

test('options that exclude each other do not compile', () => {
  const numbers = new Numbers(4);
  const sampler = new RandomSampler(numbers);
  const workers: number = 0;
  const never = (): void => {
    // @ts-expect-error -- a sampler decides the order
    new DataLoader(numbers, { sampler, shuffle: true });
    // @ts-expect-error -- a batch sampler decides the batches
    new DataLoader(numbers, { batchSampler: [[1]], batchSize: 2 });
    // @ts-expect-error -- a batch sampler decides the batches
    new DataLoader(numbers, { batchSampler: [[1]], dropLast: true });
    // @ts-expect-error -- a batch sampler decides the batches
    new DataLoader(numbers, { batchSampler: [[1]], sampler });
    // @ts-expect-error -- a batch sampler decides the order
    new DataLoader(numbers, { batchSampler: [[1]], shuffle: true });
    // @ts-expect-error -- without batches there is no last one
    new DataLoader(numbers, { batchSize: null, dropLast: true });
    // @ts-expect-error -- without workers nothing is prefetched
    new DataLoader(numbers, { prefetchFactor: 2 });
    // @ts-expect-error -- without workers nothing is prefetched
    new DataLoader(numbers, { numWorkers: 0, prefetchFactor: 2 });
    // @ts-expect-error -- without workers there are none to live on
    new DataLoader(numbers, { numWorkers: 0, persistentWorkers: true });
    // @ts-expect-error -- without workers there is nothing to wait for
    new DataLoader(numbers, { timeout: 5 });
    // @ts-expect-error -- a stream has an order of its own
    new DataLoader(new NumberStream(3), { shuffle: true });
    // @ts-expect-error -- a stream has an order of its own
    new DataLoader(new NumberStream(3), { sampler });
    // @ts-expect-error -- a stream has an order of its own
    new DataLoader(new NumberStream(3), { batchSampler: [[1]] });
    // @ts-expect-error -- without workers there are none to live on
    new DataLoader(numbers, { persistentWorkers: true });
    // @ts-expect-error -- without workers there is nothing to wait for
    new DataLoader(numbers, { numWorkers: 0, timeout: 5 });
    // @ts-expect-error -- a batch sampler decides the batches
    new DataLoader(numbers, { batchSampler: [[1]], batchSize: null });
    // @ts-expect-error -- a sampler decides the order, of samples one by one too
    new DataLoader(numbers, { batchSize: null, sampler, shuffle: true });
    // @ts-expect-error -- without workers nothing is prefetched, of samples one by one either
    new DataLoader(numbers, { batchSize: null, prefetchFactor: 2 });
    // @ts-expect-error -- a stream has an order of its own, of samples one by one too
    new DataLoader(new NumberStream(3), { batchSize: null, shuffle: true });
    // @ts-expect-error -- a stream has an order of its own, of samples one by one too
    new DataLoader(new NumberStream(3), { batchSize: null, sampler });
    // @ts-expect-error -- a stream has an order of its own, of samples one by one too
    new DataLoader(new NumberStream(3), { batchSize: null, batchSampler: [[1]] });
    // @ts-expect-error -- without batches there is no last one
    new DataLoader(new NumberStream(3), { batchSize: null, dropLast: true });
    // @ts-expect-error -- without workers nothing is prefetched
    new DataLoader(new NumberStream(3), { prefetchFactor: 2 });
    // @ts-expect-error -- without workers there are none to live on
    new DataLoader(new NumberStream(3), { persistentWorkers: true });
    // @ts-expect-error -- without workers there is nothing to wait for
    new DataLoader(new NumberStream(3), { timeout: 5 });
    // @ts-expect-error -- no such option
    new DataLoader(numbers, { batch_size: 3 });
    // @ts-expect-error -- a collate function takes the samples of this data set
    new DataLoader(numbers, { collateFn: (samples: string[]) => samples });
  };
  assert.equal(typeof never, 'function');

  new DataLoader(numbers, { sampler, shuffle: false, dropLast: true, batchSize: 2 });
  new DataLoader(numbers, { batchSampler: [[1]], batchSize: 1, shuffle: false, dropLast: false });
  new DataLoader(numbers, { numWorkers: 1, prefetchFactor: 4, persistentWorkers: true, timeout: 100 });
  new DataLoader(numbers, { numWorkers: workers, persistentWorkers: workers > 0 });
  new DataLoader(numbers, { numWorkers: 0, persistentWorkers: false, timeout: 0 });
  new DataLoader(numbers, { batchSize: null, shuffle: true, generator: new Generator() });
  new DataLoader(new NumberStream(3), { batchSize: 2, dropLast: true, shuffle: false, numWorkers: 1 });
  new DataLoader(new (class extends IterableDataset<[number, string]> { async *[Symbol.asyncIterator](): AsyncIterator<[number, string]> { yield await Promise.resolve([1, '']); } })(), { inOrder: false }); // prettier-ignore
});
