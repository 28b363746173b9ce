// Views for the tests of the reference backend: made from plain numbers or fixtures, read back and compared. The native
// one passes the same tests: ../native/conformance.test.ts runs them again with FLAMBEAU_TESTED_BACKEND=native.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import type { StridedView } from '../../../src/backend/backend.js';
import { dtypes } from '../../../src/backend/dtype.js';
import type { DType } from '../../../src/backend/dtype.js';
import { loadNativeBackend } from '../../../src/backend/platform/node.js';
import { createReferenceBackend } from '../../../src/backend/reference/index.js';

export const backend =
  process.env.FLAMBEAU_TESTED_BACKEND === 'native' ? loadNativeBackend()! : createReferenceBackend();

export type Cell = number | bigint | string | boolean;

/** A tensor in a fixture file. */
export interface Stored {
  dtype: DType;
  shape: number[];
  data: Cell[];
}

/** What `make_fixtures.py` wrote to `name`.json. */
export function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8')) as T;
}

export function contiguousStrides(shape: readonly number[]): number[] {
  return shape.map((_, dim) => shape.slice(dim + 1).reduce((product, size) => product * size, 1));
}

/** A contiguous view, filled with rubbish: kernels must not rely on zeros. */
export function empty(dtype: DType, shape: readonly number[]): StridedView {
  const count = shape.reduce((product, size) => product * size, 1);
  const storage = backend.allocate(count * dtypes[dtype].bytes);
  const view = { storage, dtype, shape, strides: contiguousStrides(shape), offset: 0 };
  backend.fill(view, 77);
  return view;
}

export function view(dtype: DType, shape: readonly number[], values: readonly Cell[]): StridedView {
  const result = empty(dtype, shape);
  const array =
    dtype === 'int64'
      ? BigInt64Array.from(values, (value) => BigInt(value))
      : new (dtypes[dtype].array as Float64ArrayConstructor)(values.map(Number));
  backend.write(result.storage, 0, array);
  return result;
}

/** The same content with the dims in reverse order in memory, two elements in from the storage's start. */
export function scattered(source: StridedView): StridedView {
  const reversed = [...source.shape].reverse();
  const count = reversed.reduce((product, size) => product * size, 1);
  const storage = backend.allocate((2 * count + 2) * dtypes[source.dtype].bytes);
  const strides = contiguousStrides(reversed).reverse();
  const result = { ...source, storage, strides: strides.map((stride) => 2 * stride), offset: 2 };
  backend.copy(result, source);
  return result;
}

export function restored(stored: Stored): StridedView {
  return view(stored.dtype, stored.shape, stored.data.map(cell));
}

function cell(value: Cell): Cell {
  return typeof value === 'string' ? Number(value.replace('inf', 'Infinity')) : value;
}

/** The elements in row-major order; int64 beyond 2^53 rounds. */
export function numbers(source: StridedView): number[] {
  const copy = empty('float64', source.shape);
  backend.copy(copy, source);
  const target = new Float64Array(source.shape.reduce((product, size) => product * size, 1));
  backend.read(copy, target);
  return [...target];
}

export function assertNumbers(actual: StridedView, expected: readonly number[], message?: string): void {
  assert.deepStrictEqual(numbers(actual), expected, message);
}

export interface Closeness {
  tolerance?: number;
  /** The least number that the tolerance is relative to. */
  scale?: number;
  /** Names what was computed, for the message. */
  label?: (at: number) => string;
}

/** Equal up to `tolerance`, relative to the expected number. */
export function assertClose(
  actual: StridedView,
  expected: Stored,
  { tolerance = 1e-13, scale = 0, label = (at) => `at ${at}` }: Closeness = {},
): void {
  assert.deepStrictEqual(actual.shape, expected.shape);
  const wanted = expected.data.map((value) => Number(cell(value)));
  numbers(actual).forEach((value, i) => {
    const near = Math.abs(value - wanted[i]!) <= tolerance * Math.max(scale, Math.abs(wanted[i]!));
    assert.ok(Object.is(value, wanted[i]) || near, `${label(i)}: got ${value}, expected ${wanted[i]}`);
  });
}
