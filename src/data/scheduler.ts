// Who loads which batch, and which is given next: a state machine without threads. Its owner sends what `dispatch` returns,
// reports what comes back and asks `take` for the next result.
//
// Invariants: what is running or waiting to be taken never exceeds `prefetchFactor` times the number of living workers; a
// task has one owner; results are given in the order of their numbers, or, with inOrder false, of their arrival.

export interface Dispatch<Task> {
  readonly worker: number;
  readonly number: number;
  readonly task: Task;
}

export interface SchedulerOptions<Task> {
  readonly workers: number;
  readonly prefetchFactor: number;
  readonly inOrder: boolean;
  /** The next task with its number, numbers rising; undefined when there are no more. */
  readonly nextTask: () => { readonly number: number; readonly task: Task } | undefined;
  /** The worker that gets the first task; 0 unless given. */
  readonly firstWorker?: number;
}

/** What `take` finds: a result, nothing yet, or the end. */
export type Taken<Result> =
  | { readonly kind: 'result'; readonly worker: number; readonly number: number; readonly result: Result }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'end' };

interface Job<Task, Result> extends Dispatch<Task> {
  result?: { readonly value: Result };
}

export class Scheduler<Task, Result> {
  /** Running jobs and untaken results by number, in the order of dispatch. */
  private readonly jobs = new Map<number, Job<Task, Result>>();
  /** Untaken results in the order of arrival; used when order doesn't matter. */
  private readonly arrived: Job<Task, Result>[] = [];
  private readonly living: Set<number>;
  private readonly load: number[];
  private turn: number;
  private exhausted = false;

  constructor(private readonly options: SchedulerOptions<Task>) {
    const { workers, firstWorker = 0 } = options;
    this.living = new Set(Array.from({ length: workers }, (_, worker) => worker));
    this.load = new Array<number>(workers).fill(0);
    this.turn = firstWorker;
  }

  /** The tasks there is room for, each to be sent to its worker. What `nextTask` throws comes out of here. */
  *dispatch(): Generator<Dispatch<Task>> {
    while (!this.exhausted && this.jobs.size < this.options.prefetchFactor * this.living.size) {
      // Taken as the last task while it is being asked for, so that a sampler that throws isn't asked again.
      this.exhausted = true;
      const next = this.options.nextTask();
      if (next === undefined) return;
      this.exhausted = false;
      const worker = this.nextWorker();
      const job: Job<Task, Result> = { worker, ...next };
      this.jobs.set(next.number, job);
      this.load[worker]!++;
      yield job;
    }
  }

  /** Notes what a worker made of a task. */
  deliver(number: number, result: Result): void {
    const job = this.jobs.get(number);
    if (job === undefined || job.result !== undefined) return;
    job.result = { value: result };
    this.arrived.push(job);
  }

  /** Notes that a worker has nothing more to give: its jobs without result are void, it gets no new ones. */
  end(worker: number): void {
    this.living.delete(worker);
    for (const job of this.jobs.values()) if (job.worker === worker && job.result === undefined) this.forget(job);
  }

  /** The next result, which makes room for another task. */
  take(): Taken<Result> {
    const job = this.options.inOrder ? this.first() : this.arrived[0];
    if (job?.result !== undefined) {
      this.forget(job);
      this.arrived.splice(this.arrived.indexOf(job), 1);
      return { kind: 'result', worker: job.worker, number: job.number, result: job.result.value };
    }
    return { kind: this.jobs.size === 0 ? 'end' : 'waiting' };
  }

  /** The workers that the next result may come from. */
  awaited(): number[] {
    const first = this.options.inOrder ? this.first() : undefined;
    const jobs = first === undefined ? [...this.jobs.values()].filter(({ result }) => result === undefined) : [first];
    return [...new Set(jobs.map(({ worker }) => worker))];
  }

  /** What a worker is at: the first of its tasks that it hasn't answered. */
  workOf(worker: number): { readonly number: number; readonly task: Task } | undefined {
    for (const job of this.jobs.values()) if (job.worker === worker && job.result === undefined) return job;
    return undefined;
  }

  /** Ends the pass: no more tasks, and the results that nobody has taken. */
  clear(): Result[] {
    this.exhausted = true;
    const untaken = this.arrived.splice(0).map((job) => job.result!.value);
    this.jobs.clear();
    return untaken;
  }

  private first(): Job<Task, Result> | undefined {
    for (const job of this.jobs.values()) return job;
    return undefined;
  }

  private forget(job: Job<Task, Result>): void {
    this.jobs.delete(job.number);
    this.load[job.worker]!--;
  }

  /** In turn among the living; where order doesn't matter, whoever has the least to do. */
  private nextWorker(): number {
    const { workers, inOrder } = this.options;
    let chosen = -1;
    for (let i = 0; i < workers; i++) {
      const worker = (this.turn + i) % workers;
      if (!this.living.has(worker)) continue;
      if (chosen < 0 || this.load[worker]! < this.load[chosen]!) chosen = worker;
      if (inOrder) break;
    }
    this.turn = (chosen + 1) % workers;
    return chosen;
  }
}
