// Data sets one behind the other, asked by index.

import { DataLoaderError, IndexError } from '../errors.js';
import { Dataset, isMapDataset } from './dataset.js';

type SampleOf<D> = D extends Dataset<infer T> ? T : never;

/**
 * The samples of all given data sets, one set behind the other. Negative indices count from the end.
 * https://pytorch.org/docs/1.13/data.html#torch.utils.data.ConcatDataset
 */
export class ConcatDataset<D extends Dataset<unknown>> extends Dataset<SampleOf<D>> {
  static readonly moduleUrl = import.meta.url;
  readonly datasets: readonly D[];
  /** How many samples there are up to the end of each data set. */
  readonly cumulativeSizes: readonly number[];

  /** @throws DataLoaderError when there are no data sets, or one has no length */
  constructor(datasets: readonly D[]) {
    super();
    if (datasets.length === 0) throw new DataLoaderError('ConcatDataset: expected one or more data sets');
    let end = 0;
    this.cumulativeSizes = datasets.map((dataset, i) => {
      if (!isMapDataset(dataset)) {
        throw new DataLoaderError(
          `ConcatDataset: data set ${i} is not asked by index; iterable data sets are put together by ChainDataset`,
        );
      }
      return (end += dataset.length);
    });
    this.datasets = datasets;
  }

  get length(): number {
    return this.cumulativeSizes.at(-1)!;
  }

  /** @throws IndexError when `index` is not from -length to length - 1 */
  getItem(index: number): SampleOf<D> | Promise<SampleOf<D>> {
    const place = index < 0 ? index + this.length : index;
    if (!(place >= 0 && place < this.length)) {
      throw new IndexError(`ConcatDataset: index ${index} is out of range for ${this.length} samples`);
    }
    const which = this.cumulativeSizes.findIndex((end) => place < end);
    const start = which === 0 ? 0 : this.cumulativeSizes[which - 1]!;
    return this.datasets[which]!.getItem(place - start) as SampleOf<D> | Promise<SampleOf<D>>;
  }
}
