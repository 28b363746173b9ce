// Curves without their noise.

import { ValueError } from '../errors.js';

/**
 * The course of noisy values: at each place the line that fits its neighbours best, where the neighbour k steps away counts
 * `weight` to the power of k (local linear regression, https://en.wikipedia.org/wiki/Local_regression). Unlike a moving
 * average it lags behind nothing and starts and ends where the values do; straight lines stay what they are. Values that are
 * not finite are passed over and stay as they are.
 *
 * ```ts
 * smoothed([1, 2, 3, 4], 0.9); // [1, 2, 3, 4]
 * ```
 * @param weight from 0 (the values themselves) to below 1
 * @throws ValueError for another weight
 */
export function smoothed(values: readonly number[], weight: number): number[] {
  if (!(weight >= 0 && weight < 1)) throw new ValueError(`smoothed: weight must be from 0 to below 1, got ${weight}`);
  if (weight === 0) return [...values];
  const before = runningMoments(values, weight);
  const after = runningMoments([...values].reverse(), weight).reverse();
  return values.map((value, i) => {
    if (!Number.isFinite(value)) return value;
    const [b, a] = [before[i]!, after[i]!];
    // The value itself is in both; neighbours before it lie at negative distances.
    const count = b.count + a.count - 1;
    const distance = a.distance - b.distance;
    const square = b.square + a.square;
    const sum = b.sum + a.sum - value;
    const slope = a.slope - b.slope;
    const spread = count * square - distance * distance;
    // A value all alone has no line.
    return spread <= 1e-12 * count * count ? sum / count : (square * sum - distance * slope) / spread;
  });
}

/** Sums over a value and those before it, each with its weight: of 1, k, k^2, the values, and k times the values. */
interface Moments {
  readonly count: number;
  readonly distance: number;
  readonly square: number;
  readonly sum: number;
  readonly slope: number;
}

function runningMoments(values: readonly number[], weight: number): Moments[] {
  let [count, distance, square, sum, slope] = [0, 0, 0, 0, 0];
  return values.map((value) => {
    // All that was there moves one step away.
    square = weight * (square + 2 * distance + count);
    distance = weight * (distance + count);
    slope = weight * (slope + sum);
    count *= weight;
    sum *= weight;
    if (Number.isFinite(value)) [count, sum] = [count + 1, sum + value];
    return { count, distance, square, sum, slope };
  });
}
