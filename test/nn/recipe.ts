// Inputs and weights by recipe: the numbers that scripts/oracle/nn/recipe.py makes too, so that fixtures need not hold them.

import type { DType } from '../../src/backend/dtype.js';
import { tensor, type TensorData } from '../../src/tensor/create.js';
import type { Tensor } from '../../src/tensor/tensor.js';

/** A tensor of a fixture. */
export interface TensorSpec {
  readonly shape: readonly number[];
  readonly kind?: 'float' | 'small' | 'positive' | 'unit' | 'sign' | 'index' | 'bool';
  readonly low?: number;
  readonly high?: number;
  readonly values?: TensorData;
  readonly seed?: number;
  /** Whether it takes no gradient. */
  readonly constant?: boolean;
}

const PRIME = 2017;

/** `count` whole numbers from 0 to 2016 that depend on the seed and their place. */
function words(count: number, seed: number): number[] {
  return Array.from({ length: count }, (_, place) => {
    const x = (place + seed * 7919 + 1) % PRIME;
    return (x * x * x + 5 * x * x + 3 * x + Math.floor(place / PRIME)) % PRIME;
  });
}

export function make(spec: TensorSpec, seed: number, dtype: DType): Tensor {
  const { kind = 'float', low = 0, high = 1 } = spec;
  const natural: DType = kind === 'index' ? 'int64' : kind === 'bool' ? 'bool' : dtype;
  if (spec.values !== undefined) return tensor(spec.values, { dtype: natural }).reshape(spec.shape);
  const count = spec.shape.reduce((product, size) => product * size, 1);
  const numbers = words(count, seed).map((x) => {
    switch (kind) {
      case 'float':
        return (x - 1008) / 256;
      case 'small':
        return (x - 1008) / 2048;
      case 'positive':
        return (x + 64) / 1024;
      case 'unit':
        return (x % 257) / 256;
      case 'sign':
        return x % 2 ? 1 : -1;
      case 'index':
        return low + (x % (high - low));
      case 'bool':
        return x % 3 === 0 ? 1 : 0;
    }
  });
  return tensor(numbers, { dtype: natural }).reshape(spec.shape);
}

/** What an entry of a state dict is set to before a case runs. */
export function weight(name: string, entry: Tensor, index: number): Tensor {
  if (!entry.isFloatingPoint()) return entry.clone().zero_();
  const kind = name.endsWith('running_var') || name.endsWith('weight_g') ? 'positive' : 'small';
  return make({ shape: entry.shape, kind }, 100 + index, entry.dtype);
}
