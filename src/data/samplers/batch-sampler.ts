// Indices in batches.

import { DataLoaderError } from '../../errors.js';
import { knownLength } from '../dataset.js';
import type { Sampler } from './sampler.js';

/**
 * The indices of another sampler in lists of `batchSize`, the last one shorter unless `dropLast`.
 * https://pytorch.org/docs/1.13/data.html#torch.utils.data.BatchSampler
 *
 * ```ts
 * [...new BatchSampler([0, 1, 2, 3, 4], 2, false)]; // [[0, 1], [2, 3], [4]]
 * ```
 */
export class BatchSampler implements Sampler<readonly number[]> {
  /** @throws DataLoaderError when `batchSize` is no whole number from 1 on */
  constructor(
    readonly sampler: Sampler | Iterable<number>,
    readonly batchSize: number,
    readonly dropLast: boolean,
  ) {
    if (!Number.isSafeInteger(batchSize) || batchSize < 1) {
      throw new DataLoaderError(`BatchSampler: expected batchSize to be a whole number from 1 on, got ${batchSize}`);
    }
  }

  /** @throws DataLoaderError when the sampler doesn't know its length */
  get length(): number {
    const count = knownLength(this.sampler);
    if (count === undefined) {
      throw new DataLoaderError('the sampler has no length, so the number of batches is not known: give it a `length`');
    }
    return this.dropLast ? Math.floor(count / this.batchSize) : Math.ceil(count / this.batchSize);
  }

  *[Symbol.iterator](): Iterator<readonly number[]> {
    let batch: number[] = [];
    for (const index of this.sampler) {
      batch.push(index);
      if (batch.length === this.batchSize) {
        yield batch;
        batch = [];
      }
    }
    if (batch.length > 0 && !this.dropLast) yield batch;
  }
}
