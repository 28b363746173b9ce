// Operations that change a tensor's memory. With no gradient involved they write directly; when recorded, the new values
// are computed as a fresh tensor from a copy of the old ones, written over them, and lend the tensor their history: so an
// in-place operation needs no gradient of its own.

import { checkInPlace, edgeOf, overwriteHistory, records, replaceHistory } from '../autograd/history.js';
import { AutogradState } from '../autograd/state.js';
import { backend } from '../backend/active.js';
import { traced, tracer } from '../backend/trace.js';
import { dtypes, type DType } from '../backend/dtype.js';
import { DTypeError, FlambeauError, ShapeError } from '../errors.js';
import { checkFits } from '../tensor/promotion.js';
import { broadcastStrides, sameShape, show } from '../tensor/shape.js';
import { allocateLike, Tensor } from '../tensor/tensor.js';
import type { Op } from './operation.js';
import { guarded } from '../tensor/guarded.js';
import { isOptions } from './options.js';
import { signatures } from './signatures.js';

/** The in-place form of `operation`: `name` is the operation's with its underscore. */
export function inPlace<A extends unknown[]>(
  name: string,
  operation: Op<[input: Tensor, ...A]>,
  direct?: (target: Tensor, args: A) => boolean,
): Op<[input: Tensor, ...A]> {
  const compute = (input: Tensor, args: A): Tensor => {
    const recorded = prepare(name, input, args);
    refuseRepetition(name, input);
    try {
      if (!recorded && direct?.(input, args)) {
        input.storage.version++;
        return input;
      }
      overwrite(input, operation(recorded ? snapshot(input) : input, ...args));
    } catch (error) {
      throw error instanceof FlambeauError ? error.during(name) : error;
    }
    return input;
  };
  const apply = (input: Tensor, ...args: A): Tensor =>
    tracer === null ? compute(input, args) : traced(name, 'operation', () => compute(input, args), [input, ...args]);
  Object.defineProperty(apply, 'name', { value: name });
  return apply;
}

/** Refuses what can't be changed in place; says whether the change has to be recorded. */
export function prepare(name: string, input: Tensor, args: readonly unknown[]): boolean {
  let recorded = records(input);
  for (let i = 0; i < args.length && !recorded; i++) {
    const arg = args[i];
    if (arg instanceof Tensor) recorded = records(arg);
    else if (isOptions(arg)) recorded = Object.values(arg).some((value) => value instanceof Tensor && records(value));
  }
  checkInPlace(input, name, recorded);
  return recorded;
}

/** Refuses to write an expanded tensor, where several elements are one in memory. */
export function refuseRepetition(name: string, { shape, strides }: Tensor): void {
  for (let d = 0; d < strides.length; d++) {
    if (strides[d] !== 0 || shape[d]! <= 1) continue;
    if (shape.includes(0)) return;
    throw new ShapeError(
      `several elements of the tensor of shape ${show(shape)} are one in memory (it was expanded along dim ${d}): ` +
        'change a clone() instead',
    ).during(name);
  }
}

/** A copy of the tensor's values as they are now, with its present history. */
function snapshot(tensor: Tensor): Tensor {
  const copy = allocateLike(tensor);
  backend.copy(copy, tensor);
  const edge = edgeOf(tensor);
  if (edge !== null) copy.autograd = new AutogradState(true, edge, false);
  return copy;
}

/** Whether values of one dtype may be stored into another in place: floats not into integers, numbers not into bool. */
export function checkStorable(from: DType, into: DType): void {
  if (from === into) return;
  const rank = { bool: 0, integer: 1, float: 2 } as const;
  if (rank[dtypes[from].kind] > rank[dtypes[into].kind]) {
    throw new DTypeError(`a result of dtype ${from} can't be stored in place into a tensor of dtype ${into}`);
  }
}

/** Writes `value` over `target` and gives it `value`'s history. */
export function overwrite(target: Tensor, value: Tensor): void {
  checkStorable(value.dtype, target.dtype);
  if (!sameShape(value.shape, target.shape)) {
    throw new ShapeError(
      `the result's shape ${show(value.shape)} isn't the shape ${show(target.shape)} of the tensor that is changed in place`,
    );
  }
  assign(target, value, replaceHistory);
}

/** Copies `source`, broadcast and converted, into `target`, recorded where needed: by `record`. */
export function assign(target: Tensor, source: Tensor, record = overwriteHistory): void {
  const strides = broadcastStrides(source.shape, source.strides, target.shape);
  if (strides === undefined) {
    throw new ShapeError(`a tensor of shape ${show(source.shape)} doesn't broadcast to ${show(target.shape)}`);
  }
  const recorded = records(target) || records(source);
  const fits = source.dtype === target.dtype && sameShape(source.shape, target.shape);
  const value = recorded && !fits ? source.to(target.dtype).expand(target.shape) : source;
  const read = source.storage === target.storage ? separate(source) : source;
  backend.copy(target, read);
  target.storage.version++;
  if (recorded) record(target, edgeOf(value));
}

/** A copy outside of the memory that is about to be written. */
function separate(source: Tensor): Tensor {
  const copy = allocateLike(source);
  backend.copy(copy, source);
  return copy;
}

/** Copies `source` into `input`, with broadcasting and conversion to `input`'s dtype; gradients flow to `source`. */
export const copy_: Op<[input: Tensor, source: Tensor]> = guarded(signatures.copy_, (input, source) => {
  prepare('copy_', input, [source]);
  refuseRepetition('copy_', input);
  try {
    assign(input, source);
  } catch (error) {
    throw error instanceof FlambeauError ? error.during('copy_') : error;
  }
  return input;
});

/** Refuses a 0-d tensor whose number a dtype can't hold, as the number itself is refused. */
export function checkElementFits(value: Tensor, dtype: DType): void {
  if (value.dtype !== dtype && value.ndim === 0 && dtype !== 'bool' && dtype !== 'float64') {
    checkFits(value.item(), dtype);
  }
}

/** Sets every element to `value`. */
export const fill_: Op<[input: Tensor, value: number | bigint | boolean | Tensor]> = guarded(
  signatures.fill_,
  (input, value) => {
    const recorded = prepare('fill_', input, [value]);
    try {
      if (!(value instanceof Tensor)) {
        checkFits(value, input.dtype);
      } else if (value.ndim > 0) {
        throw new ShapeError(`expected a number or a 0-d tensor, got shape ${show(value.shape)}`);
      } else {
        checkElementFits(value, input.dtype);
        assign(input, value);
        return input;
      }
    } catch (error) {
      throw error instanceof FlambeauError ? error.during('fill_') : error;
    }
    backend.fill(input, typeof value === 'boolean' ? Number(value) : value);
    input.storage.version++;
    if (recorded) replaceHistory(input, null);
    return input;
  },
);

/** Sets every element to 0. */
export const zero_: Op<[input: Tensor]> = guarded(signatures.zero_, (input) => fill_(input, 0));
