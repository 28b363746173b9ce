// Maxima and means over windows of the spatial dims of [N, C, ...S].

import { backend } from '../backend/active.js';
import type { PoolGeometry } from '../backend/backend.js';
import { DTypeError, ShapeError } from '../errors.js';
import { show, type Shape } from '../tensor/shape.js';
import { allocate, type Tensor } from '../tensor/tensor.js';
import { operation, type Op } from './operation.js';

export type { PoolGeometry };

export interface Pooling extends PoolGeometry {
  /** Round the number of windows up instead of down. */
  readonly ceilMode: boolean;
}

/** The result's shape. With `ceilMode` the last window may reach beyond the padding, but starts inside the input or left padding. */
function pooledShape(input: Tensor, { kernel, stride, padding, dilation, ceilMode }: Pooling): number[] {
  const dims = kernel.length;
  if (input.ndim !== dims + 2) throw new ShapeError(`expected an input of ${dims + 2} dims, got ${show(input.shape)}`);
  if (!input.isFloatingPoint()) throw new DTypeError(`expected a float dtype, got ${input.dtype}`);
  const sizes = kernel.map((size, d) => {
    const length = input.shape[d + 2]!;
    if (size < 1 || stride[d]! < 1)
      throw new ShapeError(`expected a kernel and stride of 1 or more, got ${size} and ${stride[d]}`);
    if (padding[d]! * 2 > size)
      throw new ShapeError(`padding ${padding[d]} is more than half of the kernel's size ${size}`);
    const steps = length + 2 * padding[d]! - dilation[d]! * (size - 1) - 1;
    let count = (ceilMode ? Math.ceil(steps / stride[d]!) : Math.floor(steps / stride[d]!)) + 1;
    if (ceilMode && (count - 1) * stride[d]! >= length + padding[d]!) count--;
    return count;
  });
  if (sizes.some((size) => size < 1)) {
    throw new ShapeError(`a window of ${show(kernel)} is larger than the padded input ${show(input.shape)}`);
  }
  return [...input.shape.slice(0, 2), ...sizes];
}

/** Planes flattened, so that positions within them can be gathered and scattered. */
function planes(tensor: Tensor): Tensor {
  return tensor.reshape([tensor.shape[0]!, tensor.shape[1]!, -1]);
}

const maxFromIndices = operation({
  name: 'maxPoolBackward',
  forward(grad: Tensor, indices: Tensor, shape: Shape): Tensor {
    const gradInput = allocate(shape, grad.dtype);
    backend.maxPoolBackward(gradInput, grad, indices);
    return gradInput;
  },
  save: (_result, _grad, indices) => indices,
  gradient: (grad, indices) => [planes(grad).gather(2, planes(indices)).reshape(indices.shape)],
});

/** The maxima of windows, and where each stood. */
export interface MaxPooled {
  readonly values: Tensor;
  /** int64: the position of each maximum within its plane. */
  readonly indices: Tensor;
}

/** The maximum of each window and its position. */
export const maxPool: Op<[input: Tensor, geometry: Pooling], MaxPooled> = operation({
  name: 'maxPool',
  internal: true,
  forward(input, geometry) {
    const shape = pooledShape(input, geometry);
    const values = allocate(shape, input.dtype);
    const indices = allocate(shape, 'int64');
    backend.maxPool(values, indices, input, geometry);
    return { values, indices };
  },
  save: ({ indices }, input) => ({ indices, shape: input.shape }),
  gradient: (grad, { indices, shape }) => [maxFromIndices(grad, indices, shape)],
});

/** The maximum of each of `size` windows that cover the input evenly. */
export const adaptiveMaxPool: Op<[input: Tensor, size: Shape], MaxPooled> = operation({
  name: 'adaptiveMaxPool',
  internal: true,
  forward(input, size) {
    const shape = adaptiveShape(input, size);
    if (input.shape.slice(2).includes(0))
      throw new ShapeError(`no maximum in a plane of ${show(input.shape.slice(2))}`);
    const values = allocate(shape, input.dtype);
    const indices = allocate(shape, 'int64');
    backend.adaptiveMaxPool(values, indices, input);
    return { values, indices };
  },
  save: ({ indices }, input) => ({ indices, shape: input.shape }),
  gradient: (grad, { indices, shape }) => [maxFromIndices(grad, indices, shape)],
});

function adaptiveShape(input: Tensor, size: Shape): number[] {
  if (!input.isFloatingPoint()) throw new DTypeError(`expected a float dtype, got ${input.dtype}`);
  if (input.ndim !== size.length + 2) {
    throw new ShapeError(`expected an input of ${size.length + 2} dims, got ${show(input.shape)}`);
  }
  return [...input.shape.slice(0, 2), ...size];
}

const averageBack: Op<[grad: Tensor, shape: Shape, geometry: Pooling, countPadding: boolean]> = operation({
  name: 'averagePoolBackward',
  forward(grad, shape, geometry, countPadding) {
    const gradInput = allocate(shape, grad.dtype);
    backend.averagePoolBackward(gradInput, grad, geometry, countPadding);
    return gradInput;
  },
  save: (_result, _grad, _shape, geometry, countPadding) => ({ geometry, countPadding }),
  gradient: (grad, { geometry, countPadding }) => [averagePool(grad, geometry, countPadding)],
});

/** The mean of each window; padding counts as zeros or not at all. */
export const averagePool: Op<[input: Tensor, geometry: Pooling, countPadding: boolean]> = operation({
  name: 'averagePool',
  internal: true,
  forward(input, geometry, countPadding) {
    const result = allocate(pooledShape(input, geometry), input.dtype);
    backend.averagePool(result, input, geometry, countPadding);
    return result;
  },
  save: (_result, input, geometry, countPadding) => ({ shape: input.shape, geometry, countPadding }),
  gradient: (grad, { shape, geometry, countPadding }) => [averageBack(grad, shape, geometry, countPadding)],
});

const adaptiveAverageBack: Op<[grad: Tensor, shape: Shape]> = operation({
  name: 'adaptiveAveragePoolBackward',
  forward(grad, shape) {
    const gradInput = allocate(shape, grad.dtype);
    backend.adaptiveAveragePoolBackward(gradInput, grad);
    return gradInput;
  },
  save: (_result, grad) => grad.shape.slice(2),
  gradient: (grad, size) => [adaptiveAveragePool(grad, size)],
});

/** The mean of each of `size` windows that cover the input evenly. */
export const adaptiveAveragePool: Op<[input: Tensor, size: Shape]> = operation({
  name: 'adaptiveAveragePool',
  internal: true,
  forward(input, size) {
    const result = allocate(adaptiveShape(input, size), input.dtype);
    backend.adaptiveAveragePool(result, input);
    return result;
  },
  save: (_result, input) => input.shape,
  gradient: (grad, shape) => [adaptiveAverageBack(grad, shape)],
});
