// A tensor plus a product of two others, each with a factor.

import { autocastTo, withoutAutocast } from '../autograd/autocast.js';
import { DTypeError } from '../errors.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Op } from './operation.js';

/** Options of `addmm`. */
export interface AddmmOptions {
  /** The factor of `input`. */
  beta?: number;
  /** The factor of the product. */
  alpha?: number;
}

export function requireSameDType(...tensors: readonly (Tensor | undefined)[]): void {
  const dtypes = new Set(tensors.flatMap((tensor) => tensor?.dtype ?? []));
  if (dtypes.size > 1)
    throw new DTypeError(
      `expected operands of one dtype, got ${[...dtypes].join(' and ')}: convert one with to(dtype)`,
    );
  if (dtypes.has('bool')) throw new DTypeError('not defined for dtype bool');
}

function scaled(tensor: Tensor, factor: number): Tensor {
  return factor === 1 ? tensor : tensor.mul(factor);
}

function requireOneDType(name: string, ...tensors: readonly Tensor[]): void {
  try {
    requireSameDType(...tensors);
  } catch (error) {
    throw error instanceof DTypeError ? error.during(name) : error;
  }
}

/** `beta * input + alpha * product(a, b)`; of bfloat16 the whole sum is rounded, not the product before it. */
export function sumWithProduct(
  name: string,
  product: Op<[a: Tensor, b: Tensor]>,
  operands: readonly [input: Tensor, a: Tensor, b: Tensor],
  { beta = 1, alpha = 1 }: AddmmOptions,
): Tensor {
  const [input, a, b] = operands.map((operand) => autocastTo('bfloat16', operand)) as [Tensor, Tensor, Tensor];
  requireOneDType(name, input, a, b);
  if (a.dtype === 'bfloat16') {
    const wide = [input.float(), a.float(), b.float()] as const;
    return withoutAutocast(() => sumWithProduct(name, product, wide, { beta, alpha })).to('bfloat16');
  }
  const scaledProduct = scaled(product(a, b), alpha);
  return beta === 0 ? scaledProduct : scaled(input, beta).add(scaledProduct);
}
