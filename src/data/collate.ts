// Samples into a batch. What becomes of a field is decided by the JavaScript type of the first sample's value, never by the
// value itself, so that all batches of a loader have the same dtypes.

import type { DType, TypedArray } from '../backend/dtype.js';
import { DataLoaderError } from '../errors.js';
import { show } from '../tensor/shape.js';
import { Tensor } from '../tensor/tensor.js';
import { Bytes } from './bytes.js';
import type { Collated, Converted } from './collated.js';
import { dtypeOf, firstMisfit, fitsTensor, stackArrays, stackTensors, vector } from './stack-samples.js';

/** A class, also one that can't be instantiated. */
type Class<T> = abstract new (...args: never) => T;

interface AddedType {
  readonly type: Class<unknown>;
  readonly collate: (values: readonly never[]) => unknown;
}

const addedTypes: AddedType[] = [];

/**
 * Adds a class to what `defaultCollate` knows: `collate` makes the batch of a field whose values are instances of `type`. A
 * class added later comes before one added earlier. Workers know of it when the data set's module (or one it imports) adds
 * it. The batch's type is stated in `CollatedTypes`.
 */
export function registerCollate<T>(type: Class<T>, collate: (values: readonly T[]) => unknown): void {
  addedTypes.unshift({ type, collate: collate });
}

/** @internal Whether `defaultCollate` makes all tensors of its batches itself: no class was added. */
export function onlyOwnTypes(): boolean {
  return addedTypes.length === 0;
}

/** Where in a sample a field is: the keys from the inside out. */
interface Field {
  readonly key: string | number;
  readonly of: Field | null;
}

/**
 * Samples into a batch: tensors of one shape are stacked, typed arrays likewise, numbers become a float32 tensor, bigints
 * int64, booleans bool; strings, dates and `bytes` a list; plain objects and arrays are collated field by field over the
 * fields of the first sample.
 * https://pytorch.org/docs/1.13/data.html#torch.utils.data.default_collate
 * @throws DataLoaderError naming the sample and the field that can't be collated, and why
 *
 * ```ts
 * defaultCollate([{ x: 1, name: 'a' }, { x: 2, name: 'b' }]); // { x: tensor([1., 2.]), name: ['a', 'b'] }
 * ```
 */
export function defaultCollate<T>(samples: readonly T[]): Collated<T> {
  if (samples.length === 0) throw new DataLoaderError('defaultCollate: a batch without samples has no form');
  return collate(samples, null) as Collated<T>;
}

function collate(values: readonly unknown[], field: Field | null): unknown {
  const first = values[0];
  switch (typeof first) {
    case 'object':
      return first === null ? refuse(values, 0, field) : collateObjects(values, first, field);
    case 'number':
      return numbers(values, field);
    case 'bigint':
      return integers(values, field);
    case 'boolean':
      checkAll(values, field, (value) => typeof value === 'boolean');
      return vector(Uint8Array.from(values as number[]), 'bool');
    case 'string':
      checkAll(values, field, (value) => typeof value === 'string');
      return values.slice();
    default:
      return refuse(values, 0, field);
  }
}

function collateObjects(values: readonly unknown[], first: unknown, field: Field | null): unknown {
  if (first instanceof Tensor) return tensors(values, field);
  for (const { type, collate } of addedTypes) {
    if (!(first instanceof type)) continue;
    checkAll(values, field, (value) => value instanceof type);
    return collate(values as readonly never[]);
  }
  if (Array.isArray(first)) return arrays(values, first, field);
  if (isPlainObject(first)) return objects(values, first, field);
  const dtype = dtypeOf(first);
  if (dtype !== undefined) return typedArrays(values, dtype, field);
  if (first instanceof Date) {
    checkAll(values, field, (value) => value instanceof Date);
    return values.slice();
  }
  if (first instanceof Bytes) {
    checkAll(values, field, (value) => value instanceof Bytes);
    return (values as Bytes[]).map(({ data }) => data);
  }
  return refuse(values, 0, field);
}

function numbers(values: readonly unknown[], field: Field | null): Tensor {
  const array = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value !== 'number') refuse(values, i, field);
    array[i] = value;
  }
  return vector(array, 'float32');
}

function integers(values: readonly unknown[], field: Field | null): Tensor {
  const array = new BigInt64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value !== 'bigint') refuse(values, i, field);
    array[i] = value;
    if (array[i] !== value)
      throw new DataLoaderError(`${placeOf(i, field)} is ${String(value)}, which int64 can't hold`);
  }
  return vector(array, 'int64');
}

function tensors(values: readonly unknown[], field: Field | null): Tensor {
  checkAll(values, field, (value) => value instanceof Tensor);
  const stacked = values as readonly Tensor[];
  const misfit = firstMisfit(stacked, fitsTensor);
  if (misfit >= 0) throw shapesDiffer(field, misfit, show(stacked[0]!.shape), show(stacked[misfit]!.shape));
  return stackTensors(stacked);
}

function typedArrays(values: readonly unknown[], dtype: DType, field: Field | null): Tensor {
  checkAll(values, field, (value) => dtypeOf(value) === dtype);
  const stacked = values as readonly TypedArray[];
  const misfit = firstMisfit(stacked, (array, first) => array.length === first.length);
  if (misfit >= 0) throw shapesDiffer(field, misfit, `[${stacked[0]!.length}]`, `[${stacked[misfit]!.length}]`);
  return stackArrays(stacked, dtype);
}

function arrays(values: readonly unknown[], first: readonly unknown[], field: Field | null): unknown[] {
  checkAll(values, field, Array.isArray);
  const lists = values as readonly (readonly unknown[])[];
  const misfit = firstMisfit(lists, (list, first) => list.length === first.length);
  if (misfit >= 0) {
    throw new DataLoaderError(
      `arrays of one field must be equally long: ${placeOf(0, field)} has ${first.length} entries, ` +
        `${placeOf(misfit, field)} has ${lists[misfit]!.length}`,
    );
  }
  return first.map((_, key) =>
    collate(
      lists.map((list) => list[key]),
      { key, of: field },
    ),
  );
}

function objects(values: readonly unknown[], first: object, field: Field | null): object {
  checkAll(values, field, isPlainObject);
  const batch: Record<string, unknown> = {};
  for (const key of Object.keys(first)) {
    const parts = (values as readonly Record<string, unknown>[]).map((value, i) => {
      if (!Object.hasOwn(value, key)) {
        throw new DataLoaderError(`${placeOf(i, field)} has no field '${key}', which ${placeOf(0, field)} has`);
      }
      return value[key];
    });
    batch[key] = collate(parts, { key, of: field });
  }
  return batch;
}

/**
 * One sample as it is given without batches: typed arrays become tensors, `bytes` become Uint8Arrays; everything else,
 * inside arrays and plain objects too, stays what it is.
 * https://pytorch.org/docs/1.13/data.html#torch.utils.data.default_convert
 */
export function defaultConvert<T>(sample: T): Converted<T> {
  return convert(sample) as Converted<T>;
}

function convert(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Tensor) return value;
  if (Array.isArray(value)) return value.map(convert);
  if (value instanceof Bytes) return value.data;
  const dtype = dtypeOf(value);
  if (dtype !== undefined) return vector(value as TypedArray, dtype);
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, convert(field)]));
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function checkAll(values: readonly unknown[], field: Field | null, fits: (value: unknown) => boolean): void {
  for (let i = 1; i < values.length; i++) if (!fits(values[i])) refuse(values, i, field);
}

/** Says what stands at `values[index]` that can't be collated: because of its type, or because the first one's differs. */
function refuse(values: readonly unknown[], index: number, field: Field | null): never {
  const what = describe(values[index]);
  throw new DataLoaderError(
    index > 0
      ? `the values of one field must be of one type: ${placeOf(0, field)} is ${describe(values[0])}, ` +
          `${placeOf(index, field)} is ${what}`
      : `${placeOf(index, field)} is ${what}, which can't be collated: give a tensor, typed array, number, bigint, boolean, ` +
          'string, Date or bytes, or plain objects and arrays of them; or pass a collateFn, or add the type with ' +
          'registerCollate',
  );
}

function shapesDiffer(field: Field | null, index: number, first: string, other: string): DataLoaderError {
  return new DataLoaderError(
    `shapes that differ can't be stacked: ${placeOf(0, field)} has shape ${first}, ${placeOf(index, field)} has shape ` +
      `${other}: make them equal in the data set (resize, crop, pad), or pass a collateFn`,
  );
}

/** A field of one sample for messages: `[3].image`, `[3].boxes[0]`. */
function placeOf(index: number, field: Field | null): string {
  let path = '';
  for (let at = field; at !== null; at = at.of)
    path = (typeof at.key === 'number' ? `[${at.key}]` : `.${at.key}`) + path;
  return `[${index}]${path}`;
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object') {
    const name = (value.constructor as { name?: string } | undefined)?.name;
    return name === undefined || name === '' ? 'an object' : `an instance of ${name}`;
  }
  return `a ${typeof value}`;
}
