// The threads of one loader: started together, watched, and stopped. What is said to them is `messages.ts`.

import { startThread, type WorkerThread } from '#threads';
import { DataLoaderError } from '../../errors.js';
import {
  CONTROL_WORDS,
  CURRENT_EPOCH,
  STOPPING,
  type Commission,
  type Order,
  type Report,
  type WorkReport,
} from './messages.js';
import type { Packed } from './pack.js';
import { discard } from './unpack.js';

/** How long a worker that was told to stop may take for the batch it is at, in milliseconds. */
const GRACE = 200;

export interface PoolOwner {
  /** What a worker says. */
  onReport(worker: number, report: WorkReport): void;
  /** A worker that wasn't told to stop is gone. */
  onLost(error: DataLoaderError): void;
  /** What a worker is at, for messages. */
  workOf(worker: number): string;
}

interface Member {
  readonly thread: WorkerThread;
  readonly commission: Commission;
  /** Whether it has taken its data set out of the parcel. */
  ready: boolean;
  /** Whether it was told to stop, or is known to have ended. */
  leaving: boolean;
  readonly exited: Promise<void>;
}

export type PoolPlan = Omit<Commission, 'id' | 'control' | 'parcel'>;

export class WorkerPool {
  private readonly control = new Int32Array(new SharedArrayBuffer(4 * CONTROL_WORDS));
  private members: readonly Member[] = [];
  /** What is ordered before the threads are there. */
  private early: { readonly worker: number; readonly order: Order }[] | undefined = [];
  private held = false;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly plan: PoolPlan,
    private readonly owner: PoolOwner,
  ) {}

  /** @throws DataLoaderError when no thread can be started */
  start(packed: Packed): void {
    if (this.closing !== undefined) return;
    const { numWorkers } = this.plan;
    const members: Member[] = [];
    this.members = members;
    for (let id = 0; id < numWorkers; id++) {
      const commission = {
        ...this.plan,
        id,
        control: this.control.buffer,
        parcel: packed.parcel(),
      };
      members.push(this.watch(commission));
    }
    const early = this.early ?? [];
    this.early = undefined;
    for (const { worker, order } of early) this.post(worker, order);
  }

  post(worker: number, order: Order): void {
    if (this.early === undefined) this.members[worker]?.thread.postMessage(order);
    else this.early.push({ worker, order });
  }

  /** Makes orders of all other epochs void. */
  setEpoch(epoch: number): void {
    Atomics.store(this.control, CURRENT_EPOCH, epoch);
  }

  /** Whether the process is kept alive for the threads: only while somebody waits for them. */
  hold(held: boolean): void {
    if (this.held === held) return;
    this.held = held;
    for (const { thread } of this.members) {
      if (held) thread.ref();
      else thread.unref();
    }
  }

  /** Lets one worker go that has nothing more to do. */
  retire(worker: number): void {
    const member = this.members[worker];
    if (member === undefined || member.leaving) return;
    member.leaving = true;
    member.thread.postMessage({ kind: 'stop' } satisfies Order);
  }

  /** Stops all threads; one that doesn't stop in time is terminated. Resolves when they are gone. */
  close(): Promise<void> {
    return (this.closing ??= this.stopAll());
  }

  private watch(commission: Commission): Member {
    const { id } = commission;
    const thread = this.startThread(commission);
    if (!this.held) thread.unref();
    const exited = new Promise<void>((resolve) => {
      thread.once('exit', (code) => {
        if (!member.ready) discard(commission.parcel);
        this.lose(member, (at) => exitError(id, code, at));
        resolve();
      });
    });
    const member: Member = { thread, commission, ready: false, leaving: false, exited };
    thread.on('message', (report: Report) => {
      if (report.kind === 'ready') member.ready = true;
      else this.owner.onReport(id, report);
    });
    thread.on('error', (error) => this.lose(member, (at) => uncaughtError(id, error, at)));
    thread.on('messageerror', (error) => this.lose(member, (at) => uncaughtError(id, error, at)));
    return member;
  }

  private startThread(commission: Commission): WorkerThread {
    try {
      return startThread(commission);
    } catch (error) {
      discard(commission.parcel);
      throw error;
    }
  }

  private lose(member: Member, describe: (at: string) => DataLoaderError): void {
    if (member.leaving) return;
    member.leaving = true;
    const { ready, commission } = member;
    this.owner.onLost(describe(ready ? `at work on ${this.owner.workOf(commission.id)}` : 'being set up'));
  }

  private async stopAll(): Promise<void> {
    Atomics.store(this.control, STOPPING, 1);
    this.hold(true);
    for (const worker of this.members.keys()) this.retire(worker);
    const gone = Promise.all(this.members.map(({ exited }) => exited));
    if (!(await settlesWithin(gone, GRACE))) await Promise.all(this.members.map(({ thread }) => thread.terminate()));
    await gone;
  }
}

/** Whether a promise settles in time. The timer doesn't keep the process alive, nor does it outlive the wait. */
async function settlesWithin(promise: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, milliseconds, false);
  });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

function exitError(worker: number, code: number, at: string): DataLoaderError {
  return new DataLoaderError(
    `worker ${worker} exited with code ${code} while ${at}: something in the data set called process.exit(), or something ` +
      'else terminated the thread',
  );
}

function uncaughtError(worker: number, error: Error & { readonly code?: string }, at: string): DataLoaderError {
  if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return new DataLoaderError(
      `worker ${worker} ran out of memory while ${at}: its JavaScript heap is full (${error.message}). Hold less in the data set's ` +
        'fields and samples, use tensors or shared arrays for what is large, smaller batches or a smaller prefetchFactor, ' +
        'or start Node with a larger --max-old-space-size',
      { cause: error },
    );
  }
  return new DataLoaderError(`worker ${worker} was ended while ${at} by an error nobody caught: ${error.message}`, {
    cause: error,
  });
}
