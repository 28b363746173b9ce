// Sorting along a dim. Equal elements keep their order, in either direction; NaN counts as the largest.

import type { Backend, StridedView } from '../backend.js';
import { Lines } from './lines.js';

function ascending(x: number, y: number): number {
  if (x < y) return -1;
  if (x > y) return 1;
  return Number(x !== x) - Number(y !== y);
}

function sort(values: StridedView, indices: StridedView, input: StridedView, dim: number, descending: boolean): void {
  const source = new Lines(input, dim);
  const sorted = new Lines(values, dim);
  const positions = new Lines(indices, dim, false);
  const order = new Uint32Array(source.length);
  const line = source.values;
  const compare = descending
    ? (i: number, j: number) => ascending(line[j]!, line[i]!)
    : (i: number, j: number) => ascending(line[i]!, line[j]!);
  for (let done = 0; done < source.count; done++) {
    source.read();
    for (let i = 0; i < order.length; i++) order[i] = i;
    order.sort(compare);
    // The results may be shorter than the line: topk.
    for (let i = 0; i < sorted.length; i++) {
      sorted.values[i] = line[order[i]!]!;
      positions.values[i] = order[i]!;
    }
    sorted.write();
    positions.write();
  }
}

function topk(values: StridedView, indices: StridedView, input: StridedView, dim: number, largest: boolean): void {
  sort(values, indices, input, dim, largest);
}

export const sorting = { sort, topk } satisfies Partial<Backend>;
