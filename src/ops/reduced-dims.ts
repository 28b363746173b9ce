// What reductions have in common: which dims go, how the result's shape follows, and the way back for gradients.

import { ShapeError } from '../errors.js';
import { resolveDims, show, type Shape } from '../tensor/shape.js';
import { allocate, window, type Tensor } from '../tensor/tensor.js';

/** Dims to reduce; left out or empty: all. */
export type Dims = number | readonly number[];

/** Whether a reduced dim stays, with size 1. */
export interface KeepdimOptions {
  /** Keep reduced dims with size 1. */
  keepdim?: boolean;
}

/** A value chosen along a dim and where it stands. */
export interface ValuesAndIndices {
  readonly values: Tensor;
  readonly indices: Tensor;
}

/** Positions of the dims that are reduced. */
export function reducedDims(input: Tensor, dims: Dims | undefined): number[] {
  if (dims === undefined || (Array.isArray(dims) && dims.length === 0)) return input.shape.map((_, d) => d);
  return resolveDims(dims, input.ndim).filter((d) => d < input.ndim);
}

export function keptShape(shape: Shape, dims: readonly number[]): number[] {
  return shape.map((size, d) => (dims.includes(d) ? 1 : size));
}

/** `result`, reduced with dims of size 1 kept, without those dims unless they are to stay. */
export function withoutDims(result: Tensor, dims: readonly number[], keepdim: boolean): Tensor {
  if (keepdim || dims.length === 0) return result;
  const shape = result.shape.filter((_, d) => !dims.includes(d));
  const strides = result.strides.filter((_, d) => !dims.includes(d));
  return window(result, shape, strides, result.offset);
}

/** What the gradients of reductions need to know: the dims put back into a reduced tensor, spread over the input's shape. */
export interface Reduced {
  readonly shape: Shape;
  readonly dims: readonly number[];
  readonly keepdim: boolean;
}

export function restoreDims(tensor: Tensor, { shape, dims, keepdim }: Reduced): Tensor {
  return keepdim ? tensor : tensor.reshape(keptShape(shape, dims));
}

export function spread(tensor: Tensor, reduced: Reduced): Tensor {
  return restoreDims(tensor, reduced).expand(reduced.shape);
}

export function countReduced({ shape, dims }: Reduced): number {
  return dims.reduce((count, d) => count * shape[d]!, 1);
}

export function reducedOf(input: Tensor, dims: Dims | undefined, options: KeepdimOptions | undefined): Reduced {
  return { shape: input.shape, dims: reducedDims(input, dims), keepdim: options?.keepdim ?? false };
}

export function requireElements(input: Tensor, dims: readonly number[]): void {
  if (dims.some((d) => input.shape[d] === 0)) {
    throw new ShapeError(`no elements to choose from in a tensor of shape ${show(input.shape)}`);
  }
}

/** Zeros in which the reduced gradient stands at `indices` of the reduced dim. */
export function placeAlong(grad: Tensor, indices: Tensor, reduced: Reduced): Tensor {
  if (reduced.shape.length === 0) return grad;
  const zeros = allocate(reduced.shape, grad.dtype).zero_();
  return zeros.scatter(reduced.dims[0]!, restoreDims(indices, reduced), restoreDims(grad, reduced));
}

/** The gradient of one element chosen from all by its value: equal ones share it. */
export function evenlyShared(grad: Tensor, input: Tensor, value: Tensor): Tensor {
  let taken = input.eq(value);
  if (input.isFloatingPoint() && value.isnan().item()) taken = input.isnan();
  return taken.to(grad.dtype).mul(grad.div(taken.sum()));
}
