// Tensors from data and from nothing.

import { backend } from '../backend/active.js';
import { dtypes, type DType, type TypedArray } from '../backend/dtype.js';
import { DTypeError, FlambeauError, ShapeError, ValueError } from '../errors.js';
import { checkDType, checkFits, getDefaultDtype, integerRange } from './promotion.js';
import { checkShape, elementCount, sameShape, show, type Shape } from './shape.js';
import { allocate, allocateLike, Tensor } from './tensor.js';
import { check, guarded } from './guarded.js';
import { signatures } from './signatures.js';

/** Options of what makes tensors: their dtype, and whether they require a gradient. */
export interface CreateOptions {
  /** The element type. */
  dtype?: DType;
  /** Whether gradients are collected for the tensor; floats only. */
  requiresGrad?: boolean;
}

function finished(result: Tensor, options: CreateOptions | undefined): Tensor {
  return options?.requiresGrad ? result.requiresGrad_() : result;
}

/** Data for `tensor`: a number, boolean or bigint, or arrays of them as deep as the tensor has dims. */
export type TensorData = number | boolean | bigint | readonly TensorData[] | TypedArray | Tensor;

/** By the name of the array's class, which is the same for arrays of other realms and for a Buffer. */
const arrayDTypes = new Map<string, DType>(
  Object.values(dtypes)
    .filter(({ name }) => name !== 'bool' && name !== 'bfloat16')
    .map(({ name, array }) => [array.name, name]),
);

function dtypeOfArray(array: TypedArray): DType {
  const dtype = arrayDTypes.get(array[Symbol.toStringTag]);
  if (dtype === undefined) throw new DTypeError(`no dtype for a ${(array as object).constructor.name}`);
  return dtype;
}

function isTypedArray(value: unknown): value is TypedArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

/** The shape of nested arrays, read along their first elements. */
function nestedShape(data: TensorData): number[] {
  const shape: number[] = [];
  for (let level: TensorData | undefined = data; Array.isArray(level) || isTypedArray(level);) {
    shape.push(level.length);
    level = (level as readonly TensorData[])[0];
    if (level instanceof Tensor) shape.push(...level.shape);
  }
  return shape;
}

type Element = number | boolean | bigint;

/** All elements in row-major order. */
function flatten(data: TensorData, shape: Shape, depth: number, path: string, into: Element[]): void {
  if (data instanceof Tensor) {
    if (!sameShape(data.shape, shape.slice(depth))) ragged(`a tensor of shape ${show(data.shape)}`, shape, depth, path);
    const bool = data.dtype === 'bool';
    for (const value of data.data()) into.push(bool ? value !== 0 : value);
    return;
  }
  const isList = Array.isArray(data) || isTypedArray(data);
  if (depth === shape.length) {
    if (isList) ragged(`an array of ${data.length}`, shape, depth, path);
    if (typeof data !== 'number' && typeof data !== 'boolean' && typeof data !== 'bigint') {
      throw new DTypeError(`expected numbers, booleans or bigints, got ${describe(data)} at ${path || 'the top'}`);
    }
    into.push(data);
    return;
  }
  if (!isList) ragged(describe(data), shape, depth, path);
  const list = data as readonly TensorData[];
  if (list.length !== shape[depth]) ragged(`an array of ${list.length}`, shape, depth, path);
  for (let i = 0; i < list.length; i++) flatten(list[i]!, shape, depth + 1, `${path}[${i}]`, into);
}

function describe(value: unknown): string {
  return typeof value === 'object' && value !== null
    ? `a ${value.constructor?.name ?? 'object'}`
    : `${typeof value} ${String(value)}`;
}

function ragged(found: string, shape: Shape, depth: number, path: string): never {
  const expected = depth === shape.length ? 'a number' : `an array of ${shape[depth]}`;
  throw new ShapeError(
    `expected ${expected} at ${path || 'the top'}, got ${found}: nested arrays must be equally long`,
  );
}

function elementsDType(elements: readonly Element[]): DType {
  if (elements.length === 0) return getDefaultDtype();
  const kinds = new Set(elements.map((element) => typeof element));
  if (kinds.has('number')) return getDefaultDtype();
  return kinds.has('bigint') ? 'int64' : 'bool';
}

/**
 * A tensor that holds a copy of `data`. Numbers become float32 (the default float type), booleans bool, bigints int64;
 * a typed array gives its own dtype.
 * @throws ShapeError when nested arrays differ in length
 */
export const tensor = guarded(signatures.tensor, (data: TensorData, options: CreateOptions = {}): Tensor => {
  try {
    if (isTypedArray(data)) return fromTypedArray(data, [data.length], options);
    const shape = nestedShape(data);
    const elements: Element[] = [];
    flatten(data, shape, 0, '', elements);
    const natural = data instanceof Tensor ? data.dtype : elementsDType(elements);
    const dtype = options.dtype === undefined ? natural : checkDType(options.dtype);
    return finished(filled(elements, data instanceof Tensor ? data.shape : shape, dtype), options);
  } catch (error) {
    throw error instanceof FlambeauError ? error.during('tensor') : error;
  }
});

function filled(elements: readonly Element[], shape: Shape, dtype: DType): Tensor {
  if (dtype === 'bfloat16') {
    const exact = filled(elements, shape, 'float32');
    const result = allocate(shape, dtype);
    backend.copy(result, exact);
    return result;
  }
  const result = allocate(shape, dtype);
  const array = new dtypes[dtype].array(elements.length);
  if (array instanceof BigInt64Array) {
    for (let i = 0; i < array.length; i++) array[i] = toBigInt(elements[i]!);
  } else {
    const convert = dtype === 'bool' ? (element: Element): number => (element ? 1 : 0) : Number;
    const [lowest, highest] = integerRange(dtype) ?? [-Infinity, Infinity];
    for (let i = 0; i < array.length; i++) {
      const number = convert(elements[i]!);
      if (number < lowest || number > highest) throw new ValueError(`${number} can't be stored as ${dtype}`);
      array[i] = number;
    }
  }
  backend.write(result.storage, 0, array);
  return result;
}

function toBigInt(element: Element): bigint {
  if (typeof element !== 'number') return BigInt(element);
  if (!Number.isFinite(element)) throw new DTypeError(`${element} can't be stored as int64`);
  return BigInt(Math.trunc(element));
}

/** A tensor of the given shape that holds a copy of a typed array's elements. */
export const fromTypedArray = guarded(
  signatures.fromTypedArray,
  (array: TypedArray, shape: Shape, options: CreateOptions = {}): Tensor => {
    checkShape(shape);
    if (elementCount(shape) !== array.length) {
      throw new ShapeError(
        `shape ${show(shape)} needs ${elementCount(shape)} elements, the array has ${array.length}`,
      ).during('fromTypedArray');
    }
    const natural = dtypeOfArray(array);
    const raw = allocate(shape, natural);
    backend.write(raw.storage, 0, array);
    if (options.dtype === undefined || options.dtype === natural) return finished(raw, options);
    const result = allocate(shape, checkDType(options.dtype, 'fromTypedArray'));
    backend.copy(result, raw);
    return finished(result, options);
  },
);

/** A tensor whose content is undefined, to be written before it is read. */
export const empty = guarded(signatures.empty, (shape: Shape, options?: CreateOptions): Tensor => {
  checkShape(shape);
  return finished(
    allocate(shape, options?.dtype === undefined ? getDefaultDtype() : checkDType(options.dtype)),
    options,
  );
});

/** A tensor filled with one value; its dtype follows the value as in `tensor` unless given. */
export const full = guarded(
  signatures.full,
  (shape: Shape, value: number | bigint | boolean, options?: CreateOptions): Tensor => {
    checkShape(shape);
    const natural = typeof value === 'number' ? getDefaultDtype() : typeof value === 'bigint' ? 'int64' : 'bool';
    return finished(
      filledWith(allocate(shape, options?.dtype === undefined ? natural : checkDType(options.dtype)), value),
      options,
    );
  },
);

function filledWith(result: Tensor, value: number | bigint | boolean): Tensor {
  try {
    checkFits(value, result.dtype);
  } catch (error) {
    throw error instanceof ValueError ? error.during('full') : error;
  }
  backend.fill(result, typeof value === 'boolean' ? Number(value) : value);
  return result;
}

/** A tensor of zeros. `shape` is an array of sizes. */
export const zeros = guarded(signatures.zeros, (shape: Shape, options?: CreateOptions): Tensor => {
  return full(shape, 0, options);
});

/** A tensor of ones. `shape` is an array of sizes. */
export const ones = guarded(signatures.ones, (shape: Shape, options?: CreateOptions): Tensor => {
  return full(shape, 1, options);
});

/** As `empty`, `zeros`, `ones`, `full`, with the shape and, unless given, the dtype of `like`. */
export const emptyLike = guarded(signatures.emptyLike, (like: Tensor, options?: CreateOptions): Tensor => {
  return finished(allocateLike(like, options?.dtype === undefined ? like.dtype : checkDType(options.dtype)), options);
});

/** A tensor of `value` everywhere, with the shape and dtype of `other` unless given. */
export const fullLike = guarded(
  signatures.fullLike,
  (like: Tensor, value: number | bigint | boolean, options?: CreateOptions): Tensor => {
    const result = allocateLike(like, options?.dtype === undefined ? like.dtype : checkDType(options.dtype));
    return finished(filledWith(result, value), options);
  },
);

/** A tensor of zeros, with the shape and dtype of `other` unless given. */
export const zerosLike = guarded(signatures.zerosLike, (like: Tensor, options?: CreateOptions): Tensor => {
  return fullLike(like, 0, options);
});

/** A tensor of ones, with the shape and dtype of `other` unless given. */
export const onesLike = guarded(signatures.onesLike, (like: Tensor, options?: CreateOptions): Tensor => {
  return fullLike(like, 1, options);
});

/**
 * The numbers from `start` (0) up to `end`, not included, `step` (1) apart. int64 when all are whole, as in PyTorch.
 * `arange(end)`, `arange(start, end)`, `arange(start, end, step)`, each with options behind.
 */
export function arange(end: number, options?: CreateOptions): Tensor;
export function arange(start: number, end: number, options?: CreateOptions): Tensor;
export function arange(start: number, end: number, step: number, options?: CreateOptions): Tensor;
export function arange(...args: (number | CreateOptions | undefined)[]): Tensor {
  check(signatures.arange, args);
  const numbers = args.filter((arg) => typeof arg === 'number');
  if (args.slice(0, numbers.length).includes(undefined)) {
    throw new ValueError(`expected numbers one after the other, got ${args.slice(0, 3).map(String).join(', ')}`).during(
      'arange',
    );
  }
  const options = args.find((arg) => typeof arg === 'object');
  const [start, end, step = 1] = numbers.length === 1 ? [0, numbers[0]!] : (numbers as [number, number, number?]);
  if (!Number.isFinite(start) || !Number.isFinite(end) || !Number.isFinite(step) || step === 0) {
    throw new ValueError(`expected finite bounds and a step that is not 0, got ${numbers.join(', ')}`).during('arange');
  }
  if ((end - start) / step < 0) {
    throw new ValueError(`a step of ${step} doesn't lead from ${start} to ${end}`).during('arange');
  }
  const whole = numbers.every((number) => Number.isInteger(number));
  const dtype =
    options?.dtype === undefined ? (whole ? 'int64' : getDefaultDtype()) : checkDType(options.dtype, 'arange');
  const count = Math.ceil((end - start) / step);
  if (!Number.isSafeInteger(count)) throw new ShapeError(`${count} numbers can't be counted`).during('arange');
  const result = allocate([count], dtype);
  backend.arange(result, start, step);
  return finished(result, options);
}

/** `steps` numbers from `start` to `end`, both included, evenly apart. */
export const linspace = guarded(
  signatures.linspace,
  (start: number, end: number, steps: number, options?: CreateOptions): Tensor => {
    checkShape([steps]);
    const dtype = options?.dtype === undefined ? getDefaultDtype() : checkDType(options.dtype);
    const array = new Float64Array(steps);
    const step = steps > 1 ? (end - start) / (steps - 1) : 0;
    // Counted from both ends, so that it is symmetric and ends exactly at `end`.
    for (let i = 0; i < steps; i++) array[i] = i < steps / 2 ? start + step * i : end - step * (steps - 1 - i);
    return finished(fromTypedArray(array, [steps], { dtype }), options);
  },
);

/** `base` to the powers from `start` to `end`, both included, evenly apart. */
export const logspace = guarded(
  signatures.logspace,
  (start: number, end: number, steps: number, base = 10, options?: CreateOptions): Tensor => {
    const powers = linspace(start, end, steps, { dtype: 'float64' }).data() as Float64Array;
    const dtype = options?.dtype === undefined ? getDefaultDtype() : checkDType(options.dtype);
    const array = powers.map((power) => base ** power);
    return finished(fromTypedArray(array, [steps], { dtype }), options);
  },
);

/** The identity matrix [n, m], m being n unless given. */
export const eye = guarded(signatures.eye, (n: number, m: number = n, options?: CreateOptions): Tensor => {
  const result = zeros([n, m], options?.dtype === undefined ? undefined : { dtype: options.dtype });
  result.diagonal().fill_(1);
  return finished(result, options);
});
