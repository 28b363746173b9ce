// Iteration without workers: a batch is loaded when it is asked for, in the thread that asks.

import { backend } from '../backend/active.js';
import type { Epoch } from './epoch.js';
import { StreamFetcher, streamEnd, type Fetcher } from './fetcher.js';
import { isThenable, whenReady, type Eventual } from './thenable.js';

type Result<Batch> = IteratorResult<Batch, undefined>;

/**
 * Samples are garbage when their batch has been made. Collecting them often keeps the memory that the next ones are made in
 * within the processor's caches; a collection that finds little alive takes less than it gains.
 */
const WORTHWHILE_BYTES = 8 * 2 ** 20;

const done = { done: true, value: undefined } as const;

export class LocalIterator<Batch> implements AsyncIterableIterator<Batch, undefined> {
  /** What was asked for last and isn't there yet: what is asked for next comes after it. */
  private last: Promise<unknown> | undefined;
  private closed = false;
  private resumeError: { readonly error: unknown } | undefined;

  constructor(
    private readonly epoch: Epoch,
    private readonly fetcher: Fetcher,
  ) {
    if (fetcher instanceof StreamFetcher && epoch.given > 0) this.passOver(fetcher, epoch.given);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Result<Batch>> {
    return this.inTurn(() => this.load());
  }

  return(): Promise<Result<Batch>> {
    return this.inTurn(() => this.close());
  }

  async throw(error: unknown): Promise<Result<Batch>> {
    await this.return();
    throw error;
  }

  /** Does one thing after the other; what needn't wait is done at once. */
  private inTurn(work: () => Eventual<Result<Batch>>): Promise<Result<Batch>> {
    if (this.last !== undefined) return this.remember(this.last.then(work, work));
    try {
      const result = work();
      return isThenable(result) ? this.remember(Promise.resolve(result)) : Promise.resolve(result);
    } catch (error) {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what the data set threw, as it is
      return Promise.reject(error);
    }
  }

  private remember<T>(work: Promise<T>): Promise<T> {
    const forget = (): void => {
      if (this.last === work) this.last = undefined;
    };
    this.last = work;
    work.then(forget, forget);
    return work;
  }

  private load(): Eventual<Result<Batch>> {
    if (this.closed) return done;
    const { resumeError } = this;
    this.resumeError = undefined;
    if (resumeError !== undefined) throw resumeError.error;
    const task = this.epoch.next();
    if (task === undefined) return this.end();
    let batch: unknown;
    try {
      batch = this.fetcher.fetch(task.task);
    } catch (error) {
      this.epoch.noteGiven(task.number);
      throw error;
    }
    if (isThenable(batch)) return this.settle(task.number, batch);
    return this.give(task.number, batch);
  }

  private async settle(number: number, loading: PromiseLike<unknown>): Promise<Result<Batch>> {
    let batch: unknown;
    try {
      batch = await loading;
    } catch (error) {
      // A batch that failed has had its turn; the next one can still be asked for.
      this.epoch.noteGiven(number);
      throw error;
    }
    if (batch === streamEnd) return this.end();
    return this.give(number, batch);
  }

  private give(number: number, batch: unknown): Result<Batch> {
    this.epoch.noteGiven(number);
    backend.stepEnded(WORTHWHILE_BYTES);
    return { done: false, value: batch as Batch };
  }

  private end(): Eventual<Result<Batch>> {
    this.epoch.finished = true;
    return this.close();
  }

  private close(): Eventual<Result<Batch>> {
    if (this.closed) return done;
    this.closed = true;
    return whenReady(this.fetcher.close(), () => done);
  }

  /** A stream that is resumed passes over what was given before it was left. */
  private passOver(fetcher: StreamFetcher, batches: number): void {
    const noteError = (error: unknown): void => {
      this.resumeError = { error };
    };
    void this.remember(fetcher.skip(batches).then(() => this.epoch.restoreGenerators(), noteError));
  }
}
