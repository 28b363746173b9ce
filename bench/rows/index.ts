// All rows by name.

import { elementwise } from './elementwise.js';
import { layers } from './layers.js';
import { loader } from './loader.js';
import { products } from './products.js';
import type { Rows } from './row.js';
import { growing, training } from './training.js';

export const families: Readonly<Record<string, Rows>> = { products, elementwise, training, layers, loader };

export const rows: Rows = Object.assign({}, ...Object.values(families)) as Rows;

const powers = (from: number, to: number): number[] => {
  const values = [];
  for (let value = from; value <= to; value *= 2) values.push(value);
  return values;
};

/** The points at which the growth of an MLP step's time is measured: one of the two grows, the other stays. */
export const growth: readonly { readonly batch: number; readonly width: number }[] = [
  ...powers(1, 4096).map((batch) => ({ batch, width: 256 })),
  ...powers(16, 4096)
    .filter((width) => width !== 256)
    .map((width) => ({ batch: 64, width })),
];

/** The program of a row, or of `growth BATCH WIDTH`. */
export function programOf(name: string): (typeof rows)[string] {
  const point = /^growth (\d+) (\d+)$/.exec(name);
  if (point) return () => growing(Number(point[1]), Number(point[2]));
  const setup = rows[name];
  if (!setup) throw new Error(`no row '${name}'`);
  return setup;
}
