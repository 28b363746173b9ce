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
}

/** A data set that is read from beginning to end. */
export abstract class IterableDataset<T> {
  abstract [Symbol.asyncIterator](): AsyncIterator<T>;
}
