// Many elements made one: sums, means, extrema, norms, over all dims or some.

import { backend } from '../backend/active.js';
import type { ReduceOp } from '../backend/backend.js';
import { isFloat, type DType } from '../backend/dtype.js';
import { DTypeError, ShapeError, ValueError } from '../errors.js';
import { onesLike, zerosLike } from '../tensor/create.js';
import { getDefaultDtype } from '../tensor/promotion.js';
import { resolveDim, resolveDims, show, type Shape } from '../tensor/shape.js';
import { allocate, allocateLike, Tensor, window } from '../tensor/tensor.js';
import { cat } from './combine.js';
import { converted } from './elementwise.js';
import { operation, type Op } from './operation.js';
import { where } from './pointwise.js';

/** Dims to reduce; left out or empty: all. */
export type Dims = number | readonly number[];

export interface KeepdimOptions {
  /** Keep reduced dims with size 1. */
  keepdim?: boolean;
}

export interface ReduceOptions extends KeepdimOptions {
  /** The dtype to convert to first, and of the result. */
  dtype?: DType;
}

/** Positions of the dims that are reduced. */
function reducedDims(input: Tensor, dims: Dims | undefined): number[] {
  if (dims === undefined || (Array.isArray(dims) && dims.length === 0)) return input.shape.map((_, d) => d);
  return resolveDims(dims, input.ndim).filter((d) => d < input.ndim);
}

function keptShape(shape: Shape, dims: readonly number[]): number[] {
  return shape.map((size, d) => (dims.includes(d) ? 1 : size));
}

/** `result`, reduced with dims of size 1 kept, without those dims unless they are to stay. */
function withoutDims(result: Tensor, dims: readonly number[], keepdim: boolean): Tensor {
  if (keepdim || dims.length === 0) return result;
  const shape = result.shape.filter((_, d) => !dims.includes(d));
  const strides = result.strides.filter((_, d) => !dims.includes(d));
  return window(result, shape, strides, result.offset);
}

/** Runs a reducing kernel. */
function reduce(op: ReduceOp, input: Tensor, dims: readonly number[], keepdim: boolean, dtype: DType): Tensor {
  const result = allocate(keptShape(input.shape, dims), dtype);
  backend.reduce(op, result, input);
  return withoutDims(result, dims, keepdim);
}

/** What the gradients of reductions need to know: the dims put back into a reduced tensor, spread over the input's shape. */
interface Reduced {
  readonly shape: Shape;
  readonly dims: readonly number[];
  readonly keepdim: boolean;
}

function restoreDims(tensor: Tensor, { shape, dims, keepdim }: Reduced): Tensor {
  return keepdim ? tensor : tensor.reshape(keptShape(shape, dims));
}

function spread(tensor: Tensor, reduced: Reduced): Tensor {
  return restoreDims(tensor, reduced).expand(reduced.shape);
}

function countReduced({ shape, dims }: Reduced): number {
  return dims.reduce((count, d) => count * shape[d]!, 1);
}

function reducedOf(input: Tensor, dims: Dims | undefined, options: KeepdimOptions | undefined): Reduced {
  return { shape: input.shape, dims: reducedDims(input, dims), keepdim: options?.keepdim ?? false };
}

const sumOf = operation({
  name: 'sum',
  forward(input: Tensor, dims?: Dims, options?: KeepdimOptions): Tensor {
    const dtype = isFloat(input.dtype) ? input.dtype : 'int64';
    return reduce('sum', input, reducedDims(input, dims), options?.keepdim ?? false, dtype);
  },
  save: (_result, input, dims?, options?) => reducedOf(input, dims, options),
  gradient: (grad, reduced) => [spread(grad, reduced)],
});

/** The sum over `dims`. Integers and bool give int64. https://pytorch.org/docs/stable/generated/torch.sum.html */
export const sum: Op<[input: Tensor, dims?: Dims, options?: ReduceOptions]> = (input, dims, options) =>
  options?.dtype === undefined
    ? sumOf(input, dims, options)
    : sumOf(input.to(options.dtype), dims, options).to(options.dtype);

const meanOf = operation({
  name: 'mean',
  forward(input: Tensor, dims?: Dims, options?: KeepdimOptions): Tensor {
    requireFloat(input);
    return reduce('mean', input, reducedDims(input, dims), options?.keepdim ?? false, input.dtype);
  },
  save: (_result, input, dims?, options?) => reducedOf(input, dims, options),
  gradient: (grad, reduced) => [spread(grad.div(countReduced(reduced)), reduced)],
});

/** The mean over `dims`. Floats only, or with { dtype }. */
export const mean: Op<[input: Tensor, dims?: Dims, options?: ReduceOptions]> = (input, dims, options) =>
  meanOf(options?.dtype === undefined ? input : input.to(options.dtype), dims, options);

function requireFloat(input: Tensor): void {
  if (!isFloat(input.dtype))
    throw new DTypeError(`expected a float dtype, got ${input.dtype}: convert with float() first`);
}

const prodOf = operation({
  name: 'prod',
  forward(input: Tensor, dim?: number, options?: KeepdimOptions): Tensor {
    const dtype = isFloat(input.dtype) ? input.dtype : 'int64';
    return reduce('prod', converted(input, dtype), reducedDims(input, dim), options?.keepdim ?? false, dtype);
  },
  save: (_result, input, dim?, options?) => ({ input, ...reducedOf(input, dim, options), dim }),
  gradient(grad, { input, dim, ...reduced }) {
    // The product of all others: of those before times those after, so that zeros do no harm.
    if (dim === undefined) {
      const flat = input.flatten();
      return [othersProduct(flat, 0).reshape(input.shape).mul(grad)];
    }
    return [othersProduct(input, resolveDim(dim, input.ndim)).mul(restoreDims(grad, reduced))];
  },
});

function othersProduct(input: Tensor, dim: number): Tensor {
  if (input.ndim === 0 || input.shape[dim] === 0) return onesLike(input);
  const size = input.shape[dim]!;
  const ones = allocate(input.shape.with(dim, 1), input.dtype).fill_(1);
  const before = cat([ones, input.narrow(dim, 0, size - 1)], dim).cumprod(dim);
  const after = cat([ones, input.flip(dim).narrow(dim, 0, size - 1)], dim)
    .cumprod(dim)
    .flip(dim);
  return before.mul(after);
}

/** The product of all elements or along `dim`. Integers and bool give int64. */
export const prod: Op<[input: Tensor, dim?: number, options?: ReduceOptions]> = (input, dim, options) =>
  options?.dtype === undefined
    ? prodOf(input, dim, options)
    : prodOf(input.to(options.dtype), dim, options).to(options.dtype);

// ---- spread

export interface VarianceOptions extends KeepdimOptions {
  /** Divide by n - 1 (the default) or, false, by n. */
  unbiased?: boolean;
  /** Divide by n - correction. */
  correction?: number;
}

function correctionOf(options: VarianceOptions | undefined): number {
  return options?.correction ?? (options?.unbiased === false ? 0 : 1);
}

/** The variance over `dims`, by default with n - 1. https://pytorch.org/docs/stable/generated/torch.var.html */
export const variance: Op<[input: Tensor, dims?: Dims, options?: VarianceOptions]> = operation({
  name: 'var',
  forward(input, dims?, options?) {
    requireFloat(input);
    const positions = reducedDims(input, dims);
    const result = allocate(keptShape(input.shape, positions), input.dtype);
    backend.variance(result, undefined, input, correctionOf(options));
    return withoutDims(result, positions, options?.keepdim ?? false);
  },
  save: (_result, input, dims?, options?) => ({
    input,
    ...reducedOf(input, dims, options),
    correction: correctionOf(options),
  }),
  gradient(grad, { input, correction, ...reduced }) {
    const centred = input.sub(input.mean(reduced.dims, { keepdim: true }));
    return [
      restoreDims(grad, reduced)
        .mul(centred)
        .mul(2 / (countReduced(reduced) - correction)),
    ];
  },
});

/** The standard deviation over `dims`, by default with n - 1. */
export const std: Op<[input: Tensor, dims?: Dims, options?: VarianceOptions]> = operation({
  name: 'std',
  forward(input, dims?, options?) {
    requireFloat(input);
    const positions = reducedDims(input, dims);
    const result = allocate(keptShape(input.shape, positions), input.dtype);
    backend.variance(result, undefined, input, correctionOf(options));
    backend.unary('sqrt', result, result);
    return withoutDims(result, positions, options?.keepdim ?? false);
  },
  save: (result, input, dims?, options?) => ({
    input,
    result,
    ...reducedOf(input, dims, options),
    correction: correctionOf(options),
  }),
  gradient(grad, { input, result, correction, ...reduced }) {
    const centred = input.sub(input.mean(reduced.dims, { keepdim: true }));
    const share = grad.div(result.mul(countReduced(reduced) - correction));
    return [where(restoreDims(result, reduced).eq(0), 0, restoreDims(share, reduced).mul(centred))];
  },
});

// ---- extrema

function requireElements(input: Tensor, dims: readonly number[]): void {
  if (dims.some((d) => input.shape[d] === 0)) {
    throw new ShapeError(`no elements to choose from in a tensor of shape ${show(input.shape)}`);
  }
}

function extremeValue(name: 'amax' | 'amin'): Op<[input: Tensor, dims?: Dims, options?: KeepdimOptions]> {
  return operation({
    name,
    forward(input: Tensor, dims?: Dims, options?: KeepdimOptions): Tensor {
      const positions = reducedDims(input, dims);
      requireElements(input, positions);
      return reduce(name === 'amax' ? 'max' : 'min', input, positions, options?.keepdim ?? false, input.dtype);
    },
    save: (result, input, dims?, options?) => ({ input, result, ...reducedOf(input, dims, options) }),
    // Equal extrema share the gradient.
    gradient(grad, { input, result, ...reduced }) {
      const taken = input.eq(restoreDims(result, reduced)).to(grad.dtype);
      const count = taken.sum(reduced.dims, { keepdim: true });
      return [restoreDims(grad, reduced).mul(taken).div(count)];
    },
  });
}

/** The largest value over `dims`; equal ones share the gradient. */
export const amax: Op<[input: Tensor, dims?: Dims, options?: KeepdimOptions]> = extremeValue('amax');
/** The smallest value over `dims`; equal ones share the gradient. */
export const amin: Op<[input: Tensor, dims?: Dims, options?: KeepdimOptions]> = extremeValue('amin');

/** A value chosen along a dim and where it stands. */
export interface ValuesAndIndices {
  readonly values: Tensor;
  readonly indices: Tensor;
}

function extremeAlong(op: 'max' | 'min'): Op<[input: Tensor, dim: number, options?: KeepdimOptions], ValuesAndIndices> {
  return operation({
    name: op,
    forward(input: Tensor, dim: number, options?: KeepdimOptions): ValuesAndIndices {
      const place = resolveDim(dim, input.ndim);
      const dims = input.ndim === 0 ? [] : [place];
      requireElements(input, dims);
      const shape = keptShape(input.shape, dims);
      const values = allocate(shape, input.dtype);
      const indices = allocate(shape, 'int64');
      if (input.ndim === 0) {
        backend.copy(values, input);
        backend.fill(indices, 0);
      } else backend.extremum(op, values, indices, input, place);
      const keepdim = options?.keepdim ?? false;
      return { values: withoutDims(values, dims, keepdim), indices: withoutDims(indices, dims, keepdim) };
    },
    save: ({ indices }, input, dim, options?) => ({ indices, ...reducedOf(input, dim, options) }),
    gradient: (grad, { indices, ...reduced }) => [placeAlong(grad, indices, reduced)],
  });
}

/** Zeros in which the reduced gradient stands at `indices` of the reduced dim. */
function placeAlong(grad: Tensor, indices: Tensor, reduced: Reduced): Tensor {
  if (reduced.shape.length === 0) return grad;
  const zeros = allocate(reduced.shape, grad.dtype).zero_();
  return zeros.scatter(reduced.dims[0]!, restoreDims(indices, reduced), restoreDims(grad, reduced));
}

const maxAlong = extremeAlong('max');
const minAlong = extremeAlong('min');

/** The extremum of all elements, of two tensors element by element, or along a dim with its position. */
export interface Extremum {
  (input: Tensor): Tensor;
  (input: Tensor, other: Tensor): Tensor;
  (input: Tensor, dim: number, options?: KeepdimOptions): ValuesAndIndices;
}

function extremum(op: 'max' | 'min'): Extremum {
  const all = operation({
    name: op,
    forward(input: Tensor): Tensor {
      requireElements(input, reducedDims(input, undefined));
      return reduce(op, input, reducedDims(input, undefined), false, input.dtype);
    },
    save: (result, input) => ({ input, result }),
    gradient(grad, { input, result }) {
      const taken = input.eq(result);
      return [taken.to(grad.dtype).mul(grad.div(taken.sum()))];
    },
  });
  const along = op === 'max' ? maxAlong : minAlong;
  function choose(input: Tensor): Tensor;
  function choose(input: Tensor, other: Tensor): Tensor;
  function choose(input: Tensor, dim: number, options?: KeepdimOptions): ValuesAndIndices;
  function choose(input: Tensor, second?: Tensor | number, options?: KeepdimOptions): Tensor | ValuesAndIndices {
    if (second === undefined) return all(input);
    if (second instanceof Tensor) return op === 'max' ? input.maximum(second) : input.minimum(second);
    return along(input, second, options);
  }
  return choose;
}

/** The largest: `max(x)` a 0-d tensor, `max(x, dim)` `{ values, indices }`, `max(x, y)` as `maximum`. */
export const max: Extremum = extremum('max');
/** The smallest: `min(x)` a 0-d tensor, `min(x, dim)` `{ values, indices }`, `min(x, y)` as `minimum`. */
export const min: Extremum = extremum('min');

function argument(op: 'max' | 'min'): Op<[input: Tensor, dim?: number, options?: KeepdimOptions]> {
  return operation({
    name: `arg${op}`,
    forward(input: Tensor, dim?: number, options?: KeepdimOptions): Tensor {
      if (input.dtype === 'bool') throw new DTypeError('not defined for dtype bool');
      const keepdim = options?.keepdim ?? false;
      if (dim === undefined) {
        requireElements(input, reducedDims(input, undefined));
        const flat = input.flatten();
        const index = allocate([1], 'int64');
        backend.extremum(op, undefined, index, flat, 0);
        const shape = keepdim ? input.shape.map(() => 1) : [];
        return window(index, shape, shape, 0);
      }
      return (op === 'max' ? maxAlong : minAlong)(input.detach(), dim, { keepdim }).indices;
    },
    gradient: () => [null],
  });
}

/** The position of the (first) largest element along `dim`, or in the flattened tensor. */
export const argmax: Op<[input: Tensor, dim?: number, options?: KeepdimOptions]> = argument('max');
/** The position of the (first) smallest element along `dim`, or in the flattened tensor. */
export const argmin: Op<[input: Tensor, dim?: number, options?: KeepdimOptions]> = argument('min');

// ---- logic

function logical(op: 'any' | 'all'): Op<[input: Tensor, dim?: Dims, options?: KeepdimOptions]> {
  return (input, dims, options) => {
    const dtype = input.dtype === 'uint8' ? 'uint8' : 'bool';
    const result = reduce(op, converted(input, 'bool'), reducedDims(input, dims), options?.keepdim ?? false, 'bool');
    return converted(result, dtype);
  };
}

/** Whether any element is not zero. */
export const any: Op<[input: Tensor, dim?: Dims, options?: KeepdimOptions]> = logical('any');
/** Whether no element is zero. */
export const all: Op<[input: Tensor, dim?: Dims, options?: KeepdimOptions]> = logical('all');

// ---- norms and sums of exponentials

/** The vector norm of order `p` (2 by default) over `dim`. https://pytorch.org/docs/stable/generated/torch.norm.html */
export const norm: Op<[input: Tensor, p?: number | 'fro', dim?: Dims, options?: KeepdimOptions]> = (
  input,
  p = 2,
  dim,
  options,
) => normOf(input, p === 'fro' ? 2 : p, dim, options);

const normOf = operation({
  name: 'norm',
  forward(input: Tensor, p: number, dims?: Dims, options?: KeepdimOptions): Tensor {
    requireFloat(input);
    if (typeof p !== 'number' || Number.isNaN(p)) throw new ValueError(`expected a number as order, got ${String(p)}`);
    const positions = reducedDims(input, dims);
    const keepdim = options?.keepdim ?? false;
    if (p === 2) {
      const squares = reduce('sumOfSquares', input, positions, keepdim, input.dtype);
      backend.unary('sqrt', squares, squares);
      return squares;
    }
    if (p === 1) return reduce('sumOfAbs', input, positions, keepdim, input.dtype);
    const terms = allocateLike(input);
    backend.unary('abs', terms, input);
    if (Math.abs(p) === Infinity) {
      requireElements(input, positions);
      return reduce(p > 0 ? 'max' : 'min', terms, positions, keepdim, input.dtype);
    }
    if (p === 0) {
      const present = allocateLike(input, 'bool');
      backend.compare('ne', present, input, 0);
      backend.copy(terms, present);
      return reduce('sum', terms, positions, keepdim, input.dtype);
    }
    backend.binary('pow', terms, terms, p);
    const sums = reduce('sum', terms, positions, keepdim, input.dtype);
    backend.binary('pow', sums, sums, 1 / p);
    return sums;
  },
  save: (result, input, p, dims?, options?) => ({ input, result, p, ...reducedOf(input, dims, options) }),
  gradient(grad, { input, result, p, ...reduced }) {
    const total = restoreDims(result, reduced);
    const share = restoreDims(grad, reduced);
    if (p === 0) return [zerosLike(input)];
    if (p === 1) return [input.sign().mul(share)];
    // Where all elements are zero the gradient is 0.
    if (p === 2) return [input.mul(where(total.eq(0), 0, share.div(total)))];
    if (Math.abs(p) === Infinity) {
      const taken = input.abs().eq(total).logicalOr(input.isnan()).to(grad.dtype);
      return [
        input
          .sign()
          .mul(taken)
          .mul(share.div(taken.sum(reduced.dims, { keepdim: true }))),
      ];
    }
    const scale = where(total.eq(0), 0, share.div(total.pow(p - 1)));
    return [
      where(
        input.eq(0),
        0,
        input
          .sign()
          .mul(input.abs().pow(p - 1))
          .mul(scale),
      ),
    ];
  },
});

/** log(sum(exp(x))) over `dims`, without overflow. */
export const logsumexp: Op<[input: Tensor, dims: Dims, options?: KeepdimOptions]> = (input, dims, options) =>
  logSumExp(isFloat(input.dtype) ? input : input.to(getDefaultDtype()), dims, options);

const logSumExp = operation({
  name: 'logsumexp',
  forward(input: Tensor, dims: Dims, options?: KeepdimOptions): Tensor {
    const positions = reducedDims(input, dims);
    const result = allocate(keptShape(input.shape, positions), input.dtype);
    backend.logSumExp(result, input);
    return withoutDims(result, positions, options?.keepdim ?? false);
  },
  save: (result, input, dims, options?) => ({ input, result, ...reducedOf(input, dims, options) }),
  gradient: (grad, { input, result, ...reduced }) => [
    input.sub(restoreDims(result, reduced)).exp().mul(restoreDims(grad, reduced)),
  ],
});

// ---- running sums and products

const cumulativeSum = operation({
  name: 'cumsum',
  forward(input: Tensor, dim: number): Tensor {
    return cumulative('sum', input, dim);
  },
  save: (_result, _input, dim) => dim,
  gradient: (grad, dim) => [grad.flip(dim).cumsum(dim).flip(dim)],
});
const cumulativeProduct = operation({
  name: 'cumprod',
  forward(input: Tensor, dim: number): Tensor {
    return cumulative('prod', input, dim);
  },
  save: (result, input, dim) => ({ result, input, dim }),
  gradient(grad, { result, input, dim }) {
    if (input.ndim === 0) return [grad];
    // Without zeros: sum of later results over each element. With zeros, directly from the definition.
    if (backend.countNonzero(input) === input.numel()) {
      return [grad.mul(result).flip(dim).cumsum(dim).flip(dim).div(input)];
    }
    const place = resolveDim(dim, input.ndim);
    const size = input.shape[place]!;
    const parts = Array.from({ length: size }, (_, k) => {
      const before = k === 0 ? undefined : input.narrow(place, 0, k).prod(place, { keepdim: true });
      const after = input.narrow(place, k, size - k).clone();
      after.narrow(place, 0, 1).fill_(1);
      const products = before ? after.cumprod(place).mul(before) : after.cumprod(place);
      return grad
        .narrow(place, k, size - k)
        .mul(products)
        .sum(place, { keepdim: true });
    });
    return [cat(parts, place)];
  },
});

function cumulative(op: 'sum' | 'prod', input: Tensor, dim: number): Tensor {
  const place = resolveDim(dim, input.ndim);
  const source = converted(input, isFloat(input.dtype) ? input.dtype : 'int64');
  const result = allocate(source.shape, source.dtype);
  if (input.ndim === 0) backend.copy(result, source);
  else backend.cumulative(op, result, source, place);
  return result;
}

/** Running sums along `dim`. */
export const cumsum: Op<[input: Tensor, dim: number, options?: { dtype?: DType }]> = (input, dim, options) =>
  options?.dtype === undefined
    ? cumulativeSum(input, dim)
    : cumulativeSum(input.to(options.dtype), dim).to(options.dtype);
/** Running products along `dim`. */
export const cumprod: Op<[input: Tensor, dim: number, options?: { dtype?: DType }]> = (input, dim, options) =>
  options?.dtype === undefined
    ? cumulativeProduct(input, dim)
    : cumulativeProduct(input.to(options.dtype), dim).to(options.dtype);
