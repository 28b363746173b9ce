// How far the transcendental kernels of float32 are from the true values, over the whole range of float32. The truth is the
// reference's float64; every instruction set keeps the same bounds.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Backend, StridedView, UnaryOp } from '../../../src/backend/backend.js';
import { elements, native, needsAddon, reference } from './pairs.js';

/** Every so many floats one is tried: all exponents, and bits as they come. FLAMBEAU_SWEEP=1 tries every one. */
const STEP = Number(process.env['FLAMBEAU_SWEEP'] ?? 8191);
/** Positive floats, infinity and the first NaN among them; their negatives are tried too. */
const BIT_PATTERNS = 0x7f80_0002;
const AT_ONCE = 1 << 18;

interface Bound {
  /** Units in the last place. */
  readonly ulp: number;
  /** Or this far, absolutely: where what cancels is far larger than the result, or the result below the normal numbers. */
  readonly absolute?: number;
}

/** Those without a vector form are the C library's. */
const bounds: { readonly [op in UnaryOp]?: Bound } = {
  exp: { ulp: 1 },
  exp2: { ulp: 0.51 },
  expm1: { ulp: 1.5 },
  log: { ulp: 0.8 },
  log1p: { ulp: 2.1 },
  log2: { ulp: 0.51 },
  log10: { ulp: 0.51 },
  sqrt: { ulp: 0.5 },
  rsqrt: { ulp: 1.5 },
  reciprocal: { ulp: 0.5 },
  sin: { ulp: 1.6 },
  cos: { ulp: 1.6 },
  tan: { ulp: 1.2 },
  asin: { ulp: 0.9 },
  acos: { ulp: 0.9 },
  atan: { ulp: 0.9 },
  sinh: { ulp: 2 },
  cosh: { ulp: 2 },
  tanh: { ulp: 1.4 },
  asinh: { ulp: 1.6 },
  acosh: { ulp: 1.8 },
  atanh: { ulp: 1.6 },
  erf: { ulp: 1.4 },
  erfc: { ulp: 2.9 },
  lgamma: { ulp: 0.51 },
  digamma: { ulp: 0.51 },
  sigmoid: { ulp: 2.7 },
  logSigmoid: { ulp: 2.7 },
  silu: { ulp: 3, absolute: 1e-43 },
  mish: { ulp: 4, absolute: 1e-43 },
  softsign: { ulp: 1.5 },
  hardsigmoid: { ulp: 1 },
  hardswish: { ulp: 2 },
  gelu: { ulp: 4, absolute: 1e-6 },
  geluTanh: { ulp: 4, absolute: 1e-6 },
};

function view(backend: Backend, values: Float32Array | Float64Array): StridedView {
  const storage = backend.allocate(values.byteLength);
  backend.write(storage, 0, values);
  const dtype = values instanceof Float32Array ? 'float32' : 'float64';
  return { storage, dtype, shape: [values.length], strides: [1], offset: 0 };
}

/** Floats with these bit patterns, and their negatives. */
function floats(first: number, count: number): Float32Array {
  const bits = new Uint32Array(2 * count);
  for (let i = 0; i < count; i++) {
    bits[2 * i] = first + i * STEP;
    bits[2 * i + 1] = (bits[2 * i]! | 0x8000_0000) >>> 0;
  }
  return new Float32Array(bits.buffer);
}

/** The distance of two float32 neighbours where `value` lies. */
function unit(value: number): number {
  return 2 ** Math.max(Math.floor(Math.log2(Math.abs(value))) - 23, -149);
}

/** Units in the last place; Infinity where one is a number and the other isn't. */
function distance(actual: number, truth: number): number {
  const expected = Math.fround(truth);
  if (Object.is(actual, expected) || (Number.isNaN(actual) && Number.isNaN(expected))) return 0;
  // Rounding may have gone the other way at the edge of the finite numbers.
  if (!Number.isFinite(actual) && Number.isFinite(truth) && Math.abs(truth) > 3.4028e38) return 1;
  if (!Number.isFinite(expected)) return Math.abs(actual) > 3.4028e38 ? 1 : Infinity;
  if (truth === 0) return actual === 0 ? 0 : Math.abs(actual) / 2 ** -149;
  return Math.abs(actual - truth) / unit(truth);
}

interface Worst {
  readonly error: number;
  readonly message: string;
}

/** The largest error of the kernel among those that are not within `absolute`. */
function worst(absolute: number, run: (backend: Backend, output: StridedView, input: StridedView) => void): Worst {
  let found: Worst = { error: 0, message: '' };
  const total = Math.ceil(BIT_PATTERNS / STEP);
  for (let start = 0; start < total; start += AT_ONCE) {
    const x = floats(start * STEP, Math.min(AT_ONCE, total - start));
    const ours = view(native!, new Float32Array(x.length));
    run(native!, ours, view(native!, x));
    const theirs = view(reference, new Float64Array(x.length));
    run(reference, theirs, view(reference, Float64Array.from(x)));
    const [actual, truth] = [elements(native!, ours), elements(reference, theirs)] as [Float32Array, Float64Array];
    for (let i = 0; i < x.length; i++) {
      const error = distance(actual[i]!, truth[i]!);
      if (error <= found.error || Math.abs(actual[i]! - truth[i]!) <= absolute) continue;
      found = { error, message: `of ${x[i]!} it is ${actual[i]!}, ${error.toFixed(2)} units from ${truth[i]!}` };
    }
  }
  return found;
}

for (const [op, { ulp, absolute }] of Object.entries(bounds) as [UnaryOp, Bound][]) {
  const or = absolute === undefined ? '' : `, or ${absolute},`;
  test(`${op} is within ${ulp} units in the last place${or} of the true value`, needsAddon, () => {
    const { error, message } = worst(absolute ?? 0, (backend, output, input) => backend.unary(op, output, input, 0, 0));
    assert.ok(error <= ulp, message);
  });
}

test('powers are within 0.51 units in the last place of the true value', needsAddon, () => {
  for (const exponent of [-2.5, Math.fround(-1 / 3), 0.125, Math.fround(1.7), 5, 11]) {
    const { error, message } = worst(0, (backend, output, input) => backend.binary('pow', output, input, exponent));
    assert.ok(error <= 0.51, `to the power of ${exponent}: ${message}`);
  }
});
