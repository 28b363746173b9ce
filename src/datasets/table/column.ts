// A column of a table in shared memory: values of one kind in typed arrays, so that workers read a table without a copy of
// their own and a row costs no parsing. Plain objects, which travel as they are.

import { DatasetError } from '../../errors.js';
import type { ListElement } from '../../io/parquet.js';
import { shareBytes, sharedBytes, sharedString, shareStrings, type SharedStrings } from '../shared-strings.js';

type Values =
  | { readonly kind: 'number'; readonly numbers: Float64Array | Float32Array | Int32Array }
  | { readonly kind: 'bigint'; readonly numbers: BigInt64Array }
  | { readonly kind: 'boolean'; readonly flags: Uint8Array }
  /** Milliseconds since 1970. */
  | { readonly kind: 'date'; readonly numbers: Float64Array }
  | { readonly kind: 'string' | 'bytes' | 'json'; readonly texts: SharedStrings }
  | {
      readonly kind: 'list';
      readonly ends: Uint32Array;
      readonly items: Column;
      readonly listOf: ListElement | undefined;
    }
  | { readonly kind: 'object'; readonly fields: Readonly<Record<string, Column>> };

/** Values, and which of them are there; all are where nothing is said. */
export type Column = Values & { readonly length: number; readonly present: Uint8Array | undefined };

/** How deep lists and objects may be nested before they are kept as JSON. */
const deepest = 16;

const elementArrays = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  int64: BigInt64Array,
} as const;

/**
 * Puts values into shared memory. Those of one kind stay what they are; mixed ones are kept as JSON.
 * @param listOf of lists of numbers, as what typed array they are to be read
 * @throws DatasetError for values that are neither of one kind nor JSON, or more than 4 GiB
 */
export function shareColumn(values: readonly unknown[], name: string, listOf?: ListElement): Column {
  return share(values, name, 0, listOf);
}

function share(values: readonly unknown[], name: string, depth: number, listOf?: ListElement): Column {
  const { length } = values;
  const missing = values.some((value) => value === null || value === undefined);
  const present = missing
    ? sharedFrom(Uint8Array, length, (i) => (values[i] === null || values[i] === undefined ? 0 : 1))
    : undefined;
  const kind = depth > deepest ? 'json' : kindOf(values, name);
  return { length, present, ...shareValues(values, kind, name, depth, listOf) };
}

function shareValues(
  values: readonly unknown[],
  kind: Values['kind'],
  name: string,
  depth: number,
  listOf?: ListElement,
): Values {
  const { length } = values;
  switch (kind) {
    case 'number':
      return { kind, numbers: sharedFrom(Float64Array, length, (i) => (values[i] as number | null) ?? 0) };
    case 'bigint':
      return { kind, numbers: shareBigints(values, name) };
    case 'boolean':
      return { kind, flags: sharedFrom(Uint8Array, length, (i) => (values[i] === true ? 1 : 0)) };
    case 'date':
      return { kind, numbers: sharedFrom(Float64Array, length, (i) => (values[i] as Date | null)?.getTime() ?? 0) };
    case 'bytes':
      return { kind, texts: shareBytes(values.map((value) => (value as Uint8Array | null) ?? new Uint8Array(0))) };
    case 'string':
      return { kind, texts: shareStrings(values.map((value) => (value as string | null) ?? '')) };
    case 'json':
      return { kind, texts: shareStrings(values.map((value) => toJson(value, name))) };
    case 'list': {
      const lists = values.map((value) => (value as ArrayLike<unknown> | null) ?? []);
      let end = 0;
      const ends = sharedFrom(Uint32Array, length, (i) => (end += lists[i]!.length));
      if (end >= 2 ** 32) throw new DatasetError(`the lists of column '${name}' have more than 2^32 elements`);
      const items = lists.flatMap((list) => Array.from(list));
      const shared = share(items, `${name}[]`, depth + 1);
      return { kind, ends, items: listOf === undefined ? shared : narrowed(shared, listOf), listOf };
    }
    case 'object': {
      const objects = values as readonly (Record<string, unknown> | null | undefined)[];
      const keys = new Set(objects.flatMap((object) => Object.keys(object ?? {})));
      const most = objects.reduce((most, object) => Math.max(most, Object.keys(object ?? {}).length), 0);
      // Objects whose keys are data themselves would make a column of each.
      if (keys.size > 2 * most + 16) return shareValues(values, 'json', name, depth);
      const field = (key: string): Column =>
        share(
          objects.map((object) => object?.[key]),
          `${name}.${key}`,
          depth + 1,
        );
      return { kind, fields: Object.fromEntries([...keys].map((key) => [key, field(key)])) };
    }
  }
}

/** What all values that are there have in common. */
function kindOf(values: readonly unknown[], name: string): Values['kind'] {
  let common: Values['kind'] | undefined;
  for (const value of values) {
    if (value === null || value === undefined) continue;
    const kind = kindOfValue(value, name);
    if (common !== undefined && common !== kind) return areIntegers(values) ? 'bigint' : 'json';
    common = kind;
  }
  return common ?? 'number';
}

/** Whether all are whole numbers, of which some are too large for a number. */
function areIntegers(values: readonly unknown[]): boolean {
  return values.every(
    (value) => value === null || value === undefined || typeof value === 'bigint' || Number.isSafeInteger(value),
  );
}

function kindOfValue(value: unknown, name: string): Values['kind'] {
  switch (typeof value) {
    case 'number':
    case 'bigint':
    case 'boolean':
    case 'string':
      return typeof value as 'number';
    case 'object':
      if (Array.isArray(value)) return 'list';
      if (value instanceof Uint8Array) return 'bytes';
      if (value instanceof Date) return 'date';
      if (ArrayBuffer.isView(value)) return 'list';
      return 'object';
    default:
      throw new DatasetError(`column '${name}' holds a ${typeof value}, which no table can`);
  }
}

function shareBigints(values: readonly unknown[], name: string): BigInt64Array {
  const shared = new BigInt64Array(new SharedArrayBuffer(8 * values.length));
  values.forEach((value, i) => {
    const integer = BigInt((value as bigint | number | null | undefined) ?? 0);
    shared[i] = integer;
    if (shared[i] !== integer) throw new DatasetError(`column '${name}' holds ${String(value)}, more than int64 can`);
  });
  return shared;
}

/** Numbers in the array they are read as. */
function narrowed(items: Column, listOf: ListElement): Column {
  if (items.kind !== 'number' || listOf === 'float64' || listOf === 'int64') return items;
  const { numbers } = items;
  const memory = new SharedArrayBuffer(4 * numbers.length);
  const narrow = listOf === 'float32' ? new Float32Array(memory) : new Int32Array(memory);
  narrow.set(numbers);
  return { ...items, numbers: narrow };
}

function toJson(value: unknown, name: string): string {
  const bare = (inner: unknown): boolean =>
    typeof inner === 'bigint' || inner instanceof Uint8Array || inner instanceof Date;
  try {
    if (!bare(value)) return JSON.stringify(value ?? null);
  } catch (error) {
    // Bigints inside, or nested so deeply that the stack is not enough.
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
  }
  throw new DatasetError(
    `column '${name}' mixes values of several kinds, or is nested too deeply: name the other columns in 'columns'`,
  );
}

function sharedFrom<A extends Float64Array | Uint32Array | Uint8Array>(
  array: { new (memory: SharedArrayBuffer): A; readonly BYTES_PER_ELEMENT: number },
  length: number,
  valueOf: (i: number) => number,
): A {
  const shared = new array(new SharedArrayBuffer(length * array.BYTES_PER_ELEMENT));
  for (let i = 0; i < length; i++) shared[i] = valueOf(i);
  return shared;
}

/** Value `i` of a column, which must exist; null where none is. */
export function columnValue(column: Column, i: number): unknown {
  if (column.present?.[i] === 0) return null;
  switch (column.kind) {
    case 'number':
    case 'bigint':
      return column.numbers[i];
    case 'boolean':
      return column.flags[i] === 1;
    case 'date':
      return new Date(column.numbers[i]!);
    case 'string':
      return sharedString(column.texts, i);
    case 'bytes':
      return sharedBytes(column.texts, i);
    case 'json':
      return JSON.parse(sharedString(column.texts, i)) as unknown;
    case 'list': {
      const { ends, items, listOf } = column;
      const start = i === 0 ? 0 : ends[i - 1]!;
      const { kind, present } = items;
      if (listOf !== undefined && present === undefined && (kind === 'number' || kind === 'bigint')) {
        const numbers = items.numbers.slice(start, ends[i]);
        // Where all lists are empty, nothing has told what numbers they are of.
        return numbers instanceof elementArrays[listOf] ? numbers : new elementArrays[listOf](numbers.length);
      }
      const list = Array.from({ length: ends[i]! - start }, (_, k) => columnValue(items, start + k));
      return listOf === undefined ? list : typedList(list, listOf);
    }
    case 'object':
      return Object.fromEntries(Object.entries(column.fields).map(([key, field]) => [key, columnValue(field, i)]));
  }
}

/** A list of numbers as a typed array; it stays a list when something is missing in it. */
export function typedList(list: readonly unknown[], listOf: ListElement): unknown {
  if (list.includes(null) || list.includes(undefined)) return list;
  return listOf === 'int64' ? BigInt64Array.from(list as bigint[]) : elementArrays[listOf].from(list as number[]);
}
