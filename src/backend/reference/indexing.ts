// Reading and writing where index tensors say. Elements are moved as they are, whatever their dtype; where they are
// combined, each result is rounded or wrapped as it is stored.

import type { Backend, Operand, StridedView } from '../backend.js';
import { Cursor, countOf, readAll } from './cursor.js';
import { cellsOf } from './memory.js';
import { broadcastPositions, positionsOf, replaced } from './places.js';

type ScatterReduce = Parameters<Backend['scatter']>[0];

/** Of numbers, and of bigints for int64. */
const combinations: { readonly [reduce in ScatterReduce]: (old: number, source: number) => number } = {
  set: (_old, source) => source,
  add: (old, source) => old + source,
  multiply: (old, source) => old * source,
  max: (old, source) => (old !== old || old > source ? old : source),
  min: (old, source) => (old !== old || old < source ? old : source),
};

/** A number as the cells of a view hold it: a bigint for int64. */
function cellOf(view: StridedView, value: number): number {
  return view.dtype === 'int64' ? (BigInt(Math.trunc(value)) as unknown as number) : value;
}

/** How a result goes into a cell: bool stays 0 or 1. */
function storable(view: StridedView): (value: number) => number {
  return view.dtype === 'bool' ? (value) => (value !== 0 ? 1 : 0) : (value) => value;
}

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
  const from = constant ? [cellOf(output, source)] : cellsOf(source);
  const sources = constant ? new Float64Array(wanted.length) : positionsOf(index.shape, source.strides, source.offset);
  const [combine, store] = [combinations[reduce], storable(output)];
  for (let i = 0; i < wanted.length; i++) {
    const at = wanted[i]!;
    if (at < 0 || at >= size) return i;
    const target = lines[i]! + at * stride;
    to[target] = store(combine(to[target]!, from[sources[i]!]!));
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
  const [factor, store] = [cellOf(output, alpha), storable(output)];
  return forEachSlicePair(output, source, dim, index, (target, place) => {
    to[target] = store(to[target]! + factor * from[place]!);
  });
}

/** For each place that the `indices` name in their common shape, the position of its first element. */
function namedPlaces(view: StridedView, indices: readonly StridedView[]): { places: Float64Array; bad: number } {
  const places = new Float64Array(countOf(indices[0]!.shape)).fill(view.offset);
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
  const store = storable(output);
  for (let i = 0, at = 0; i < places.length; i++) {
    for (let j = 0; j < rest.length; j++, at++) {
      const target = places[i]! + rest[j]!;
      const value = from[sources[at]!]!;
      to[target] = accumulate ? store(to[target]! + value) : value;
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
