// What is compared of two runs, and what has to hold.

import type { FloatType } from './runs.js';

/** The loss of each step: here, in PyTorch, and in PyTorch with one weight a rounding step away at the start. */
export interface Curves {
  readonly flambeau: readonly number[];
  readonly pytorch: readonly number[];
  readonly nudged: readonly number[];
}

/** |a - b| / |b| step by step. */
export function differences(a: readonly number[], b: readonly number[]): number[] {
  return b.map((loss, i) => Math.abs(a[i]! - loss) / Math.abs(loss));
}

export interface Figures {
  /** The largest relative difference in the first 50 steps. */
  readonly first: number;
  /** The largest one in all steps, and that of PyTorch's nudged run. */
  readonly all: number;
  readonly nudged: number;
  /** The mean of the last 20 losses. */
  readonly end: { readonly flambeau: number; readonly pytorch: number };
}

const FIRST = 50;
const LAST = 20;

export function figuresOf({ flambeau, pytorch, nudged }: Curves): Figures {
  const apart = differences(flambeau, pytorch);
  const mean = (losses: readonly number[]): number =>
    losses.slice(-LAST).reduce((sum, loss) => sum + loss, 0) / Math.min(LAST, losses.length);
  return {
    first: Math.max(...apart.slice(0, FIRST)),
    all: Math.max(...apart),
    nudged: Math.max(...differences(nudged, pytorch)),
    end: { flambeau: mean(flambeau), pytorch: mean(pytorch) },
  };
}

/** In float32 the first 50 losses agree to 1e-3 and the last ones on average to 1 %; in float64 all agree to 1e-9. */
export function agrees(dtype: FloatType, { first, all, end }: Figures): boolean {
  if (dtype === 'float64') return all <= 1e-9;
  return first <= 1e-3 && Math.abs(end.flambeau / end.pytorch - 1) <= 0.01;
}
