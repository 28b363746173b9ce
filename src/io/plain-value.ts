// Values that a file of tensors can hold besides them: numbers, texts, lists and dicts, nested as a checkpoint is.

import type { Tensor } from '../tensor/tensor.js';
import { Damage } from './checked-file.js';

/** Tensors and plain values, nested. bigint: a whole number beyond 2^53. */
export type PlainValue =
  Tensor | number | bigint | boolean | string | null | PlainValue[] | { [key: string]: PlainValue };

/** Deeper nesting, or something that holds itself, is no checkpoint. */
export const deepest = 64;

/**
 * Maps and arrays as plain objects and arrays; what stands in several places becomes one and the same object again.
 * `special`: what else becomes a tensor; undefined for what doesn't.
 * @throws Damage naming the path of anything else
 */
export function plainValue(value: unknown, special: (value: unknown) => Tensor | undefined): PlainValue {
  const done = new Map<unknown, PlainValue>();
  const convert = (value: unknown, path: readonly string[]): PlainValue => {
    const tensor = special(value);
    if (tensor !== undefined) return tensor;
    if (value === null || ['number', 'bigint', 'boolean', 'string'].includes(typeof value)) return value as PlainValue;
    const known = done.get(value);
    if (known !== undefined) return known;
    if (path.length >= deepest)
      throw new Damage(`nests deeper than ${deepest} levels, or holds something that holds itself`);
    let result: PlainValue;
    if (Array.isArray(value)) {
      result = value.map((item, i) => convert(item, [...path, String(i)]));
    } else if (value instanceof Map) {
      result = dict(value, path, convert);
    } else {
      const { name } = value as { name?: unknown };
      const what = typeof name === 'string' ? name : 'something else';
      throw new Damage(`holds ${what} at '${path.join('.')}', which is neither tensor nor plain value`);
    }
    done.set(value, result);
    return result;
  };
  return convert(value, []);
}

function dict(
  entries: ReadonlyMap<unknown, unknown>,
  path: readonly string[],
  convert: (value: unknown, path: readonly string[]) => PlainValue,
): { [key: string]: PlainValue } {
  const converted = new Map<string, PlainValue>();
  for (const [key, value] of entries) {
    if (typeof key !== 'string' && !Number.isSafeInteger(key)) {
      throw new Damage(`has a dict at '${path.join('.')}' whose keys are neither texts nor whole numbers`);
    }
    const name = String(key);
    if (converted.has(name)) throw new Damage(`has a dict at '${path.join('.')}' with two keys '${name}'`);
    converted.set(name, convert(value, [...path, name]));
  }
  // Unlike an assignment this makes a key of any name a field of the object's own.
  return Object.fromEntries(converted);
}
