// Elements picked out by position or condition, and written back there.

import { backend } from '../backend/active.js';
import { dtypes, isFloat, type DType } from '../backend/dtype.js';
import { DTypeError, FlambeauError, IndexError, ShapeError, ValueError } from '../errors.js';
import { checkFits } from '../tensor/promotion.js';
import { broadcastShapes, resolveDim, sameShape, show, type Shape } from '../tensor/shape.js';
import { allocate, Tensor, window } from '../tensor/tensor.js';
import { converted, type Scalar } from './elementwise.js';
import { assign, checkElementFits, inPlace, prepare, refuseRepetition } from './in-place.js';
import { operation, type Op } from './operation.js';
import { where, type AlphaOptions } from './pointwise.js';
import { guarded } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

// ---- along one dim

/** Index tensors as kernels take them: int64. uint8 was PyTorch's mask once, so it is refused rather than misread. */
function indices(index: Tensor): Tensor {
  const { kind } = dtypes[index.dtype];
  if (kind !== 'integer' || index.dtype === 'uint8') {
    throw new DTypeError(
      `expected an index of signed integers, got ${index.dtype}: convert with long() or, a mask, bool()`,
    );
  }
  return converted(index, 'int64');
}

/** Names the index that a kernel found out of range. */
function refuse(bad: number, index: Tensor, size: number, dim: number): void {
  if (bad < 0) return;
  const value = index.data()[bad];
  throw new IndexError(`index ${value} at position ${bad} is out of range for dim ${dim} of size ${size}`);
}

function requireOneDim(index: Tensor): void {
  if (index.ndim > 1) throw new ShapeError(`expected an index with at most 1 dim, got shape ${show(index.shape)}`);
}

/** The parts of `dim` at the positions in `index` [k]. */
export const indexSelect: Op<[input: Tensor, dim: number, index: Tensor]> = guarded(
  signatures.indexSelect,
  (input, dim, index) =>
    input.ndim === 0 && index.numel() === 1
      ? selectAt(input.reshape([1]), dim, index).reshape([])
      : selectAt(input, dim, index),
);
const selectAt = operation({
  name: 'indexSelect',
  forward(input: Tensor, dim: number, index: Tensor): Tensor {
    requireOneDim(index);
    const place = resolveDim(dim, input.ndim);
    if (input.ndim === 0) throw new ShapeError(`expected one index for a 0-d tensor, got ${index.numel()}`);
    const positions = indices(index).reshape([-1]);
    const result = allocate(input.shape.with(place, positions.numel()), input.dtype);
    refuse(backend.indexSelect(result, input, place, positions), positions, input.shape[place]!, dim);
    return result;
  },
  save: (_result, input, dim, index) => ({ shape: input.shape, dim, index }),
  gradient: (grad, { shape, dim, index }) => [allocate(shape, grad.dtype).zero_().indexAdd(dim, index, grad)],
});

/** A copy of `input` with the parts of `source` added to its parts at `index` along `dim`. */
export const indexAdd: Op<[input: Tensor, dim: number, index: Tensor, source: Tensor, options?: AlphaOptions]> =
  guarded(signatures.indexAdd, (input, dim, index, source, options) =>
    input.ndim === 0
      ? addAt(atLeastOneDim(input), atLeastOneDim(source), dim, index, Number(options?.alpha ?? 1)).reshape([])
      : addAt(input, source, dim, index, Number(options?.alpha ?? 1)),
  );
const addAt = operation({
  name: 'indexAdd',
  forward(input: Tensor, source: Tensor, dim: number, index: Tensor, alpha: number): Tensor {
    requireOneDim(index);
    const place = resolveDim(dim, input.ndim);
    if (source.dtype !== input.dtype)
      throw new DTypeError(`expected a source of dtype ${input.dtype}, got ${source.dtype}`);
    if (!isFloat(input.dtype) && !Number.isInteger(alpha)) {
      throw new ValueError(`expected a whole number as alpha for integers, got ${alpha}`);
    }
    const expected = input.shape.with(place, index.numel());
    if (!sameShape(source.shape, expected)) {
      throw new ShapeError(`expected a source of shape ${show(expected)}, got ${show(source.shape)}`);
    }
    const positions = indices(index).reshape([-1]);
    const result = input.clone();
    refuse(backend.indexAdd(result, place, positions, source, alpha), positions, input.shape[place]!, dim);
    return result;
  },
  save: (_result, _input, _source, dim, index, alpha) => ({ dim, index, alpha }),
  gradient: (grad, { dim, index, alpha }, needs) => [
    needs[0] ? grad : null,
    needs[1] ? grad.indexSelect(dim, index).mul(alpha) : null,
  ],
});
/** `indexAdd`, in place: the result is written into `input`. */
export const indexAdd_: typeof indexAdd = guarded(signatures.indexAdd_, inPlace('indexAdd_', indexAdd));

/** A copy of `input` whose parts at `index` along `dim` are those of `source`. */
export const indexCopy: Op<[input: Tensor, dim: number, index: Tensor, source: Tensor]> = guarded(
  signatures.indexCopy,
  (input, dim, index, source) => {
    if (input.ndim === 0) return indexCopy(atLeastOneDim(input), dim, index, atLeastOneDim(source)).reshape([]);
    try {
      requireOneDim(index);
      const place = resolveDim(dim, input.ndim);
      const expected = input.shape.with(place, index.numel());
      if (!sameShape(source.shape, expected)) {
        throw new ShapeError(`expected a source of shape ${show(expected)}, got ${show(source.shape)}`);
      }
      return scatter(input, dim, acrossDim(indices(index), place, source.shape), source);
    } catch (error) {
      throw error instanceof FlambeauError ? error.during('indexCopy') : error;
    }
  },
);
/** An index [k] of dim `place`, spread over a shape. */
function acrossDim(index: Tensor, place: number, shape: Shape): Tensor {
  return index.reshape(shape.map((_, d) => (d === place ? -1 : 1))).expand(shape);
}
/** `indexCopy`, in place: the result is written into `input`. */
export const indexCopy_: typeof indexCopy = guarded(signatures.indexCopy_, inPlace('indexCopy_', indexCopy));
/** A copy of `input` whose parts at `index` along `dim` are filled with `value`. */
export const indexFill: Op<[input: Tensor, dim: number, index: Tensor, value: number | boolean | Tensor]> = guarded(
  signatures.indexFill,
  (input, dim, index, value) => {
    if (input.ndim === 0) return indexFill(atLeastOneDim(input), dim, index, value).reshape([]);
    try {
      requireOneDim(index);
      const place = resolveDim(dim, input.ndim);
      const shape = input.shape.with(place, index.numel());
      const wide = acrossDim(indices(index), place, shape);
      if (!(value instanceof Tensor)) return scatter(input, dim, wide, value);
      return maskedFill(input, scatter(allocate(input.shape, 'bool').zero_(), dim, wide, true), value);
    } catch (error) {
      throw error instanceof FlambeauError ? error.during('indexFill') : error;
    }
  },
);
/** `indexFill`, in place: the result is written into `input`. */
export const indexFill_: typeof indexFill = guarded(signatures.indexFill_, inPlace('indexFill_', indexFill));

// ---- gather and scatter

function checkGather(input: Tensor, place: number, index: Tensor): void {
  if (index.numel() === 0) return;
  if (index.ndim !== input.ndim || index.shape.some((size, d) => d !== place && size > input.shape[d]!)) {
    throw new ShapeError(
      `expected an index with the dims of shape ${show(input.shape)}, no larger but along dim ${place}, got ${show(index.shape)}`,
    );
  }
}

/** result[i][j] = input[index[i][j]][j] for dim 0, and so for the others. A 0-d tensor counts as one of one dim. */
export const gather: Op<[input: Tensor, dim: number, index: Tensor]> = guarded(
  signatures.gather,
  (input, dim, index) =>
    input.ndim === 0 || index.ndim === 0
      ? gatherAlong(atLeastOneDim(input), dim, atLeastOneDim(index)).reshape(index.shape)
      : gatherAlong(input, dim, index),
);
function atLeastOneDim(tensor: Tensor): Tensor {
  return tensor.ndim === 0 ? tensor.reshape([1]) : tensor;
}
const gatherAlong = operation({
  name: 'gather',
  forward(input: Tensor, dim: number, index: Tensor): Tensor {
    const place = resolveDim(dim, input.ndim);
    checkGather(input, place, index);
    const positions = indices(index);
    const result = allocate(index.shape, input.dtype);
    if (index.numel() === 0) return result;
    refuse(backend.gather(result, input, place, positions), positions, input.shape[place]!, dim);
    return result;
  },
  save: (_result, input, dim, index) => ({ shape: input.shape, dim, index }),
  gradient: (grad, { shape, dim, index }) => [allocate(shape, grad.dtype).zero_().scatterAdd(dim, index, grad)],
});

function scattered(reduce: 'set' | 'add', input: Tensor, dim: number, index: Tensor, source: Tensor | number): Tensor {
  const place = resolveDim(dim, input.ndim);
  checkGather(input, place, index);
  if (source instanceof Tensor) {
    if (source.dtype !== input.dtype)
      throw new DTypeError(`expected a source of dtype ${input.dtype}, got ${source.dtype}`);
    if (index.numel() > 0 && (source.ndim !== index.ndim || index.shape.some((size, d) => size > source.shape[d]!))) {
      throw new ShapeError(
        `expected a source no smaller than the index ${show(index.shape)}, got ${show(source.shape)}`,
      );
    }
  }
  const positions = indices(index);
  const result = input.clone();
  if (index.numel() === 0) return result;
  const part = source instanceof Tensor ? window(source, index.shape, source.strides, source.offset) : source;
  refuse(backend.scatter(reduce, result, place, positions, part), positions, input.shape[place]!, dim);
  return result;
}

/** The part of a gradient that an index of smaller sizes covered. */
function covered(grad: Tensor, index: Tensor, shape: Shape): Tensor {
  if (sameShape(index.shape, shape)) return grad;
  const whole = allocate(shape, grad.dtype).zero_();
  if (index.numel() === 0) return whole; // whatever its other sizes
  let part = whole;
  index.shape.forEach((size, d) => (part = part.narrow(d, 0, size)));
  part.copy_(grad);
  return whole;
}

const scatterTensor = operation({
  name: 'scatter',
  forward: (input: Tensor, source: Tensor, dim: number, index: Tensor): Tensor =>
    scattered('set', input, dim, index, source),
  save: (_result, _input, source, dim, index) => ({ dim, index, shape: source.shape }),
  gradient: (grad, { dim, index, shape }, needs) => [
    needs[0] ? grad.scatter(dim, index, 0) : null,
    needs[1] ? covered(grad.gather(dim, index), index, shape) : null,
  ],
});
const scatterNumber = operation({
  name: 'scatter',
  forward: (input: Tensor, dim: number, index: Tensor, value: number): Tensor =>
    scattered('set', input, dim, index, value),
  save: (_result, _input, dim, index) => ({ dim, index }),
  gradient: (grad, { dim, index }) => [grad.scatter(dim, index, 0)],
});
const scatterSum = operation({
  name: 'scatterAdd',
  forward: (input: Tensor, source: Tensor, dim: number, index: Tensor): Tensor =>
    scattered('add', input, dim, index, source),
  save: (_result, _input, source, dim, index) => ({ dim, index, shape: source.shape }),
  gradient: (grad, { dim, index, shape }, needs) => [
    needs[0] ? grad : null,
    needs[1] ? covered(grad.gather(dim, index), index, shape) : null,
  ],
});

/** A copy of `input` with `source` written at result[index[i][j]][j] (dim 0), and so for the other dims. */
export const scatter: Op<[input: Tensor, dim: number, index: Tensor, source: Tensor | number | boolean]> = guarded(
  signatures.scatter,
  (input, dim, index, source) => {
    if (input.ndim === 0 || index.ndim === 0 || (source instanceof Tensor && source.ndim === 0)) {
      const flat = source instanceof Tensor ? atLeastOneDim(source) : source;
      return scatter(atLeastOneDim(input), dim, atLeastOneDim(index), flat).reshape(input.shape);
    }
    return source instanceof Tensor
      ? scatterTensor(input, source, dim, index)
      : scatterNumber(input, dim, index, storable(source, input.dtype));
  },
);
/** A number as it is stored in a dtype: whole for integers. */
function storable(value: number | boolean, dtype: DType): number {
  try {
    checkFits(value, dtype);
  } catch (error) {
    throw error instanceof FlambeauError ? error.during('scatter') : error;
  }
  if (dtype === 'bool') return Number(Boolean(value));
  return isFloat(dtype) ? Number(value) : Math.trunc(Number(value));
}
/** `scatter`, in place: the result is written into `input`. */
export const scatter_: typeof scatter = guarded(signatures.scatter_, inPlace('scatter_', scatter));
/** As `scatter`, adding instead of overwriting. */
export const scatterAdd: Op<[input: Tensor, dim: number, index: Tensor, source: Tensor]> = guarded(
  signatures.scatterAdd,
  (input, dim, index, source) =>
    input.ndim === 0 || index.ndim === 0
      ? scatterSum(atLeastOneDim(input), atLeastOneDim(source), dim, atLeastOneDim(index)).reshape(input.shape)
      : scatterSum(input, source, dim, index),
);
/** `scatterAdd`, in place: the result is written into `input`. */
export const scatterAdd_: typeof scatterAdd = guarded(signatures.scatterAdd_, inPlace('scatterAdd_', scatterAdd));

/** The elements at positions of the flattened tensor, in the index's shape. Negative positions count from the end. */
export const take: Op<[input: Tensor, index: Tensor]> = guarded(signatures.take, (input, index) => {
  const positions = indices(index);
  const size = input.numel();
  const fromStart = where(positions.lt(0), positions.add(size), positions);
  return input
    .reshape([-1])
    .indexSelect(0, fromStart.reshape([-1]))
    .reshape(index.shape);
});

/** The elements of `input` at `index` along `dim`, the other dims broadcast; without `dim`, of the flattened tensor. */
export const takeAlongDim: Op<[input: Tensor, index: Tensor, dim?: number]> = guarded(
  signatures.takeAlongDim,
  (input, index, dim) => {
    if (dim === undefined) return input.reshape([-1]).gather(0, index.reshape([-1]));
    try {
      const place = resolveDim(dim, input.ndim);
      if (index.ndim !== input.ndim)
        throw new ShapeError(`expected an index of ${input.ndim} dims, got ${show(index.shape)}`);
      if (input.ndim === 0) return input.gather(0, index);
      const shape = broadcastShapes(input.shape.with(place, 1), index.shape.with(place, 1));
      return input
        .expand(shape.with(place, input.shape[place]!))
        .gather(place, index.expand(shape.with(place, index.shape[place]!)));
    } catch (error) {
      throw error instanceof FlambeauError ? error.during('takeAlongDim') : error;
    }
  },
);

// ---- by condition

/** The coordinates of the elements that are not zero: int64 [count, ndim], in row-major order. */
export const nonzero: Op<[input: Tensor]> = guarded(signatures.nonzero, (input) => {
  const result = allocate([backend.countNonzero(input), input.ndim], 'int64');
  backend.nonzero(result, input);
  return result;
});

export { nonzero as argwhere };

function requireMask(mask: Tensor): void {
  if (mask.dtype !== 'bool') throw new DTypeError(`expected a mask of dtype bool, got ${mask.dtype}`);
}

/** The elements where `mask` holds, one after the other. */
export const maskedSelect: Op<[input: Tensor, mask: Tensor]> = guarded(signatures.maskedSelect, (input, mask) => {
  requireMask(mask);
  const shape = broadcastShapes(input.shape, mask.shape);
  const flat = nonzero(mask.expand(shape).reshape([-1])).reshape([-1]);
  return input.expand(shape).reshape([-1]).indexSelect(0, flat);
});

/** `value` where `mask` holds, `input` elsewhere. */
export const maskedFill: Op<[input: Tensor, mask: Tensor, value: Scalar | Tensor]> = guarded(
  signatures.maskedFill,
  (input, mask, value) => {
    try {
      requireMask(mask);
      if (value instanceof Tensor && value.ndim > 0) {
        throw new ShapeError(`expected a number or a 0-d tensor, got shape ${show(value.shape)}`);
      }
      if (value instanceof Tensor) checkElementFits(value, input.dtype);
    } catch (error) {
      throw error instanceof FlambeauError ? error.during('maskedFill') : error;
    }
    return where(mask, value instanceof Tensor ? value.to(input.dtype) : castScalar(value, input), input);
  },
);
/** `maskedFill`, in place: the result is written into `input`. */
export const maskedFill_: typeof maskedFill = guarded(signatures.maskedFill_, inPlace('maskedFill_', maskedFill));

/** The elements of `source`, one after the other, where `mask` holds, `input` elsewhere. */
export const maskedScatter: Op<[input: Tensor, mask: Tensor, source: Tensor]> = guarded(
  signatures.maskedScatter,
  (input, mask, source) => {
    try {
      requireMask(mask);
      if (source.dtype !== input.dtype)
        throw new DTypeError(`expected a source of ${input.dtype}, got ${source.dtype}`);
      const shape = broadcastShapes(input.shape, mask.shape);
      const wide = mask.expand(shape);
      const needed = backend.countNonzero(wide);
      if (needed > source.numel())
        throw new ShapeError(`${needed} elements are needed, the source has ${source.numel()}`);
      if (needed === 0) return input.expand(shape).clone();
      const order = wide.reshape([-1]).cumsum(0).sub(1).clampMin(0);
      const spread = source
        .reshape([-1])
        .indexSelect(0, order.clampMax(source.numel() - 1))
        .reshape(shape);
      return where(wide, spread, input);
    } catch (error) {
      throw error instanceof FlambeauError ? error.during('maskedScatter') : error;
    }
  },
);
/** `maskedScatter`, in place: the result is written into `input`. */
export const maskedScatter_: typeof maskedScatter = guarded(
  signatures.maskedScatter_,
  inPlace('maskedScatter_', maskedScatter),
);

/** A number that doesn't change the dtype of the tensor it is written into. */
function castScalar(value: Scalar, into: Tensor): Scalar | Tensor {
  if (into.isFloatingPoint() || typeof value === 'bigint') return value;
  return allocate([], into.dtype).fill_(value);
}

// ---- index(...): integers, slices, tensors together

/** A range of positions along one dim, as Python's start:end:step. */
export class Slice {
  constructor(
    readonly start: number | undefined,
    readonly end: number | undefined,
    readonly step: number | undefined,
  ) {}
}

/** A range of positions for `index`: `x.index(slice(1, -1), 0)` is Python's `x[1:-1, 0]`. */
export const slice = guarded(
  signatures.slice,
  (start?: number | null, end?: number | null, step?: number | null): Slice => {
    return new Slice(start ?? undefined, end ?? undefined, step ?? undefined);
  },
);

/** One entry of `index`: a position, a range, a new dim, all dims left over, positions or a mask. */
export type IndexSpec = number | Slice | null | '...' | Tensor | boolean | readonly number[];

/** A tensor with simple specs applied as views, and the index tensors left, one per leading dim. */
interface Prepared {
  readonly view: Tensor;
  /** One per dim of `view`, undefined where that dim isn't indexed by a tensor. */
  readonly tensors: readonly (Tensor | undefined)[];
}

function dimsTaken(spec: IndexSpec): number {
  if (spec === null || spec === '...' || typeof spec === 'boolean') return 0;
  return spec instanceof Tensor && spec.dtype === 'bool' ? spec.ndim : 1;
}

function prepareIndex(input: Tensor, specs: readonly IndexSpec[]): Prepared {
  if (specs.filter((spec) => spec === '...').length > 1) throw new IndexError("'...' appears more than once");
  const taken = specs.reduce<number>((sum, spec) => sum + dimsTaken(spec), 0);
  if (taken > input.ndim) {
    throw new IndexError(`${taken} indices for a tensor of ${input.ndim} dims, shape ${show(input.shape)}`);
  }
  const full = specs.includes('...') ? specs : [...specs, '...' as const];
  let view = input;
  let dim = 0;
  const tensors: (Tensor | undefined)[] = [];
  for (const spec of full) {
    if (spec === '...') {
      for (let k = input.ndim - taken; k > 0; k--, dim++) tensors.push(undefined);
    } else if (spec === null) {
      view = view.unsqueeze(dim++);
      tensors.push(undefined);
    } else if (typeof spec === 'boolean') {
      view = view.unsqueeze(dim++);
      tensors.push(allocateFrom(spec ? [0] : []));
    } else if (typeof spec === 'number') {
      view = view.select(dim, spec);
    } else if (spec instanceof Tensor && spec.ndim === 0 && spec.dtype !== 'bool') {
      view = view.select(dim, indices(spec).item());
    } else if (spec instanceof Slice) {
      view = view.slice(dim++, spec.start, spec.end, spec.step);
      tensors.push(undefined);
    } else if (spec instanceof Tensor && spec.dtype === 'bool') {
      for (let k = 0; k < spec.ndim; k++) {
        if (spec.shape[k] !== view.shape[dim + k]) {
          throw new IndexError(
            `a mask of shape ${show(spec.shape)} doesn't fit dim ${dim + k} of size ${view.shape[dim + k]} of shape ${show(view.shape)}`,
          );
        }
      }
      if (spec.ndim === 0) {
        view = view.unsqueeze(dim++);
        tensors.push(allocateFrom(spec.item() ? [0] : []));
        continue;
      }
      const found = nonzero(spec);
      for (let k = 0; k < spec.ndim; k++, dim++) tensors.push(found.select(1, k));
    } else {
      if (!(spec instanceof Tensor || (Array.isArray(spec) && spec.every((position) => Number.isInteger(position))))) {
        throw new IndexError(
          `expected an integer, slice(), null, '...', an array of integers or a tensor as an index, got ${String(spec)}`,
        );
      }
      tensors.push(spec instanceof Tensor ? indices(spec) : allocateFrom(spec));
      dim++;
    }
  }
  return { view, tensors };
}

function allocateFrom(positions: readonly number[]): Tensor {
  const tensor = allocate([positions.length], 'int64');
  backend.write(tensor.storage, 0, BigInt64Array.from(positions, BigInt));
  return tensor;
}

/** The indexed dims moved to the front, their indices broadcast, and where the result's dims belong. */
interface Arranged {
  readonly view: Tensor;
  readonly tensors: readonly Tensor[];
  readonly common: Shape;
  /** Where the common dims stand in the result: in place of adjacent indexed dims, else in front. */
  readonly position: number;
}

function arrange({ view, tensors }: Prepared): Arranged | undefined {
  const indexed = tensors.flatMap((tensor, d) => (tensor ? [d] : []));
  if (indexed.length === 0) return undefined;
  let common: Shape = [];
  for (const d of indexed) common = broadcastShapes(common, tensors[d]!.shape);
  const adjacent = indexed.at(-1)! - indexed[0]! === indexed.length - 1;
  const rest = view.shape.map((_, d) => d).filter((d) => !indexed.includes(d));
  return {
    view: view.permute([...indexed, ...rest]),
    tensors: indexed.map((d) => tensors[d]!.expand(common)),
    common,
    position: adjacent ? indexed[0]! : 0,
  };
}

function refuseIndex(bad: number, { view, tensors }: Arranged): void {
  if (bad < 0) return;
  const which = bad % tensors.length;
  const position = Math.floor(bad / tensors.length);
  throw new IndexError(
    `index ${tensors[which]!.data()[position]} at position ${position} is out of range for a dim of size ${view.shape[which]}`,
  );
}

const gatherAt = operation({
  name: 'index',
  forward(view: Tensor, arranged: Arranged): Tensor {
    const result = allocate([...arranged.common, ...view.shape.slice(arranged.tensors.length)], view.dtype);
    refuseIndex(backend.index(result, view, arranged.tensors), arranged);
    return result;
  },
  save: (_result, view, arranged) => ({ shape: view.shape, arranged }),
  gradient: (grad, { shape, arranged }) => [putAt(allocate(shape, grad.dtype).zero_(), grad, arranged, true)],
});

const putAt = operation({
  name: 'indexPut',
  internal: true,
  forward(view: Tensor, source: Tensor, arranged: Arranged, accumulate: boolean): Tensor {
    const result = allocate(view.shape, view.dtype);
    backend.copy(result, view);
    refuseIndex(backend.indexPut(result, arranged.tensors, source, accumulate), arranged);
    return result;
  },
  save: (_result, _view, source, arranged, accumulate) => ({ shape: source.shape, arranged, accumulate }),
  gradient(grad, { shape, arranged, accumulate }, needs) {
    const kept = (): Tensor => {
      const zero = allocate([], grad.dtype)
        .zero_()
        .expand([...arranged.common, ...grad.shape.slice(arranged.tensors.length)]);
      return accumulate ? grad : putAt(grad, zero, arranged, false);
    };
    return [needs[0] ? kept() : null, needs[1] ? gatherAt(grad, arranged).sumToSize(shape) : null];
  },
}) as Op<[view: Tensor, source: Tensor, arranged: Arranged, accumulate: boolean]>;

/**
 * Python's `x[...]`: each spec an integer, `slice(start, end, step)`, null (a new dim), '...' or an index or mask tensor.
 * Integers and slices give views; with tensors the elements are copied, PyTorch's rules saying where their dims stand.
 * https://numpy.org/doc/stable/user/basics.indexing.html
 */
export const index = guarded(signatures.index, (input: Tensor, ...specs: IndexSpec[]): Tensor => {
  try {
    const prepared = prepareIndex(input, specs);
    const arranged = arrange(prepared);
    if (arranged === undefined) return prepared.view === input ? input.alias() : prepared.view;
    const result = gatherAt(arranged.view, arranged);
    const { position, common } = arranged;
    if (position === 0) return result;
    const lead = common.map((_, d) => d);
    const rest = result.shape.map((_, d) => d).slice(common.length);
    return result.permute([...rest.slice(0, position), ...lead, ...rest.slice(position)]);
  } catch (error) {
    throw error instanceof IndexError || error instanceof ShapeError || error instanceof DTypeError
      ? error.during('index')
      : error;
  }
});

/** Options of `indexPut_`. */
export interface IndexPutOptions {
  /** Add to what is there, also where an index appears more than once. */
  accumulate?: boolean;
}

/** Python's `x[...] = value`: writes `value`, broadcast, at the places that `index` with these specs reads. */
export const indexPut_: Op<
  [input: Tensor, specs: readonly IndexSpec[], value: Tensor | Scalar, options?: IndexPutOptions]
> = guarded(signatures.indexPut_, (input, specs, value, { accumulate = false } = {}) => {
  try {
    prepare('indexPut_', input, [value]);
    const prepared = prepareIndex(input, specs);
    const arranged = arrange(prepared);
    refuseRepetition('indexPut_', prepared.view);
    const source = value instanceof Tensor ? value : allocate([], input.dtype).fill_(value);
    if (arranged === undefined) {
      const fitting = withoutLeadingOnes(source, prepared.view.ndim);
      if (accumulate) prepared.view.add_(fitting);
      else {
        checkElementFits(fitting, input.dtype);
        assign(prepared.view, fitting);
      }
      return input;
    }
    if (source.dtype !== input.dtype) throw new DTypeError(`expected a value of ${input.dtype}, got ${source.dtype}`);
    assign(arranged.view, putAt(arranged.view, inResultOrder(source, arranged), arranged, accumulate));
    return input;
  } catch (error) {
    throw error instanceof FlambeauError ? error.during('indexPut_') : error;
  }
});

/** A value whose dims of size 1 in front, more than there is room for, are left out. */
function withoutLeadingOnes(value: Tensor, ndim: number): Tensor {
  let surplus = 0;
  while (value.ndim - surplus > ndim && value.shape[surplus] === 1) surplus++;
  return surplus === 0 ? value : value.reshape(value.shape.slice(surplus));
}

/** A value given in the order of the indexed result's dims, broadcast and with the common dims in front. */
function inResultOrder(value: Tensor, { view, tensors, common, position }: Arranged): Tensor {
  const rest = view.shape.slice(tensors.length);
  const shape = [...rest.slice(0, position), ...common, ...rest.slice(position)];
  const wide = withoutLeadingOnes(value, shape.length).expand(shape);
  if (position === 0) return wide;
  const lead = common.map((_, d) => position + d);
  const others = shape.map((_, d) => d).filter((d) => !lead.includes(d));
  return wide.permute([...lead, ...others]);
}
