// The native backend beside the reference: the same views on both, and whether both computed the same. Storages are
// compared whole, so that a write outside a view shows.

import assert from 'node:assert/strict';

import type { Backend, StridedView } from '../../../src/backend/backend.js';
import { dtypes, isFloat, kernelTypes, type DType, type TypedArray } from '../../../src/backend/dtype.js';
import { createReferenceBackend } from '../../../src/backend/reference/index.js';
import { loadNativeBackend } from '../../../src/backend/platform/node.js';

export const native = loadNativeBackend();
export const reference = createReferenceBackend();
/** For tests that need the addon. */
export const needsAddon = { skip: native === undefined ? 'the native kernels are not built' : false };

export const allTypes = kernelTypes;
export const floatTypes: DType[] = ['float32', 'float64'];
export const integerTypes: DType[] = ['int64', 'int32', 'int16', 'int8', 'uint8'];

/** A reproducible stream of numbers in [0, 1): mulberry32. */
export function randomStream(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function count(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** How a view lies in its storage. 'broadcast' repeats one element (only for inputs). */
export type Layout = 'contiguous' | 'transposed' | 'stepped' | 'broadcast';
export const layouts: Layout[] = ['contiguous', 'transposed', 'stepped'];

function stridesOf(shape: readonly number[], layout: Layout): { strides: number[]; offset: number; length: number } {
  const strides = new Array<number>(shape.length).fill(0);
  if (layout === 'broadcast') return { strides, offset: 1, length: 3 };
  let step = layout === 'stepped' ? 2 : 1;
  const order = shape.map((_, d) => d);
  if (layout === 'transposed') order.reverse();
  for (const d of order.reverse()) {
    strides[d] = step;
    step *= shape[d]!;
    if (layout === 'stepped') step += 1;
  }
  const offset = layout === 'contiguous' ? 0 : 3;
  return { strides, offset, length: step + offset };
}

/** The same view on both backends. */
export interface Pair {
  readonly native: StridedView;
  readonly reference: StridedView;
  /** The whole storages. */
  readonly whole: { readonly native: StridedView; readonly reference: StridedView };
}

export interface PairOptions {
  readonly layout?: Layout;
  /** The value at a row-major position; converted to the dtype. */
  readonly value?: (position: number) => number | bigint;
}

function placed(
  backend: Backend,
  dtype: DType,
  shape: readonly number[],
  content: TypedArray,
  place: { strides: number[]; offset: number },
): { view: StridedView; whole: StridedView } {
  const storage = backend.allocate(content.byteLength);
  backend.write(storage, 0, content);
  return {
    view: { storage, dtype, shape, ...place },
    whole: { storage, dtype, shape: [content.length], strides: [1], offset: 0 },
  };
}

/** Makes a view of these values on both backends; what lies around it in the storage is 77. */
export function pair(dtype: DType, shape: readonly number[], options: PairOptions = {}): Pair {
  const { strides, offset, length } = stridesOf(shape, options.layout ?? 'contiguous');
  const content = new dtypes[dtype].array(length);
  const isBool = dtype === 'bool';
  const cell = (value: number | bigint): number => {
    if (dtype === 'int64') return BigInt(typeof value === 'number' ? Math.trunc(value) : value) as unknown as number;
    return isBool ? Number(value !== 0) : Number(value);
  };
  (content as Float64Array).fill(cell(isBool ? 1 : 77));
  const total = count(shape);
  for (let position = 0; position < total; position++) {
    let at = offset;
    for (let d = shape.length - 1, rest = position; d >= 0; d--) {
      at += (rest % shape[d]!) * strides[d]!;
      rest = Math.floor(rest / shape[d]!);
    }
    (content as Float64Array)[at] = cell(options.value?.(position) ?? 77);
  }
  const a = placed(native!, dtype, shape, content, { strides, offset });
  const b = placed(reference, dtype, shape, content, { strides, offset });
  return { native: a.view, reference: b.view, whole: { native: a.whole, reference: b.whole } };
}

/** Calls the kernel on both backends and checks that they return the same. */
export function onBoth<R>(kernel: (backend: Backend, pick: (pair: Pair) => StridedView) => R): R {
  const ours = kernel(native!, (p) => p.native);
  const theirs = kernel(reference, (p) => p.reference);
  assert.deepStrictEqual(ours, theirs, 'both backends return the same');
  return ours;
}

export function elements(backend: Backend, view: StridedView): TypedArray {
  const array = new dtypes[view.dtype].array(count(view.shape));
  backend.read(view, array);
  return array;
}

/** Distance in units in the last place of `expected`. */
function ulps(actual: number, expected: number, dtype: DType): number {
  if (Object.is(actual, expected) || actual === expected) return 0;
  if (Number.isNaN(actual) || Number.isNaN(expected)) return Infinity;
  const [digits, least, largest] = dtype === 'float32' ? [24, -149, 3.4028235e38] : [53, -1074, Number.MAX_VALUE];
  if (!Number.isFinite(expected) || !Number.isFinite(actual)) {
    return Math.max(Math.abs(expected), Math.abs(actual)) === Infinity &&
      Math.min(Math.abs(expected), Math.abs(actual)) >= largest * (1 - 1e-6)
      ? 1
      : Infinity;
  }
  const unit = 2 ** Math.max(Math.floor(Math.log2(Math.abs(expected) || 2 ** least)) - digits + 1, least);
  return Math.abs(actual - expected) / unit;
}

export interface Tolerance {
  /** Units in the last place; 0: the same bits but for the sign of zero and the payload of NaN. */
  readonly ulp?: number;
  /** Or this far, absolutely. */
  readonly absolute?: number;
}

/** Checks that a pair's whole storages agree. */
export function assertSame(p: Pair, message: string, { ulp = 0, absolute = 0 }: Tolerance = {}): void {
  const ours = elements(native!, p.whole.native);
  const theirs = elements(reference, p.whole.reference);
  const floating = isFloat(p.native.dtype);
  for (let i = 0; i < theirs.length; i++) {
    const [actual, expected] = [ours[i]!, theirs[i]!];
    if (actual === expected) continue;
    if (floating) {
      const [x, y] = [Number(actual), Number(expected)];
      if (Number.isNaN(x) && Number.isNaN(y)) continue;
      if (Math.abs(x - y) <= absolute || ulps(x, y, p.native.dtype) <= ulp) continue;
    }
    assert.fail(`${message}: element ${i} of the storage is ${actual}, the reference has ${expected}`);
  }
}
