// What runs along a dim: sums, products and extrema so far, and the differences of neighbours.

import { backend } from '../backend/active.js';
import { isFloat, type DType } from '../backend/dtype.js';
import { ShapeError, ValueError } from '../errors.js';
import { resolveDim } from '../tensor/shape.js';
import { allocate, type Tensor } from '../tensor/tensor.js';
import { cat } from './combine.js';
import { converted } from './elementwise.js';
import { operation, type Op } from './operation.js';
import type { ValuesAndIndices } from './reduced-dims.js';
import { guarded } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

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
export const cumsum: Op<[input: Tensor, dim: number, options?: { dtype?: DType }]> = guarded(
  signatures.cumsum,
  (input, dim, options) =>
    options?.dtype === undefined
      ? cumulativeSum(input, dim)
      : cumulativeSum(input.to(options.dtype), dim).to(options.dtype),
);
/** Running products along `dim`. */
export const cumprod: Op<[input: Tensor, dim: number, options?: { dtype?: DType }]> = guarded(
  signatures.cumprod,
  (input, dim, options) =>
    options?.dtype === undefined
      ? cumulativeProduct(input, dim)
      : cumulativeProduct(input.to(options.dtype), dim).to(options.dtype),
);

function cumulativeExtremum(op: 'max' | 'min'): Op<[input: Tensor, dim: number], ValuesAndIndices> {
  return operation({
    name: op === 'max' ? 'cummax' : 'cummin',
    forward(input: Tensor, dim: number): ValuesAndIndices {
      const place = resolveDim(dim, input.ndim);
      const values = allocate(input.shape, input.dtype);
      const indices = allocate(input.shape, 'int64');
      if (input.ndim === 0) {
        backend.copy(values, input);
        backend.fill(indices, 0);
      } else backend.cumulativeExtremum(op, values, indices, input, place);
      return { values, indices };
    },
    save: ({ indices }, _input, dim) => ({ indices, dim }),
    gradient: (grad, { indices, dim }) => [allocate(grad.shape, grad.dtype).zero_().scatterAdd(dim, indices, grad)],
  });
}

/** The largest so far along `dim` and where it stands (the last of equals). */
export const cummax: Op<[input: Tensor, dim: number], ValuesAndIndices> = guarded(
  signatures.cummax,
  cumulativeExtremum('max'),
);
/** The smallest so far along `dim` and where it stands (the last of equals). */
export const cummin: Op<[input: Tensor, dim: number], ValuesAndIndices> = guarded(
  signatures.cummin,
  cumulativeExtremum('min'),
);

/** The differences of neighbours along `dim`, taken `n` times. https://pytorch.org/docs/stable/generated/torch.diff.html */
export const diff: Op<[input: Tensor, n?: number, dim?: number]> = guarded(
  signatures.diff,
  (input, n = 1, dim = -1) => {
    if (input.ndim === 0) throw new ShapeError('expected at least 1 dim').during('diff');
    if (!Number.isInteger(n) || n < 0) throw new ValueError(`expected n of 0 or more, got ${n}`).during('diff');
    const place = resolveDim(dim, input.ndim);
    if (n === 0) return input.clone();
    let result = input;
    for (let i = 0; i < n && result.shape[place]! > 0; i++) {
      const count = result.shape[place]! - 1;
      const [later, earlier] = [result.narrow(place, 1, count), result.narrow(place, 0, count)];
      result = result.dtype === 'bool' ? later.logicalXor(earlier) : later.sub(earlier);
    }
    return result;
  },
);
