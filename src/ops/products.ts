// Products built from matrix products: of vectors, summed with a tensor, over any dims.

import { FlambeauError, ShapeError } from '../errors.js';
import { promote, resultType } from '../tensor/promotion.js';
import { broadcastShapes, elementCount, resolveDim, resolveDims, show, type Shape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { bmm, dot, mv, outer } from './matrix.js';
import type { Op } from './operation.js';
import { requireSameDType, sumWithProduct, weightedSum, type AddmmOptions } from './sum-with-product.js';
import { guarded } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

type Sum = Op<[input: Tensor, a: Tensor, b: Tensor, options?: AddmmOptions]>;

/** `beta * input + alpha * mv(a, b)` */
export const addmv: Sum = guarded(signatures.addmv, (input, a, b, options = {}) => {
  try {
    requireSameDType(input, a, b);
    return weightedSum(input, mv(a, b), options);
  } catch (error) {
    throw error instanceof FlambeauError ? error.during('addmv') : error;
  }
});
/** `beta * input + alpha * sum of bmm(a, b) over the batch` */
export const addbmm: Sum = guarded(signatures.addbmm, (input, a, b, options = {}) => {
  const summed: Op<[a: Tensor, b: Tensor]> = (left, right) => bmm(left, right).sum(0, { dtype: left.dtype });
  return sumWithProduct('addbmm', summed, [input, a, b], options);
});
/** `beta * input + alpha * outer(a, b)` */
export const addr: Sum = guarded(signatures.addr, (input, a, b, options = {}) => {
  try {
    const dtype = resultType(input, { dtype: promote(a.dtype, b.dtype), shape: a.shape });
    return weightedSum(input.to(dtype), outer(a.to(dtype), b.to(dtype)), options);
  } catch (error) {
    throw error instanceof FlambeauError ? error.during('addr') : error;
  }
});

/** The sum of products of two vectors. */
export const vdot: Op<[input: Tensor, other: Tensor]> = guarded(signatures.vdot, dot);

/** Sums of products over the last dim of both; with a 0-d tensor the product. */
export const inner: Op<[input: Tensor, other: Tensor]> = guarded(signatures.inner, (input, other) => {
  if (input.ndim === 0 || other.ndim === 0) return input.mul(other);
  if (input.shape.at(-1) !== other.shape.at(-1)) {
    throw new ShapeError(`last dims differ: shapes ${show(input.shape)} and ${show(other.shape)}`).during('inner');
  }
  return tensordot(input, other, [[-1], [-1]]);
});

/**
 * Sums of products over several dims: the last `dims` of `a` with the first `dims` of `b`, or those named for each. A dim of
 * size 1 meets one of any size.
 * https://pytorch.org/docs/stable/generated/torch.tensordot.html
 */
export const tensordot: Op<[a: Tensor, b: Tensor, dims?: number | readonly [readonly number[], readonly number[]]]> =
  guarded(signatures.tensordot, (a, b, dims = 2) => {
    try {
      return contracted(a, b, dims);
    } catch (error) {
      throw error instanceof FlambeauError ? error.during('tensordot') : error;
    }
  });

function contracted(a: Tensor, b: Tensor, dims: number | readonly [readonly number[], readonly number[]]): Tensor {
  if (typeof dims === 'number' && !(Number.isInteger(dims) && dims >= 0 && dims <= Math.min(a.ndim, b.ndim))) {
    throw new ShapeError(
      `expected a whole number of dims that shapes ${show(a.shape)} and ${show(b.shape)} both have, got ${dims}`,
    );
  }
  if (typeof dims !== 'number' && !(dims.length === 2 && dims.every(Array.isArray))) {
    throw new ShapeError('expected a number of dims, or [dims of a, dims of b]');
  }
  const count = (n: number, from: number): number[] => Array.from({ length: n }, (_, i) => from + i);
  const [ofA, ofB] = typeof dims === 'number' ? [count(dims, a.ndim - dims), count(dims, 0)] : dims;
  const summedA = resolveDims(ofA, a.ndim);
  const summedB = resolveDims(ofB, b.ndim);
  const pairs = summedA.map((d, i) => [a.shape[d], b.shape[summedB[i]!]] as const);
  if (summedA.length !== summedB.length || pairs.some(([left, right]) => left !== right && left !== 1 && right !== 1)) {
    throw new ShapeError(
      `dims [${ofA.join(', ')}] of shape ${show(a.shape)} don't fit dims [${ofB.join(', ')}] of ${show(b.shape)}`,
    );
  }
  const alone = (which: 0 | 1): number[] =>
    [summedA, summedB][which]!.filter((_, i) => pairs[i]![which] !== 1 && pairs[i]![1 - which] === 1);
  const left = matrixOf(summed(a, alone(0)), summedA, 'last');
  const right = matrixOf(summed(b, alone(1)), summedB, 'first');
  return left.mm(right).reshape([...kept(a.shape, summedA), ...kept(b.shape, summedB)]);
}

function summed(tensor: Tensor, dims: readonly number[]): Tensor {
  return dims.length === 0 ? tensor : tensor.sum(dims, { keepdim: true });
}

function kept(shape: Shape, without: readonly number[]): number[] {
  return shape.filter((_, d) => !without.includes(d));
}

/** A tensor as a matrix: some dims make its rows or columns, the others the rest. */
function matrixOf(tensor: Tensor, dims: readonly number[], where: 'first' | 'last'): Tensor {
  const others = tensor.shape.map((_, d) => d).filter((d) => !dims.includes(d));
  const sizes = [others, dims].map((group) => elementCount(group.map((d) => tensor.shape[d]!))) as [number, number];
  return where === 'last'
    ? tensor.permute([...others, ...dims]).reshape(sizes)
    : tensor.permute([...dims, ...others]).reshape(sizes.toReversed());
}

/** The Kronecker product: every element of `a` times the whole of `b`. */
export const kron: Op<[a: Tensor, b: Tensor]> = guarded(signatures.kron, (a, b) => {
  const ndim = Math.max(a.ndim, b.ndim);
  const sizes = (tensor: Tensor): number[] => [...new Array<number>(ndim - tensor.ndim).fill(1), ...tensor.shape];
  const sizesA = sizes(a);
  const sizesB = sizes(b);
  const product = a.reshape(sizesA.flatMap((size) => [size, 1])).mul(b.reshape(sizesB.flatMap((size) => [1, size])));
  return product.reshape(sizesA.map((size, d) => size * sizesB[d]!));
});

/** The vector product along `dim`, which has 3 elements; other dims broadcast. */
export const cross: Op<[a: Tensor, b: Tensor, dim?: number]> = guarded(signatures.cross, (a, b, dim = -1) => {
  if (a.ndim !== b.ndim) {
    throw new ShapeError(`expected equally many dims, got ${show(a.shape)} and ${show(b.shape)}`).during('cross');
  }
  try {
    requireSameDType(a, b);
  } catch (error) {
    throw error instanceof FlambeauError ? error.during('cross') : error;
  }
  const shape = broadcastShapes(a.shape, b.shape);
  const place = resolveDim(dim, shape.length);
  if (a.shape.at(place - shape.length) !== 3 || b.shape.at(place - shape.length) !== 3) {
    throw new ShapeError(`expected 3 elements along dim ${dim}, got ${show(a.shape)} and ${show(b.shape)}`).during(
      'cross',
    );
  }
  const x = a.expand(shape);
  const y = b.expand(shape);
  return x
    .roll(-1, place)
    .mul(y.roll(-2, place))
    .sub(x.roll(-2, place).mul(y.roll(-1, place)));
});
