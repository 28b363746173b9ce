// Whole tensors compared: one boolean for all elements.

import { backend } from '../backend/active.js';
import { broadcastShapes, sameShape } from '../tensor/shape.js';
import { allocate, type Tensor } from '../tensor/tensor.js';
import { DTypeError } from '../errors.js';
import { promote } from '../tensor/promotion.js';
import { converted } from './elementwise.js';
import type { Op } from './operation.js';
import { guarded } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

/** Whether two tensors have the same shape and elements (NaN equals nothing). */
export const equal: Op<[input: Tensor, other: Tensor], boolean> = guarded(signatures.equal, (input, other) => {
  if (!sameShape(input.shape, other.shape)) return false;
  const dtype = promote(input.dtype, other.dtype);
  const result = allocate(input.shape, 'bool');
  backend.compare('eq', result, converted(input, dtype), converted(other, dtype));
  return backend.countNonzero(result) === result.numel();
});

/** How near is near enough for `isclose` and `allclose`. */
export interface ClosenessOptions {
  /** The part of `other` by which elements may differ. */
  rtol?: number;
  /** How far elements may differ besides. */
  atol?: number;
  /** Whether NaN is close to NaN. */
  equalNan?: boolean;
}

/** Element by element: |input - other| <= atol + rtol * |other|. */
export const isclose: Op<[input: Tensor, other: Tensor, options?: ClosenessOptions]> = guarded(
  signatures.isclose,
  (input, other, { rtol = 1e-5, atol = 1e-8, equalNan = false } = {}) => {
    if (input.dtype !== other.dtype) {
      throw new DTypeError(`expected tensors of one dtype, got ${input.dtype} and ${other.dtype}`).during('isclose');
    }
    const a = input.detach();
    const b = other.detach();
    broadcastShapes(a.shape, b.shape);
    let close = a.eq(b);
    if (equalNan && a.isFloatingPoint()) close = close.logicalOr(a.isnan().logicalAnd(b.isnan()));
    const difference = a.double().sub(b.double()).abs();
    return close.logicalOr(difference.isfinite().logicalAnd(difference.le(b.double().abs().mul(rtol).add(atol))));
  },
);

/** Whether all elements are close. */
export const allclose: Op<[input: Tensor, other: Tensor, options?: ClosenessOptions], boolean> = guarded(
  signatures.allclose,
  (input, other, options) => isclose(input, other, options).all().item() !== 0,
);
