// What a data set is: samples by index, or a stream of them.

/**
 * A data set whose samples are asked for by index.
 *
 * To be read by worker threads, a subclass names the module that exports it: `static readonly moduleUrl = import.meta.url`.
 */
export abstract class Dataset<T> {
  /** How many samples there are. */
  abstract readonly length: number;

  /** The sample at `index`, from 0 to length - 1. */
  abstract getItem(index: number): T | Promise<T>;

  /** Where it exists, a DataLoader asks for the samples of a batch at once: one for each index, in their order. */
  getItems?(indices: readonly number[]): Samples<T>;
}

/** The samples of a batch: as they come, or one promise for all. */
export type Samples<T> = readonly (T | Promise<T>)[] | Promise<readonly T[]>;

/**
 * A data set that is read from beginning to end. Where it has a `length`, a DataLoader has one too.
 *
 * Each worker thread reads a copy of its own: `getWorkerInfo()` says which part is this worker's.
 */
export abstract class IterableDataset<T> {
  abstract [Symbol.asyncIterator](): AsyncIterator<T>;
}

/** Whether a data set is read as a stream; one that also has `getItem` is asked by index unless it extends IterableDataset. */
export function isIterableDataset(dataset: unknown): dataset is IterableDataset<unknown> {
  if (dataset instanceof IterableDataset) return true;
  return typeof dataset === 'object' && dataset !== null && !('getItem' in dataset) && Symbol.asyncIterator in dataset;
}

/** Whether a data set is asked by index. */
export function isMapDataset(dataset: unknown): dataset is Dataset<unknown> {
  if (typeof dataset !== 'object' || dataset === null || isIterableDataset(dataset)) return false;
  return 'length' in dataset && 'getItem' in dataset && typeof dataset.getItem === 'function';
}

/** How many samples something has, if it says. */
export function knownLength(sized: object): number | undefined {
  const { length } = sized as { readonly length?: unknown };
  return typeof length === 'number' ? length : undefined;
}
