// Batches of samples that are unequally long: texts as numbers, sounds, spectrograms.

import { defaultCollate } from '../data/collate.js';
import type { Collated } from '../data/collated.js';
import { fromModule } from '../data/workers/from-module.js';
import '../ops/methods.js';
import { full } from '../tensor/create.js';
import { sameShape } from '../tensor/shape.js';
import { Tensor } from '../tensor/tensor.js';

/**
 * Brings the tensors of each field to one shape: each dim grows to the longest of them, filled up at its end. What is no
 * tensor, or differs in the number of dims, stays as it is.
 * @param value what to fill with; default 0
 */
export function padSamples<T>(samples: readonly T[], value = 0): T[] {
  return padded(samples, value) as T[];
}

function padded(values: readonly unknown[], fill: number): unknown[] {
  const first = values[0];
  if (first instanceof Tensor) {
    const fits = values.every((value) => value instanceof Tensor && value.ndim === first.ndim);
    return fits ? padTensors(values as Tensor[], fill) : [...values];
  }
  if (Array.isArray(first)) {
    if (!values.every((value) => Array.isArray(value) && value.length === first.length)) return [...values];
    return fieldByField(values, Array.from(first.keys()), fill, () => []);
  }
  if (!isPlainObject(first)) return [...values];
  const keys = Object.keys(first);
  if (!values.every((value) => isPlainObject(value) && keys.every((key) => Object.hasOwn(value, key))))
    return [...values];
  return fieldByField(values, keys, fill, () => ({}));
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function fieldByField(
  values: readonly unknown[],
  keys: readonly (string | number)[],
  fill: number,
  create: () => unknown,
): unknown[] {
  const samples = values as readonly Record<string | number, unknown>[];
  const results = samples.map(() => create() as Record<string | number, unknown>);
  for (const key of keys) {
    const fields = samples.map((sample) => sample[key]);
    padded(fields, fill).forEach((field, i) => (results[i]![key] = field));
  }
  return results;
}

function padTensors(tensors: readonly Tensor[], fill: number): Tensor[] {
  const [first] = tensors as [Tensor, ...Tensor[]];
  const longest = first.shape.map((_, dim) => Math.max(...tensors.map(({ shape }) => shape[dim]!)));
  return tensors.map((tensor) => {
    if (sameShape(tensor.shape, longest)) return tensor;
    const whole = full(longest, fill, { dtype: tensor.dtype });
    const part = tensor.shape.reduce((rest, length, dim) => rest.narrow(dim, 0, length), whole);
    part.copy_(tensor);
    return whole;
  });
}

/**
 * A `collateFn` that fills shorter tensors up with zeros, which is what `Vocabulary` has as padding: texts `[tokens]`
 * become `[N, longest]`, sounds `[channels, frames]` become `[N, channels, longest]`; all else is as with `defaultCollate`.
 * Lengths are `batch.text.ne(0).sum(1)`. For another value, or more, export a function that begins with `padSamples`.
 *
 * ```ts
 * const loader = new DataLoader(reviews, { batchSize: 32, collateFn: padCollate });
 * ```
 * @throws DataLoaderError as `defaultCollate`
 */
export function padCollate<T>(samples: readonly T[]): Collated<T> {
  return defaultCollate(padSamples(samples));
}

fromModule(import.meta.url, padCollate);
