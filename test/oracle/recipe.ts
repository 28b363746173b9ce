// Tensors by recipe: the same small numbers that scripts/oracle/tensors/recipe.py makes, so that inputs need no storing. A recipe is
// `shape|dtype|kind of values|layout|g for a gradient|seed`; the values fill a contiguous base in the order of its memory, the
// layout says which view of the base is meant.

import { dtypes, isFloat, type DType } from '../../src/backend/dtype.js';
import { fromTypedArray } from '../../src/tensor/create.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import '../../src/ops/index.js';

export interface Recipe {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly kind: string;
  readonly layout: string;
  readonly grad: boolean;
  readonly seed: number;
}

export function parseRecipe(text: string): Recipe {
  const [sizes = '', dtype, kind = '', layout = '', grad, seed] = text.split('|');
  const shape = sizes === '' ? [] : sizes.split(',').map(Number);
  return { shape, dtype: dtype as DType, kind, layout, grad: grad === 'g', seed: Number(seed) };
}

const COMMON = [
  ...[0, -0, Infinity, -Infinity, NaN, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 2, 3, -3, 88, -88, 710, 8589934592],
  1.1641532182693481e-10,
];
const EXTREMES = {
  float32: [3.4028234663852886e38, -3.4028234663852886e38, 1.401298464324817e-45, 1.1754943508222875e-38],
  float64: [1.7976931348623157e308, -1.7976931348623157e308, 5e-324, 2.2250738585072014e-308],
};

/** The values of kind 'special': what breaks careless code. */
function specials(dtype: DType): (number | bigint)[] {
  if (dtype === 'bfloat16') return COMMON;
  if (dtype === 'float32' || dtype === 'float64') return [...COMMON, ...EXTREMES[dtype]];
  if (dtype === 'bool') return [1, 0];
  const width = BigInt(dtypes[dtype].bytes * 8);
  const unsigned = dtype === 'uint8';
  const low = unsigned ? 0n : -(2n ** (width - 1n));
  const high = unsigned ? 255n : 2n ** (width - 1n) - 1n;
  const values: (number | bigint)[] = [0, 1, 2, 7, 100, high, high - 1n, low, low + 1n];
  return unsigned ? values : [...values, -1, -2, -7, -100];
}

/** A word of 32 bits that depends on the seed and the place. */
function bits(seed: number, place: number): number {
  let x = (Math.imul(seed, 0x9e3779b1) + Math.imul(place, 0x85ebca6b) + 0x6a09e667) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d) >>> 0;
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b) >>> 0;
  return (x ^ (x >>> 16)) >>> 0;
}

const RANGES: Record<string, readonly [scale: number, shift: number]> = {
  normal: [6, -3],
  positive: [3, 0.125],
  unit: [1.875, -0.9375],
  above: [3, 1.125],
  probability: [1, 0],
  large: [2000, -1000],
  tiny: [2 ** -20, 0],
};

function valueAt({ dtype, kind, seed }: Recipe, place: number): number {
  const word = bits(seed, place);
  if (dtype === 'bool') return word & 1;
  const u = dtype === 'float32' ? (word >>> 8) / 2 ** 24 : word / 2 ** 32;
  if (kind.startsWith('below:')) return Math.floor(u * Number(kind.slice(6)));
  if (kind === 'ties') return Math.floor(u * 7) - (dtype === 'uint8' ? 0 : 3);
  if (kind === 'nonzero') {
    const small = Math.floor(u * 6) - 3;
    const whole = small >= 0 ? small + 1 : small;
    return dtype === 'uint8' ? Math.abs(whole) : whole;
  }
  if (!isFloat(dtype)) {
    return kind === 'positive' ? Math.floor(u * 9) + 1 : Math.floor(u * 21) - (dtype === 'uint8' ? 0 : 10);
  }
  const [scale, shift] = RANGES[kind]!;
  return u * scale + shift;
}

/** A base's values in the order of its memory. */
function valuesOf(recipe: Recipe, count: number): (number | bigint)[] {
  const { dtype, kind } = recipe;
  if (kind === 'special') {
    const cycle = specials(dtype);
    return Array.from({ length: count }, (_, i) => cycle[i % cycle.length]!);
  }
  if (kind === 'common') return Array.from({ length: count }, (_, i) => COMMON[i % COMMON.length]!);
  if (kind === 'zeros' || kind === 'ones') return new Array<number>(count).fill(kind === 'ones' ? 1 : 0);
  return Array.from({ length: count }, (_, i) => valueAt(recipe, i));
}

function baseShape({ shape, layout }: Recipe): number[] {
  const last = shape.length - 1;
  if (layout === 'T') return [...shape.slice(0, -2), shape[last]!, shape[last - 1]!];
  if (layout === 'S') return shape.with(last, 2 * shape[last]! + 1);
  if (layout === 'E') return shape.with(0, 1);
  if (layout === 'O') return [2, ...shape];
  return layout === 'P' ? shape.toReversed() : shape.slice();
}

function layOut(base: Tensor, { shape, layout }: Recipe): Tensor {
  if (layout === 'T') return base.transpose(-1, -2);
  if (layout === 'S') return base.slice(-1, 1, undefined, 2);
  if (layout === 'E') return base.expand(shape);
  if (layout === 'O') return base.select(0, 1);
  return layout === 'P' ? base.permute(shape.map((_, d) => shape.length - 1 - d)) : base;
}

/** The tensor that a recipe describes, a leaf. */
export function make(recipe: Recipe): Tensor {
  const shape = baseShape(recipe);
  const count = shape.reduce((product, size) => product * size, 1);
  const values = valuesOf(recipe, count);
  const array = new dtypes[recipe.dtype].array(count);
  if (array instanceof BigInt64Array) values.forEach((value, i) => (array[i] = BigInt(value)));
  else values.forEach((value, i) => (array[i] = Number(value)));
  const tensor = layOut(fromTypedArray(array, shape, { dtype: recipe.dtype }), recipe).detach();
  return recipe.grad ? tensor.requiresGrad_() : tensor;
}

/** What the gradients of result number `seed` of a case are taken with. */
export function weights(shape: readonly number[], dtype: DType, seed: number): Tensor {
  const layout = seed % 2 === 1 && shape.length >= 2 ? 'T' : 'C';
  return make({ shape, dtype, kind: 'normal', layout, grad: false, seed: 1000 + seed });
}
