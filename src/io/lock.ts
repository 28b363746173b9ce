// A lock file, so that two processes (or threads, or loads in one process) that share a folder don't do the same work at
// once. It saves work and never vouches for data: whatever is published is verified and renamed into place anyway.
//
// The file names its holder's process and machine, and the holder touches it while it works. A lock whose process is gone
// is taken over at once; one that nobody has touched for `staleAfter` (another machine's, or a process id in use again)
// after that time. A holder that was stopped so long that it lost its lock learns so from `assertHeld`.

import fs from 'node:fs/promises';
import os from 'node:os';
import { dirname } from 'node:path';
import { DatasetError } from '../errors.js';
import { pause } from './back-off.js';
import { errorCode, isDiskFull, isMissing } from './disk-error.js';
import { crypto } from './late-modules.js';

export interface LockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds without a sign of life after which a lock is taken over. */
  readonly staleAfter?: number;
  /** Called once when the lock is held by someone else and this process has to wait. */
  readonly onWait?: ((holder: string) => void) | undefined;
}

/** What the one who holds a lock can ask of it. */
export interface Lock {
  /** Throws a DatasetError when another process has taken the lock over. To be called before anything is published. */
  assertHeld(): Promise<void>;
}

interface Holder {
  readonly token: string;
  readonly pid: number;
  readonly host: string;
  /** When the process began, in ms since 1970: tells a process id in use again from the same process. */
  readonly processStart: number;
}

const pollInterval = 100;
/** A takeover lasts a few file operations; a guard older than this belongs to a process that died in the middle. */
const guardLifetime = 10_000;

/** Runs `work` while holding the lock file `path`, waiting for it first and giving it back whatever happens. Its folder is made if needed. */
export async function withLock<T>(
  path: string,
  work: (lock: Lock) => Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  const { signal, staleAfter = 20_000, onWait } = options;
  const token = crypto().randomUUID();
  await fs.mkdir(dirname(path), { recursive: true });
  await acquire(path, token, staleAfter, signal, onWait);
  const heartbeat = setInterval(() => {
    void touch(path, token).catch(() => undefined);
  }, staleAfter / 5);
  heartbeat.unref();
  try {
    return await work({
      async assertHeld() {
        if ((await readHolder(path))?.token === token) return;
        throw new DatasetError(
          `the lock ${path} was taken over by another process while this one was stopped; run it again`,
        );
      },
    });
  } finally {
    clearInterval(heartbeat);
    if ((await readHolder(path).catch(() => undefined))?.token === token) await fs.rm(path, { force: true });
  }
}

/** Whether a lock lies there whose process has died, and so perhaps other things that it left half done. */
export async function isAbandoned(path: string): Promise<boolean> {
  const sign = await signOfLife(path);
  return sign !== undefined && isGone(sign.holder);
}

async function acquire(
  path: string,
  token: string,
  staleAfter: number,
  signal: AbortSignal | undefined,
  onWait: LockOptions['onWait'],
): Promise<void> {
  let lastSign = '';
  let lastChange = performance.now();
  let told = false;
  for (;;) {
    signal?.throwIfAborted();
    if (await tryCreate(path, token)) return;
    const sign = await signOfLife(path);
    if (sign === undefined) continue;
    // Ages are measured by this machine's own clock, from when the file was last seen to change: clocks may differ.
    if (sign.key !== lastSign) {
      lastSign = sign.key;
      lastChange = performance.now();
    }
    if (isGone(sign.holder) || performance.now() - lastChange > staleAfter) {
      await removeStale(path, sign.content);
      continue;
    }
    if (!told)
      onWait?.(sign.holder === undefined ? 'another process' : `process ${sign.holder.pid} on ${sign.holder.host}`);
    told = true;
    await pause(pollInterval * (0.5 + Math.random()), signal);
  }
}

async function tryCreate(path: string, token: string): Promise<boolean> {
  const holder: Holder = { token, pid: process.pid, host: os.hostname(), processStart: processStart() };
  try {
    await fs.writeFile(path, JSON.stringify(holder), { flag: 'wx' });
    return true;
  } catch (error) {
    // Windows answers EPERM while a deleted file of the same name is still open somewhere.
    const code = errorCode(error);
    if (code === 'EEXIST' || (code === 'EPERM' && process.platform === 'win32')) return false;
    // A lock without its content (the disk is full) would hold everybody up.
    if (isDiskFull(error)) await fs.rm(path, { force: true });
    throw error;
  }
}

async function touch(path: string, token: string): Promise<void> {
  if ((await readHolder(path))?.token !== token) return;
  const now = new Date();
  await fs.utimes(path, now, now);
}

async function signOfLife(
  path: string,
): Promise<{ key: string; content: string; holder: Holder | undefined } | undefined> {
  try {
    const content = await fs.readFile(path, 'utf8');
    const { mtimeMs, ino } = await fs.stat(path);
    return { key: `${ino} ${mtimeMs} ${content}`, content, holder: parseHolder(content) };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return parseHolder(await fs.readFile(path, 'utf8'));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Undefined while a lock is being written, and for a file that is none. */
function parseHolder(content: string): Holder | undefined {
  try {
    const value = JSON.parse(content) as Partial<Holder> | null;
    if (typeof value?.token !== 'string' || typeof value.pid !== 'number') return undefined;
    return { token: value.token, pid: value.pid, host: value.host ?? '', processStart: value.processStart ?? 0 };
  } catch {
    return undefined;
  }
}

function isGone(holder: Holder | undefined): boolean {
  if (holder === undefined || holder.host !== os.hostname()) return false;
  // Our own id with another start is a process before us that had the same id, as happens in containers.
  if (holder.pid === process.pid) return Math.abs(holder.processStart - processStart()) > 5000;
  try {
    process.kill(holder.pid, 0);
    return false;
  } catch (error) {
    return errorCode(error) === 'ESRCH';
  }
}

function processStart(): number {
  return Date.now() - process.uptime() * 1000;
}

/** Removes the lock if it is still the one found stale. A guard keeps two waiters from removing one after the other. */
async function removeStale(path: string, content: string): Promise<void> {
  const guard = `${path}.takeover`;
  try {
    await fs.writeFile(guard, '', { flag: 'wx' });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    const age = await fs.stat(guard).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > guardLifetime) await fs.rm(guard, { force: true });
    else await pause(pollInterval);
    return;
  }
  try {
    const current = await fs.readFile(path, 'utf8').catch(() => undefined);
    if (current === content) await fs.rm(path, { force: true });
  } finally {
    await fs.rm(guard, { force: true });
  }
}
