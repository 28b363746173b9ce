// Iteration with workers, as the program holds it. When it is dropped without having been closed, its workers are stopped.

import type { Epoch } from '../epoch.js';
import { WorkerSession, type WorkerPlan } from './worker-session.js';

const abandoned = new FinalizationRegistry<WorkerSession>((session) => void session.close());

export class WorkerIterator implements AsyncIterableIterator<unknown, undefined> {
  private readonly session: WorkerSession;

  constructor(plan: WorkerPlan, epoch: Epoch) {
    this.session = new WorkerSession(plan, epoch);
    abandoned.register(this, this.session);
  }

  /** Whether its workers can go on with another epoch. */
  get alive(): boolean {
    return this.session.alive;
  }

  /** What its workers were seeded from. */
  get baseSeed(): bigint {
    return this.session.baseSeed;
  }

  /** Begins another epoch with the same workers. */
  restart(epoch: Epoch): void {
    this.session.begin(epoch);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    return this.session.next(this);
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    await this.session.leave();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<unknown, undefined>> {
    await this.return();
    throw error;
  }
}
