// Curves without their noise.

import { ValueError } from '../errors.js';

/**
 * Averages of each value and its neighbours, on both sides: the neighbour k steps away counts `weight` to the power of k.
 * TensorBoard's curves, with the same weight, look back only and therefore lag behind what they smooth. Values that are not
 * finite are passed over and stay as they are.
 *
 * ```ts
 * smoothed([1, 3, 1], 0.5); // [1.5714285714285714, 2, 1.5714285714285714]
 * ```
 * @param weight from 0 (the values themselves) to below 1
 * @throws ValueError for another weight
 */
export function smoothed(values: readonly number[], weight: number): number[] {
  if (!(weight >= 0 && weight < 1)) throw new ValueError(`smoothed: weight must be from 0 to below 1, got ${weight}`);
  const forward = runningSums(values, weight);
  const backward = runningSums(values.toReversed(), weight).reverse();
  return values.map((value, i) => {
    if (!Number.isFinite(value)) return value;
    // Both sums have the value itself.
    const [[before, weightBefore], [after, weightAfter]] = [forward[i]!, backward[i]!];
    return (before + after - value) / (weightBefore + weightAfter - 1);
  });
}

/** For each place the sum of the values up to there, the older the less, and the sum of their weights. */
function runningSums(values: readonly number[], weight: number): [number, number][] {
  let [sum, weights] = [0, 0];
  return values.map((value) => {
    [sum, weights] = [sum * weight, weights * weight];
    if (Number.isFinite(value)) [sum, weights] = [sum + value, weights + 1];
    return [sum, weights];
  });
}
