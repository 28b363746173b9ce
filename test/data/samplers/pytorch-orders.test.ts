// Orders of batches under a seed are PyTorch's, and so is what is drawn from the generators: fixtures/make_orders.py.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { Generator, manualSeed, randint, type Tensor } from 'flambeau';
import {
  BatchSampler,
  DataLoader,
  DistributedSampler,
  RandomSampler,
  randomSplit,
  SubsetRandomSampler,
  WeightedRandomSampler,
  type Sampler,
} from 'flambeau/data';
import { Numbers } from '../fixtures/numbers.js';

interface Epoch {
  readonly batches: readonly (readonly number[])[];
  readonly after: number;
}

const { weights, cases, splits } = JSON.parse(
  readFileSync(new URL('../fixtures/orders.json', import.meta.url), 'utf8'),
) as { weights: number[]; cases: Record<string, Epoch[]>; splits: Record<string, number[][]> };

const dataset = new Numbers(100);

type Make = (generator: Generator | undefined) => AsyncIterable<Tensor>;

/** A loader that is given a sampler. */
function sampled(batchSize: number, make: (generator: Generator | undefined) => Sampler): Make {
  return (generator) => new DataLoader(dataset, { sampler: make(generator), batchSize, generator });
}

const loaders: Record<string, Make> = {
  shuffle: (generator) => new DataLoader(dataset, { shuffle: true, batchSize: 7, generator }),
  'shuffle and dropLast': (generator) =>
    new DataLoader(dataset, { shuffle: true, batchSize: 7, dropLast: true, generator }),
  replacement: sampled(9, (generator) => new RandomSampler(dataset, { replacement: true, numSamples: 75, generator })),
  'more than there are': sampled(25, (generator) => new RandomSampler(dataset, { numSamples: 250, generator })),
  'twice as many as there are': sampled(25, (generator) => new RandomSampler(dataset, { numSamples: 200, generator })),
  weighted: sampled(8, (generator) => new WeightedRandomSampler(weights, 50, { generator })),
  'weighted once': sampled(8, (generator) => new WeightedRandomSampler(weights, 1, { generator })),
  'weighted without replacement': sampled(
    8,
    (generator) => new WeightedRandomSampler(weights, 50, { replacement: false, generator }),
  ),
  subset: sampled(
    4,
    (generator) => new SubsetRandomSampler([20, 23, 26, 29, 32, 35, 38, 41, 44, 47, 50, 53, 56, 59], { generator }),
  ),
  'batch sampler': (generator) => {
    const batchSampler = new BatchSampler(new RandomSampler(dataset, { generator }), 12, false);
    return new DataLoader(dataset, { batchSampler, generator });
  },
  workers: (generator) => new DataLoader(dataset, { shuffle: true, batchSize: 7, numWorkers: 2, generator }),
  'persistent workers': (generator) =>
    new DataLoader(dataset, { shuffle: true, batchSize: 7, numWorkers: 2, persistentWorkers: true, generator }),
};

async function epochs(
  make: Make,
  generator: Generator | undefined,
  before?: (epoch: number) => void,
): Promise<Epoch[]> {
  manualSeed(42);
  const loader = make(generator);
  const result: Epoch[] = [];
  for (let epoch = 0; epoch < 3; epoch++) {
    before?.(epoch);
    const batches: number[][] = [];
    for await (const batch of loader) batches.push(batch.toArray() as number[]);
    result.push({ batches, after: randint(2 ** 30, [1]).item() });
  }
  return result;
}

suite('orders over three epochs are those of PyTorch', () => {
  for (const [name, make] of Object.entries(loaders)) {
    test(`${name}, default generator`, async () => {
      assert.deepEqual(await epochs(make, undefined), cases[`${name}, default generator`]);
    });
    test(`${name}, own generator`, async () => {
      assert.deepEqual(await epochs(make, new Generator().manualSeed(7)), cases[`${name}, own generator`]);
    });
  }
  for (const shuffle of [false, true]) {
    for (const dropLast of [false, true]) {
      for (const rank of [0, 1, 2]) {
        const word = (value: boolean): string => (value ? 'True' : 'False');
        const name = `distributed, shuffle ${word(shuffle)}, dropLast ${word(dropLast)}, rank ${rank}`;
        test(name, async () => {
          const sampler = new DistributedSampler(dataset, { numReplicas: 3, rank, shuffle, seed: 5, dropLast });
          const make: Make = () => new DataLoader(dataset, { sampler, batchSize: 10 });
          assert.deepEqual(await epochs(make, undefined, (epoch) => sampler.setEpoch(epoch)), cases[name]);
        });
      }
    }
  }
  test('every case of the fixture is compared', () => {
    const compared = Object.keys(loaders).flatMap((name) => [`${name}, default generator`, `${name}, own generator`]);
    assert.equal(Object.keys(cases).filter((name) => !name.startsWith('distributed')).length, compared.length);
    assert.deepEqual(
      Object.keys(cases)
        .filter((name) => !name.startsWith('distributed'))
        .sort(),
      compared.sort(),
    );
  });
});

suite('randomSplit divides as PyTorch does', () => {
  for (const [lengths, expected] of Object.entries(splits)) {
    test(lengths, () => {
      manualSeed(3);
      const parts = randomSplit(dataset, JSON.parse(lengths) as number[]);
      assert.deepEqual(
        parts.map((part) => part.indices),
        expected,
      );
    });
  }
});
