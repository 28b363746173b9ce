// Some samples of a data set as a data set.

import { IndexError } from '../errors.js';
import { Dataset, type Samples } from './dataset.js';

/**
 * The samples of `dataset` at `indices`, in that order.
 * https://pytorch.org/docs/1.13/data.html#torch.utils.data.Subset
 */
export class Subset<T> extends Dataset<T> {
  static readonly moduleUrl = import.meta.url;

  constructor(
    readonly dataset: Dataset<T>,
    readonly indices: ArrayLike<number>,
  ) {
    super();
  }

  get length(): number {
    return this.indices.length;
  }

  getItem(index: number): T | Promise<T> {
    return this.dataset.getItem(this.original(index));
  }

  override getItems(indices: readonly number[]): Samples<T> {
    const originals = indices.map((index) => this.original(index));
    const { dataset } = this;
    return dataset.getItems === undefined
      ? originals.map((index) => dataset.getItem(index))
      : dataset.getItems(originals);
  }

  private original(index: number): number {
    const original = this.indices[index];
    if (original === undefined) {
      throw new IndexError(`Subset: index ${index} is out of range for ${this.length} samples`);
    }
    return original;
  }
}
