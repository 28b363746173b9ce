// What the constructor refuses, in which order, and what can be read from a loader afterwards.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { availableParallelism } from 'node:os';
import { DataLoaderError } from 'flambeau';
import {
  BatchSampler,
  DataLoader,
  IterableDataset,
  RandomSampler,
  SequentialSampler,
  type LoaderOptions,
} from 'flambeau/data';
import { Numbers, NumberStream } from './fixtures/numbers.js';

/** As a program without types would call it. */
const make = DataLoader as unknown as new (dataset: unknown, options?: LoaderOptions) => DataLoader<unknown>;

const numbers = new Numbers(10);
const stream = new NumberStream(10);
const sampler = new SequentialSampler(numbers);
const batchSampler = new BatchSampler(sampler, 2, false);

/** Every refusal in the order of the checks: options that are refused for this reason first. */
const refusals: readonly { reason: RegExp; dataset?: unknown; options: LoaderOptions }[] = [
  { reason: /numWorkers is a whole number from 0 on, got -1/, options: { numWorkers: -1 } },
  { reason: /timeout is a number of milliseconds from 0 on, got -1/, options: { timeout: -1 } },
  { reason: /prefetchFactor is for workers: set numWorkers above 0/, options: { prefetchFactor: 2 } },
  { reason: /persistentWorkers needs workers: set numWorkers above 0/, options: { persistentWorkers: true } },
  { reason: /timeout is for batches from workers: set numWorkers above 0/, options: { timeout: 5 } },
  { reason: /iterable data set has an order of its own, so shuffle/, dataset: stream, options: { shuffle: true } },
  { reason: /sampler and shuffle exclude each other/, options: { sampler, shuffle: true } },
  { reason: /batchSampler and batchSize exclude each other/, options: { batchSampler, batchSize: 2 } },
  { reason: /dropLast needs batches: with batchSize null/, options: { batchSize: null, dropLast: true } },
  { reason: /batchSize is a whole number from 1 on, or null/, options: { batchSize: 0 } },
  { reason: /nothing to shuffle: the data set is empty/, dataset: new Numbers(0), options: { shuffle: true } },
];

suite('the constructor refuses', () => {
  for (const { reason, dataset = numbers, options } of refusals) {
    test(
      JSON.stringify(options, (key, value: unknown) => (key.endsWith('ampler') ? key : value)),
      () => {
        assert.throws(() => new make(dataset, options), { name: 'DataLoaderError', message: reason });
      },
    );
  }

  test('what comes first in the order of the checks, where several apply', () => {
    const all: LoaderOptions = {
      numWorkers: -1,
      timeout: -1,
      prefetchFactor: 0,
      persistentWorkers: true,
      shuffle: true,
      sampler,
      batchSampler,
      batchSize: null,
      dropLast: true,
    };
    const met: string[] = [];
    let options = all;
    /** Mends what was complained of, to see what comes next. */
    const mends: readonly [RegExp, LoaderOptions][] = [
      [/numWorkers is/, { numWorkers: 0 }],
      [/timeout is a number/, { timeout: 5 }],
      [/prefetchFactor is for/, { prefetchFactor: undefined }],
      [/persistentWorkers needs/, { persistentWorkers: false }],
      [/timeout is for/, { timeout: 0 }],
      [/sampler and shuffle/, { shuffle: false }],
      [/batchSampler and batchSize/, { batchSize: 1 }],
      [/batchSampler and sampler/, { sampler: undefined }],
      [/batchSampler and dropLast/, { batchSampler: undefined, batchSize: null }],
      [/dropLast needs/, { dropLast: false, batchSize: -3 }],
      [/batchSize is/, { batchSize: 2 }],
    ];
    for (const [reason, mend] of mends) {
      assert.throws(() => new make(numbers, options), reason);
      met.push(String(reason));
      options = { ...options, ...mend };
    }
    assert.equal(met.length, mends.length);
    assert.equal(new make(numbers, options).batchSize, 2);
  });

  test('an iterable data set with an order before what the order options do to each other', () => {
    const options = { shuffle: true, sampler, batchSampler, batchSize: 0 };
    assert.throws(() => new make(stream, options), /so shuffle can't be used/);
    assert.throws(() => new make(stream, { ...options, shuffle: false }), /so sampler can't be used/);
    assert.throws(() => new make(stream, { batchSampler }), /so batchSampler can't be used/);
    assert.equal(new make(stream, { shuffle: false }).batchSize, 1);
  });

  test('an empty data set to be shuffled last of all; without shuffle it makes a loader without batches', () => {
    const empty = new Numbers(0);
    assert.throws(() => new make(empty, { shuffle: true, batchSize: 0 }), /batchSize is/);
    assert.throws(() => new make(empty, { shuffle: true, batchSize: null, dropLast: true }), /dropLast needs/);
    assert.throws(() => new make(empty, { shuffle: true, sampler }), /sampler and shuffle/);
    assert.throws(() => new make(empty, { shuffle: true }), /nothing to shuffle/);
    assert.equal(new make(empty, { batchSize: 2 }).length, 0);
    const emptyStream = Object.assign(new NumberStream(0), { length: 0 });
    assert.equal(new make(emptyStream, { batchSize: 2 }).length, 0);
  });

  test('batchSampler with shuffle, sampler or dropLast', () => {
    assert.throws(() => new make(numbers, { batchSampler, shuffle: true }), /batchSampler and shuffle exclude/);
    assert.throws(() => new make(numbers, { batchSampler, sampler }), /batchSampler and sampler exclude/);
    assert.throws(() => new make(numbers, { batchSampler, dropLast: true }), /batchSampler and dropLast exclude/);
  });

  test('a prefetchFactor below 1, and numbers that are not whole', () => {
    for (const prefetchFactor of [0, -1, 1.5, NaN]) {
      assert.throws(
        () => new make(numbers, { numWorkers: 1, prefetchFactor }),
        /prefetchFactor is a whole number from 1 on/,
      );
    }
    assert.throws(() => new make(numbers, { numWorkers: 1.5 }), /numWorkers is a whole number/);
    assert.throws(() => new make(numbers, { batchSize: 2.5 }), /batchSize is a whole number/);
    assert.throws(() => new make(numbers, { timeout: NaN }), /timeout is a number of milliseconds/);
  });

  test('options it does not know, and values of another kind', () => {
    assert.throws(
      () => new make(numbers, { batch_size: 4 } as LoaderOptions),
      /unknown option 'batch_size'; the options are/,
    );
    assert.throws(
      () => new make(numbers, { shuffle: 'yes' } as unknown as LoaderOptions),
      /shuffle to be true or false/,
    );
    assert.throws(() => new make(numbers, { sampler: 5 } as unknown as LoaderOptions), /sampler to be an iterable/);
    assert.throws(() => new make(numbers, { collateFn: {} } as unknown as LoaderOptions), /collateFn to be a function/);
    assert.throws(() => new make(numbers, { generator: 3 } as unknown as LoaderOptions), /generator to be a Generator/);
    assert.throws(() => new make({ length: 3 }), /expected a data set: an object with length and getItem/);
    assert.throws(() => new make(null), DataLoaderError);
  });
});

suite('a loader that was made', () => {
  test('tells what it is made of, and refuses to have it changed', () => {
    const loader = new make(numbers, { batchSize: 4, shuffle: true, dropLast: true });
    assert.equal(loader.dataset, numbers);
    assert.equal(loader.batchSize, 4);
    assert.equal(loader.dropLast, true);
    assert.equal(loader.persistentWorkers, false);
    assert.ok(loader.sampler instanceof RandomSampler);
    assert.ok(loader.batchSampler instanceof BatchSampler);
    for (const name of ['dataset', 'batchSize', 'dropLast', 'persistentWorkers', 'sampler', 'batchSampler']) {
      assert.throws(
        () => Object.assign(loader, { [name]: 1 }),
        { name: 'DataLoaderError', message: new RegExp(`${name} can't be changed`) },
        name,
      );
    }
  });

  test('has null as batchSize with a batch sampler', () => {
    const loader = new make(numbers, { batchSampler });
    assert.equal(loader.batchSize, null);
    assert.equal(loader.batchSampler, batchSampler);
  });

  test('has no batch sampler where samples come one by one', () => {
    assert.equal(new make(numbers, { batchSize: null }).batchSampler, null);
    assert.ok(new make(numbers, { batchSize: null }).sampler instanceof SequentialSampler);
  });

  test('has defaults', () => {
    const { batchSize, numWorkers, prefetchFactor, timeout, pinMemory, dropLast, inOrder, persistentWorkers } =
      new make(numbers);
    assert.deepEqual(
      { batchSize, numWorkers, prefetchFactor, timeout, pinMemory, dropLast, inOrder, persistentWorkers },
      {
        batchSize: 1,
        numWorkers: 0,
        prefetchFactor: 2,
        timeout: 0,
        pinMemory: false,
        dropLast: false,
        inOrder: true,
        persistentWorkers: false,
      },
    );
  });
});

suite('length', () => {
  test('is that of the data set over the batch size, rounded up, or down with dropLast', () => {
    assert.equal(new make(numbers, { batchSize: 3 }).length, 4);
    assert.equal(new make(numbers, { batchSize: 3, dropLast: true }).length, 3);
    assert.equal(new make(numbers, { batchSize: 5 }).length, 2);
    assert.equal(new make(numbers, { batchSize: null }).length, 10);
    assert.equal(new make(new Numbers(0)).length, 0);
  });

  test("is the sampler's, in batches", () => {
    assert.equal(new make(numbers, { sampler: [1, 2, 3], batchSize: 2 }).length, 2);
    assert.equal(new make(numbers, { batchSampler: [[1], [2, 3]] }).length, 2);
    assert.equal(
      new make(numbers, { sampler: new RandomSampler(numbers, { numSamples: 25 }), batchSize: 10 }).length,
      3,
    );
  });

  test('is an error, when asked for, where it is not known', () => {
    const endless = { *[Symbol.iterator]() { yield 1; } }; // prettier-ignore
    assert.throws(() => new make(stream).length, /iterable data set has no length/);
    assert.throws(() => new make(numbers, { sampler: endless }).length, /the sampler has no length/);
    assert.throws(() => new make(numbers, { batchSampler: { *[Symbol.iterator]() { yield [1]; } } }).length, /the batch sampler has no length/); // prettier-ignore
  });

  test('of an iterable data set that has one', () => {
    class Sized extends IterableDataset<number> {
      readonly length = 10;
      async *[Symbol.asyncIterator](): AsyncIterator<number> {
        yield* [];
      }
    }
    assert.equal(new make(new Sized(), { batchSize: 4 }).length, 3);
    assert.equal(new make(new Sized(), { batchSize: 4, dropLast: true }).length, 2);
    assert.equal(new make(new Sized(), { batchSize: null }).length, 10);
  });
});

suite('warnings', () => {
  const run = (code: string): string => {
    const result = spawnSync(
      process.execPath,
      ['--conditions=flambeau-source', '--import', 'tsx', '--input-type=module', '-e', code],
      { encoding: 'utf8', cwd: fileURLToPath(new URL('../..', import.meta.url)) },
    );
    assert.equal(result.status, 0, result.stderr);
    return result.stderr;
  };
  const head = "import { DataLoader, TensorDataset } from 'flambeau/data'; import { arange } from 'flambeau';";

  test('pinMemory warns once and does nothing', () => {
    const stderr = run(
      `${head} const data = new TensorDataset(arange(4));
       for (let i = 0; i < 2; i++) for await (const [x] of new DataLoader(data, { pinMemory: true })) x.item();`,
    );
    assert.equal(stderr.split('pinMemory is set').length - 1, 1, stderr);
  });

  test('more workers than cores warn once', () => {
    const workers = availableParallelism() + 1;
    const stderr = run(
      `${head} const data = new TensorDataset(arange(4));
       for (let i = 0; i < 2; i++) new DataLoader(data, { numWorkers: ${workers} });`,
    );
    assert.equal(stderr.split(`${workers} workers are more than the`).length - 1, 1, stderr);
  });

  test('no warning without a reason', () => {
    const stderr = run(`${head} new DataLoader(new TensorDataset(arange(4)), { numWorkers: 1 });`);
    assert.equal(stderr, '');
  });
});
