// One set of workers and what is asked of them: brings together the epoch's tasks, the scheduler, the threads and those who
// wait for batches. Nothing here refers to the iterator that the program holds, except while it waits for a batch, so that
// an abandoned one can be collected.

import { backend } from '../../backend/active.js';
import { DataLoaderError } from '../../errors.js';
import type { Epoch } from '../epoch.js';
import { samplesOf, type FetchPlan, type Task } from '../fetcher.js';
import { isIterableDataset } from '../dataset.js';
import { Scheduler } from '../scheduler.js';
import { isThenable } from '../thenable.js';
import { rebuild } from './error-parts.js';
import type { Resumption, WorkReport } from './messages.js';
import { pack } from './pack.js';
import type { Parcel } from './parcel.js';
import { discard, unpack } from './unpack.js';
import { WorkerPool } from './worker-pool.js';

export interface WorkerPlan {
  readonly fetch: FetchPlan;
  readonly numWorkers: number;
  readonly prefetchFactor: number;
  readonly persistent: boolean;
  /** Milliseconds; 0 for none. */
  readonly timeout: number;
  readonly inOrder: boolean;
  readonly workerInitFn: ((workerId: number) => void | Promise<void>) | undefined;
}

/** What became of a task. */
interface Outcome {
  /** Unpacked when it is given: until then its memory belongs to no tensor. */
  readonly parcel?: Parcel | undefined;
  readonly error?: { readonly error: unknown } | undefined;
  /** The worker's default generator after it. */
  readonly generator: Uint32Array | undefined;
}

type Delivery = Extract<WorkReport, { kind: 'batch' | 'failed' }>;
type Result = IteratorResult<unknown, undefined>;

interface Request {
  readonly resolve: (result: Result | Promise<Result>) => void;
  readonly reject: (error: unknown) => void;
  /** The iterator, which must not be collected while somebody waits for its batch. */
  readonly owner: object;
  readonly timer: ReturnType<typeof setTimeout> | undefined;
}

const done = { done: true, value: undefined } as const;

export class WorkerSession {
  readonly baseSeed: bigint;
  private readonly stream: boolean;
  private readonly pool: WorkerPool;
  private readonly generators: (Uint32Array | undefined)[] = [];
  private readonly requests: Request[] = [];
  private epoch: Epoch;
  private scheduler!: Scheduler<Task, Outcome>;
  private epochNumber = 0;
  /** What the sampler threw; given when all that was drawn before has been. */
  private sourceError: { readonly error: unknown } | undefined;
  /** What ended the session; given to whoever asks next. */
  private failure: Error | undefined;
  private state: 'running' | 'idle' | 'closed' = 'running';

  constructor(
    private readonly plan: WorkerPlan,
    epoch: Epoch,
  ) {
    this.baseSeed = epoch.baseSeed;
    this.epoch = epoch;
    const { numWorkers, fetch } = plan;
    const { batched, batchSize, dropLast } = fetch;
    const { baseSeed } = this;
    this.stream = isIterableDataset(fetch.dataset);
    this.pool = new WorkerPool(
      { numWorkers, baseSeed, backend: backend.name, stream: this.stream, batched, batchSize, dropLast },
      {
        onReport: (worker, report) => this.onReport(worker, report),
        onLost: (error) => this.fail(error),
        workOf: (worker) => this.workOf(worker),
      },
    );
    this.begin(epoch);
    this.start().catch((error: Error) => this.fail(error));
  }

  /** Whether the workers can be used for another epoch. */
  get alive(): boolean {
    return this.state !== 'closed' && this.failure === undefined;
  }

  /** Starts an epoch, leaving the one under way. */
  begin(epoch: Epoch): void {
    if (this.epochNumber > 0) this.leaveEpoch();
    const { numWorkers, prefetchFactor, inOrder } = this.plan;
    this.state = 'running';
    this.epoch = epoch;
    this.sourceError = undefined;
    this.pool.setEpoch(++this.epochNumber);
    this.scheduler = new Scheduler({
      workers: numWorkers,
      prefetchFactor,
      inOrder,
      nextTask: () => epoch.next(),
      firstWorker: epoch.turn,
    });
    for (let worker = 0; worker < numWorkers; worker++) {
      this.pool.post(worker, { kind: 'begin', epoch: this.epochNumber, resumption: this.resumption(worker) });
    }
    this.dispatch();
  }

  /** The next batch, for `owner`. */
  next(owner: object): Promise<Result> {
    return new Promise((resolve, reject) => {
      const { timeout } = this.plan;
      const timer = timeout > 0 ? setTimeout(() => this.giveUp(request), timeout) : undefined;
      const request: Request = { resolve, reject, owner, timer };
      this.requests.push(request);
      this.serve();
    });
  }

  /** Leaves the epoch; the workers go too, unless they are to live on. */
  async leave(): Promise<void> {
    if (this.state === 'running') this.leaveEpoch();
    if (this.plan.persistent && this.alive) this.state = 'idle';
    else await this.close();
  }

  /** Stops the workers. */
  async close(): Promise<void> {
    this.state = 'closed';
    this.leaveEpoch();
    await this.pool.close();
  }

  private async start(): Promise<void> {
    const { fetch, workerInitFn } = this.plan;
    const { dataset, collateFn } = fetch;
    const packing = pack({ dataset, collateFn, workerInitFn });
    this.pool.start(isThenable(packing) ? await packing : packing);
  }

  private resumption(worker: number): Resumption | undefined {
    const { given, start, now } = this.epoch.workers[worker]!;
    const skip = this.stream ? given : 0;
    return start === undefined && now === undefined && skip === 0 ? undefined : { start, now, skip };
  }

  private dispatch(): void {
    try {
      for (const { worker, number, task } of this.scheduler.dispatch()) {
        this.pool.post(worker, { kind: 'load', epoch: this.epochNumber, number, task });
      }
    } catch (error) {
      this.sourceError = { error };
    }
  }

  private onReport(worker: number, report: WorkReport): void {
    if (!this.isCurrent(report.epoch)) {
      if (report.kind === 'batch') discard(report.parcel);
      return;
    }
    switch (report.kind) {
      case 'ended':
        this.scheduler.end(worker);
        if (!this.plan.persistent) this.pool.retire(worker);
        this.dispatch();
        break;
      case 'failed':
        this.deliver(worker, report, { error: { error: rebuild(report.error, whereOf(worker, report.place)) } });
        break;
      case 'batch':
        this.deliver(worker, report, { parcel: report.parcel });
    }
    this.serve();
  }

  private isCurrent(epoch: number): boolean {
    return epoch === this.epochNumber && this.state === 'running' && this.failure === undefined;
  }

  private deliver(worker: number, report: Delivery, what: Pick<Outcome, 'parcel' | 'error'>): void {
    if (report.generatorAtStart !== undefined) this.epoch.workers[worker]!.start = report.generatorAtStart;
    if (report.generator !== undefined) this.generators[worker] = report.generator;
    this.scheduler.deliver(report.number, { ...what, generator: this.generators[worker] });
  }

  /** Gives those who wait what there is for them, in their turn. */
  private serve(): void {
    while (this.requests.length > 0) {
      if (this.state !== 'running') {
        this.settleAll(done);
        break;
      }
      const taken = this.scheduler.take();
      if (taken.kind === 'result') this.give(taken.worker, taken.number, taken.result);
      else if (this.failure !== undefined) this.endWith(this.failure);
      else if (taken.kind === 'waiting') break;
      else if (this.sourceError !== undefined) this.endWith(this.sourceError.error);
      else this.finish();
    }
    this.pool.hold(this.requests.length > 0);
  }

  private give(worker: number, number: number, { parcel, error, generator }: Outcome): void {
    const request = this.requests.shift()!;
    clearTimeout(request.timer);
    this.epoch.noteGiven(number, worker);
    this.epoch.workers[worker]!.now = generator;
    if (this.failure === undefined) this.dispatch();
    if (error !== undefined) request.reject(error.error);
    else request.resolve(batchIn(parcel!));
  }

  /** The epoch has been given completely. */
  private finish(): void {
    this.epoch.finished = true;
    if (this.plan.persistent) {
      this.state = 'idle';
      this.settleAll(done);
    } else {
      this.state = 'closed';
      this.settleAll(this.pool.close().then(() => done));
    }
  }

  /** Ends the session; whoever is first among those who wait is told why. */
  private endWith(error: unknown): void {
    const request = this.requests.shift()!;
    clearTimeout(request.timer);
    request.reject(error);
    void this.close();
  }

  private fail(error: Error): void {
    if (this.state === 'closed' || this.failure !== undefined) return;
    this.failure = error;
    void this.pool.close();
    this.serve();
  }

  private giveUp(request: Request): void {
    this.requests.splice(this.requests.indexOf(request), 1);
    const awaited = this.scheduler.awaited();
    const whom = awaited.map((worker) => `worker ${worker} is still at work on ${this.workOf(worker)}`).join(', ');
    request.reject(
      new DataLoaderError(
        `no batch within the timeout of ${this.plan.timeout} ms: ${whom}; raise the timeout, or find out ` +
          'what the data set waits for',
      ),
    );
    this.serve();
  }

  /** What a worker is at, for messages. */
  private workOf(worker: number): string {
    const work = this.scheduler.workOf(worker);
    if (work === undefined) return 'nothing';
    return work.task === null ? `batch ${work.number}` : samplesOf(work.task);
  }

  private settleAll(result: Result | Promise<Result>): void {
    for (const { resolve, timer } of this.requests.splice(0)) {
      clearTimeout(timer);
      resolve(result);
    }
  }

  private leaveEpoch(): void {
    this.pool.setEpoch(++this.epochNumber);
    for (const { parcel } of this.scheduler.clear()) if (parcel !== undefined) discard(parcel);
    this.settleAll(done);
  }
}

function whereOf(worker: number, place: string | undefined): string {
  return place === undefined ? `in worker ${worker}` : `in worker ${worker}, ${place}`;
}

async function batchIn(parcel: Parcel): Promise<Result> {
  try {
    const { batch } = await unpack(parcel);
    return { done: false, value: batch };
  } catch (error) {
    discard(parcel);
    throw error;
  }
}
