// Reading and writing where index tensors say. Elements are moved as they are, whatever their dtype; where they are
// combined, each result is rounded or wrapped as it is stored.

import { elementCount } from '../shape.js';
import type { Backend, Operand, StridedView } from '../backend.js';
import type { DType } from '../dtype.js';
import { Cursor, readAll } from './cursor.js';
import { cellsOf } from './memory.js';
import { broadcastPositions, positionsOf, replaced } from './places.js';

type ScatterReduce = Parameters<Backend['scatter']>[0];

/** Of numbers for floats and of bigints for integers, which the types don't tell apart: operators work alike. */
const combinations: { readonly [reduce in ScatterReduce]: (old: number, source: number) => number } = {
  set: (_old, source) => source,
  add: (old, source) => old + source,
  multiply: (old, source) => old * source,
  max: (old, source) => (old !== old || old > source ? old : source),
  min: (old, source) => (old !== old || old < source ? old : source),
};

/** How the cells of a view are computed with: `load` makes a bigint of an integer, `store` cuts one back to what the cell holds. */
interface CellArithmetic {
  readonly load: (cell: number) => number;
  readonly store: (value: number) => number;
}

const asBigint = BigInt as unknown as (cell: number) => number;
const low32Bits = (value: number) => Number(BigInt.asIntN(32, value as unknown as bigint));

/** bfloat16 comes here as float32. */
type CellType = Exclude<DType, 'bfloat16'>;

const arithmetic: { readonly [dtype in CellType]: CellArithmetic } = {
  float32: { load: Math.fround, store: (value) => value },
  float64: { load: (cell) => cell, store: (value) => value },
  int64: { load: asBigint, store: (value) => value },
  int32: { load: asBigint, store: low32Bits },
  int16: { load: asBigint, store: low32Bits },
  int8: { load: asBigint, store: low32Bits },
  uint8: { load: asBigint, store: low32Bits },
  bool: { load: asBigint, store: (value) => (value ? 1 : 0) },
};

function gather(output: StridedView, input: StridedView, dim: number, index: StridedView): number {
  const [from, to] = [cellsOf(input), cellsOf(output)];
  const [size, stride] = [input.shape[dim] ?? 1, input.strides[dim] ?? 0];
  const wanted = readAll(index);
  const lines = positionsOf(index.shape, replaced(input.strides, dim, 0), input.offset);
  const targets = positionsOf(index.shape, output.strides, output.offset);
  for (let i = 0; i < wanted.length; i++) {
    const at = wanted[i]!;
    if (at < 0 || at >= size) return i;
    to[targets[i]!] = from[lines[i]! + at * stride]!;
  }
  return -1;
}

function scatter(reduce: ScatterReduce, output: StridedView, dim: number, index: StridedView, source: Operand): number {
  const to = cellsOf(output);
  const [size, stride] = [output.shape[dim] ?? 1, output.strides[dim] ?? 0];
  const wanted = readAll(index);
  const lines = positionsOf(index.shape, replaced(output.strides, dim, 0), output.offset);
  const constant = typeof source === 'number';
  const from = constant ? [source] : cellsOf(source);
  const sources = constant ? new Float64Array(wanted.length) : positionsOf(index.shape, source.strides, source.offset);
  const combine = combinations[reduce];
  const { load, store } = arithmetic[output.dtype as CellType];
  for (let i = 0; i < wanted.length; i++) {
    const at = wanted[i]!;
    if (at < 0 || at >= size) return i;
    const target = lines[i]! + at * stride;
    to[target] = store(combine(load(to[target]!), load(from[sources[i]!]!)));
  }
  return -1;
}

/** Calls `move` with the positions of each element of slice k of `sliced` and of slice index[k] of `indexed`. */
function forEachSlicePair(
  indexed: StridedView,
  sliced: StridedView,
  dim: number,
  index: StridedView,
  move: (inIndexed: number, inSliced: number) => void,
): number {
  const slice = replaced(indexed.shape, dim, 1);
  const own = positionsOf(slice, indexed.strides, indexed.offset);
  const other = positionsOf(slice, sliced.strides, sliced.offset);
  const [size, stride, otherStride] = [indexed.shape[dim] ?? 1, indexed.strides[dim] ?? 0, sliced.strides[dim] ?? 0];
  const wanted = readAll(index);
  for (let k = 0; k < wanted.length; k++) {
    const at = wanted[k]!;
    if (at < 0 || at >= size) return k;
    for (let i = 0; i < own.length; i++) move(own[i]! + at * stride, other[i]! + k * otherStride);
  }
  return -1;
}

function indexSelect(output: StridedView, input: StridedView, dim: number, index: StridedView): number {
  const [from, to] = [cellsOf(input), cellsOf(output)];
  return forEachSlicePair(input, output, dim, index, (source, target) => {
    to[target] = from[source]!;
  });
}

function indexAdd(output: StridedView, dim: number, index: StridedView, source: StridedView, alpha: number): number {
  const [from, to] = [cellsOf(source), cellsOf(output)];
  const { load, store } = arithmetic[output.dtype as CellType];
  const factor = load(alpha);
  return forEachSlicePair(output, source, dim, index, (target, place) => {
    to[target] = store(load(to[target]!) + factor * load(from[place]!));
  });
}

/** For each place that the `indices` name in their common shape, the position of its first element. */
function namedPlaces(view: StridedView, indices: readonly StridedView[]): { places: Float64Array; bad: number } {
  const places = new Float64Array(elementCount(indices[0]!.shape)).fill(view.offset);
  const wanted = indices.map((index) => readAll(index));
  for (let i = 0; i < places.length; i++) {
    for (let dim = 0; dim < wanted.length; dim++) {
      const size = view.shape[dim]!;
      const at = wanted[dim]![i]!;
      if (at < -size || at >= size) return { places, bad: i * indices.length + dim };
      places[i]! += (at < 0 ? at + size : at) * view.strides[dim]!;
    }
  }
  return { places, bad: -1 };
}

function index(output: StridedView, input: StridedView, indices: readonly StridedView[]): number {
  const { places, bad } = namedPlaces(input, indices);
  if (bad >= 0) return bad;
  const [from, to] = [cellsOf(input), cellsOf(output)];
  const rest = positionsOf(input.shape.slice(indices.length), input.strides.slice(indices.length), 0);
  const targets = positionsOf(output.shape, output.strides, output.offset);
  for (let i = 0, at = 0; i < places.length; i++) {
    for (let j = 0; j < rest.length; j++, at++) to[targets[at]!] = from[places[i]! + rest[j]!]!;
  }
  return -1;
}

function indexPut(
  output: StridedView,
  indices: readonly StridedView[],
  source: StridedView,
  accumulate: boolean,
): number {
  const { places, bad } = namedPlaces(output, indices);
  if (bad >= 0) return bad;
  const [from, to] = [cellsOf(source), cellsOf(output)];
  const restShape = output.shape.slice(indices.length);
  const rest = positionsOf(restShape, output.strides.slice(indices.length), 0);
  const sources = broadcastPositions(source, [...indices[0]!.shape, ...restShape]);
  const { load, store } = arithmetic[output.dtype as CellType];
  for (let i = 0, at = 0; i < places.length; i++) {
    for (let j = 0; j < rest.length; j++, at++) {
      const target = places[i]! + rest[j]!;
      const value = from[sources[at]!]!;
      to[target] = accumulate ? store(load(to[target]!) + load(value)) : value;
    }
  }
  return -1;
}

function countNonzero(input: StridedView): number {
  let count = 0;
  for (const value of readAll(input)) if (value !== 0) count++;
  return count;
}

function nonzero(output: StridedView, input: StridedView): void {
  const values = readAll(input);
  const target = new Cursor(output);
  const coordinates = new Float64Array(input.shape.length);
  for (let i = 0; i < values.length; i++) {
    if (values[i] === 0) continue;
    for (let dim = coordinates.length - 1, rest = i; dim >= 0; dim--) {
      coordinates[dim] = rest % input.shape[dim]!;
      rest = Math.floor(rest / input.shape[dim]!);
    }
    target.writeFloats(coordinates, coordinates.length);
  }
}

export const indexing = {
  gather,
  scatter,
  indexSelect,
  indexAdd,
  index,
  indexPut,
  countNonzero,
  nonzero,
} satisfies Partial<Backend>;
