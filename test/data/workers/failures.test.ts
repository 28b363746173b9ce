// What goes wrong in workers, and what comes of it: the same error here, or the name of the worker that is gone; never a wait
// for what will not come.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { before, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DataLoaderError, ShapeError, type Tensor } from 'flambeau';
import { DataLoader } from 'flambeau/data';
import {
  collateToFunction,
  collateToHandle,
  exitInitially,
  failInitially,
  failToCollate,
  FaultSeries,
  Faulty,
  FaultyStream,
  Guarded,
  LateFault,
  SampleError,
  Slow,
  UnopenedStream,
  type Fault,
} from '../fixtures/faulty.js';
import { Numbers } from '../fixtures/numbers.js';

interface Outcome {
  readonly values: unknown[];
  readonly errors: Error[];
}

/** Takes everything there is, going on after errors. */
async function outcome(loader: AsyncIterable<unknown>): Promise<Outcome> {
  const iterator = loader[Symbol.asyncIterator]();
  const values: unknown[] = [];
  const errors: Error[] = [];
  for (;;) {
    try {
      const { done, value } = (await iterator.next()) as IteratorResult<unknown, undefined>;
      if (done) return { values, errors };
      values.push(value);
    } catch (error) {
      errors.push(error as Error);
    }
  }
}

/** Six samples one by one from two workers; the third fails. */
const faulty = (fault: Fault): Promise<Outcome> =>
  outcome(new DataLoader(new Faulty(6, 2, fault), { batchSize: null, numWorkers: 2 }));

/** Asks until the workers are there, whatever the timeout. */
async function patiently<T>(iterator: AsyncIterator<T>): Promise<T | undefined> {
  for (;;) {
    try {
      return (await iterator.next()).value as T | undefined;
    } catch (error) {
      assert.match((error as Error).message, /no batch within the timeout/);
    }
  }
}

suite('an error in a worker arrives as the same class, with the worker and its stack, and iteration goes on', () => {
  const cases: readonly [Fault, new (...args: never[]) => Error, RegExp][] = [
    ['TypeError', TypeError, /^bad sample 1 \(in worker 1, at sample 1\)$/],
    ['ShapeError', ShapeError, /^tensor: .*nested arrays must be equally long \(in worker 1, at sample 3\)$/],
    ['SampleError', SampleError, /^sample 5: torn \(in worker 1, at sample 5\)$/],
    ['DOMException', DOMException, /^too late \(in worker 1, at sample 7\)$/],
    ['AggregateError', AggregateError as never, /^both \(in worker 1, at sample 9\)$/],
    ['rejection', URIError, /^later \(in worker 1, at sample 11\)$/],
    ['with a cause and a code', Error, /^no such file \(in worker 1, at sample 13\)$/],
    ['SecretError', DataLoaderError, /^SecretError: hush \(in worker 1, at sample 15\)$/],
    ['a string', DataLoaderError, /^a value that is no error was thrown: 'just words' \(in worker 1, at sample 17\)$/],
    ['null', DataLoaderError, /^a value that is no error was thrown: null \(in worker 1, at sample 19\)$/],
    ['function in the sample', DataLoaderError, /^batch\.callback is a function.*\(in worker 1, at sample 21\)$/],
    ['symbol in the sample', DataLoaderError, /^batch\[0\] is a symbol/],
    ['graph in the sample', DataLoaderError, /^batch is a tensor with a graph.*detach\(\)/],
  ];
  let met: Outcome;
  before(async () => {
    const dataset = new FaultSeries(cases.map(([fault]) => fault));
    met = await outcome(new DataLoader(dataset, { batchSize: null, numWorkers: 2 }));
  });
  const errorOf = (fault: Fault): Error => met.errors[cases.findIndex(([name]) => name === fault)]!;

  for (const [fault, type, message] of cases) {
    test(fault, () => {
      const error = errorOf(fault);
      assert.equal(error.constructor, type);
      assert.match(error.message, message);
      assert.match(error.stack!, /in worker 1/);
    });
  }

  test('private fields do not travel: the error says so', async () => {
    const { errors } = await outcome(new DataLoader(new Guarded(1), { numWorkers: 1 }));
    assert.ok(errors[0] instanceof TypeError);
    assert.match(
      errors[0].message,
      /#value.*: fields named with # don't travel to workers, those that TypeScript calls private do/,
    );
  });

  test('all of them, and all sound samples', () => {
    assert.deepEqual(
      met.values,
      cases.map((_, i) => 2 * i),
    );
    assert.equal(met.errors.length, cases.length);
    assert.match(errorOf('TypeError').stack!, /failWith .*faulty\.ts/);
    assert.match(errorOf('SecretError').stack!, /failWith .*faulty\.ts/);
  });

  test('with its fields, its cause and its parts', () => {
    const error = errorOf('with a cause and a code') as Error & { code: string; errno: number };
    assert.deepEqual([error.code, error.errno], ['ENOENT', -2]);
    assert.ok(error.cause instanceof RangeError);
    assert.equal(error.cause.message, 'disk');
    const both = errorOf('AggregateError') as AggregateError;
    assert.deepEqual(
      both.errors.map((part: Error) => [part.constructor, part.message]),
      [
        [RangeError, 'one'],
        [TypeError, 'two'],
      ],
    );
    const own = errorOf('SampleError') as SampleError;
    assert.deepEqual([own.name, own.index], ['SampleError', 5]);
  });

  test('in the collate function', async () => {
    const loader = new DataLoader(new Numbers(6), { batchSize: 2, numWorkers: 2, collateFn: failToCollate });
    const { values, errors } = await outcome(loader);
    assert.deepEqual(values, [0, 4]);
    assert.ok(errors[0] instanceof ShapeError);
    assert.match(errors[0].message, /does not fit \(in worker 1, at samples 2, 3\)/);
  });

  test('in one of the samples that a batch waits for together, which is named', async () => {
    const loader = new DataLoader(new LateFault(6, 4), { batchSize: 3, numWorkers: 1 });
    const { values, errors } = await outcome(loader);
    assert.equal(values.length, 1);
    assert.deepEqual(errors.map(({ message }) => message), ['sample 4 is torn (in worker 0, at sample 4)']); // prettier-ignore
  });

  test("in workerInitFn: in place of that worker's first batch", async () => {
    const options = { batchSize: null, numWorkers: 2, workerInitFn: failInitially } as const;
    const { values, errors } = await outcome(new DataLoader(new Numbers(6), options));
    assert.deepEqual(values, [0, 2, 3, 4, 5]);
    assert.equal(errors.length, 1);
    assert.ok(errors[0] instanceof RangeError);
    assert.match(errors[0].message, /worker 1 was not ready \(in worker 1\)/);
  });

  test('in a stream, which has ended with it', async () => {
    const loader = new DataLoader(new FaultyStream(3, 'TypeError'), { batchSize: 2, numWorkers: 1 });
    const { values, errors } = await outcome(loader);
    assert.deepEqual((values as Tensor[]).map((batch) => batch.toArray()), [[0, 1]]); // prettier-ignore
    assert.ok(errors[0] instanceof TypeError);
    assert.equal(errors[0].message, 'bad sample 3 (in worker 0, after 3 samples of its stream)');
  });

  test('in opening a stream: once for each worker', async () => {
    const loader = new DataLoader(new UnopenedStream(), { batchSize: 2, numWorkers: 2 });
    const { values, errors } = await outcome(loader);
    assert.deepEqual(values, []);
    assert.deepEqual(errors.map(({ message }) => message), ['no stream (in worker 0)', 'no stream (in worker 1)']); // prettier-ignore
  });

  test('in the sampler, after all batches that were drawn before', async () => {
    const sampler = { *[Symbol.iterator]() { yield 0; yield 1; throw new SyntaxError('sampler broke'); } }; // prettier-ignore
    const { values, errors } = await outcome(
      new DataLoader(new Numbers(6), { sampler, batchSize: null, numWorkers: 1 }),
    );
    assert.deepEqual(values, [0, 1]);
    assert.ok(errors[0] instanceof SyntaxError);
    assert.equal(errors.length, 1);
  });

  test('a batch that can not be sent, in its place', async () => {
    const collated = outcome(
      new DataLoader(new Numbers(4), { batchSize: 2, numWorkers: 2, collateFn: collateToFunction }),
    );
    assert.match((await collated).errors[0]!.message, /^batch\.deep\[0\] is a function/);
    assert.equal((await collated).errors.length, 2);
    const handles = outcome(
      new DataLoader(new Numbers(2), { batchSize: 2, numWorkers: 1, collateFn: collateToHandle }),
    );
    assert.match((await handles).errors[0]!.message, /^batch\.port is an instance of MessageChannel/);
  });

  test('persistent workers go on in the next epoch', async () => {
    const loader = new DataLoader(new Faulty(4, 1, 'TypeError'), {
      batchSize: null,
      numWorkers: 2,
      persistentWorkers: true,
    });
    for (let epoch = 0; epoch < 2; epoch++) {
      const { values, errors } = await outcome(loader);
      assert.deepEqual([values, errors.length], [[0, 2, 3], 1]);
    }
  });
});

suite('a worker that is gone is named at once', () => {
  test('with its exit code', async () => {
    for (const [fault, code] of [
      ['exit', 7],
      ['exit 0', 0],
    ] as const) {
      const started = performance.now();
      const { values, errors } = await faulty(fault);
      assert.ok(performance.now() - started < 5000);
      assert.equal(values[0], 0);
      assert.equal(errors.length, 1);
      assert.equal(errors[0]!.name, 'DataLoaderError');
      assert.match(errors[0]!.message, new RegExp(`^worker 0 exited with code ${code} while at work on sample 2:`));
    }
  });

  test('with the error nobody caught', async () => {
    const { errors } = await faulty('uncaught');
    assert.match(
      errors[0]!.message,
      /^worker 0 was ended while at work on sample 2 by an error nobody caught: nobody caught this/,
    );
    assert.ok(errors[0]!.cause instanceof EvalError);
  });

  test('while it was set up', async () => {
    const { values, errors } = await outcome(
      new DataLoader(new Numbers(4), { numWorkers: 1, workerInitFn: exitInitially }),
    );
    assert.deepEqual(values, []);
    assert.match(errors[0]!.message, /^worker 0 exited with code 3 while being set up/);
  });

  test('in a stream', async () => {
    const { errors } = await outcome(new DataLoader(new FaultyStream(3, 'exit'), { batchSize: 2, numWorkers: 2 }));
    assert.match(errors[0]!.message, /exited with code 7/);
  });

  test('when it ran out of memory, saying so', () => {
    const code = `
      import { DataLoader } from 'flambeau/data';
      import { Faulty } from './test/data/fixtures/faulty.ts';
      const loader = new DataLoader(new Faulty(4, 1, 'memory'), { batchSize: null, numWorkers: 1 });
      try {
        for await (const _ of loader);
      } catch (error) {
        console.log(error.name, error.message);
      }
    `;
    const root = fileURLToPath(new URL('../../..', import.meta.url));
    const args = [
      '--max-old-space-size=60',
      '--conditions=flambeau-source',
      '--import',
      'tsx',
      '--input-type=module',
      '-e',
      code,
    ];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', cwd: root });
    assert.equal(status, 0, stderr);
    assert.match(
      stdout,
      /^DataLoaderError worker 0 ran out of memory while at work on sample 1: its JavaScript heap is full/,
    );
    assert.match(stdout, /smaller batches or a smaller prefetchFactor/);
  });

  test('a persistent loader gets new workers for its next epoch', async () => {
    const loader = new DataLoader(new Faulty(4, 3, 'exit'), {
      batchSize: null,
      numWorkers: 1,
      persistentWorkers: true,
    });
    for (let epoch = 0; epoch < 2; epoch++) {
      const { values, errors } = await outcome(loader);
      assert.deepEqual(values, [0, 1, 2]);
      assert.equal(errors.length, 1);
    }
  });

  test('the batches that were there before it are given first', async () => {
    const loader = new DataLoader(new Faulty(6, 4, 'exit'), { batchSize: null, numWorkers: 1, prefetchFactor: 6 });
    const iterator = loader[Symbol.asyncIterator]();
    const first = await iterator.next();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const rest = [];
    for (let i = 0; i < 3; i++) rest.push((await iterator.next()).value);
    assert.deepEqual([first.value, rest], [0, [1, 2, 3]]);
    await assert.rejects(iterator.next(), /exited with code 7/);
    assert.deepEqual(await iterator.next(), { done: true, value: undefined });
  });
});

suite('a worker that does not answer', () => {
  test('is waited for as long as the timeout says; the loader can be closed then', async () => {
    for (const fault of ['hang', 'busy'] as const) {
      const loader = new DataLoader(new Faulty(6, 1, fault), { batchSize: null, numWorkers: 2, timeout: 200 });
      const iterator = loader[Symbol.asyncIterator]();
      assert.equal(await patiently(iterator), 0);
      await assert.rejects(iterator.next(), {
        name: 'DataLoaderError',
        message: /^no batch within the timeout of 200 ms: worker 1 is still at work on sample 1;/,
      });
      assert.deepEqual(await iterator.return!(), { done: true, value: undefined });
      assert.deepEqual(await iterator.next(), { done: true, value: undefined });
    }
  });

  test('may still answer: what comes late is given to who asks again', async () => {
    const loader = new DataLoader(new Slow(3, 300), { batchSize: null, numWorkers: 1, timeout: 50 });
    const iterator = loader[Symbol.asyncIterator]();
    assert.equal(await patiently(iterator), 0);
    await assert.rejects(iterator.next(), /no batch within the timeout of 50 ms/);
    assert.deepEqual(
      [await patiently(iterator), await patiently(iterator), await patiently(iterator)],
      [1, 2, undefined],
    );
  });

  test('a quick worker is not affected by a timeout', async () => {
    const { values, errors } = await outcome(
      new DataLoader(new Numbers(4), { batchSize: null, numWorkers: 2, timeout: 60_000 }),
    );
    assert.deepEqual([values, errors], [[0, 1, 2, 3], []]);
  });
});

suite('what can not travel is refused before any worker starts', () => {
  test('at the first batch, with its path', async () => {
    const unmarked = (samples: number[]): number => samples.length;
    const loader = new DataLoader(new Numbers(4), { numWorkers: 2, collateFn: unmarked });
    const { values, errors } = await outcome(loader);
    assert.deepEqual(values, []);
    assert.equal(errors.length, 1);
    assert.match(errors[0]!.message, /^collateFn is a function \('unmarked'\), which can't travel/);
    const initFn = new DataLoader(new Numbers(4), { numWorkers: 2, workerInitFn: () => undefined });
    assert.match((await outcome(initFn)).errors[0]!.message, /^workerInitFn is a function/);
  });
});
