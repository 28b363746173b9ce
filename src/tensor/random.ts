// Tensors of random numbers. The streams are PyTorch's: see generator.ts.

import { backend } from '../backend/active.js';
import { isFloat } from '../backend/dtype.js';
import { DTypeError, ValueError } from '../errors.js';
import { empty, emptyLike, type CreateOptions } from './create.js';
import { defaultGenerator, type Generator } from './generator.js';
import type { Shape } from './shape.js';
import type { Tensor } from './tensor.js';
import { allocate } from './tensor.js';
import { checkDType, getDefaultDtype } from './promotion.js';
import { check, guarded } from './guarded.js';
import { signatures } from './signatures.js';

/** Options of what draws random tensors. */
export interface RandomOptions extends CreateOptions {
  /** Where the numbers come from; the default generator unless given. */
  generator?: Generator | undefined;
}

function sampled(name: string, op: 'uniform' | 'normal', result: Tensor, options: RandomOptions | undefined): Tensor {
  if (!isFloat(result.dtype)) throw new DTypeError(`expected a float dtype, got ${result.dtype}`).during(name);
  backend.random(op, result, (options?.generator ?? defaultGenerator).state, 0, 1);
  return options?.requiresGrad ? result.requiresGrad_() : result;
}

function bare(options: RandomOptions | undefined): CreateOptions {
  return options?.dtype === undefined ? {} : { dtype: options.dtype };
}

/** Numbers uniform over [0, 1). */
export const rand = guarded(signatures.rand, (shape: Shape, options?: RandomOptions): Tensor => {
  return sampled('rand', 'uniform', empty(shape, bare(options)), options);
});
/** Normal numbers with mean 0 and standard deviation 1. */
export const randn = guarded(signatures.randn, (shape: Shape, options?: RandomOptions): Tensor => {
  return sampled('randn', 'normal', empty(shape, bare(options)), options);
});
/** Uniform numbers in [0, 1), with the shape and dtype of `other` unless given. */
export const randLike = guarded(signatures.randLike, (like: Tensor, options?: RandomOptions): Tensor => {
  return sampled('randLike', 'uniform', emptyLike(like, bare(options)), options);
});
/** Standard normal numbers, with the shape and dtype of `other` unless given. */
export const randnLike = guarded(signatures.randnLike, (like: Tensor, options?: RandomOptions): Tensor => {
  return sampled('randnLike', 'normal', emptyLike(like, bare(options)), options);
});

/** Whole numbers uniform over [low, high): `randint(high, shape)` or `randint(low, high, shape)`. int64 unless given. */
export function randint(high: number, shape: Shape, options?: RandomOptions): Tensor;
export function randint(low: number, high: number, shape: Shape, options?: RandomOptions): Tensor;
export function randint(...args: (number | Shape | RandomOptions | undefined)[]): Tensor {
  check(signatures.randint, args);
  const bounds = args.filter((arg) => typeof arg === 'number');
  const shape = args.find((arg): arg is Shape => Array.isArray(arg)) ?? [];
  const options = args.find((arg): arg is RandomOptions => typeof arg === 'object' && !Array.isArray(arg));
  const [low, high] = bounds.length === 1 ? [0, bounds[0]!] : (bounds as [number, number]);
  if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high) || low >= high) {
    throw new ValueError(`expected whole numbers low < high, got ${low} and ${high}`).during('randint');
  }
  const result = empty(shape, { dtype: options?.dtype ?? 'int64' });
  backend.random('randint', result, (options?.generator ?? defaultGenerator).state, low, high);
  return options?.requiresGrad ? result.requiresGrad_() : result;
}

/** The numbers from 0 to n - 1 in random order; int64 unless given. */
export const randperm = guarded(signatures.randperm, (n: number, options?: RandomOptions): Tensor => {
  if (!Number.isSafeInteger(n) || n < 0)
    throw new ValueError(`expected a whole number >= 0, got ${n}`).during('randperm');
  const order = allocate([n], 'int64');
  backend.random('randperm', order, (options?.generator ?? defaultGenerator).state, 0, 0);
  const dtype = options?.dtype === undefined ? 'int64' : checkDType(options.dtype);
  return dtype === 'int64' ? order : order.to(dtype);
});

/** Normal numbers with the given mean and standard deviation. */
export const normal = guarded(
  signatures.normal,
  (mean: number, std: number, shape: Shape, options?: RandomOptions): Tensor => {
    const result = empty(shape, { dtype: options?.dtype ?? getDefaultDtype() });
    return result.normal_(mean, std, options?.generator ? { generator: options.generator } : {});
  },
);
