// The DataLoader that programs use: it puts together what the options ask for. Iteration itself is `local-iterator.ts`, or with
// workers `workers/worker-iterator.ts`.

import { DataLoaderError } from '../errors.js';
import type { Generator } from '../tensor/generator.js';
import { defaultCollate, defaultConvert } from './collate.js';
import type { Collated, Converted } from './collated.js';
import { isIterableDataset, knownLength, type Dataset, type IterableDataset } from './dataset.js';
import { availableCores } from '#threads';
import { Epoch, generatorsOf, type EpochSource } from './epoch.js';
import { createFetcher, type Collate, type FetchPlan, type Task } from './fetcher.js';
import { LocalIterator } from './local-iterator.js';
import {
  checkOptions,
  type BatchOptions,
  type LoaderOptions,
  type SampleOptions,
  type StreamBatchOptions,
  type StreamSampleOptions,
} from './options.js';
import { dumpState, parseState, type LoaderPlace, type LoaderShape, type LoaderState } from './resumption.js';
import { BatchSampler } from './samplers/batch-sampler.js';
import { RandomSampler } from './samplers/random-sampler.js';
import type { Sampler } from './samplers/sampler.js';
import { SequentialSampler } from './samplers/sequential-sampler.js';
import { warnOnce } from './warning.js';
import { isWorker } from './worker-info.js';
import { WorkerIterator } from './workers/worker-iterator.js';
import type { WorkerPlan } from './workers/worker-session.js';

type AnyDataset = Dataset<unknown> | IterableDataset<unknown>;

/**
 * Gives the samples of a data set in batches, in whatever order, from worker threads if wanted.
 *
 * ```ts
 * const loader = new DataLoader(dataset, { batchSize: 64, shuffle: true, numWorkers: 2 });
 * for await (const [images, labels] of loader) { ... }
 * ```
 */
export interface DataLoader<Batch, Source extends AnyDataset = Dataset<unknown>> extends AsyncIterable<Batch> {
  readonly dataset: Source;
  /** How many samples make a batch; null where they come one by one, or a batch sampler decides. */
  readonly batchSize: number | null;
  /** Where the indices come from; an iterable data set has none. */
  readonly sampler: Sampler | Iterable<number> | undefined;
  /** Where the lists of indices come from; null where samples come one by one, or from an iterable data set. */
  readonly batchSampler: Sampler<readonly number[]> | Iterable<readonly number[]> | null;
  readonly dropLast: boolean;
  readonly numWorkers: number;
  readonly prefetchFactor: number;
  readonly persistentWorkers: boolean;
  readonly timeout: number;
  readonly pinMemory: boolean;
  readonly inOrder: boolean;
  readonly generator: Generator | undefined;
  readonly collateFn: (samples: never) => unknown;
  readonly workerInitFn: ((workerId: number) => void | Promise<void>) | undefined;
  /**
   * How many batches an epoch has.
   * @throws DataLoaderError when the iterable data set, or the sampler, has no length
   */
  readonly length: number;

  /** Begins an epoch. `for await` calls this. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Batch, undefined>;

  /** Where the current epoch has got to, and the generators' states, as a plain object that JSON can hold. */
  stateDict(): LoaderState;

  /**
   * Makes the next epoch go on where the one that `stateDict` told of was, with the very next batch. The generators that
   * data loading draws from, the default one among them, are set to where they were.
   * @throws DataLoaderError when the state is that of another loader or data set
   */
  loadStateDict(state: LoaderState): void;
}

/** How loaders are made; the type of the batches follows from the data set's samples and the options. */
export interface DataLoaderConstructor {
  readonly prototype: DataLoader<unknown, AnyDataset>;
  new <T, Batch = Collated<T>, Workers extends number = 0>(
    dataset: Dataset<T>,
    options?: BatchOptions<T, Batch, Workers>,
  ): DataLoader<Awaited<NoInfer<Batch>>, Dataset<T>>;
  new <T, Batch = Converted<T>, Workers extends number = 0>(
    dataset: Dataset<T>,
    options: SampleOptions<T, Batch, Workers>,
  ): DataLoader<Awaited<NoInfer<Batch>>, Dataset<T>>;
  new <T, Batch = Collated<T>, Workers extends number = 0>(
    dataset: IterableDataset<T>,
    options?: StreamBatchOptions<T, Batch, Workers>,
  ): DataLoader<Awaited<NoInfer<Batch>>, IterableDataset<T>>;
  new <T, Batch = Converted<T>, Workers extends number = 0>(
    dataset: IterableDataset<T>,
    options: StreamSampleOptions<T, Batch, Workers>,
  ): DataLoader<Awaited<NoInfer<Batch>>, IterableDataset<T>>;
}

/** What the constructor's interface promises, made of one class that knows no types of samples. */
class Loader implements DataLoader<unknown, AnyDataset> {
  readonly numWorkers: number;
  readonly prefetchFactor: number;
  readonly timeout: number;
  readonly pinMemory: boolean;
  readonly inOrder: boolean;
  readonly generator: Generator | undefined;
  readonly collateFn: (samples: never) => unknown;
  readonly workerInitFn: ((workerId: number) => void | Promise<void>) | undefined;

  declare readonly dataset: AnyDataset;
  declare readonly batchSize: number | null;
  declare readonly batchSampler: Sampler<readonly number[]> | Iterable<readonly number[]> | null;
  declare readonly sampler: Sampler | Iterable<number> | undefined;
  declare readonly dropLast: boolean;
  declare readonly persistentWorkers: boolean;

  private readonly order: LoaderShape['order'];
  private readonly batched: boolean;
  private readonly source: EpochSource;
  /** The epoch that was begun last. */
  private epoch: Epoch | undefined;
  /** Where the next epoch is to be taken up. */
  private resumed: LoaderPlace | undefined;
  /** The iterator whose workers live on. */
  private persistent: WorkerIterator | undefined;

  constructor(dataset: AnyDataset, options: LoaderOptions = {}) {
    checkOptions(dataset, options);
    this.numWorkers = options.numWorkers ?? 0;
    this.prefetchFactor = options.prefetchFactor ?? 2;
    this.timeout = options.timeout ?? 0;
    this.pinMemory = options.pinMemory ?? false;
    this.inOrder = options.inOrder ?? true;
    this.generator = options.generator;
    this.workerInitFn = options.workerInitFn;

    const { shuffle = false, generator, dropLast = false, persistentWorkers = false } = options;
    const stream = isIterableDataset(dataset);
    const given = options.batchSampler ?? options.sampler;
    const batchSize =
      options.batchSampler !== undefined ? null : options.batchSize === undefined ? 1 : options.batchSize;
    const sampler = stream ? undefined : (options.sampler ?? samplerFor(dataset, shuffle, generator));
    const batchSampler =
      options.batchSampler ??
      (sampler === undefined || batchSize === null ? null : new BatchSampler(sampler, batchSize, dropLast));
    this.order = stream
      ? 'stream'
      : given === undefined
        ? shuffle
          ? 'shuffle'
          : 'sequential'
        : given === options.sampler
          ? 'sampler'
          : 'batchSampler';
    this.batched = batchSize !== null || batchSampler !== null;
    this.collateFn = options.collateFn ?? (this.batched ? defaultCollate : defaultConvert);
    this.source = {
      tasks: stream ? endless : batchSampler === null ? sampler! : { [Symbol.iterator]: () => lists(batchSampler) },
      generator,
      samplers: [batchSampler, sampler].filter((sampler) => sampler !== null && sampler !== undefined),
    };
    this.fix({ dataset, batchSize, batchSampler, sampler, dropLast, persistentWorkers });
    warnWhereUseless(this);
  }

  get length(): number {
    const { dataset, batchSampler, sampler, batchSize, dropLast } = this;
    const samples = knownLength(batchSampler ?? sampler ?? dataset);
    if (samples === undefined) {
      const what = batchSampler !== null ? 'batch sampler' : sampler !== undefined ? 'sampler' : 'iterable data set';
      throw new DataLoaderError(
        `the ${what} has no length, so the number of batches isn't known: give it a \`length\``,
      );
    }
    if (sampler !== undefined || batchSampler !== null || batchSize === null) return samples;
    return dropLast ? Math.floor(samples / batchSize) : Math.ceil(samples / batchSize);
  }

  // No part of the type: TypeScript refuses a plain `for ... of` itself, and this is what the rest of the world reads.
  /** @internal */
  [Symbol.iterator](): never {
    throw new DataLoaderError(
      'batches are waited for: write `for await (const batch of loader)`, in an async function or module',
    );
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<unknown, undefined> {
    const { numWorkers, resumed } = this;
    this.resumed = undefined;
    if (numWorkers > 0 && isWorker()) throw nestedWorkers();
    const living = this.persistent?.alive ? this.persistent : undefined;
    const beginning = resumed?.epoch && { epoch: resumed.epoch, generators: resumed.generators };
    const epoch = new Epoch(this.source, numWorkers, { baseSeed: living?.baseSeed, resumed: beginning });
    this.epoch = epoch;
    if (numWorkers === 0) return new LocalIterator(epoch, createFetcher(this.fetchPlan()));
    if (living !== undefined) {
      living.restart(epoch);
      return living;
    }
    const iterator = new WorkerIterator(this.workerPlan(), epoch);
    if (this.persistentWorkers) this.persistent = iterator;
    return iterator;
  }

  stateDict(): LoaderState {
    const underWay = this.epoch === undefined || this.epoch.finished ? undefined : this.epoch.state();
    const generators = generatorsOf(this.source).map((generator) => generator.getState());
    return dumpState(this.shape(), this.resumed ?? { generators, epoch: underWay });
  }

  loadStateDict(state: LoaderState): void {
    const place = parseState(this.shape(), state, this.numWorkers);
    const generators = generatorsOf(this.source);
    if (place.generators.length !== generators.length) {
      throw new DataLoaderError('loadStateDict: the state is of a loader with other generators');
    }
    generators.forEach((generator, i) => generator.setState(place.generators[i]!));
    this.epoch = undefined;
    this.resumed = place.epoch === undefined ? undefined : place;
  }

  private shape(): LoaderShape {
    const { dataset, batchSize, dropLast, order } = this;
    return { samples: knownLength(dataset) ?? null, batchSize, dropLast, order };
  }

  private fetchPlan(): FetchPlan {
    const { dataset, batched, batchSize, dropLast } = this;
    const own = this.collateFn === defaultCollate || this.collateFn === defaultConvert;
    // Without batches `defaultCollate`, and with them `defaultConvert`, is a choice of the program's.
    const isDefault = own && (this.collateFn === defaultCollate) === batched;
    return { dataset, collateFn: isDefault ? undefined : (this.collateFn as Collate), batched, batchSize, dropLast };
  }

  private workerPlan(): WorkerPlan {
    const { numWorkers, prefetchFactor, timeout, inOrder, workerInitFn, persistentWorkers } = this;
    const fetch = this.fetchPlan();
    return { fetch, numWorkers, prefetchFactor, persistent: persistentWorkers, timeout, inOrder, workerInitFn };
  }

  /** What a loader is made of stays what it is: a change could not reach what was made of it. */
  private fix(values: Pick<Loader, FixedName>): void {
    for (const name of Object.keys(values) as FixedName[]) {
      const set = (): never => {
        throw new DataLoaderError(`${name} can't be changed after a DataLoader was made: make another one`);
      };
      Object.defineProperty(this, name, { get: () => values[name], set, enumerable: true });
    }
  }
}

type FixedName = 'dataset' | 'batchSize' | 'batchSampler' | 'sampler' | 'dropLast' | 'persistentWorkers';

Object.defineProperty(Loader, 'name', { value: 'DataLoader' });

export const DataLoader = Loader as unknown as DataLoaderConstructor;

/** The tasks of a stream, which all are the same. */
const endless: Iterable<Task> = {
  *[Symbol.iterator]() {
    for (;;) yield null;
  },
};

/** A batch sampler's batches as arrays. */
function* lists(batches: Iterable<Iterable<number>>): Iterator<readonly number[]> {
  for (const batch of batches) yield Array.isArray(batch) ? (batch as number[]) : Array.from(batch);
}

function samplerFor(dataset: Dataset<unknown>, shuffle: boolean, generator: Generator | undefined): Sampler {
  return shuffle ? new RandomSampler(dataset, { generator }) : new SequentialSampler(dataset);
}

function warnWhereUseless({ pinMemory, numWorkers }: Loader): void {
  if (pinMemory) warnOnce('pinMemory', 'DataLoader: pinMemory is set, but there is no accelerator: it does nothing');
  if (numWorkers === 0) return;
  const cores = availableCores();
  if (numWorkers > cores) {
    warnOnce(
      'workers',
      `DataLoader: ${numWorkers} workers are more than the ${cores} cores of this machine: loading may become slower`,
    );
  }
}

function nestedWorkers(): DataLoaderError {
  return new DataLoaderError(
    'a DataLoader with workers was started inside a worker of another one. If this happened because the worker imported the ' +
      "data set's module: that module also holds the program; guard what the program does with `if (isMainThread)` (from " +
      'node:worker_threads), or move the data set into a module of its own. Inside a worker use numWorkers: 0',
  );
}
