// The algebra of shapes: sizes, strides, dims, broadcasting. Pure functions on arrays of numbers.

import { elementCount } from '../backend/shape.js';
import { IndexError, ShapeError } from '../errors.js';

export { elementCount };

/** The sizes of a tensor's dims, outermost first. */
export type Shape = readonly number[];

/** A shape for messages: `[2, 3]`. */
export function show(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** The strides of a row-major tensor of this shape. */
export function contiguousStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = step;
    step *= Math.max(shape[d]!, 1);
  }
  return strides;
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let d = 0; d < a.length; d++) if (a[d] !== b[d]) return false;
  return true;
}

/** Whether elements lie in row-major order without gaps; the strides of dims of size 1 don't matter. */
export function isContiguous(shape: Shape, strides: readonly number[]): boolean {
  let step = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    const size = shape[d]!;
    if (size !== 1) {
      if (strides[d] !== step) return shape.includes(0);
      step *= size;
    }
  }
  return true;
}

/** Whether the elements fill a block exactly once, in whatever order of dims. */
export function isDense(shape: Shape, strides: readonly number[]): boolean {
  if (isContiguous(shape, strides)) return true;
  const order = shape.map((_, d) => d).filter((d) => shape[d] !== 1);
  order.sort((a, b) => strides[a]! - strides[b]!);
  let step = 1;
  for (const d of order) {
    if (strides[d] !== step) return false;
    step *= shape[d]!;
  }
  return true;
}

/** `Array.isArray` for readonly arrays too, which TypeScript's own would turn into arrays of `any`. */
export function isArray(value: unknown): boolean {
  return Array.isArray(value);
}

/** Checks that a user gave an array, not sizes one by one. */
export function checkIsShape(shape: unknown): asserts shape is Shape {
  if (!Array.isArray(shape)) throw new ShapeError(`a shape is an array of sizes such as [2, 3], got ${String(shape)}`);
}

/** Checks sizes given by a user. */
export function checkShape(shape: unknown): asserts shape is Shape {
  checkIsShape(shape);
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new ShapeError(`a shape holds sizes that are whole numbers >= 0, got [${shape.join(', ')}]`);
    }
  }
}

/** The position of a dim that may count from the end. A 0-d tensor accepts 0 and -1. */
export function resolveDim(dim: number, ndim: number): number {
  const dims = Math.max(ndim, 1);
  if (!Number.isInteger(dim) || dim < -dims || dim >= dims) {
    throw new IndexError(`dim ${dim} is out of range: expected a whole number from ${-dims} to ${dims - 1}`);
  }
  return dim < 0 ? dim + dims : dim;
}

/** Positions of several dims; none named twice. */
export function resolveDims(dims: number | readonly number[], ndim: number): number[] {
  if (typeof dims === 'number') return [resolveDim(dims, ndim)];
  if (!isArray(dims)) throw new IndexError(`expected a dim or an array of dims, got ${String(dims)}`);
  const resolved: number[] = [];
  for (const dim of dims) {
    const position = resolveDim(dim, ndim);
    if (resolved.includes(position)) throw new ShapeError(`dim ${dim} appears more than once in [${dims.join(', ')}]`);
    resolved.push(position);
  }
  return resolved;
}

/** The shape that both broadcast to: aligned at the last dim, where size 1 gives way. */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const [long, short] = a.length >= b.length ? [a, b] : [b, a];
  const lead = long.length - short.length;
  const result = long.slice();
  for (let d = 0; d < short.length; d++) {
    const wide = long[d + lead]!;
    const size = short[d]!;
    if (wide === size || size === 1) continue;
    if (wide !== 1) {
      throw new ShapeError(
        `shapes ${show(a)} and ${show(b)} don't broadcast: sizes ${a.at(d - short.length)} and ${b.at(d - short.length)} ` +
          `at dim ${d - short.length} differ and neither is 1`,
      );
    }
    result[d + lead] = size;
  }
  return result;
}

/** Strides with which a tensor reads as `target`, 0 where it repeats; undefined where it can't. */
export function broadcastStrides(shape: Shape, strides: readonly number[], target: Shape): number[] | undefined {
  const lead = target.length - shape.length;
  if (lead < 0) return undefined;
  const result = new Array<number>(target.length).fill(0);
  for (let d = 0; d < shape.length; d++) {
    if (shape[d] === target[d + lead]) result[d + lead] = strides[d]!;
    else if (shape[d] !== 1) return undefined;
  }
  return result;
}

/** Fills in one size given as -1 so that the shape holds `count` elements. */
export function inferShape(shape: Shape, count: number): Shape {
  checkIsShape(shape);
  const open = shape.indexOf(-1);
  if (open < 0) {
    checkShape(shape);
    if (elementCount(shape) !== count) throw new ShapeError(`shape ${show(shape)} is invalid for ${count} elements`);
    return shape;
  }
  const known = shape.slice();
  known[open] = 1;
  if (known.includes(-1)) throw new ShapeError(`only one size can be inferred, got ${show(shape)}`);
  checkShape(known);
  const rest = elementCount(known);
  if (rest === 0) throw new ShapeError(`size -1 in ${show(shape)} is ambiguous: the other sizes hold no elements`);
  if (count % rest !== 0) throw new ShapeError(`shape ${show(shape)} is invalid for ${count} elements`);
  known[open] = count / rest;
  return known;
}

/** The strides by which memory laid out as (shape, strides) reads as `target` without a copy, if any do. */
export function viewStrides(shape: Shape, strides: readonly number[], target: Shape): number[] | undefined {
  if (isContiguous(shape, strides)) return contiguousStrides(target);
  // Merge the dims that lie seamlessly in memory, then split each merged run into target dims.
  const result = new Array<number>(target.length);
  let dim = shape.length - 1;
  let to = target.length - 1;
  while (dim >= 0) {
    const step = strides[dim]!;
    let run = shape[dim]!;
    while (dim > 0 && (shape[dim - 1] === 1 || strides[dim - 1] === step * run)) run *= shape[--dim]!;
    dim--;
    let filled = 1;
    while (to >= 0 && (filled < run || target[to] === 1)) {
      result[to] = step * filled;
      filled *= target[to--]!;
    }
    if (filled !== run) return undefined;
  }
  return to < 0 ? result : undefined;
}
