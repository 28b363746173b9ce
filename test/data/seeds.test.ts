// Where randomness comes from: the base seed of an iterator, the order drawn after it, the seeds of workers, and what is run in a
// worker after it was seeded.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { defaultGenerator, Generator, getNumThreads, manualSeed, rand, randn, randperm, type Tensor } from 'flambeau';
import { DataLoader, getWorkerInfo } from 'flambeau/data';
import { drawSeed } from '../../src/data/seed.js';
import { failInitially } from './fixtures/faulty.js';
import { Numbers, NumberStream } from './fixtures/numbers.js';
import { Augmented, initialise, Observing } from './fixtures/worker-datasets.js';

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}
const values = async (loader: AsyncIterable<Tensor>): Promise<unknown[]> =>
  (await all(loader)).map((batch) => batch.toArray());

suite('what is drawn', () => {
  test('every new iterator draws one base seed from the generator it is given or the global one, with no workers too', async () => {
    manualSeed(9);
    drawSeed();
    const after = defaultGenerator.getState();
    manualSeed(9);
    const loader = new DataLoader(new Numbers(2));
    assert.notDeepEqual(defaultGenerator.getState(), after);
    await all(loader);
    assert.deepEqual(defaultGenerator.getState(), after);

    const generator = new Generator().manualSeed(9);
    await all(new DataLoader(new Numbers(2), { generator }));
    assert.deepEqual(generator.getState(), after);
    assert.deepEqual(defaultGenerator.getState(), after);
  });

  test('with workers it is one as well, however many they are', async () => {
    for (const [dataset, persistentWorkers] of [
      [new Numbers(2), false],
      [new NumberStream(2), true],
    ] as const) {
      const generator = new Generator().manualSeed(9);
      const same = new Generator().manualSeed(9);
      const options = { numWorkers: 2, generator, persistentWorkers };
      await all(dataset instanceof Numbers ? new DataLoader(dataset, options) : new DataLoader(dataset, options));
      drawSeed(same);
      assert.deepEqual(generator.getState(), same.getState());
    }
  });

  test('a loader that shuffles draws its permutation after the base seed', async () => {
    const generator = new Generator().manualSeed(5);
    const order = await values(new DataLoader(new Numbers(6), { batchSize: 6, shuffle: true, generator }));
    const again = new Generator().manualSeed(5);
    drawSeed(again);
    assert.deepEqual(order, [randperm(6, { generator: again }).toArray()]);
  });
});

suite('a worker', () => {
  test('is told its id, the number of workers, its seed and its data set, frozen, computes on one thread, and is initialised after seeding', async () => {
    const generator = new Generator().manualSeed(11);
    const baseSeed = drawSeed(new Generator().manualSeed(11));
    const loader = new DataLoader(new Observing(4), {
      batchSize: null,
      numWorkers: 2,
      workerInitFn: initialise,
      generator,
    });
    const seen = await all(loader);
    const firstNumber = (seed: bigint): number => rand([1], { generator: new Generator().manualSeed(seed) }).item();
    assert.deepEqual(
      seen,
      [0, 1, 0, 1].map((id, index) => ({
        index,
        id: `${id}`,
        numWorkers: 2,
        seed: baseSeed + BigInt(id),
        threads: 1,
        initialised: `${id}`,
        drawn: firstNumber(baseSeed + BigInt(id)),
        frozen: true,
        isDataset: true,
      })),
    );
    assert.equal(getWorkerInfo(), null, 'outside of workers there is no info');
    assert.ok(getNumThreads() >= 1);
  });

  test('draws numbers of its own, the same under the same seed', async () => {
    const draw = async (): Promise<unknown[]> => {
      manualSeed(3);
      const batches = await all(new DataLoader(new Augmented(4), { batchSize: 1, numWorkers: 2 }));
      return batches.map(([, numbers]) => numbers.toArray());
    };
    const first = await draw();
    assert.equal(new Set(first.map((numbers) => JSON.stringify(numbers))).size, 4);
    assert.deepEqual(await draw(), first);
  });

  test('is seeded with the base seed plus its id', async () => {
    const generator = new Generator().manualSeed(4);
    const seed = drawSeed(new Generator().manualSeed(4));
    const [first, second] = await all(new DataLoader(new Augmented(2), { batchSize: null, numWorkers: 2, generator }));
    for (const [id, sample] of [first!, second!].entries()) {
      const expected = randn([3], { generator: new Generator().manualSeed(seed + BigInt(id)) });
      assert.deepEqual(sample[1].toArray(), expected.toArray());
    }
  });

  test("that workerInitFn fails in gives the error in place of that worker's first batch, of a stream too", async () => {
    const iterator = new DataLoader(new NumberStream(6), {
      batchSize: null,
      numWorkers: 2,
      workerInitFn: failInitially,
    })[Symbol.asyncIterator]();
    const met: unknown[] = [];
    for (let i = 0; i < 8; i++) {
      met.push(await iterator.next().then(({ value }) => value, (error: Error) => error.message)); // prettier-ignore
    }
    assert.deepEqual(met, [0, 'worker 1 was not ready (in worker 1)', 2, 1, 4, 3, 5, undefined]);
  });
});
