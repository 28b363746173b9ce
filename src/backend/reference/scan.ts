// Along a dim: where the extremum stands, running sums, products and extrema.

import type { Backend, StridedView } from '../backend.js';
import { isFloat } from '../dtype.js';
import { Lines } from './lines.js';

type Extremum = 'max' | 'min';

function isNaN(value: number): boolean {
  return value !== value;
}

function extremum(
  op: Extremum,
  values: StridedView | undefined,
  indices: StridedView,
  input: StridedView,
  dim: number,
): void {
  const source = new Lines(input, dim);
  const best = values && new Lines(values, dim);
  const positions = new Lines(indices, dim, false);
  for (let done = 0; done < source.count; done++) {
    source.read();
    const line = source.values;
    let at = 0;
    for (let i = 1; i < source.length && !isNaN(line[at]!); i++) {
      if (isNaN(line[i]!) || (op === 'max' ? line[i]! > line[at]! : line[i]! < line[at]!)) at = i;
    }
    positions.values[0] = at;
    positions.write();
    if (best) {
      best.values[0] = line[at]!;
      best.write();
    }
  }
}

function cumulative(op: 'sum' | 'prod', output: StridedView, input: StridedView, dim: number): void {
  const exact = !isFloat(output.dtype);
  const source = new Lines(input, dim, exact);
  const target = new Lines(output, dim, exact);
  for (let done = 0; done < source.count; done++) {
    source.read();
    let running = source.values[0]!;
    target.values[0] = running;
    for (let i = 1; i < source.length; i++) {
      if (op === 'sum') running += source.values[i]!;
      else running *= source.values[i]!;
      target.values[i] = running;
    }
    target.write();
  }
}

function cumulativeExtremum(
  op: Extremum,
  values: StridedView,
  indices: StridedView,
  input: StridedView,
  dim: number,
): void {
  const source = new Lines(input, dim);
  const best = new Lines(values, dim);
  const positions = new Lines(indices, dim, false);
  for (let done = 0; done < source.count; done++) {
    source.read();
    const line = source.values;
    let at = 0;
    for (let i = 0; i < source.length; i++) {
      const reaches = op === 'max' ? line[i]! >= line[at]! : line[i]! <= line[at]!;
      if (isNaN(line[i]!) || reaches) at = i;
      best.values[i] = line[at]!;
      positions.values[i] = at;
    }
    best.write();
    positions.write();
  }
}

export const scans = { extremum, cumulative, cumulativeExtremum } satisfies Partial<Backend>;
