// The file of results: a run replaces the rows it measured and keeps the others, so that a measurement can be made in pieces.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sourceFolder } from './compiled.js';
import type { Compared, Timing } from './comparison.js';
import type { Machine } from './machine.js';

export interface GrowthPoint {
  readonly batch: number;
  readonly width: number;
  readonly threads: 1 | 2;
  readonly flambeau: Timing;
  readonly pytorch: Timing & { readonly setting: string };
}

export interface PeerResult {
  readonly row: string;
  readonly flambeau: Timing;
  /** By library; a text says why it can't be had. */
  readonly peers: Readonly<Record<string, Timing | string>>;
}

export interface Results {
  readonly machine?: Machine;
  /** Backend, versions. */
  readonly software?: Readonly<Record<string, string>>;
  readonly rows: readonly Compared[];
  readonly growth: readonly GrowthPoint[];
  readonly peers: readonly PeerResult[];
}

const file = join(sourceFolder, 'results.json');

export function readResults(): Results {
  if (!existsSync(file)) return { rows: [], growth: [], peers: [] };
  return JSON.parse(readFileSync(file, 'utf8')) as Results;
}

/** Numbers to five digits: more than was measured, and files that can be compared. */
export function writeResults(results: Results): void {
  const rounded = (_key: string, value: unknown): unknown =>
    typeof value === 'number' ? Number(value.toPrecision(5)) : value;
  writeFileSync(file, `${JSON.stringify(results, rounded, 1)}\n`);
}

/** How many runs' ratios are kept. */
const RUNS = 3;

/** A row measured anew, with the ratios of the runs before. */
export function afterRuns(fresh: Compared, old: readonly Compared[]): Compared {
  const before = old.find(({ row }) => row === fresh.row)?.ratios ?? [];
  return { ...fresh, ratios: [...before, fresh.ratio].slice(-RUNS) };
}

/** `old` with what `fresh` measured anew in its place, in the order of `keys`. */
export function merged<T>(
  old: readonly T[],
  fresh: readonly T[],
  keyOf: (value: T) => string,
  keys: readonly string[],
): T[] {
  const byKey = new Map([...old, ...fresh].map((value) => [keyOf(value), value]));
  return keys.flatMap((key) => byKey.get(key) ?? []);
}
