// Many elements made one: sums, means, extrema, norms, over all dims or some.

import { backend } from '../backend/active.js';
import type { ReduceOp } from '../backend/backend.js';
import { isFloat, type DType } from '../backend/dtype.js';
import { DTypeError, ValueError } from '../errors.js';
import { onesLike, zerosLike } from '../tensor/create.js';
import { getDefaultDtype } from '../tensor/promotion.js';
import { resolveDim } from '../tensor/shape.js';
import { allocate, allocateLike, Tensor, window } from '../tensor/tensor.js';
import { cat } from './combine.js';
import { converted } from './elementwise.js';
import { operation, type Op } from './operation.js';
import {
  countReduced,
  evenlyShared,
  keptShape,
  placeAlong,
  reducedDims,
  reducedOf,
  requireElements,
  restoreDims,
  spread,
  withoutDims,
  type Dims,
  type KeepdimOptions,
  type ValuesAndIndices,
} from './reduced-dims.js';
import { where } from './pointwise.js';
import { guarded } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

export type { Dims, KeepdimOptions, ValuesAndIndices };

/** Options of reductions. */
export interface ReduceOptions extends KeepdimOptions {
  /** The dtype to convert to first, and of the result. */
  dtype?: DType;
}

/** Runs a reducing kernel. */
function reduce(op: ReduceOp, input: Tensor, dims: readonly number[], keepdim: boolean, dtype: DType): Tensor {
  const result = allocate(keptShape(input.shape, dims), dtype);
  backend.reduce(op, result, input);
  return withoutDims(result, dims, keepdim);
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
export const sum: Op<[input: Tensor, dims?: Dims, options?: ReduceOptions]> = guarded(
  signatures.sum,
  (input, dims, options) =>
    options?.dtype === undefined
      ? sumOf(input, dims, options)
      : sumOf(input.to(options.dtype), dims, options).to(options.dtype),
);

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
export const mean: Op<[input: Tensor, dims?: Dims, options?: ReduceOptions]> = guarded(
  signatures.mean,
  (input, dims, options) => meanOf(options?.dtype === undefined ? input : input.to(options.dtype), dims, options),
);

function requireFloat(input: Tensor): void {
  if (!isFloat(input.dtype))
    throw new DTypeError(`expected a float dtype, got ${input.dtype}: convert with float() first`);
}

const prodOf = operation({
  name: 'prod',
  autocast: 'float32',
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

/** The sum over `dims` of those that are not NaN. */
export const nansum: Op<[input: Tensor, dims?: Dims, options?: ReduceOptions]> = guarded(
  signatures.nansum,
  (input, dims, options) => sum(input.isFloatingPoint() ? where(input.isnan(), 0, input) : input, dims, options),
);
/** The mean over `dims` of those that are not NaN. */
export const nanmean: Op<[input: Tensor, dims?: Dims, options?: KeepdimOptions]> = guarded(
  signatures.nanmean,
  (input, dims, options) => {
    if (!isFloat(input.dtype)) throw new DTypeError(`expected a float dtype, got ${input.dtype}`).during('nanmean');
    return nansum(input, dims, options).div(input.isnan().logicalNot().sum(dims, options));
  },
);

/** How many elements are not zero. */
export const countNonzero: Op<[input: Tensor, dims?: Dims]> = guarded(signatures.countNonzero, (input, dims) =>
  input.ne(0).sum(dims),
);

/** The product of all elements or along `dim`. Integers and bool give int64. */
export const prod: Op<[input: Tensor, dim?: number, options?: ReduceOptions]> = guarded(
  signatures.prod,
  (input, dim, options) =>
    options?.dtype === undefined
      ? prodOf(input, dim, options)
      : prodOf(input.to(options.dtype), dim, options).to(options.dtype),
);

// ---- spread

/** Options of `var`, `std` and their like. */
export interface VarianceOptions extends KeepdimOptions {
  /** Divide by n - 1 (the default) or, false, by n. */
  unbiased?: boolean;
  /** Divide by n - correction. */
  correction?: number;
}

function correctionOf(options: VarianceOptions | undefined): number {
  const correction = options?.correction ?? (options?.unbiased === false ? 0 : 1);
  if (Number.isNaN(correction)) throw new ValueError('a correction of NaN');
  return correction;
}

/** The variance over `dims`, by default with n - 1. https://pytorch.org/docs/stable/generated/torch.var.html */
export const variance: Op<[input: Tensor, dims?: Dims, options?: VarianceOptions]> = operation({
  name: 'var',
  takes: signatures.variance,
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
  takes: signatures.std,
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

/** `variance` and `mean` together. */
export const varMean: Op<
  [input: Tensor, dims?: Dims, options?: VarianceOptions],
  { readonly var: Tensor; readonly mean: Tensor }
> = guarded(signatures.varMean, (input, dims, options) => ({
  var: variance(input, dims, options),
  mean: mean(input, dims, { keepdim: options?.keepdim ?? false }),
}));
/** `std` and `mean` together. */
export const stdMean: Op<
  [input: Tensor, dims?: Dims, options?: VarianceOptions],
  { readonly std: Tensor; readonly mean: Tensor }
> = guarded(signatures.stdMean, (input, dims, options) => ({
  std: std(input, dims, options),
  mean: mean(input, dims, { keepdim: options?.keepdim ?? false }),
}));

// ---- extrema

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
export const amax: Op<[input: Tensor, dims?: Dims, options?: KeepdimOptions]> = guarded(
  signatures.amax,
  extremeValue('amax'),
);
/** The smallest value over `dims`; equal ones share the gradient. */
export const amin: Op<[input: Tensor, dims?: Dims, options?: KeepdimOptions]> = guarded(
  signatures.amin,
  extremeValue('amin'),
);

/** Options of `aminmax`. */
export interface AminmaxOptions extends KeepdimOptions {
  /** Left out: of all elements. */
  dim?: number;
}

/** The smallest and the largest value. */
export const aminmax: Op<[input: Tensor, options?: AminmaxOptions], { readonly min: Tensor; readonly max: Tensor }> =
  guarded(signatures.aminmax, (input, { dim, ...options } = {}) => ({
    min: amin(input, dim, options),
    max: amax(input, dim, options),
  }));

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
    gradient: (grad, { input, result }) => [evenlyShared(grad, input, result)],
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
export const max: Extremum = guarded(signatures.max, extremum('max'));
/** The smallest: `min(x)` a 0-d tensor, `min(x, dim)` `{ values, indices }`, `min(x, y)` as `minimum`. */
export const min: Extremum = guarded(signatures.min, extremum('min'));

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
export const argmax: Op<[input: Tensor, dim?: number, options?: KeepdimOptions]> = guarded(
  signatures.argmax,
  argument('max'),
);
/** The position of the (first) smallest element along `dim`, or in the flattened tensor. */
export const argmin: Op<[input: Tensor, dim?: number, options?: KeepdimOptions]> = guarded(
  signatures.argmin,
  argument('min'),
);

// ---- logic

function logical(op: 'any' | 'all'): Op<[input: Tensor, dim?: Dims, options?: KeepdimOptions]> {
  return (input, dims, options) => {
    const dtype = input.dtype === 'uint8' ? 'uint8' : 'bool';
    const result = reduce(op, converted(input, 'bool'), reducedDims(input, dims), options?.keepdim ?? false, 'bool');
    return converted(result, dtype);
  };
}

/** Whether any element is not zero. */
export const any: Op<[input: Tensor, dim?: Dims, options?: KeepdimOptions]> = guarded(signatures.any, logical('any'));
/** Whether no element is zero. */
export const all: Op<[input: Tensor, dim?: Dims, options?: KeepdimOptions]> = guarded(signatures.all, logical('all'));

// ---- norms and sums of exponentials

/** The vector norm of order `p` (2 by default) over `dim`. https://pytorch.org/docs/stable/generated/torch.norm.html */
export const norm: Op<[input: Tensor, p?: number | 'fro', dim?: Dims, options?: KeepdimOptions]> = guarded(
  signatures.norm,
  (input, p = 2, dim, options) => normOf(input, p === 'fro' ? 2 : p, dim, options),
);

const normOf = operation({
  name: 'norm',
  forward(input: Tensor, p: number, dims?: Dims, options?: KeepdimOptions): Tensor {
    requireFloat(input);
    if (typeof p !== 'number' || Number.isNaN(p)) throw new ValueError(`expected a number as order, got ${String(p)}`);
    const positions = reducedDims(input, dims);
    const keepdim = options?.keepdim ?? false;
    // Nothing has the norm 0, whatever the order.
    if (input.numel() === 0) return reduce('sum', input, positions, keepdim, input.dtype);
    if (p === 2) {
      const squares = reduce('sumOfSquares', input, positions, keepdim, input.dtype);
      backend.unary('sqrt', squares, squares);
      return squares;
    }
    if (p === 1) return reduce('sumOfAbs', input, positions, keepdim, input.dtype);
    const terms = allocateLike(input);
    backend.unary('abs', terms, input);
    if (Math.abs(p) === Infinity) {
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
export const logsumexp: Op<[input: Tensor, dims: Dims, options?: KeepdimOptions]> = guarded(
  signatures.logsumexp,
  (input, dims, options) => logSumExp(isFloat(input.dtype) ? input : input.to(getDefaultDtype()), dims, options),
);

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
