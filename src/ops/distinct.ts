// Which values there are, where and how often.

import { backend } from '../backend/active.js';
import { isFloat } from '../backend/dtype.js';
import { DTypeError, FlambeauError, ShapeError, ValueError } from '../errors.js';
import { resolveDim, show } from '../tensor/shape.js';
import { allocate, type Tensor } from '../tensor/tensor.js';
import { cat } from './combine.js';
import type { Op } from './operation.js';
import { guarded } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

/** Options of `unique`. */
export interface UniqueOptions {
  /** Also say which of the values each element is. */
  returnInverse?: boolean;
  /** Also say how often each value occurs. */
  returnCounts?: boolean;
  /** Compare the parts along a dim instead of single elements. */
  dim?: number | undefined;
}

/** Distinct values and what was asked for besides. */
export interface UniqueValues {
  readonly values: Tensor;
  readonly inverse?: Tensor;
  readonly counts?: Tensor;
}

/** What `unique` and `uniqueConsecutive` find. */
export interface Unique {
  (input: Tensor, options?: { returnInverse?: false; returnCounts?: false; dim?: number | undefined }): Tensor;
  (input: Tensor, options: UniqueOptions & { returnInverse: true; returnCounts: true }): Required<UniqueValues>;
  (input: Tensor, options: UniqueOptions & { returnInverse: true }): UniqueValues & { readonly inverse: Tensor };
  (input: Tensor, options: UniqueOptions & { returnCounts: true }): UniqueValues & { readonly counts: Tensor };
  (input: Tensor, options?: UniqueOptions): Tensor | UniqueValues;
}

/** 0, 1, ... as int64. */
function positions(count: number): Tensor {
  const result = allocate([count], 'int64');
  backend.arange(result, 0, 1);
  return result;
}

/** An order of the rows of [rows, columns] in which they ascend; equal ones keep theirs. */
function ascending(rows: Tensor): Tensor {
  let order = positions(rows.shape[0]!);
  for (let column = rows.shape[1]! - 1; column >= 0; column--) {
    order = order.indexSelect(0, rows.select(1, column).indexSelect(0, order).argsort(0));
  }
  return order;
}

/** Where a row of [rows, columns] differs from the one before it; the first always does. */
function changes(rows: Tensor): Tensor {
  const count = rows.shape[0]!;
  const result = allocate([count], 'bool').fill_(true);
  if (count > 1 && rows.shape[1]! > 0) {
    result.narrow(0, 1, count - 1).copy_(
      rows
        .narrow(0, 1, count - 1)
        .ne(rows.narrow(0, 0, count - 1))
        .any(1),
    );
  } else if (count > 1) {
    result.narrow(0, 1, count - 1).fill_(false);
  }
  return result;
}

function distinct(
  input: Tensor,
  { returnInverse, returnCounts, dim }: UniqueOptions,
  sort: boolean,
): Tensor | UniqueValues {
  const source = input.detach();
  const place = dim === undefined ? 0 : resolveDim(dim, source.ndim);
  if (dim !== undefined && (source.ndim === 0 || (source.numel() === 0 && source.shape[place] !== 0))) {
    throw new ShapeError(`expected parts along dim ${dim} that hold elements, got shape ${show(source.shape)}`);
  }
  const parts = dim === undefined ? source.reshape([-1]) : source;
  const count = parts.shape[place]!;
  const across = parts.ndim > 1 ? parts.transpose(0, place) : parts;
  const table = across.reshape([count, count === 0 ? 1 : parts.numel() / count]);
  const order = sort ? ascending(table) : positions(count);
  const begins = changes(table.indexSelect(0, order));
  const first = begins.nonzero().reshape([-1]);
  const values = parts.indexSelect(place, order.indexSelect(0, first));
  if (!returnInverse && !returnCounts) return values;
  // Without dims, the inverse has the input's shape.
  const inverse = allocate([order.numel()], 'int64').scatter_(0, order, begins.cumsum(0).sub(1));
  const ends = cat([first.slice(0, 1), allocate([Math.min(first.numel(), 1)], 'int64').fill_(order.numel())]);
  return {
    values,
    ...(returnInverse ? { inverse: dim === undefined ? inverse.reshape(input.shape) : inverse } : {}),
    ...(returnCounts ? { counts: ends.sub(first) } : {}),
  };
}

function finding(name: string, sort: boolean): Unique {
  return ((input: Tensor, options: UniqueOptions = {}) => {
    try {
      return distinct(input, options, sort);
    } catch (error) {
      throw error instanceof FlambeauError ? error.during(name) : error;
    }
  }) as Unique;
}

/**
 * The distinct values in ascending order, and on request each element's place among them and their counts:
 * `unique(x)`, `unique(x, { returnInverse: true, returnCounts: true })`. No gradient.
 * https://pytorch.org/docs/stable/generated/torch.unique.html
 */
export const unique = guarded(signatures.unique, finding('unique', true));

/** As `unique`, but only neighbours count as equal, and the order stays. */
export const uniqueConsecutive = guarded(signatures.uniqueConsecutive, finding('uniqueConsecutive', false));

/** Options of `bincount`. */
export interface BincountOptions {
  /** Added for each occurrence instead of 1. */
  weights?: Tensor | undefined;
  /** The least length of the result. */
  minlength?: number;
}

/** How often each number from 0 on occurs in a vector of integers. */
export const bincount: Op<[input: Tensor, options?: BincountOptions]> = guarded(
  signatures.bincount,
  (input, { weights, minlength = 0 } = {}) => {
    if (input.ndim !== 1) throw new ShapeError(`expected a vector, got shape ${show(input.shape)}`).during('bincount');
    if (isFloat(input.dtype) || input.dtype === 'bool') {
      throw new DTypeError(`expected integers, got ${input.dtype}`).during('bincount');
    }
    if (weights && (weights.ndim !== 1 || weights.numel() !== input.numel())) {
      throw new ShapeError(`expected ${input.numel()} weights, got shape ${show(weights.shape)}`).during('bincount');
    }
    if (!Number.isInteger(minlength) || minlength < 0) {
      throw new ValueError(`expected a whole number >= 0 as minlength, got ${minlength}`).during('bincount');
    }
    const count = input.numel();
    if (count > 0 && input.amin().item() < 0) throw new ValueError('expected numbers >= 0').during('bincount');
    const length = Math.max(count === 0 ? 0 : input.amax().item() + 1, minlength);
    const places = input.to('int64');
    if (!weights)
      return allocate([length], 'int64')
        .zero_()
        .indexAdd(0, places, allocate([count], 'int64').fill_(1));
    const amounts = weights.detach().to(weights.dtype === 'float32' ? 'float32' : 'float64');
    return allocate([length], amounts.dtype).zero_().indexAdd(0, places, amounts);
  },
);
