// How workers end: with their iterator, however that is left; and what is left behind then: no thread, no handle, no memory.
// `npm run soak` does so with as many epochs as one would have to, and with as much data.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';
import vm from 'node:vm';
import { backendInfo, rand, zeros, type Tensor } from 'flambeau';
import { DataLoader, TensorDataset } from 'flambeau/data';
import { Faulty, Large, Tidy } from '../fixtures/faulty.js';
import { Numbers, NumberStream } from '../fixtures/numbers.js';

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc') as () => void;

/** Threads of this process, of whatever kind. */
function threads(): number {
  return readdirSync('/proc/self/task').length;
}

/** What would keep the process alive or stay open: worker threads, ports, timers. */
function handles(): number {
  return process.getActiveResourcesInfo().filter((kind) => /Worker|MessagePort|Timeout|Immediate/.test(kind)).length;
}

/** Bytes in living tensors, of all threads. */
function memory(): number {
  return backendInfo().memory.allocated;
}

/** Waits for what comes about by collection and its finalizers, in turns of the event loop. */
async function eventually(condition: () => boolean, what: () => string): Promise<void> {
  for (let turn = 0; turn < 600; turn++) {
    if (condition()) return;
    collect();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.fail(what());
}

/** Runs something twice: the first time whatever lives for the rest of the process is made; the second must leave nothing. */
async function leavesNothing(run: () => Promise<void>): Promise<void> {
  await run();
  await eventually(settled, () => 'the first run does not settle');
  const before = { threads: threads(), handles: handles(), memory: memory() };
  await run();
  const now = (): string => JSON.stringify({ threads: threads(), handles: handles(), memory: memory() });
  await eventually(
    () => threads() <= before.threads && handles() <= before.handles && memory() <= before.memory,
    () => `before ${JSON.stringify(before)}, after ${now()}`,
  );
}

let last = '';
function settled(): boolean {
  const state = `${threads()} ${handles()} ${memory()}`;
  const same = state === last;
  last = state;
  return same;
}

const large = (): DataLoader<Tensor> => new DataLoader(new Large(40, 20_000), { batchSize: 2, numWorkers: 2 });

suite('leaving an iterator stops its workers and gives back their memory', () => {
  test('at its end', async () => {
    await leavesNothing(async () => {
      const before = threads();
      let most = 0;
      for await (const batch of large()) {
        most = Math.max(most, threads());
        assert.equal(batch.shape[1], 20_000);
      }
      assert.ok(most >= before + 2);
      assert.ok(threads() < most);
    });
  });

  test('by break', async () => {
    await leavesNothing(async () => {
      for await (const batch of large()) if (batch.select(0, 0).sum().item() > 0) break;
    });
  });

  test('by return', async () => {
    await leavesNothing(async () => {
      const first = async (): Promise<number> => {
        for await (const batch of large()) return batch.numel();
        return 0;
      };
      assert.equal(await first(), 40_000);
    });
  });

  test('by a throw', async () => {
    await leavesNothing(async () => {
      await assert.rejects(async () => {
        for await (const _ of large()) throw new Error('enough');
      }, /enough/);
    });
  });

  test('before the first batch', async () => {
    await leavesNothing(async () => {
      const iterator = large()[Symbol.asyncIterator]();
      await iterator.return!();
      assert.equal((await iterator.next()).done, true);
    });
  });

  test('while a batch is waited for, who then gets none', async () => {
    await leavesNothing(async () => {
      const iterator = large()[Symbol.asyncIterator]();
      const [waited] = await Promise.all([iterator.next(), iterator.return!()]);
      assert.deepEqual(waited, { done: true, value: undefined });
    });
  });

  test('after a worker died', async () => {
    await leavesNothing(async () => {
      await assert.rejects(async () => {
        for await (const _ of new DataLoader(new Faulty(9, 4, 'exit'), { numWorkers: 2 }));
      }, /exited with code 7/);
    });
  });

  test('though a worker would never end by itself', async () => {
    await leavesNothing(async () => {
      for (const fault of ['hang', 'busy'] as const) {
        for await (const _ of new DataLoader(new Faulty(9, 3, fault), { batchSize: null, numWorkers: 2 })) break;
      }
    });
  });

  test('in the middle of a stream', async () => {
    await leavesNothing(async () => {
      for await (const _ of new DataLoader(new NumberStream(1000), { numWorkers: 2 })) break;
    });
  });
});

suite('an iterator that nobody holds any more', () => {
  test('is collected, its workers stopped', async () => {
    await leavesNothing(async () => {
      const before = threads();
      await (async () => {
        const iterator = large()[Symbol.asyncIterator]();
        await iterator.next();
        assert.ok(threads() >= before + 2);
      })();
      await eventually(
        () => threads() <= before,
        () => `${threads()} threads, ${before} before`,
      );
    });
  });

  test('of a persistent loader, with the loader', async () => {
    await leavesNothing(async () => {
      const before = threads();
      await (async () => {
        const loader = new DataLoader(new Numbers(4), { numWorkers: 2, persistentWorkers: true });
        for await (const _ of loader);
        assert.ok(threads() >= before + 2);
      })();
      await eventually(
        () => threads() <= before,
        () => `${threads()} threads, ${before} before`,
      );
    });
  });

  test('is kept as long as somebody waits for its batch', async () => {
    const { value } = await (() => {
      const next = new DataLoader(new Numbers(4), { numWorkers: 1 })[Symbol.asyncIterator]().next();
      const timer = setInterval(collect, 5);
      return next.finally(() => clearInterval(timer));
    })();
    assert.deepEqual((value as Tensor).toArray(), [0]);
  });
});

suite('the process', () => {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const run = (code: string): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(
      process.execPath,
      ['--conditions=flambeau-source', '--import', 'tsx', '--input-type=module', '-e', code],
      { encoding: 'utf8', cwd: root, timeout: 60_000 },
    ); // prettier-ignore
  const head = `
    import { DataLoader } from 'flambeau/data';
    import { Numbers } from './test/data/fixtures/numbers.ts';
    import { Slow } from './test/data/fixtures/faulty.ts';
  `;

  test('ends by itself with a persistent loader still open', () => {
    const { status, stdout, stderr } = run(`${head}
      const loader = new DataLoader(new Numbers(4), { numWorkers: 2, persistentWorkers: true });
      for await (const _ of loader);
      globalThis.kept = loader;
      process.on('exit', () => console.log('left'));
    `);
    assert.deepEqual([status, stdout, stderr], [0, 'left\n', '']);
  });

  test('ends by itself with an iterator left in the middle', () => {
    const { status, stdout, stderr } = run(`${head}
      const iterator = new DataLoader(new Numbers(40), { numWorkers: 2 })[Symbol.asyncIterator]();
      globalThis.kept = iterator;
      await iterator.next();
      console.log('left');
    `);
    assert.deepEqual([status, stdout, stderr], [0, 'left\n', '']);
  });

  test('lives as long as a batch is waited for', () => {
    const { status, stdout, stderr } = run(`${head}
      const iterator = new DataLoader(new Slow(2, 500), { batchSize: null, numWorkers: 1 })[Symbol.asyncIterator]();
      await iterator.next();
      await new Promise((resolve) => setTimeout(resolve, 100));
      console.log((await iterator.next()).value, (await iterator.next()).done);
    `);
    assert.deepEqual([status, stdout, stderr], [0, '1 true\n', '']);
  });
});

suite('many epochs', () => {
  test('20 of a persistent loader', async () => {
    const options = { batchSize: 2, numWorkers: 2, persistentWorkers: true, shuffle: true } as const;
    const loader = new DataLoader(new Tidy(8, 5000), options);
    const epochs = async (count: number): Promise<void> => {
      for (let epoch = 0; epoch < count; epoch++) {
        let batches = 0;
        for await (const batch of loader) batches += Number(batch.shape[0] === 2);
        assert.equal(batches, 4);
      }
    };
    await epochs(10);
    await eventually(settled, () => 'does not settle');
    const before = { threads: threads(), handles: handles(), memory: memory() };
    await epochs(10);
    // What the workers' last samples were, and the batch they made of them, is not collected before they do something.
    await eventually(
      () => threads() <= before.threads && handles() <= before.handles && memory() <= before.memory + 8 * 5000 * 4,
      () => `before ${JSON.stringify(before)}, after ${threads()} ${handles()} ${memory()}`,
    );
  });

  test('4 with new workers each', async () => {
    await leavesNothing(async () => {
      const loader = new DataLoader(new Large(8, 5000), { batchSize: 2, numWorkers: 2 });
      for (let epoch = 0; epoch < 2; epoch++) {
        let batches = 0;
        for await (const batch of loader) batches += Number(batch.shape[0] === 2);
        assert.equal(batches, 4);
      }
    });
  });
});

suite('a data set of tensors', () => {
  test('is there once, however many workers read it', async () => {
    const [rows, columns] = [4096, 1024];
    const data = new TensorDataset(zeros([rows, columns]));
    const before = memory();
    const iterator = new DataLoader(data, { batchSize: 4, numWorkers: 4 })[Symbol.asyncIterator]();
    for (let i = 0; i < 20; i++) assert.deepEqual((await iterator.next()).value![0].shape, [4, columns]);
    const bytes = rows * columns * 4;
    const growth = memory() - before;
    assert.ok(growth < bytes / 10, `${growth} bytes more beside a data set of ${bytes}`);
    await iterator.return!();
  });
});

test('batches that are only looked at are gone before they pile up', async () => {
  const loader = new DataLoader(new Large(1600, 100_000), { batchSize: 4, numWorkers: 2 });
  const start = memory();
  let most = 0;
  let bytes = 0;
  for await (const batch of loader) {
    bytes += batch.numel() * 4;
    most = Math.max(most, memory() - start);
  }
  // What waits, is being made, and is handed out between two collections, in three threads.
  assert.ok(bytes === 640e6 && most < bytes / 3, `${most} bytes in living tensors while ${bytes} went through`);
});

test('a loader of random data gives it unchanged through many batches', async () => {
  const rows = rand([256, 300]);
  let index = 0;
  for await (const [batch] of new DataLoader(new TensorDataset(rows), {
    batchSize: 4,
    numWorkers: 2,
    prefetchFactor: 4,
  })) {
    assert.ok(batch.equal(rows.narrow(0, index, 4)));
    index += 4;
  }
  assert.equal(index, 256);
});
