// Checks of what layers are constructed with: each says which argument of which layer, what came and what would be right.

import { ValueError } from '../errors.js';

/** A whole number of at least `least`. */
export function requireCount(layer: string, name: string, value: number, least = 1): number {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new ValueError(`${layer}: expected ${name} to be a whole number >= ${least}, got ${String(value)}`);
  }
  return value;
}

/** A number from `low` to `high`, both included. */
export function requireRange(layer: string, name: string, value: number, low: number, high: number): number {
  if (!(value >= low && value <= high)) {
    throw new ValueError(`${layer}: expected ${name} from ${low} to ${high}, got ${String(value)}`);
  }
  return value;
}

/** One of the given words. */
export function requireOneOf<T extends string>(layer: string, name: string, value: string, words: readonly T[]): T {
  if (!(words as readonly string[]).includes(value)) {
    const expected = words.map((word) => `'${word}'`).join(', ');
    throw new ValueError(`${layer}: expected ${name} to be one of ${expected}, got '${value}'`);
  }
  return value as T;
}

/** A size per spatial dim, or one for all of them. */
export type PerDim = number | readonly number[];

/** A whole number for each of `dims` spatial dims. */
export function perDim(layer: string, name: string, value: PerDim, dims: number, least: number): readonly number[] {
  const list = typeof value === 'number' ? new Array<number>(dims).fill(value) : value;
  if (!Array.isArray(list) || (list.length !== dims && list.length !== 1)) {
    throw new ValueError(`${layer}: expected ${name} to be a number or ${dims} numbers, got [${String(value)}]`);
  }
  for (const size of list as readonly number[]) requireCount(layer, name, size, least);
  return list.length === dims ? (list as readonly number[]) : new Array<number>(dims).fill((list as number[])[0]!);
}
