// Streams one after the other.

import { DataLoaderError } from '../errors.js';
import { isIterableDataset, IterableDataset, knownLength } from './dataset.js';

/**
 * The samples of iterable data sets, one set after the other; each is opened when the one before has ended.
 * https://pytorch.org/docs/1.13/data.html#torch.utils.data.ChainDataset
 */
export class ChainDataset<T> extends IterableDataset<T> {
  static readonly moduleUrl = import.meta.url;
  readonly datasets: readonly IterableDataset<T>[];

  /** @throws DataLoaderError for a data set that is not iterable */
  constructor(datasets: readonly IterableDataset<T>[]) {
    super();
    datasets.forEach((dataset, i) => {
      if (!isIterableDataset(dataset)) {
        throw new DataLoaderError(
          `ChainDataset: data set ${i} is not iterable; those asked by index are put together by ConcatDataset`,
        );
      }
    });
    this.datasets = datasets;
  }

  /** The lengths together, where all have one. */
  get length(): number | undefined {
    let sum = 0;
    for (const dataset of this.datasets) {
      const length = knownLength(dataset);
      if (length === undefined) return undefined;
      sum += length;
    }
    return sum;
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    for (const dataset of this.datasets) yield* { [Symbol.asyncIterator]: () => dataset[Symbol.asyncIterator]() };
  }
}
