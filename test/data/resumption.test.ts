// A loader's state, saved in the middle of an epoch, makes a loader in another process go on with the very next batch.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Generator, manualSeed, randn, type Tensor } from 'flambeau';
import { DataLoader, type LoaderState, type Sampler } from 'flambeau/data';
import { loaders, train, type Printed } from './fixtures/resuming.js';
import { Numbers, NumberStream } from './fixtures/numbers.js';

const program = fileURLToPath(new URL('./fixtures/resuming.ts', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));

function goOn(name: string, epoch: number, state: unknown): Printed {
  const options = ['--conditions=flambeau-source', '--import', 'tsx', program, name, `${epoch}`];
  const { status, stdout, stderr } = spawnSync(process.execPath, options, {
    encoding: 'utf8',
    cwd: root,
    input: JSON.stringify(state),
  });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as Printed;
}

suite('another process goes on with the very next batch, and all that is drawn stays the same', () => {
  for (const name of Object.keys(loaders) as (keyof typeof loaders)[]) {
    test(name, async () => {
      const whole = await train(name, Infinity);
      // In the middle of the second epoch, which for workers that live on is not like the first.
      const { state, ...first } = await train(name, Math.floor(whole.batches.length / 2) + 3);
      const rest = goOn(name, 1, state);
      assert.deepEqual([...first.batches, ...rest.batches], whole.batches);
      // The program's own draws go on too: the default generator is part of the state.
      assert.deepEqual([...first.after, ...rest.after], whole.after);
    });
  }
});

async function take(loader: AsyncIterable<Tensor>, count: number): Promise<unknown[]> {
  const batches: unknown[] = [];
  for await (const batch of loader) {
    batches.push(batch.toArray());
    if (batches.length === count) break;
  }
  return batches;
}

suite('in one process', () => {
  const make = (): DataLoader<Tensor> =>
    new DataLoader(new Numbers(10), { shuffle: true, batchSize: 2, generator: new Generator().manualSeed(4) });

  test('after every number of batches', async () => {
    const all = await take(make(), 5);
    for (let count = 1; count < 5; count++) {
      const loader = make();
      const first = await take(loader, count);
      const other = make();
      other.loadStateDict(JSON.parse(JSON.stringify(loader.stateDict())) as LoaderState);
      assert.deepEqual([...first, ...(await take(other, 5))], all);
    }
  });

  test('between epochs: the next one is the one that would have come', async () => {
    const loader = make();
    await take(loader, 9);
    const state = loader.stateDict();
    assert.equal(state.epoch, null);
    const second = await take(loader, 9);
    const other = make();
    other.loadStateDict(state);
    assert.deepEqual(await take(other, 9), second);
  });

  test('before anything was loaded, and when a state was loaded but not yet used', async () => {
    const state = make().stateDict();
    const loader = make();
    await take(loader, 3);
    const middle = loader.stateDict();
    loader.loadStateDict(middle);
    assert.deepEqual(loader.stateDict(), middle);
    const rest = await take(loader, 9);
    assert.equal(rest.length, 2);
    loader.loadStateDict(state);
    assert.deepEqual(await take(loader, 9), await take(make(), 9));
  });

  test('the epoch after the resumed one is whole and the one that would have come', async () => {
    const whole = make();
    await take(whole, 9);
    const second = await take(whole, 9);
    const loader = make();
    await take(loader, 3);
    const other = make();
    other.loadStateDict(loader.stateDict());
    assert.equal((await take(other, 9)).length, 2);
    assert.deepEqual(await take(other, 9), second);
  });

  test('batches that came out of order are not given twice, nor left out', async () => {
    const options = { batchSize: 1, numWorkers: 2, inOrder: false, prefetchFactor: 3 } as const;
    const loader = new DataLoader(new Numbers(12), options);
    const first = await take(loader, 5);
    const other = new DataLoader(new Numbers(12), options);
    other.loadStateDict(loader.stateDict());
    const numbers = [...first, ...(await take(other, 99))].flat() as number[];
    assert.deepEqual(numbers.sort((a, b) => a - b), Array.from({ length: 12 }, (_, i) => i)); // prettier-ignore
  });

  test('with another number of workers the order stays', async () => {
    const loader = make();
    const first = await take(loader, 2);
    const other = new DataLoader(new Numbers(10), {
      shuffle: true,
      batchSize: 2,
      numWorkers: 2,
      generator: new Generator(),
    });
    other.loadStateDict(loader.stateDict());
    assert.deepEqual([...first, ...(await take(other, 9))], await take(make(), 9));
  });

  test("a sampler of one's own keeps what it begins a pass from", async () => {
    class Rotating implements Sampler {
      readonly length = 6;
      private pass = 0;
      *[Symbol.iterator](): Iterator<number> {
        const start = this.pass++;
        for (let i = 0; i < 6; i++) yield (start + i) % 6;
      }
      stateDict(): number {
        return this.pass;
      }
      loadStateDict(state: number): void {
        this.pass = state;
      }
    }
    const loader = new DataLoader(new Numbers(6), { sampler: new Rotating(), batchSize: 2 });
    await take(loader, 9);
    assert.deepEqual(await take(loader, 1), [[1, 2]]);
    const other = new DataLoader(new Numbers(6), { sampler: new Rotating(), batchSize: 2 });
    other.loadStateDict(JSON.parse(JSON.stringify(loader.stateDict())) as LoaderState);
    assert.deepEqual(await take(other, 9), [[3, 4], [5, 0]]); // prettier-ignore
    assert.deepEqual(await take(other, 1), [[2, 3]]);
  });

  test('the default generator is set to where it was', async () => {
    manualSeed(5);
    const loader = new DataLoader(new Numbers(6), { shuffle: true });
    await take(loader, 2);
    const state = loader.stateDict();
    const drawn = randn([2]).toArray();
    loader.loadStateDict(state);
    assert.deepEqual(randn([2]).toArray(), drawn);
  });
});

suite('a state is refused', () => {
  const loader = new DataLoader(new Numbers(10), { batchSize: 2 });
  const refused = (of: LoaderState, by: DataLoader<unknown, never>, message: RegExp): void =>
    assert.throws(() => by.loadStateDict(of), { name: 'DataLoaderError', message });

  test('by a loader of another shape', () => {
    const state = loader.stateDict();
    const other = (options: object, count = 10): DataLoader<unknown, never> =>
      new DataLoader(new Numbers(count), options) as unknown as DataLoader<unknown, never>;
    refused(state, other({ batchSize: 3 }), /the state is of a loader whose batchSize is 2, this one's is 3/);
    refused(state, other({ batchSize: 2 }, 11), /whose samples is 10, this one's is 11/);
    refused(state, other({ batchSize: 2, shuffle: true }), /whose order is sequential, this one's is shuffle/);
    refused(state, other({ batchSize: 2, dropLast: true }), /whose dropLast is false, this one's is true/);
    refused({} as LoaderState, other({ batchSize: 2 }), /expected what stateDict\(\) returned/);
    refused({ ...state, generators: ['AAAA'] }, other({ batchSize: 2 }), /the state is damaged/);
  });

  test('of a stream by a loader with other workers', async () => {
    const stream = new DataLoader(new NumberStream(9), { batchSize: 2 });
    await take(stream, 1);
    const other = new DataLoader(new NumberStream(9), { batchSize: 2, numWorkers: 2 });
    refused(stream.stateDict(), other as never, /with as many workers as it began with: 0, this loader has 2/);
  });

  test('when the sampler has become shorter', async () => {
    const long = new DataLoader(new Numbers(10), { sampler: [1, 2, 3, 4], batchSize: 1 });
    await take(long, 3);
    const short = new DataLoader(new Numbers(10), { sampler: [1, 2], batchSize: 1 });
    short.loadStateDict(long.stateDict());
    await assert.rejects(take(short, 1), /3 batches had been drawn from the sampler, which now ends after 2/);
  });
});
