// Products built from matrix products: of vectors, summed with a tensor, over any dims.

import { ShapeError } from '../errors.js';
import { broadcastShapes, resolveDim, resolveDims, show } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { bmm, dot, mv, outer } from './matrix.js';
import type { Op } from './operation.js';
import { sumWithProduct, type AddmmOptions } from './sum-with-product.js';
import { guarded } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

type Sum = Op<[input: Tensor, a: Tensor, b: Tensor, options?: AddmmOptions]>;

function plusProduct(input: Tensor, product: Tensor, { beta = 1, alpha = 1 }: AddmmOptions = {}): Tensor {
  const scaled = alpha === 1 ? product : product.mul(alpha);
  return beta === 0 ? scaled : (beta === 1 ? input : input.mul(beta)).add(scaled);
}

/** `beta * input + alpha * mv(a, b)` */
export const addmv: Sum = guarded(signatures.addmv, (input, a, b, options) => {
  const product = mv(a, b);
  return plusProduct(input.expand(product.shape), product, options);
});
/** `beta * input + alpha * sum of bmm(a, b) over the batch` */
export const addbmm: Sum = guarded(signatures.addbmm, (input, a, b, options) => {
  const summed: Op<[a: Tensor, b: Tensor]> = (left, right) => bmm(left, right).sum(0);
  const fitting = a.ndim === 3 && b.ndim === 3 ? input.expand([a.shape[1]!, b.shape[2]!]) : input;
  return sumWithProduct('addbmm', summed, [fitting, a, b], options ?? {});
});
/** `beta * input + alpha * outer(a, b)` */
export const addr: Sum = guarded(signatures.addr, (input, a, b, options) => {
  const product = outer(a, b);
  return plusProduct(input.expand(product.shape), product, options);
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
 * Sums of products over several dims: the last `dims` of `a` with the first `dims` of `b`, or those named for each.
 * https://pytorch.org/docs/stable/generated/torch.tensordot.html
 */
export const tensordot: Op<[a: Tensor, b: Tensor, dims?: number | readonly [readonly number[], readonly number[]]]> =
  guarded(signatures.tensordot, (a, b, dims = 2) => {
    if (typeof dims === 'number' && !(Number.isInteger(dims) && dims >= 0 && dims <= Math.min(a.ndim, b.ndim))) {
      throw new ShapeError(
        `expected a whole number of dims that shapes ${show(a.shape)} and ${show(b.shape)} both have, got ${dims}`,
      ).during('tensordot');
    }
    if (typeof dims !== 'number' && !(dims.length === 2 && dims.every(Array.isArray))) {
      throw new ShapeError('expected a number of dims, or [dims of a, dims of b]').during('tensordot');
    }
    const count = (n: number, from: number): number[] => Array.from({ length: n }, (_, i) => from + i);
    const [ofA, ofB] = typeof dims === 'number' ? [count(dims, a.ndim - dims), count(dims, 0)] : dims;
    const summedA = resolveDims(ofA, a.ndim);
    const summedB = resolveDims(ofB, b.ndim);
    if (summedA.length !== summedB.length || summedA.some((d, i) => a.shape[d] !== b.shape[summedB[i]!])) {
      throw new ShapeError(
        `dims [${ofA.join(', ')}] of shape ${show(a.shape)} don't fit dims [${ofB.join(', ')}] of ${show(b.shape)}`,
      ).during('tensordot');
    }
    const keptA = a.shape.map((_, d) => d).filter((d) => !summedA.includes(d));
    const keptB = b.shape.map((_, d) => d).filter((d) => !summedB.includes(d));
    const size = summedA.reduce((product, d) => product * a.shape[d]!, 1);
    const rows = keptA.reduce((product, d) => product * a.shape[d]!, 1);
    const columns = keptB.reduce((product, d) => product * b.shape[d]!, 1);
    const left = a.permute([...keptA, ...summedA]).reshape([rows, size]);
    const right = b.permute([...summedB, ...keptB]).reshape([size, columns]);
    return left.mm(right).reshape([...keptA.map((d) => a.shape[d]!), ...keptB.map((d) => b.shape[d]!)]);
  });

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
