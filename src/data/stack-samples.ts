// Samples' tensors, arrays and numbers into one tensor, each with a single allocation. Batches are made of this, so it is
// written for speed: all samples are copied by one call.

import { backend } from '../backend/active.js';
import { dtypes, type DType, type TypedArray } from '../backend/dtype.js';
import { isGradEnabled } from '../autograd/mode.js';
import { stack } from '../ops/combine.js';
import { sameShape } from '../tensor/shape.js';
import { allocate, type Tensor } from '../tensor/tensor.js';

/** The place of the first sample that differs from the first, or -1. */
export function firstMisfit<T>(samples: readonly T[], fits: (sample: T, first: T) => boolean): number {
  const first = samples[0]!;
  for (let i = 1; i < samples.length; i++) if (!fits(samples[i]!, first)) return i;
  return -1;
}

/** Tensors of one shape as a tensor [samples, ...shape]. */
export function stackTensors(tensors: readonly Tensor[]): Tensor {
  const first = tensors[0]!;
  const { dtype } = first;
  for (const tensor of tensors) {
    // What is to be differentiated or promoted is rare and goes the general way.
    if (tensor.dtype !== dtype || (tensor.autograd !== null && isGradEnabled())) return stack(tensors);
  }
  const result = allocate([tensors.length, ...first.shape], dtype);
  backend.concatenate(
    result,
    tensors.map((tensor) => tensor.contiguous()),
  );
  return result;
}

export function fitsTensor(tensor: Tensor, first: Tensor): boolean {
  return sameShape(tensor.shape, first.shape);
}

/** Typed arrays of one type and length as a tensor [samples, length]. */
export function stackArrays(arrays: readonly TypedArray[], dtype: DType): Tensor {
  const { length } = arrays[0]!;
  const result = allocate([arrays.length, length], dtype);
  for (let i = 0; i < arrays.length; i++) backend.write(result.storage, i * length, arrays[i]!);
  return result;
}

/** The dtype of a typed array's elements; undefined for other values, and for kinds of arrays that no dtype has. */
export function dtypeOf(value: unknown): DType | undefined {
  if (!ArrayBuffer.isView(value)) return undefined;
  if (value instanceof Uint8Array) return 'uint8';
  for (const info of Object.values(dtypes)) if (value instanceof info.array) return info.name;
  return undefined;
}

/** One number per sample as a tensor [samples]. */
export function vector(array: TypedArray, dtype: DType): Tensor {
  const result = allocate([array.length], dtype);
  backend.write(result.storage, 0, array);
  return result;
}
