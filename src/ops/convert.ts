// The same values elsewhere or as another dtype: conversions, copies, detached tensors.

import { backend } from '../backend/active.js';
import type { DType } from '../backend/dtype.js';
import { AutogradError } from '../errors.js';
import { checkDType } from '../tensor/promotion.js';
import type { Tensor } from '../tensor/tensor.js';
import { allocate, allocateLike, window } from '../tensor/tensor.js';
import { operation, type Op } from './operation.js';
import { guarded } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

const convert = operation({
  name: 'to',
  forward(input: Tensor, dtype: DType): Tensor {
    const result = allocateLike(input, dtype);
    backend.copy(result, input);
    return result;
  },
  save: (_result, input) => input.dtype,
  gradient: (grad, dtype) => [grad.to(dtype)],
});

function as(input: Tensor, dtype: DType): Tensor {
  return input.dtype === dtype ? input : convert(input, dtype);
}

/** The tensor in another dtype; itself where it has it already. Floats to integers truncate; to bool: whether not zero. */
export const to: Op<[input: Tensor, dtype: DType]> = guarded(signatures.to, (input, dtype) =>
  as(input, checkDType(dtype)),
);

/** As `float32`. */
export const float: Op<[input: Tensor]> = guarded(signatures.float, (input) => as(input, 'float32'));
/** As `float64`. */
export const double: Op<[input: Tensor]> = guarded(signatures.double, (input) => as(input, 'float64'));
/** As `bfloat16`, a float32's upper half: its range, 8 bits of precision. Operations compute in float32 and round their result. */
export const bfloat16: Op<[input: Tensor]> = guarded(signatures.bfloat16, (input) => as(input, 'bfloat16'));
/** As `int64`. */
export const long: Op<[input: Tensor]> = guarded(signatures.long, (input) => as(input, 'int64'));
/** As `int32`. */
export const int: Op<[input: Tensor]> = guarded(signatures.int, (input) => as(input, 'int32'));
/** As `int16`. */
export const short: Op<[input: Tensor]> = guarded(signatures.short, (input) => as(input, 'int16'));
/** As `int8`. */
export const char: Op<[input: Tensor]> = guarded(signatures.char, (input) => as(input, 'int8'));
/** As `uint8`. */
export const byte: Op<[input: Tensor]> = guarded(signatures.byte, (input) => as(input, 'uint8'));
/** As `bool`: whether an element is not 0. */
export const bool: Op<[input: Tensor]> = guarded(signatures.bool, (input) => as(input, 'bool'));
/** In the dtype of `other`. */
export const typeAs: Op<[input: Tensor, other: Tensor]> = guarded(signatures.typeAs, (input, other) =>
  as(input, other.dtype),
);

/** A copy in memory of its own; gradients flow back to the original. */
export const clone: Op<[input: Tensor]> = operation({
  name: 'clone',
  takes: signatures.clone,
  forward(input) {
    const result = allocateLike(input);
    backend.copy(result, input);
    return result;
  },
  gradient: (grad) => [grad],
});

const rowMajor = operation({
  name: 'clone',
  forward(input: Tensor): Tensor {
    const result = allocate(input.shape, input.dtype);
    backend.copy(result, input);
    return result;
  },
  gradient: (grad) => [grad],
});

/** The tensor laid out in row-major order; itself where it is already. */
export const contiguous: Op<[input: Tensor]> = guarded(signatures.contiguous, (input) =>
  input.isContiguous() ? input : rowMajor(input),
);

/** The same memory outside of the graph: no gradient flows through it. */
export const detach: Op<[input: Tensor]> = guarded(signatures.detach, (input) =>
  window(input, input.shape, input.strides, input.offset),
);

/** The tensor itself seen anew, tied to it as a view is. */
export const alias: Op<[input: Tensor]> = operation({
  name: 'alias',
  takes: signatures.alias,
  view: true,
  forward: (input) => window(input, input.shape, input.strides, input.offset),
  gradient: (grad) => [grad],
});

/** Takes the tensor itself out of the graph. */
export const detach_: Op<[input: Tensor]> = guarded(signatures.detach_, (input) => {
  if (input.base !== null)
    throw new AutogradError('a view can not be detached in place: use detach()').during('detach_');
  input.autograd = null;
  return input;
});
