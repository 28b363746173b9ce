// Which element type results when two meet: PyTorch's rules. Tensors with dims outrank 0-d tensors, which outrank
// numbers, unless the lower-ranking one is of a higher kind (bool < integer < float).
// https://pytorch.org/docs/stable/tensor_attributes.html#type-promotion-doc

import { bytesOf, dtypes, isInteger, type DType } from '../backend/dtype.js';
import { DTypeError, ValueError } from '../errors.js';

let defaultFloat: DType = 'float32';

/** The float type that numbers and factories use: float32 unless set otherwise. */
export function getDefaultDtype(): DType {
  return defaultFloat;
}

/** Sets the float type that numbers and factories use. Only float types are accepted. */
export function setDefaultDtype(dtype: DType): void {
  if (checkDType(dtype, 'setDefaultDtype') !== 'float32' && dtype !== 'float64') {
    throw new DTypeError(`setDefaultDtype: expected float32 or float64, got ${dtype}`);
  }
  defaultFloat = dtype;
}

export function checkDType(dtype: unknown, operation?: string): DType {
  if (typeof dtype !== 'string' || !Object.hasOwn(dtypes, dtype)) {
    const error = new DTypeError(`unknown dtype ${String(dtype)}: expected one of ${Object.keys(dtypes).join(', ')}`);
    throw operation === undefined ? error : error.during(operation);
  }
  return dtype as DType;
}

/** The smallest and the largest number of an integer dtype (for int64 the largest that is exact); undefined for others. */
export function integerRange(dtype: DType): readonly [lowest: number, highest: number] | undefined {
  if (!isInteger(dtype)) return undefined;
  const count = 2 ** (bytesOf(dtype) * 8);
  if (dtype === 'uint8') return [0, count - 1];
  return [-count / 2, count / 2 - (dtype === 'int64' ? 1024 : 1)];
}

/** Refuses a number that a dtype can't hold. Fractions are cut off, and unsigned types take negative whole numbers around. */
export function checkFits(value: number | bigint | boolean, dtype: DType): void {
  const number = Number(value);
  const range = integerRange(dtype);
  if (typeof value === 'bigint' && dtype === 'int64') {
    if (BigInt.asIntN(64, value) === value) return;
  } else if (range === undefined) {
    if (dtype !== 'float32' || !Number.isFinite(number) || Number.isFinite(Math.fround(number))) return;
  } else if (number >= (dtype === 'uint8' && Number.isInteger(number) ? -range[1] : range[0]) && number <= range[1]) {
    return;
  }
  throw new ValueError(`${value} can't be stored as ${dtype}`);
}

const integerWidths: Partial<Record<DType, number>> = { int8: 1, int16: 2, int32: 3, int64: 4 };

/** The type two tensors of equal rank promote to. */
export function promote(a: DType, b: DType): DType {
  if (a === b) return a;
  const kindA = dtypes[a].kind;
  const kindB = dtypes[b].kind;
  if (kindA === 'float' || kindB === 'float') {
    if (kindA !== kindB) return kindA === 'float' ? a : b;
    return a === 'float64' || b === 'float64' ? 'float64' : 'float32';
  }
  if (a === 'bool') return b;
  if (b === 'bool') return a;
  if (a === 'uint8' || b === 'uint8') {
    const other = a === 'uint8' ? b : a;
    return other === 'int8' ? 'int16' : other;
  }
  return integerWidths[a]! > integerWidths[b]! ? a : b;
}

const kindRank = { bool: 0, integer: 1, float: 2 } as const;

/** A number's kind: JavaScript has one number type, so a whole number counts as an integer. */
function numberKind(value: number | bigint | boolean): 'bool' | 'integer' | 'float' {
  if (typeof value === 'boolean') return 'bool';
  if (typeof value !== 'number' && typeof value !== 'bigint') refuseOperand(value);
  return typeof value === 'bigint' || Number.isInteger(value) ? 'integer' : 'float';
}

/** Without this, what is no number would be computed with as NaN. */
function refuseOperand(value: unknown): never {
  throw new DTypeError(`expected a tensor or a number, got ${met(value)}`);
}

function met(value: unknown): string {
  if (value instanceof Promise) return 'a promise: await it first';
  if (Array.isArray(value)) return 'an array: make it a tensor first, tensor([...])';
  if (typeof value === 'string') return `'${value}'`;
  return typeof value === 'object' && value !== null ? `an object of ${value.constructor?.name}` : String(value);
}

/** What a number becomes as a tensor of its own in an operation. */
export function numberDType(value: number | bigint | boolean): DType {
  const kind = numberKind(value);
  return kind === 'bool' ? 'bool' : kind === 'integer' ? 'int64' : defaultFloat;
}

interface Typed {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** The type of an operation on two tensors. */
export function resultType(a: Typed, b: Typed): DType {
  if (a.dtype === b.dtype) return a.dtype;
  const scalarA = a.shape.length === 0;
  const scalarB = b.shape.length === 0;
  if (scalarA === scalarB) return promote(a.dtype, b.dtype);
  const [main, scalar] = scalarA ? [b.dtype, a.dtype] : [a.dtype, b.dtype];
  return kindRank[dtypes[scalar].kind] > kindRank[dtypes[main].kind] ? scalar : main;
}

/** The type of an operation on a tensor and a number. */
export function resultTypeWithNumber(a: Typed, value: number | bigint | boolean): DType {
  if (a.dtype === defaultFloat || (a.dtype === 'float64' && typeof value === 'number')) return a.dtype;
  const kind = numberKind(value);
  if (kindRank[kind] <= kindRank[dtypes[a.dtype].kind]) return a.dtype;
  return kind === 'integer' ? 'int64' : kind === 'float' ? defaultFloat : 'bool';
}

/** A number as an operand of kernels. */
export function asNumber(value: number | bigint | boolean): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'bigint' && typeof value !== 'boolean') refuseOperand(value);
  const number = Number(value);
  if (typeof value === 'bigint' && BigInt(number) !== value) {
    throw new ValueError(`${value}n is not exact as a number: wrap it with tensor(${value}n)`);
  }
  return number;
}
