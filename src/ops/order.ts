// Elements by rank: sorted, the largest, medians, the most frequent.

import { backend } from '../backend/active.js';
import { isFloat } from '../backend/dtype.js';
import { DTypeError, ValueError } from '../errors.js';
import { resolveDim } from '../tensor/shape.js';
import { allocate, allocateLike, type Tensor } from '../tensor/tensor.js';
import { operation, type Op } from './operation.js';
import {
  evenlyShared,
  keptShape,
  placeAlong,
  reducedOf,
  requireElements,
  withoutDims,
  type KeepdimOptions,
  type ValuesAndIndices,
} from './reduced-dims.js';
import { guarded } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

/** Options of `sort`. */
export interface SortOptions {
  descending?: boolean;
  stable?: boolean;
}

function picked(name: string, run: (input: Tensor, place: number) => ValuesAndIndices) {
  return operation({
    name,
    forward(input: Tensor, dim: number): ValuesAndIndices {
      const place = resolveDim(dim, input.ndim);
      if (input.ndim > 0) return run(input, place);
      const flat = run(input.reshape([1]), 0);
      return { values: flat.values.reshape([]), indices: flat.indices.reshape([]) };
    },
    save: (result, input, dim) => ({ indices: result.indices, shape: input.shape, dim }),
    gradient: (grad, { indices, shape, dim }) => [allocate(shape, grad.dtype).zero_().scatter(dim, indices, grad)],
  });
}

function sortWith(descending: boolean) {
  return picked('sort', (input, place) => {
    const values = allocateLike(input);
    const positions = allocate(input.shape, 'int64');
    backend.sort(values, positions, input, place, descending);
    return { values, indices: positions };
  });
}
const sortUp = sortWith(false);
const sortDown = sortWith(true);

/** The elements in order along `dim` (the last by default) and where they stood. Stable; NaN counts as the largest. */
export const sort: Op<[input: Tensor, dim?: number, options?: SortOptions], ValuesAndIndices> = guarded(
  signatures.sort,
  (input, dim = -1, options) => (options?.descending ? sortDown : sortUp)(input, dim),
);
/** The positions that would put the elements along `dim` in order. */
export const argsort: Op<[input: Tensor, dim?: number, options?: SortOptions]> = guarded(
  signatures.argsort,
  (input, dim, options) => sort(input.detach(), dim, options).indices,
);

function refuseBool(name: string, { dtype }: Tensor): void {
  if (dtype === 'bool') throw new DTypeError('not defined for dtype bool').during(name);
}

function withoutBool(name: string, input: Tensor): Tensor {
  refuseBool(name, input);
  return input;
}

/** Options of `topk`. */
export interface TopkOptions {
  /** false: the smallest. */
  largest?: boolean;
  sorted?: boolean;
}

/** The `k` largest (or smallest) elements along `dim`, in order, and where they stand. */
export const topk: Op<[input: Tensor, k: number, dim?: number, options?: TopkOptions], ValuesAndIndices> = guarded(
  signatures.topk,
  (input, k, dim = -1, { largest = true } = {}) => {
    refuseBool('topk', input);
    const place = resolveDim(dim, input.ndim);
    const size = input.shape[place] ?? 1;
    if (!Number.isInteger(k) || k < 0 || k > size) {
      throw new ValueError(`expected k from 0 to ${size}, the size of dim ${dim}, got ${k}`).during('topk');
    }
    return picked('topk', (source, at) => {
      const values = allocate(source.shape.with(at, k), source.dtype);
      const positions = allocate(source.shape.with(at, k), 'int64');
      backend.topk(values, positions, source, at, largest);
      return { values, indices: positions };
    })(input, dim);
  },
);

// ---- one element by its rank

/** All elements along `place` in ascending order, and where they stood. */
function sorted(input: Tensor, place: number): ValuesAndIndices {
  const values = allocate(input.shape, input.dtype);
  const indices = allocate(input.shape, 'int64');
  backend.sort(values, indices, input, place, false);
  return { values, indices };
}

/** An operation that picks one element along a dim by its place in the sorted order, an int64 tensor of size 1 in that dim. */
function ranked<A extends unknown[]>(
  name: string,
  rank: (sorted: ValuesAndIndices, place: number, ...args: A) => Tensor,
): Op<[input: Tensor, dim: number, options: KeepdimOptions | undefined, ...A], ValuesAndIndices> {
  return operation({
    name,
    forward(input: Tensor, dim: number, options: KeepdimOptions | undefined, ...args: A): ValuesAndIndices {
      const place = resolveDim(dim, input.ndim);
      const source = input.ndim === 0 ? input.detach().reshape([1]) : input.detach();
      requireElements(source, [place]);
      const order = sorted(source, place);
      const at = rank(order, place, ...args);
      const keepdim = options?.keepdim ?? false;
      const pick = (tensor: Tensor): Tensor =>
        withoutDims(tensor.gather(place, at), [place], keepdim && input.ndim > 0);
      return { values: pick(order.values), indices: pick(order.indices) };
    },
    save: ({ indices }, input, dim, options, ..._args: A) => ({ indices, ...reducedOf(input, dim, options) }),
    gradient: (grad, { indices, ...reduced }) => [placeAlong(grad, indices, reduced)],
  });
}

/** A rank that is the same everywhere. */
function everywhere(rank: number, { values }: ValuesAndIndices, place: number): Tensor {
  return allocate(keptShape(values.shape, [place]), 'int64').fill_(rank);
}

const smallest = ranked('kthvalue', (order, place, k: number) => {
  const size = order.values.shape[place]!;
  if (!Number.isInteger(k) || k < 1 || k > size) throw new ValueError(`expected k from 1 to ${size}, got ${k}`);
  return everywhere(k - 1, order, place);
});
/** The `k`-th smallest element along `dim`, counted from 1, and where it stands. */
export const kthvalue: Op<[input: Tensor, k: number, dim?: number, options?: KeepdimOptions], ValuesAndIndices> =
  guarded(signatures.kthvalue, (input, k, dim = -1, options) =>
    smallest(withoutBool('kthvalue', input), dim, options, k),
  );

/** How many elements along a dim are numbers. */
function countNumbers(values: Tensor, place: number): Tensor {
  return values.isnan().logicalNot().sum(place, { keepdim: true });
}

/** The lower of the two in the middle; NaN where there is one, as it is sorted to the end. */
const medianAlong = ranked('median', (order, place) => {
  const size = order.values.shape[place]!;
  const middle = everywhere((size - 1) >> 1, order, place);
  if (!isFloat(order.values.dtype)) return middle;
  const numbers = countNumbers(order.values, place);
  return numbers.where(numbers.lt(size), middle);
});
const nanmedianAlong = ranked('nanmedian', ({ values }, place) =>
  countNumbers(values, place).sub(1).clampMin(0).div(2, { roundingMode: 'floor' }),
);

/** The median of all elements, or along a dim with its position. */
export interface Median {
  (input: Tensor): Tensor;
  (input: Tensor, dim: number, options?: KeepdimOptions): ValuesAndIndices;
}

function medianOf(name: 'median' | 'nanmedian'): Median {
  const along = name === 'median' ? medianAlong : nanmedianAlong;
  const all = operation({
    name,
    forward(input: Tensor): Tensor {
      refuseBool(name, input);
      const flat = input.detach().reshape([-1]);
      if (flat.numel() > 0) return along(flat, 0, undefined).values;
      if (!isFloat(input.dtype)) throw new ValueError('no elements to choose from');
      return allocate([], input.dtype).fill_(NaN);
    },
    save: (result, input) => ({ input, result }),
    gradient: (grad, { input, result }) => [evenlyShared(grad, input, result)],
  });
  function choose(input: Tensor): Tensor;
  function choose(input: Tensor, dim: number, options?: KeepdimOptions): ValuesAndIndices;
  function choose(input: Tensor, dim?: number, options?: KeepdimOptions): Tensor | ValuesAndIndices {
    if (dim === undefined) return all(input);
    refuseBool(name, input);
    return along(input, dim, options);
  }
  return choose;
}

/**
 * The median: `median(x)` a 0-d tensor, `median(x, dim)` `{ values, indices }`. Of two in the middle it is the lower one; NaN
 * where there is one. https://pytorch.org/docs/stable/generated/torch.median.html
 */
export const median: Median = guarded(signatures.median, medianOf('median'));
/** The median of those that are not NaN. */
export const nanmedian: Median = guarded(signatures.nanmedian, medianOf('nanmedian'));

const modeAlong = ranked('mode', ({ values }, place) => {
  // How long each run of equal elements is so far; the first of the longest runs holds the smallest such element.
  const size = values.shape[place]!;
  const places = allocate([size], 'int64');
  backend.arange(places, 0, 1);
  const position = places.reshape(values.shape.map((_, d) => (d === place ? -1 : 1)));
  const begins = values.narrow(place, 1, size - 1).ne(values.narrow(place, 0, size - 1));
  const beginning = allocate(values.shape, 'int64').zero_();
  beginning.narrow(place, 1, size - 1).copy_(begins.mul(position.narrow(place, 1, size - 1)));
  const length = position.sub(beginning.cummax(place).values);
  return length.argmax(place, { keepdim: true });
});
/** The most frequent element along `dim`, the smallest of several, and where it last stands. */
export const mode: Op<[input: Tensor, dim?: number, options?: KeepdimOptions], ValuesAndIndices> = guarded(
  signatures.mode,
  (input, dim = -1, options) => modeAlong(input, dim, options),
);
