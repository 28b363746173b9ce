// Loading one batch: the samples of a task from the data set, made into what the loader gives. Used in the main thread and
// in workers alike. What is there at once is returned at once: a promise appears only where the data set or the collate
// function waits for something.

import { DataLoaderError } from '../errors.js';
import { defaultCollate, defaultConvert } from './collate.js';
import { isIterableDataset, type Dataset, type IterableDataset } from './dataset.js';
import { isThenable, type Eventual } from './thenable.js';

/** One thing to load: the indices of a batch, or one index; null: the next of a stream. */
export type Task = readonly number[] | number | null;

/** What a fetcher returns in place of a batch when a stream has no more samples. */
export const streamEnd = Symbol('end of stream');

export interface Fetcher {
  /** The batch; `streamEnd` if the stream has ended. */
  fetch(task: Task): unknown;
  /** Where a task that failed last did so, for messages. */
  place(task: Task): string;
  /** Lets go of what is open, when no more is fetched. */
  close(): Eventual<void>;
}

/** Makes a batch of samples, or converts one. */
export type Collate = (samples: unknown) => unknown;

/** What is to be fetched, and what it becomes. */
export interface FetchPlan {
  readonly dataset: Dataset<unknown> | IterableDataset<unknown>;
  /** The default ones where undefined. */
  readonly collateFn: Collate | undefined;
  /** Whether tasks are batches or single samples. */
  readonly batched: boolean;
  /** Of a stream. */
  readonly batchSize: number | null;
  readonly dropLast: boolean;
}

export function createFetcher({ dataset, collateFn, batched, batchSize, dropLast }: FetchPlan): Fetcher {
  const collate = collateFn ?? (batched ? (defaultCollate as Collate) : defaultConvert);
  return isIterableDataset(dataset)
    ? new StreamFetcher(dataset, collate, batchSize, dropLast)
    : new IndexFetcher(dataset, collate);
}

/** Which samples a task is about, for messages. */
export function samplesOf(task: Exclude<Task, null>): string {
  if (typeof task === 'number') return `sample ${task}`;
  const [first, ...others] = task;
  if (others.length === 0) return `sample ${first}`;
  const more = task.length > MOST_NAMED ? ` and ${task.length - MOST_NAMED} more` : '';
  return `samples ${task.slice(0, MOST_NAMED).join(', ')}${more}`;
}

const MOST_NAMED = 8;

/** Fetches by index. */
export class IndexFetcher implements Fetcher {
  /** The index whose sample could not be had, where it is known. */
  private missing: number | undefined;

  constructor(
    private readonly dataset: Dataset<unknown>,
    private readonly collate: Collate,
  ) {}

  fetch(task: Task): unknown {
    this.missing = undefined;
    if (typeof task === 'number') {
      const sample = this.dataset.getItem(task);
      return isThenable(sample) ? sample.then(this.collate) : this.collate(sample);
    }
    const samples = this.samples(task as readonly number[]);
    return isThenable(samples) ? samples.then(this.collate) : this.collate(samples);
  }

  place(task: Task): string {
    return `at ${samplesOf(this.missing ?? (task as readonly number[] | number))}`;
  }

  close(): void {
    // Nothing is open.
  }

  private samples(indices: readonly number[]): unknown[] | PromiseLike<unknown[]> {
    const { dataset } = this;
    if (dataset.getItems !== undefined) {
      const samples = dataset.getItems(indices);
      if (isThenable(samples)) return samples.then((samples) => checkCount(samples, indices));
      const given = checkCount(samples, indices);
      return given.some(isThenable) ? this.together(given, indices) : given;
    }
    const samples = new Array<unknown>(indices.length);
    let waiting = false;
    for (let i = 0; i < indices.length; i++) {
      let sample: unknown;
      try {
        sample = dataset.getItem(indices[i]!);
      } catch (error) {
        // What was begun before is given up; that it fails too must not end the process.
        if (waiting) void Promise.allSettled(samples);
        this.missing = indices[i];
        throw error;
      }
      samples[i] = sample;
      waiting ||= isThenable(sample);
    }
    return waiting ? this.together(samples, indices) : samples;
  }

  private together(samples: readonly unknown[], indices: readonly number[]): Promise<unknown[]> {
    return Promise.all(samples).catch(async (error: unknown) => {
      this.missing = indices[await rejectedWith(error, samples)];
      throw error;
    });
  }
}

/** The place of the promise that was rejected with an error; those that are still open are not waited for. */
async function rejectedWith(error: unknown, promises: readonly unknown[]): Promise<number> {
  for (const [i, promise] of promises.entries()) {
    try {
      await Promise.race([promise, Promise.resolve()]);
    } catch (reason) {
      if (reason === error) return i;
    }
  }
  return -1;
}

function checkCount(samples: unknown, indices: readonly number[]): unknown[] {
  if (!Array.isArray(samples) || samples.length !== indices.length) {
    const got = Array.isArray(samples) ? `${samples.length}` : `a ${typeof samples}`;
    throw new DataLoaderError(
      `getItems was asked for ${indices.length} samples and must return an array of as many, got ${got}`,
    );
  }
  return samples as unknown[];
}

/** Fetches from a stream, one sample after the other. */
export class StreamFetcher implements Fetcher {
  private readonly samples: AsyncIterator<unknown>;
  private ended = false;
  /** How many samples were read. */
  private read = 0;

  /** @param batchSize how many samples a batch has; null: samples one by one */
  constructor(
    dataset: IterableDataset<unknown>,
    private readonly collate: Collate,
    private readonly batchSize: number | null,
    private readonly dropLast: boolean,
  ) {
    this.samples = dataset[Symbol.asyncIterator]();
  }

  async fetch(): Promise<unknown> {
    const samples = await this.take();
    if (samples === streamEnd) return streamEnd;
    return this.collate(this.batchSize === null ? samples[0] : samples);
  }

  place(): string {
    return `after ${this.read} ${this.read === 1 ? 'sample' : 'samples'} of its stream`;
  }

  /** Passes over the samples of some batches. */
  async skip(batches: number): Promise<void> {
    for (let i = 0; i < batches; i++) await this.take();
  }

  async close(): Promise<void> {
    if (this.ended) return;
    this.ended = true;
    await this.samples.return?.();
  }

  private async take(): Promise<unknown[] | typeof streamEnd> {
    const count = this.batchSize ?? 1;
    const samples: unknown[] = [];
    while (!this.ended && samples.length < count) {
      const next = await this.next();
      if (next.done) this.ended = true;
      else {
        samples.push(next.value);
        this.read++;
      }
    }
    return samples.length === 0 || (this.dropLast && samples.length < count) ? streamEnd : samples;
  }

  private async next(): Promise<IteratorResult<unknown>> {
    try {
      return await this.samples.next();
    } catch (error) {
      // An iterator that threw has ended: what comes next is the end, not a batch from behind the gap.
      this.ended = true;
      throw error;
    }
  }
}
