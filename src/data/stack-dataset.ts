// Data sets side by side.

import { DataLoaderError } from '../errors.js';
import { Dataset } from './dataset.js';

type SampleOf<D> = D extends Dataset<infer T> ? T : never;
type Parts = readonly Dataset<unknown>[] | Readonly<Record<string, Dataset<unknown>>>;
type Stacked<P extends Parts> = { -readonly [K in keyof P]: SampleOf<P[K]> };

/**
 * Sample i consists of the samples i of equally long data sets: a tuple, or an object with their names.
 * https://pytorch.org/docs/stable/data.html#torch.utils.data.StackDataset
 *
 * ```ts
 * new StackDataset([images, captions]).getItem(0); // [image, caption]
 * new StackDataset({ image: images, caption: captions }).getItem(0); // { image, caption }
 * ```
 */
export class StackDataset<const P extends Parts> extends Dataset<Stacked<P>> {
  static readonly moduleUrl = import.meta.url;
  readonly length: number;

  /** @throws DataLoaderError when there are no data sets, or their lengths differ */
  constructor(readonly datasets: P) {
    super();
    const named = Object.entries(datasets as Readonly<Record<string, Dataset<unknown>>>);
    const [first] = named;
    if (first === undefined) throw new DataLoaderError('StackDataset: expected one or more data sets');
    for (const [name, { length }] of named) {
      if (length === first[1].length) continue;
      throw new DataLoaderError(
        `StackDataset: the lengths must be equal: ${first[0]} has ${first[1].length} samples, ${name} has ${length}`,
      );
    }
    this.length = first[1].length;
  }

  getItem(index: number): Stacked<P> | Promise<Stacked<P>> {
    const names = Object.keys(this.datasets);
    const parts = Object.values<Dataset<unknown>>(this.datasets).map((dataset) => dataset.getItem(index));
    const together = (values: readonly unknown[]): Stacked<P> =>
      (Array.isArray(this.datasets)
        ? values
        : Object.fromEntries(names.map((name, i) => [name, values[i]]))) as unknown as Stacked<P>;
    return parts.some((part) => part instanceof Promise) ? Promise.all(parts).then(together) : together(parts);
  }
}
