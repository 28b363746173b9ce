// A case run here, held against what PyTorch made of it.

import { dtypes, isFloat, type DType, type TypedArray } from '../../src/backend/dtype.js';
import { FlambeauError } from '../../src/errors.js';
import { Tensor } from '../../src/tensor/tensor.js';
import { gradientsOf, run, type Case, type Expected, type Outcome } from './case.js';

/** How far a float may be from PyTorch's: relative to its size, and absolutely. */
const TOLERANCES: Partial<Record<DType, Tolerance>> = {
  float32: { relative: 1e-5, absolute: 1e-6 },
  float64: { relative: 1e-10, absolute: 1e-12 },
  // Two units in the last place, of numbers up to 4 where terms cancel: PyTorch rounds between the steps of a composition.
  bfloat16: { relative: 2 ** -6, absolute: 2 ** -5 },
};

function decodeData(data: string, dtype: DType): TypedArray {
  const bytes = Buffer.from(data, 'base64');
  const { array } = dtypes[dtype];
  return new array(Uint8Array.from(bytes).buffer, 0, bytes.length / array.BYTES_PER_ELEMENT);
}

export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}

export function close(found: number, expected: number, tolerance: Tolerance | undefined): boolean {
  if (Object.is(found, expected) || found === expected) return true;
  if (!tolerance || !Number.isFinite(found) || !Number.isFinite(expected)) return false;
  return Math.abs(found - expected) <= tolerance.absolute + tolerance.relative * Math.abs(expected);
}

/** That of a float dtype, or the case's own. What was computed with bfloat16 is as exact as that, whatever holds it. */
export function toleranceFor(dtype: DType, { args, tolerance }: Case): Tolerance | undefined {
  const own = TOLERANCES[isFloat(dtype) && JSON.stringify(args).includes('bfloat16') ? 'bfloat16' : dtype];
  return own && { ...own, relative: tolerance ?? own.relative };
}

/** What is wrong with values, or undefined. */
function valuesDiffer(found: Tensor, data: string, tolerance: Tolerance | undefined): string | undefined {
  const expected = decodeData(data, found.dtype);
  const values = found.data();
  for (let i = 0; i < expected.length; i++) {
    const same = isFloat(found.dtype)
      ? close(Number(values[i]), Number(expected[i]), tolerance)
      : values[i] === expected[i];
    if (!same) return `element ${i} is ${values[i]}, in PyTorch ${expected[i]}`;
  }
  return undefined;
}

function sameList(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

/** Strides of dims with one element say nothing. */
function layoutDiffers(found: Tensor, [offset, ...strides]: readonly number[]): string | undefined {
  const same = found.shape.every((size, d) => size === 1 || found.strides[d] === strides[d]);
  if (same && found.offset === offset) return undefined;
  return `lies at ${found.offset} with strides [${found.strides.join(', ')}], in PyTorch at ${offset} with [${strides.join(', ')}]`;
}

function resultDiffers(found: unknown, expected: Expected, { operand }: Outcome, entry: Case): string | undefined {
  if ('value' in expected) {
    const value = Array.isArray(expected.value) ? expected.value : [expected.value];
    const got = Array.isArray(found) ? found : [found];
    return JSON.stringify(got.map(Number)) === JSON.stringify(value.map(Number))
      ? undefined
      : `is ${String(found)}, in PyTorch ${String(expected.value)}`;
  }
  if (!(found instanceof Tensor)) return `is ${String(found)}, in PyTorch a tensor`;
  if (!sameList(found.shape, expected.shape)) {
    return `has shape [${found.shape.join(', ')}], in PyTorch [${expected.shape.join(', ')}]`;
  }
  if (found.dtype !== expected.dtype) return `is ${found.dtype}, in PyTorch ${expected.dtype}`;
  const values = valuesDiffer(found, expected.data, toleranceFor(found.dtype, entry));
  if (values) return values;
  if (found.requiresGrad !== (expected.grad ?? false)) {
    return `${found.requiresGrad ? 'requires' : "doesn't require"} a gradient, other than in PyTorch`;
  }
  if (!operand || found.numel() === 0) return undefined;
  const shares = found.storage === operand.storage;
  if (shares !== (expected.view !== undefined)) {
    return `${shares ? 'shares' : "doesn't share"} its operand's memory, other than in PyTorch`;
  }
  return expected.view && layoutDiffers(found, expected.view);
}

function describeError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** What differs between this library and PyTorch in one case; undefined: nothing. */
export function difference(entry: Case, useMethod: boolean): string | undefined {
  let outcome: Outcome;
  try {
    outcome = run(entry, useMethod);
  } catch (error) {
    if (!(error instanceof FlambeauError)) return `fails without a documented error: ${describeError(error)}`;
    return entry.error === undefined ? `is refused, not in PyTorch: ${describeError(error)}` : undefined;
  }
  if (entry.error !== undefined) return `is accepted; PyTorch refuses it (${entry.error})`;
  const { results } = outcome;
  const expected = entry.out!;
  if (results.length !== expected.length) return `gives ${results.length} results, in PyTorch ${expected.length}`;
  for (let i = 0; i < expected.length; i++) {
    const wrong = resultDiffers(results[i], expected[i]!, outcome, entry);
    if (wrong) return `result ${i} ${wrong}`;
  }
  return gradientsDiffer(entry, outcome);
}

function gradientsDiffer(entry: Case, outcome: Outcome): string | undefined {
  if (entry.grad === undefined && entry.gradError === undefined) return undefined;
  let gradients: (Tensor | null)[];
  try {
    gradients = gradientsOf(outcome);
  } catch (error) {
    if (!(error instanceof FlambeauError))
      return `its backward fails without a documented error: ${describeError(error)}`;
    return entry.gradError === undefined
      ? `its backward is refused, not in PyTorch: ${describeError(error)}`
      : undefined;
  }
  if (entry.gradError !== undefined) return `has a backward; PyTorch refuses it (${entry.gradError})`;
  for (let i = 0; i < gradients.length; i++) {
    const leaf = outcome.leaves[i]!;
    const own = toleranceFor(leaf.dtype, entry)!;
    const tolerance = { ...own, relative: entry.tolerance ?? Math.max(own.relative, passesFloat32(entry)) };
    const wrong = gradientDiffers(gradients[i]!, entry.grad![i]!, leaf, tolerance);
    if (wrong) return `gradient ${i} ${wrong}`;
  }
  return undefined;
}

/** Where float32 and float64 meet, a float64 gradient may have passed through float32. */
function passesFloat32({ args }: Case): number {
  return JSON.stringify(args).includes('float32') ? TOLERANCES.float32!.relative : 0;
}

/** PyTorch's null and zeros are the same. */
function gradientDiffers(
  found: Tensor | null,
  expected: string | null,
  { shape, dtype }: Tensor,
  tolerance: Tolerance,
): string | undefined {
  if (found === null && expected === null) return undefined;
  if (found === null) {
    return decodeData(expected!, dtype).every((value) => Number(value) === 0) ? undefined : 'is missing';
  }
  if (!sameList(found.shape, shape)) return `has shape [${found.shape.join(', ')}] for an input [${shape.join(', ')}]`;
  if (found.dtype !== dtype) return `is ${found.dtype} for an input of ${dtype}`;
  if (expected === null) return found.ne(0).any().item() ? 'is not zero, PyTorch has none' : undefined;
  return valuesDiffer(found, expected, tolerance);
}
