// A data set divided at random.

import { DataLoaderError } from '../errors.js';
import { randperm } from '../tensor/random.js';
import type { Dataset } from './dataset.js';
import type { SamplerOptions } from './samplers/sampler.js';
import { Subset } from './subset.js';
import { warn } from './warning.js';

/**
 * Divides a data set at random into parts that don't overlap.
 * https://pytorch.org/docs/1.13/data.html#torch.utils.data.random_split
 *
 * @param lengths how many samples each part gets; or fractions that add up to 1, where each part gets the whole number
 *   below its share and what remains is handed round from the first part on
 * @throws DataLoaderError when the lengths don't add up to the data set's
 */
export function randomSplit<T>(
  dataset: Dataset<T>,
  lengths: readonly number[],
  options: SamplerOptions = {},
): Subset<T>[] {
  const total = dataset.length;
  const counts = isFractions(lengths) ? countsOf(lengths, total) : lengths;
  for (const [i, count] of counts.entries()) {
    if (!Number.isSafeInteger(count) || count < 0) {
      throw refused(
        `expected lengths that are whole numbers, or fractions that add up to 1, got ${count} at index ${i}`,
      );
    }
  }
  const sum = counts.reduce((sum, count) => sum + count, 0);
  if (sum !== total) {
    throw refused(`the lengths add up to ${sum}, but the data set has ${total} samples: they must be equal`);
  }
  const order = Array.from(randperm(total, { generator: options.generator }).data(), Number);
  let start = 0;
  return counts.map((count) => new Subset(dataset, order.slice(start, (start += count))));
}

function isFractions(lengths: readonly number[]): boolean {
  const sum = lengths.reduce((sum, length) => sum + length, 0);
  return sum <= 1 && 1 - sum <= 1e-9;
}

function countsOf(fractions: readonly number[], total: number): number[] {
  const counts = fractions.map((fraction, i) => {
    if (!(fraction >= 0 && fraction <= 1)) throw refused(`fraction ${fraction} at index ${i} is not between 0 and 1`);
    return Math.floor(total * fraction);
  });
  let left = total - counts.reduce((sum, count) => sum + count, 0);
  for (let i = 0; left > 0; i = (i + 1) % counts.length, left--) counts[i]!++;
  counts.forEach((count, i) => {
    if (count === 0) warn(`randomSplit: the part at index ${i} gets no samples`);
  });
  return counts;
}

function refused(problem: string): DataLoaderError {
  return new DataLoaderError(`randomSplit: ${problem}`);
}
