// Histograms as TensorBoard draws them.

import { ValueError } from '../../errors.js';

/** How many values lie below each limit and above the one before it. */
export interface Histogram {
  readonly min: number;
  readonly max: number;
  readonly count: number;
  readonly sum: number;
  readonly sumOfSquares: number;
  /** The upper ends of the bins, rising. */
  readonly limits: readonly number[];
  readonly counts: readonly number[];
}

let known: readonly number[] | undefined;

/** TensorFlow's bins: from 1e-12 to 1e20 each a tenth wider than the one before, on both sides of zero. */
function defaultEdges(): readonly number[] {
  if (known !== undefined) return known;
  const positive: number[] = [];
  for (let edge = 1e-12; edge < 1e20; edge *= 1.1) positive.push(edge);
  return (known = [...positive.map((edge) => -edge).reverse(), 0, ...positive]);
}

/**
 * Counts values in bins.
 * @param edges the ends of the bins, rising; a value on an edge counts above it, on the last one below
 * @throws ValueError when there are no values, one is not finite, or the edges don't rise
 */
export function makeHistogram(values: ArrayLike<number | bigint>, edges = defaultEdges()): Histogram {
  if (values.length === 0) throw new ValueError('addHistogram: there are no values');
  if (edges.length < 2 || edges.some((edge, i) => i > 0 && !(edge > edges[i - 1]!))) {
    throw new ValueError('addHistogram: bins must be at least two numbers that rise');
  }
  const counts = new Array<number>(edges.length - 1).fill(0);
  let [min, max, sum, sumOfSquares] = [Infinity, -Infinity, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]);
    if (!Number.isFinite(value)) throw new ValueError(`addHistogram: value ${i} is ${value}, which lies in no bin`);
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
    sumOfSquares += value * value;
    const bin = binOf(value, edges);
    if (bin !== undefined) counts[bin]!++;
  }
  const first = counts.findIndex((count) => count > 0);
  if (first < 0) throw new ValueError(`addHistogram: no value from ${min} to ${max} lies in the bins`);
  const last = counts.findLastIndex((count) => count > 0);
  // Only upper ends are written: an empty bin in front says where the first one begins.
  const shown = [0, ...counts.slice(first, last + 1)];
  return { min, max, count: values.length, sum, sumOfSquares, limits: edges.slice(first, last + 2), counts: shown };
}

function binOf(value: number, edges: readonly number[]): number | undefined {
  const top = edges.length - 1;
  if (value < edges[0]! || value > edges[top]!) return undefined;
  let [low, high] = [0, top - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (edges[middle]! <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
