// A tensor plus a product of two others, each with a factor.

import { autocastTo, withoutAutocast } from '../autograd/autocast.js';
import { isFloat } from '../backend/dtype.js';
import { DTypeError, FlambeauError, ValueError } from '../errors.js';
import { sameShape } from '../tensor/shape.js';
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

/** `beta * input + alpha * product`; the input may have fewer dims than the product, or size 1, but no more. */
export function weightedSum(input: Tensor, product: Tensor, { beta = 1, alpha = 1 }: AddmmOptions): Tensor {
  if (!isFloat(product.dtype) && !(Number.isInteger(beta) && Number.isInteger(alpha))) {
    throw new ValueError(`expected whole numbers as beta and alpha for integers, got ${beta} and ${alpha}`);
  }
  const wide = sameShape(input.shape, product.shape) ? input : input.expand(product.shape);
  const scaledProduct = scaled(product, alpha);
  return beta === 0 ? scaledProduct : scaled(wide, beta).add(scaledProduct);
}

/** `beta * input + alpha * product(a, b)`; of bfloat16 the whole sum is rounded, not the product before it. */
export function sumWithProduct(
  name: string,
  product: Op<[a: Tensor, b: Tensor]>,
  operands: readonly [input: Tensor, a: Tensor, b: Tensor],
  options: AddmmOptions,
): Tensor {
  const [input, a, b] = operands.map((operand) => autocastTo('bfloat16', operand)) as [Tensor, Tensor, Tensor];
  try {
    requireSameDType(input, a, b);
    if (a.dtype !== 'bfloat16') return weightedSum(input, product(a, b), options);
  } catch (error) {
    throw error instanceof FlambeauError ? error.during(name) : error;
  }
  const wide = [input.float(), a.float(), b.float()] as const;
  return withoutAutocast(() => sumWithProduct(name, product, wide, options)).to('bfloat16');
}
