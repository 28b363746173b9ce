// The scheduler without threads: who gets which task, what is given when, how much is under way.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { Scheduler, type Dispatch } from '../../src/data/scheduler.js';

interface Setting {
  workers: number;
  prefetchFactor: number;
  inOrder?: boolean;
  tasks: number;
  firstWorker?: number;
}

function scheduler({
  workers,
  prefetchFactor,
  inOrder = true,
  tasks,
  firstWorker = 0,
}: Setting): Scheduler<string, string> {
  let number = 0;
  return new Scheduler({
    workers,
    prefetchFactor,
    inOrder,
    firstWorker,
    nextTask: () => (number < tasks ? { number, task: `task ${number++}` } : undefined),
  });
}

const brief = (dispatches: Iterable<Dispatch<string>>): [number, number][] =>
  [...dispatches].map(({ worker, number }) => [worker, number]);

suite('dispatch', () => {
  test('sends prefetchFactor times the workers at once, in turn', () => {
    assert.deepEqual(brief(scheduler({ workers: 3, prefetchFactor: 2, tasks: 100 }).dispatch()), [
      [0, 0],
      [1, 1],
      [2, 2],
      [0, 3],
      [1, 4],
      [2, 5],
    ]);
  });

  test('sends one more for each that is taken, not for each that arrives', () => {
    const s = scheduler({ workers: 2, prefetchFactor: 2, tasks: 100 });
    assert.equal(brief(s.dispatch()).length, 4);
    s.deliver(0, 'a');
    s.deliver(1, 'b');
    assert.deepEqual(brief(s.dispatch()), []);
    assert.deepEqual(s.take(), { kind: 'result', worker: 0, number: 0, result: 'a' });
    assert.deepEqual(brief(s.dispatch()), [[0, 4]]);
    assert.deepEqual(brief(s.dispatch()), []);
  });

  test('begins with the worker whose turn it is', () => {
    assert.deepEqual(brief(scheduler({ workers: 3, prefetchFactor: 1, tasks: 9, firstWorker: 2 }).dispatch()), [
      [2, 0],
      [0, 1],
      [1, 2],
    ]);
  });

  test('asks a source that threw no more', () => {
    let asked = 0;
    const s = new Scheduler<string, string>({
      workers: 1,
      prefetchFactor: 3,
      inOrder: true,
      nextTask: () => {
        if (asked++ === 1) throw new Error('no more luck');
        return { number: 0, task: 'first' };
      },
    });
    assert.throws(() => [...s.dispatch()], /no more luck/);
    assert.deepEqual(brief(s.dispatch()), []);
    assert.equal(asked, 2);
    s.deliver(0, 'a');
    assert.equal(s.take().kind, 'result');
    assert.equal(s.take().kind, 'end');
  });
});

suite('take', () => {
  test('gives results in the order of their numbers, whatever comes first', () => {
    const s = scheduler({ workers: 2, prefetchFactor: 2, tasks: 3 });
    brief(s.dispatch());
    s.deliver(2, 'c');
    s.deliver(1, 'b');
    assert.deepEqual(s.take(), { kind: 'waiting' });
    assert.deepEqual(s.awaited(), [0]);
    s.deliver(0, 'a');
    const given = [s.take(), s.take(), s.take()].map((taken) => (taken.kind === 'result' ? taken.result : taken.kind));
    assert.deepEqual(given, ['a', 'b', 'c']);
    assert.deepEqual(s.take(), { kind: 'end' });
  });

  test('gives results as they come if order does not matter, and work to whoever has least', () => {
    const s = scheduler({ workers: 2, prefetchFactor: 2, inOrder: false, tasks: 100 });
    brief(s.dispatch());
    s.deliver(3, 'd');
    s.deliver(1, 'b');
    assert.deepEqual(s.take(), { kind: 'result', worker: 1, number: 3, result: 'd' });
    assert.deepEqual(s.take(), { kind: 'result', worker: 1, number: 1, result: 'b' });
    assert.deepEqual(s.take(), { kind: 'waiting' });
    assert.deepEqual(s.awaited(), [0]);
    // Worker 0 is still at both of its own.
    assert.deepEqual(brief(s.dispatch()), [
      [1, 4],
      [1, 5],
    ]);
  });

  test('a late or double result changes nothing', () => {
    const s = scheduler({ workers: 1, prefetchFactor: 2, tasks: 2 });
    brief(s.dispatch());
    s.deliver(0, 'a');
    s.deliver(0, 'again');
    s.deliver(7, 'unknown');
    assert.deepEqual(s.take(), { kind: 'result', worker: 0, number: 0, result: 'a' });
    s.deliver(0, 'late');
    assert.deepEqual(s.take(), { kind: 'waiting' });
  });
});

suite('a worker that ends', () => {
  test('is passed over, its open tasks are void', () => {
    const s = scheduler({ workers: 3, prefetchFactor: 2, tasks: Infinity });
    brief(s.dispatch()); // 0: 0, 3; 1: 1, 4; 2: 2, 5
    s.deliver(0, 'a');
    s.end(1);
    assert.equal(s.take().kind, 'result');
    s.deliver(2, 'c');
    const next = s.take();
    assert.equal(next.kind === 'result' && next.number, 2);
    assert.deepEqual(brief(s.dispatch()), [
      [0, 6],
      [2, 7],
    ]);
  });

  test('keeps what it delivered before', () => {
    const s = scheduler({ workers: 1, prefetchFactor: 3, tasks: Infinity });
    brief(s.dispatch());
    s.deliver(0, 'a');
    s.end(0);
    assert.equal(s.take().kind, 'result');
    assert.equal(s.take().kind, 'end');
    assert.deepEqual(brief(s.dispatch()), []);
  });

  test('when all have ended, that is the end', () => {
    const s = scheduler({ workers: 2, prefetchFactor: 1, tasks: Infinity });
    brief(s.dispatch());
    s.end(0);
    assert.equal(s.take().kind, 'waiting');
    s.end(1);
    assert.equal(s.take().kind, 'end');
  });
});

test('what a worker is at is the first of its tasks that has no result', () => {
  const s = scheduler({ workers: 2, prefetchFactor: 2, tasks: 100 });
  brief(s.dispatch()); // 0: 0, 2; 1: 1, 3
  s.deliver(0, 'a');
  assert.deepEqual(s.workOf(0), { worker: 0, number: 2, task: 'task 2' });
  s.deliver(2, 'c');
  assert.equal(s.workOf(0), undefined);
  assert.equal(s.workOf(1)!.number, 1);
});

test('clear gives back what nobody took and leaves nothing to do', () => {
  const s = scheduler({ workers: 2, prefetchFactor: 2, tasks: 100 });
  brief(s.dispatch());
  s.deliver(3, 'd');
  s.deliver(1, 'b');
  assert.deepEqual(s.clear(), ['d', 'b']);
  assert.equal(s.take().kind, 'end');
  assert.deepEqual(brief(s.dispatch()), []);
});

suite('whatever the workers do', () => {
  const settings = fc.record({
    workers: fc.integer({ min: 1, max: 5 }),
    prefetchFactor: fc.integer({ min: 1, max: 4 }),
    inOrder: fc.boolean(),
    tasks: fc.integer({ min: 0, max: 40 }),
  });

  test('every task is given once, in order if wanted, and never too many are under way', () => {
    fc.assert(
      fc.property(settings, fc.infiniteStream(fc.nat()), (setting, choices) => {
        const s = scheduler(setting);
        const choose = (count: number): number => (choices.next().value as number) % count;
        const queues = Array.from({ length: setting.workers }, (): number[] => []);
        const given: number[] = [];
        let delivered = 0;
        const dispatch = (): void => {
          for (const { worker, number } of s.dispatch()) queues[worker]!.push(number);
          const running = queues.flat().length;
          assert.ok(running + delivered - given.length <= setting.workers * setting.prefetchFactor);
        };
        dispatch();
        for (;;) {
          const taken = choose(3) === 0 ? s.take() : undefined;
          if (taken?.kind === 'end') break;
          if (taken?.kind === 'result') {
            given.push(taken.number);
            dispatch();
          }
          const busy = queues.filter((queue) => queue.length > 0);
          if (busy.length > 0 && choose(2) === 0) {
            s.deliver(busy[choose(busy.length)]!.shift()!, 'done');
            delivered++;
          }
        }
        const all = Array.from({ length: setting.tasks }, (_, number) => number);
        assert.deepEqual(setting.inOrder ? given : [...given].sort((a, b) => a - b), all);
      }),
      { numRuns: 200 },
    );
  });

  test('streams of any lengths are given completely, each in its own order, and in turn if wanted', () => {
    const lengths = fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        lengths,
        fc.integer({ min: 1, max: 3 }),
        fc.boolean(),
        fc.infiniteStream(fc.nat()),
        (streams, prefetchFactor, inOrder, choices) => {
          const s = scheduler({ workers: streams.length, prefetchFactor, inOrder, tasks: Infinity });
          const choose = (count: number): number => (choices.next().value as number) % count;
          const queues = streams.map((): number[] => []);
          const read = streams.map(() => 0);
          const given: string[] = [];
          const dispatch = (): void => {
            for (const { worker, number } of s.dispatch()) queues[worker]!.push(number);
          };
          dispatch();
          for (;;) {
            const taken = s.take();
            if (taken.kind === 'end') break;
            if (taken.kind === 'result') {
              given.push(taken.result);
              dispatch();
              continue;
            }
            const busy = queues.map((_, worker) => worker).filter((worker) => queues[worker]!.length > 0);
            const worker = busy[choose(busy.length)]!;
            const number = queues[worker]!.shift()!;
            if (read[worker]! < streams[worker]!) s.deliver(number, `${worker}:${read[worker]!++}`);
            else {
              queues[worker]!.length = 0;
              s.end(worker);
              dispatch();
            }
          }
          const rounds = Array.from({ length: Math.max(...streams) }, (_, round) =>
            streams.flatMap((length, worker) => (round < length ? [`${worker}:${round}`] : [])),
          ).flat();
          assert.deepEqual(inOrder ? given : [...given].sort(), inOrder ? rounds : [...rounds].sort());
        },
      ),
      { numRuns: 200 },
    );
  });
});
