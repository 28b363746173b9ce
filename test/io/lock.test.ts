import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DatasetError } from '../../src/errors.js';
import { withLock } from '../../src/io/lock.js';

let folder: string;
let lockPath: string;

before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'flambeau-lock-'));
});
after(() => fs.rm(folder, { recursive: true }));
beforeEach(async () => {
  lockPath = path.join(await fs.mkdtemp(path.join(folder, 'case-')), 'work.lock');
});

/** Another process that takes the lock, says so, and holds it for ever. */
async function holderProcess(): Promise<ChildProcess> {
  const program = `
    import { withLock } from ${JSON.stringify(new URL('../../src/io/lock.ts', import.meta.url).href)};
    await withLock(${JSON.stringify(lockPath)}, () => {
      console.log('held');
      return new Promise(() => setInterval(() => {}, 1000));
    });`;
  const child = spawn(
    process.execPath,
    ['--conditions=flambeau-source', '--import', 'tsx', '--input-type=module', '--eval', program],
    { cwd: fileURLToPath(new URL('../..', import.meta.url)), stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(child.stdout, 'data');
  return child;
}

async function remains(): Promise<string[]> {
  return fs.readdir(path.dirname(lockPath));
}

test('only one at a time, in one process too, and nothing is left', async () => {
  let inside = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 5 }, () =>
      withLock(lockPath, async (lock) => {
        most = Math.max(most, ++inside);
        await sleep(5);
        await lock.assertHeld();
        inside--;
      }),
    ),
  );
  assert.equal(most, 1);
  assert.deepEqual(await remains(), []);
});

test('is given back when the work fails', async () => {
  await assert.rejects(
    withLock(lockPath, () => Promise.reject(new RangeError('no'))),
    RangeError,
  );
  assert.equal(await withLock(lockPath, () => Promise.resolve(1)), 1);
});

test('waits for a living process and can be told to stop waiting', async () => {
  const child = await holderProcess();
  const waited: string[] = [];
  await assert.rejects(
    withLock(lockPath, () => Promise.resolve(), {
      signal: AbortSignal.timeout(300),
      onWait: (holder) => waited.push(holder),
    }),
    { name: 'TimeoutError' },
  );
  assert.deepEqual(waited, [`process ${child.pid} on ${os.hostname()}`]);
  child.kill('SIGKILL');
  await once(child, 'exit');
});

test('takes the lock of a killed process over at once, and only one of many does', async () => {
  const child = await holderProcess();
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.deepEqual(await remains(), ['work.lock']);
  let inside = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    most = Math.max(most, ++inside);
    await sleep(20);
    inside--;
  };
  // The default time until a lock counts as abandoned is far longer than this wait.
  const signal = AbortSignal.timeout(10_000);
  await Promise.all(Array.from({ length: 4 }, () => withLock(lockPath, work, { signal })));
  assert.equal(most, 1);
  assert.deepEqual(await remains(), []);
});

test("takes an abandoned lock over that no process here can answer for: another machine's, an unreadable one", async () => {
  for (const content of [JSON.stringify({ token: 'x', pid: 1, host: 'elsewhere', processStart: 0 }), '', '{"token":']) {
    await fs.writeFile(lockPath, content);
    assert.equal(await withLock(lockPath, () => Promise.resolve('mine'), { staleAfter: 150 }), 'mine');
  }
});

test('takes over the lock of an earlier process with our own id', async () => {
  const before = { token: 'x', pid: process.pid, host: os.hostname(), processStart: 1000 };
  await fs.writeFile(lockPath, JSON.stringify(before));
  assert.equal(await withLock(lockPath, () => Promise.resolve('mine'), { signal: AbortSignal.timeout(5000) }), 'mine');
});

test('a holder that works on keeps its lock however long it takes', async () => {
  const order: string[] = [];
  const first = withLock(
    lockPath,
    async () => {
      await sleep(600);
      order.push('first');
    },
    { staleAfter: 200 },
  );
  await sleep(50);
  await withLock(lockPath, () => Promise.resolve(order.push('second')), { staleAfter: 200 });
  await first;
  assert.deepEqual(order, ['first', 'second']);
});

test('a holder whose lock was taken over learns it before it publishes, and leaves the other lock alone', async () => {
  await assert.rejects(
    withLock(lockPath, async (lock) => {
      await fs.writeFile(lockPath, JSON.stringify({ token: 'other', pid: process.pid, host: os.hostname() }));
      await lock.assertHeld();
    }),
    DatasetError,
  );
  assert.deepEqual(await remains(), ['work.lock']);
});

test('a guard left by a process that died while taking over does not block for ever', async () => {
  await fs.writeFile(lockPath, JSON.stringify({ token: 'x', pid: 1, host: 'elsewhere', processStart: 0 }));
  await fs.writeFile(`${lockPath}.takeover`, '');
  const longAgo = new Date(Date.now() - 60_000);
  await fs.utimes(`${lockPath}.takeover`, longAgo, longAgo);
  assert.equal(await withLock(lockPath, () => Promise.resolve('mine'), { staleAfter: 100 }), 'mine');
});
