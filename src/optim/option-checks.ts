// Tests of numbers given as options, with messages that say which option, what came and what would be right.

import { ValueError } from '../errors.js';

/** Refuses options that are no numbers of at least 0 (NaN included). */
export function checkNotNegative<K extends string>(options: { readonly [name in K]: number }, ...names: K[]): void {
  for (const name of names) {
    if (!(options[name] >= 0)) throw new ValueError(`invalid ${name} ${options[name]}: expected a number >= 0`);
  }
}

/** Refuses decay rates outside [0, 1). */
export function checkBetas({ betas }: { readonly betas: readonly number[] }): void {
  if (betas.length !== 2) throw new ValueError(`expected two betas, got ${betas.length}`);
  betas.forEach((beta, i) => {
    if (!(beta >= 0 && beta < 1)) throw new ValueError(`invalid betas[${i}] ${beta}: expected a number in [0, 1)`);
  });
}

/** Refuses a number that isn't whole and at least `least`. */
export function checkWhole(name: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least) {
    throw new ValueError(`invalid ${name} ${value}: expected a whole number >= ${least}`);
  }
}

/** One value for each parameter group: a list is checked for its length, a single value repeated. */
export function perGroup<T>(name: string, value: T | readonly T[], groups: number): T[] {
  if (!Array.isArray(value)) return new Array<T>(groups).fill(value as T);
  const list = value as readonly T[];
  if (list.length !== groups) {
    throw new ValueError(`expected ${groups} values for ${name}, one for each parameter group, got ${list.length}`);
  }
  return [...list];
}
