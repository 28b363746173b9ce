// The options of a DataLoader: which go together, for the compiler, and what the constructor refuses, in PyTorch's order.

import { DataLoaderError } from '../errors.js';
import { Generator } from '../tensor/generator.js';
import type { Dataset, IterableDataset } from './dataset.js';
import { isIterableDataset, isMapDataset } from './dataset.js';
import type { Sampler } from './samplers/sampler.js';

/** Options that go with all others. */
interface AnyOptions {
  /** Meant for loading onto an accelerator; without one it warns once and does nothing. */
  readonly pinMemory?: boolean | undefined;
  /** Where the order and the seeds of an epoch come from; the default generator unless given. */
  readonly generator?: Generator | undefined;
  /** Whether batches come in the order of their numbers; if not, as they are ready. Default true. */
  readonly inOrder?: boolean | undefined;
  /** Called in each worker after seeding, with the worker's id. An exported function marked with `fromModule`. */
  readonly workerInitFn?: ((workerId: number) => void | Promise<void>) | undefined;
}

/** What is only for loaders with workers. */
interface WithWorkers {
  /** How many batches per worker are prepared ahead. Default 2. */
  readonly prefetchFactor?: number | undefined;
  /** Whether workers live on between epochs, with their data set's state. Default false. */
  readonly persistentWorkers?: boolean | undefined;
  /** How long to wait for a batch, in milliseconds; 0 (the default): as long as it takes. */
  readonly timeout?: number | undefined;
}

interface WithoutWorkers {
  readonly prefetchFactor?: undefined;
  readonly persistentWorkers?: false | undefined;
  readonly timeout?: 0 | undefined;
}

/** `Workers` is the type of `numWorkers`: the literal 0 (also by default) excludes what needs workers. */
type WorkerOptions<Workers extends number> = {
  /** How many threads load batches; 0 (the default): they are loaded where they are asked for. */
  readonly numWorkers?: Workers | undefined;
} & ([Workers] extends [0] ? WithoutWorkers : WithWorkers);

/** In which order a data set is read: its own, a random one, or a sampler's. */
type Order =
  | { readonly shuffle?: boolean | undefined; readonly sampler?: undefined }
  | { readonly shuffle?: false | undefined; readonly sampler: Sampler | Iterable<number> };

type NoOrder = { readonly shuffle?: false | undefined; readonly sampler?: undefined };

/** Batches of `batchSize` samples. */
interface Batches {
  /** How many samples make a batch. Default 1; null: samples one by one, not in batches. */
  readonly batchSize?: number | undefined;
  /** Whether a last batch with fewer samples is left out. Default false. */
  readonly dropLast?: boolean | undefined;
  readonly batchSampler?: undefined;
}

/** Batches as a sampler composes them. */
interface GivenBatches extends NoOrder {
  readonly batchSampler: Sampler<readonly number[]> | Iterable<readonly number[]>;
  readonly batchSize?: 1 | undefined;
  readonly dropLast?: false | undefined;
}

/** Samples one by one. */
interface NoBatches {
  readonly batchSize: null;
  readonly dropLast?: false | undefined;
  readonly batchSampler?: undefined;
}

/** Options of a loader that gives batches of a data set asked by index. */
export type BatchOptions<T, Batch, Workers extends number = number> = AnyOptions &
  WorkerOptions<Workers> &
  ((Batches & Order) | GivenBatches) & {
    /** Makes a batch of samples; by default `defaultCollate`. For workers an exported function marked with `fromModule`. */
    readonly collateFn?: ((samples: T[]) => Batch) | undefined;
  };

/** Options of a loader that gives the samples of such a data set one by one. */
export type SampleOptions<T, Batch, Workers extends number = number> = AnyOptions &
  WorkerOptions<Workers> &
  NoBatches &
  Order & {
    /** Converts a sample; by default `defaultConvert`. */
    readonly collateFn?: ((sample: T) => Batch) | undefined;
  };

/** Options of a loader that gives batches of an iterable data set. */
export type StreamBatchOptions<T, Batch, Workers extends number = number> = AnyOptions &
  WorkerOptions<Workers> &
  Batches &
  NoOrder & { readonly collateFn?: ((samples: T[]) => Batch) | undefined };

/** Options of a loader that gives the samples of an iterable data set one by one. */
export type StreamSampleOptions<T, Batch, Workers extends number = number> = AnyOptions &
  WorkerOptions<Workers> &
  NoBatches &
  NoOrder & { readonly collateFn?: ((sample: T) => Batch) | undefined };

/** All options as they may be met at run time. */
export interface LoaderOptions {
  readonly batchSize?: number | null | undefined;
  readonly shuffle?: boolean | undefined;
  readonly sampler?: Sampler | Iterable<number> | undefined;
  readonly batchSampler?: Sampler<readonly number[]> | Iterable<readonly number[]> | undefined;
  readonly numWorkers?: number | undefined;
  readonly collateFn?: ((samples: never) => unknown) | undefined;
  readonly pinMemory?: boolean | undefined;
  readonly dropLast?: boolean | undefined;
  readonly timeout?: number | undefined;
  readonly workerInitFn?: ((workerId: number) => void | Promise<void>) | undefined;
  readonly prefetchFactor?: number | undefined;
  readonly persistentWorkers?: boolean | undefined;
  readonly generator?: Generator | undefined;
  readonly inOrder?: boolean | undefined;
}

type Kind = 'boolean' | 'number' | 'function' | 'iterable' | 'generator' | 'size';

/** What kind of value each option takes: total, so that an option can't be forgotten here. */
const kinds: { readonly [name in keyof Required<LoaderOptions>]: Kind } = {
  batchSize: 'size',
  shuffle: 'boolean',
  sampler: 'iterable',
  batchSampler: 'iterable',
  numWorkers: 'number',
  collateFn: 'function',
  pinMemory: 'boolean',
  dropLast: 'boolean',
  timeout: 'number',
  workerInitFn: 'function',
  prefetchFactor: 'number',
  persistentWorkers: 'boolean',
  generator: 'generator',
  inOrder: 'boolean',
};

const isOfKind: { readonly [kind in Kind]: (value: unknown) => boolean } = {
  boolean: (value) => typeof value === 'boolean',
  number: (value) => typeof value === 'number',
  size: (value) => typeof value === 'number' || value === null,
  function: (value) => typeof value === 'function',
  iterable: (value) => typeof value === 'object' && value !== null && Symbol.iterator in value,
  generator: (value) => value instanceof Generator,
};

const kindNames: { readonly [kind in Kind]: string } = {
  boolean: 'true or false',
  number: 'a number',
  size: 'a number or null',
  function: 'a function',
  iterable: 'an iterable such as a sampler or an array',
  generator: 'a Generator',
};

/** What no loader can be made of, whatever else is asked for: unknown options and values of another kind. */
function checkKinds(options: LoaderOptions): void {
  for (const [name, value] of Object.entries(options)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name as keyof LoaderOptions] : undefined;
    if (kind === undefined) {
      throw refused(`unknown option '${name}'; the options are ${Object.keys(kinds).join(', ')}`);
    }
    if (value !== undefined && !isOfKind[kind](value)) {
      throw refused(
        `expected ${name} to be ${kindNames[kind]}, got ${typeof value === 'object' ? 'an object' : String(value)}`,
      );
    }
  }
}

function met(value: unknown): string {
  if (value instanceof Promise) return 'a promise: await it first, as in `await NotMNIST.load(...)`';
  if (Array.isArray(value)) return 'an array: give it to a Dataset of your own, or tensors to a TensorDataset';
  if (typeof value !== 'object' || value === null) return String(value);
  return `an instance of ${value.constructor?.name ?? 'no class'}`;
}

/**
 * Refuses options that are out of range or exclude each other.
 * @throws DataLoaderError for the first that applies, in the order in which PyTorch checks
 */
export function checkOptions(
  dataset: unknown,
  options: LoaderOptions,
): asserts dataset is Dataset<unknown> | IterableDataset<unknown> {
  checkKinds(options);
  checkWorkerOptions(options);
  if (!isMapDataset(dataset) && !isIterableDataset(dataset)) {
    throw refused(
      `expected a data set: an object with length and getItem(index), or an IterableDataset; got ${met(dataset)}`,
    );
  }
  checkOrder(dataset, options);
}

function checkWorkerOptions(options: LoaderOptions): void {
  const { numWorkers = 0, timeout = 0, prefetchFactor, persistentWorkers = false } = options;
  if (!Number.isSafeInteger(numWorkers) || numWorkers < 0) {
    throw refused(`numWorkers is a whole number from 0 on, got ${numWorkers}; 0 loads without workers`);
  }
  if (!(timeout >= 0)) throw refused(`timeout is a number of milliseconds from 0 on, got ${timeout}`);
  if (prefetchFactor !== undefined) {
    if (numWorkers === 0) throw refused('prefetchFactor is for workers: set numWorkers above 0 or leave it out');
    if (!Number.isSafeInteger(prefetchFactor) || prefetchFactor < 1) {
      throw refused(`prefetchFactor is a whole number from 1 on, got ${prefetchFactor}`);
    }
  }
  if (persistentWorkers && numWorkers === 0) {
    throw refused('persistentWorkers needs workers: set numWorkers above 0 or leave it out');
  }
  if (timeout !== 0 && numWorkers === 0) {
    throw refused('timeout is for batches from workers: set numWorkers above 0 or leave it out');
  }
}

function checkOrder(dataset: Dataset<unknown> | IterableDataset<unknown>, options: LoaderOptions): void {
  const { batchSize = 1, shuffle = false, sampler, batchSampler, dropLast = false } = options;
  if (isIterableDataset(dataset)) {
    const order = shuffle ? 'shuffle' : sampler ? 'sampler' : batchSampler ? 'batchSampler' : undefined;
    if (order !== undefined) {
      throw refused(`an iterable data set has an order of its own, so ${order} can't be used: leave it out`);
    }
  }
  if (sampler !== undefined && shuffle) {
    throw refused('sampler and shuffle exclude each other: the sampler decides the order');
  }
  if (batchSampler !== undefined) {
    const other =
      batchSize !== 1 ? 'batchSize' : shuffle ? 'shuffle' : sampler ? 'sampler' : dropLast ? 'dropLast' : undefined;
    if (other !== undefined) {
      throw refused(`batchSampler and ${other} exclude each other: the batch sampler decides what makes a batch`);
    }
  } else if (batchSize === null) {
    if (dropLast) throw refused('dropLast needs batches: with batchSize null samples come one by one');
  } else if (!Number.isSafeInteger(batchSize) || batchSize < 1) {
    throw refused(`batchSize is a whole number from 1 on, or null for samples one by one, got ${batchSize}`);
  }
  if (shuffle && isMapDataset(dataset) && dataset.length === 0) {
    throw refused('there is nothing to shuffle: the data set is empty; leave shuffle out to get no batches');
  }
}

function refused(problem: string): DataLoaderError {
  return new DataLoaderError(`DataLoader: ${problem}`);
}
