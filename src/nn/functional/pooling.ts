// Pooling with PyTorch's arguments; an input without a batch dim gets one and loses it again.

import { ShapeError, ValueError } from '../../errors.js';
import {
  adaptiveAveragePool,
  adaptiveMaxPool,
  averagePool,
  maxPool,
  type MaxPooled,
  type Pooling,
} from '../../ops/pooling.js';
import { fromTypedArray } from '../../tensor/create.js';
import { elementCount, sameShape, show } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { perDim, requireCount, type PerDim } from '../arguments.js';
import { guarded } from '../../tensor/guarded.js';
import { signatures } from './signatures.js';

export type { MaxPooled } from '../../ops/pooling.js';

/** Options of the maximum poolings. */
export interface MaxPoolOptions {
  /** How far windows are apart; the kernel's size unless given. */
  stride?: PerDim | undefined;
  padding?: PerDim;
  dilation?: PerDim;
  /** Round the number of windows up. */
  ceilMode?: boolean;
}

/** Options of the average poolings. */
export interface AvgPoolOptions {
  /** How far windows are apart; the kernel's size unless given. */
  stride?: PerDim | undefined;
  padding?: PerDim;
  /** Round the number of windows up. */
  ceilMode?: boolean;
  /** Whether padding counts as zeros in the mean. */
  countIncludePad?: boolean;
}

/** By what the sum of each window is divided. */
export interface DivisorOptions {
  /** What the sum of each window is divided by; how many elements count unless given. */
  divisorOverride?: number | undefined;
}

/** Runs with a batch dim and takes it off the results again. */
function batched<R>(name: string, dims: number, input: Tensor, run: (input: Tensor) => R, strip: (result: R) => R): R {
  if (input.ndim === dims + 2) return run(input);
  if (input.ndim === dims + 1) return strip(run(input.unsqueeze(0)));
  throw new ShapeError(
    `expected an input of ${dims + 1} dims (no batch) or ${dims + 2} dims, got ${show(input.shape)}`,
  ).during(name);
}

const stripTensor = (tensor: Tensor): Tensor => tensor.squeeze(0);
const stripBoth = ({ values, indices }: MaxPooled): MaxPooled => ({
  values: values.squeeze(0),
  indices: indices.squeeze(0),
});

function geometry(
  name: string,
  dims: number,
  kernelSize: PerDim,
  { stride, padding = 0, dilation = 1, ceilMode = false }: MaxPoolOptions,
): Pooling {
  const kernel = perDim(name, 'kernelSize', kernelSize, dims, 1);
  const zeros = perDim(name, 'padding', padding, dims, 0);
  zeros.forEach((size, d) => {
    if (size * 2 > kernel[d]!) {
      throw new ValueError(`${name}: expected padding of at most half the kernel's size ${kernel[d]}, got ${size}`);
    }
  });
  return {
    kernel,
    stride: perDim(name, 'stride', stride ?? kernel, dims, 1),
    padding: zeros,
    dilation: perDim(name, 'dilation', dilation, dims, 1),
    ceilMode,
  };
}

function maxPoolNd(dims: number, input: Tensor, kernelSize: PerDim, options: MaxPoolOptions): MaxPooled {
  const name = `maxPool${dims}d`;
  const windows = geometry(name, dims, kernelSize, options);
  return batched(name, dims, input, (batch) => maxPool(batch, windows), stripBoth);
}

/** The maximum of each window of [N, C, L] or [C, L]. */
export const maxPool1d = guarded(
  signatures.maxPool1d,
  (input: Tensor, kernelSize: PerDim, options: MaxPoolOptions = {}): Tensor => {
    return maxPoolNd(1, input, kernelSize, options).values;
  },
);
/** The maximum of each window of [N, C, H, W] or [C, H, W]. https://pytorch.org/docs/stable/generated/torch.nn.functional.max_pool2d.html */
export const maxPool2d = guarded(
  signatures.maxPool2d,
  (input: Tensor, kernelSize: PerDim, options: MaxPoolOptions = {}): Tensor => {
    return maxPoolNd(2, input, kernelSize, options).values;
  },
);
/** The maximum of each window of [N, C, D, H, W] or [C, D, H, W]. */
export const maxPool3d = guarded(
  signatures.maxPool3d,
  (input: Tensor, kernelSize: PerDim, options: MaxPoolOptions = {}): Tensor => {
    return maxPoolNd(3, input, kernelSize, options).values;
  },
);
/** As `maxPool1d`, with the position of each maximum within its row: `{ values, indices }`. */
export const maxPool1dWithIndices = guarded(
  signatures.maxPool1dWithIndices,
  (input: Tensor, kernelSize: PerDim, options: MaxPoolOptions = {}): MaxPooled => {
    return maxPoolNd(1, input, kernelSize, options);
  },
);
/** As `maxPool2d`, with the position of each maximum within its plane: `{ values, indices }`. */
export const maxPool2dWithIndices = guarded(
  signatures.maxPool2dWithIndices,
  (input: Tensor, kernelSize: PerDim, options: MaxPoolOptions = {}): MaxPooled => {
    return maxPoolNd(2, input, kernelSize, options);
  },
);
/** As `maxPool3d`, with the position of each maximum within its volume: `{ values, indices }`. */
export const maxPool3dWithIndices = guarded(
  signatures.maxPool3dWithIndices,
  (input: Tensor, kernelSize: PerDim, options: MaxPoolOptions = {}): MaxPooled => {
    return maxPoolNd(3, input, kernelSize, options);
  },
);

function avgPoolNd(
  dims: number,
  input: Tensor,
  kernelSize: PerDim,
  { countIncludePad = true, divisorOverride, ...options }: AvgPoolOptions & DivisorOptions,
): Tensor {
  const name = `avgPool${dims}d`;
  const windows = geometry(name, dims, kernelSize, options);
  if (divisorOverride === undefined) {
    return batched(name, dims, input, (batch) => averagePool(batch, windows, countIncludePad), stripTensor);
  }
  if (!Number.isFinite(divisorOverride) || divisorOverride === 0) {
    throw new ValueError(`${name}: expected a divisorOverride other than 0, got ${divisorOverride}`);
  }
  const divided = (batch: Tensor): Tensor => {
    const means = averagePool(batch, windows, true);
    return means.mul(windowSizes(batch, means, windows)).div(divisorOverride);
  };
  return batched(name, dims, input, divided, stripTensor);
}

/** How many elements each window's mean was taken over, padding among them: [1, 1, ...the result's spatial sizes]. */
function windowSizes(input: Tensor, means: Tensor, { kernel, stride, padding }: Pooling): Tensor {
  const dims = kernel.length;
  const perSpatialDim = kernel.map((size, d) => {
    const count = means.shape[d + 2]!;
    const end = input.shape[d + 2]! + padding[d]!;
    // A window beyond the padding, which `ceilMode` makes, is cut off there.
    const sizes = Float64Array.from({ length: count }, (_, o) => {
      const start = o * stride[d]! - padding[d]!;
      return Math.min(start + size, end) - start;
    });
    const shape = new Array<number>(dims + 2).fill(1).with(d + 2, count);
    return fromTypedArray(sizes, shape, { dtype: input.dtype });
  });
  return perSpatialDim.reduce((product, sizes) => product.mul(sizes));
}

/** The mean of each window of [N, C, L] or [C, L]. */
export const avgPool1d = guarded(
  signatures.avgPool1d,
  (input: Tensor, kernelSize: PerDim, options: AvgPoolOptions = {}): Tensor => {
    return avgPoolNd(1, input, kernelSize, options);
  },
);
/** The mean of each window of [N, C, H, W] or [C, H, W]. */
export const avgPool2d = guarded(
  signatures.avgPool2d,
  (input: Tensor, kernelSize: PerDim, options: AvgPoolOptions & DivisorOptions = {}): Tensor => {
    return avgPoolNd(2, input, kernelSize, options);
  },
);
/** The mean of each window of [N, C, D, H, W] or [C, D, H, W]. */
export const avgPool3d = guarded(
  signatures.avgPool3d,
  (input: Tensor, kernelSize: PerDim, options: AvgPoolOptions & DivisorOptions = {}): Tensor => {
    return avgPoolNd(3, input, kernelSize, options);
  },
);

/** A result's size per spatial dim, one for all; null keeps the input's. */
export type OutputSize = number | null | readonly (number | null)[];

function outputSize(name: string, dims: number, size: OutputSize, input: Tensor): number[] {
  const list = Array.isArray(size)
    ? (size as readonly (number | null)[])
    : new Array<number | null>(dims).fill(size as number | null);
  if (list.length !== dims) {
    throw new ValueError(`${name}: expected an outputSize of one or ${dims} numbers, got [${list.join(', ')}]`);
  }
  return list.map((value, d) => requireCount(name, 'outputSize', value ?? input.shape.at(d - dims)!, 0));
}

function adaptiveAvgPoolNd(dims: number, input: Tensor, size: OutputSize): Tensor {
  const name = `adaptiveAvgPool${dims}d`;
  const target = outputSize(name, dims, size, input);
  return batched(name, dims, input, (batch) => adaptiveAveragePool(batch, target), stripTensor);
}

function adaptiveMaxPoolNd(dims: number, input: Tensor, size: OutputSize): MaxPooled {
  const name = `adaptiveMaxPool${dims}d`;
  const target = outputSize(name, dims, size, input);
  return batched(name, dims, input, (batch) => adaptiveMaxPool(batch, target), stripBoth);
}

/** Means of as many windows as `size` says, covering [N, C, L] or [C, L] evenly. */
export const adaptiveAvgPool1d = guarded(signatures.adaptiveAvgPool1d, (input: Tensor, size: OutputSize): Tensor => {
  return adaptiveAvgPoolNd(1, input, size);
});
/** Means of as many windows as `size` says, covering [N, C, H, W] or [C, H, W] evenly. */
export const adaptiveAvgPool2d = guarded(signatures.adaptiveAvgPool2d, (input: Tensor, size: OutputSize): Tensor => {
  return adaptiveAvgPoolNd(2, input, size);
});
/** Means of as many windows as `size` says, covering [N, C, D, H, W] or [C, D, H, W] evenly. */
export const adaptiveAvgPool3d = guarded(signatures.adaptiveAvgPool3d, (input: Tensor, size: OutputSize): Tensor => {
  return adaptiveAvgPoolNd(3, input, size);
});
/** Maxima of as many windows as `size` says, covering [N, C, L] or [C, L] evenly. */
export const adaptiveMaxPool1d = guarded(signatures.adaptiveMaxPool1d, (input: Tensor, size: OutputSize): Tensor => {
  return adaptiveMaxPoolNd(1, input, size).values;
});
/** Maxima of as many windows as `size` says, covering [N, C, H, W] or [C, H, W] evenly. */
export const adaptiveMaxPool2d = guarded(signatures.adaptiveMaxPool2d, (input: Tensor, size: OutputSize): Tensor => {
  return adaptiveMaxPoolNd(2, input, size).values;
});
/** Maxima of as many windows as `size` says, covering [N, C, D, H, W] or [C, D, H, W] evenly. */
export const adaptiveMaxPool3d = guarded(signatures.adaptiveMaxPool3d, (input: Tensor, size: OutputSize): Tensor => {
  return adaptiveMaxPoolNd(3, input, size).values;
});

/** As `adaptiveMaxPool1d`, with the position of each maximum within its row: `{ values, indices }`. */
export const adaptiveMaxPool1dWithIndices = guarded(
  signatures.adaptiveMaxPool1dWithIndices,
  (input: Tensor, size: OutputSize): MaxPooled => {
    return adaptiveMaxPoolNd(1, input, size);
  },
);
/** As `adaptiveMaxPool2d`, with the position of each maximum within its plane: `{ values, indices }`. */
export const adaptiveMaxPool2dWithIndices = guarded(
  signatures.adaptiveMaxPool2dWithIndices,
  (input: Tensor, size: OutputSize): MaxPooled => {
    return adaptiveMaxPoolNd(2, input, size);
  },
);
/** As `adaptiveMaxPool3d`, with the position of each maximum within its volume: `{ values, indices }`. */
export const adaptiveMaxPool3dWithIndices = guarded(
  signatures.adaptiveMaxPool3dWithIndices,
  (input: Tensor, size: OutputSize): MaxPooled => {
    return adaptiveMaxPoolNd(3, input, size);
  },
);

/** Options of the power-average poolings. */
export interface LpPoolOptions {
  /** How far windows are apart; the kernel's size unless given. */
  stride?: PerDim | undefined;
  /** Round the number of windows up. */
  ceilMode?: boolean;
}

function lpPoolNd(dims: number, input: Tensor, normType: number, kernelSize: PerDim, options: LpPoolOptions): Tensor {
  const name = `lpPool${dims}d`;
  const count = perDim(name, 'kernelSize', kernelSize, dims, 1).reduce((product, size) => product * size, 1);
  const mean = avgPoolNd(dims, input.pow(normType), kernelSize, options);
  return mean
    .sign()
    .mul(mean.abs().relu())
    .mul(count)
    .pow(1 / normType);
}

/** The p-norm of each window of [N, C, L] or [C, L]. */
export const lpPool1d = guarded(
  signatures.lpPool1d,
  (input: Tensor, normType: number, kernelSize: PerDim, options: LpPoolOptions = {}): Tensor => {
    return lpPoolNd(1, input, normType, kernelSize, options);
  },
);
/** The p-norm of each window of [N, C, H, W] or [C, H, W]. */
export const lpPool2d = guarded(
  signatures.lpPool2d,
  (input: Tensor, normType: number, kernelSize: PerDim, options: LpPoolOptions = {}): Tensor => {
    return lpPoolNd(2, input, normType, kernelSize, options);
  },
);

/** Options of the unpoolings. */
export interface MaxUnpoolOptions {
  /** How far windows were apart; the kernel's size unless given. */
  stride?: PerDim | undefined;
  padding?: PerDim;
  /** The spatial sizes before pooling, where several are possible. */
  outputSize?: readonly number[] | undefined;
}

function maxUnpoolNd(
  dims: number,
  input: Tensor,
  indices: Tensor,
  kernelSize: PerDim,
  { stride, padding = 0, outputSize: wanted }: MaxUnpoolOptions,
): Tensor {
  const name = `maxUnpool${dims}d`;
  const kernel = perDim(name, 'kernelSize', kernelSize, dims, 1);
  const step = perDim(name, 'stride', stride ?? kernel, dims, 1);
  const border = perDim(name, 'padding', padding, dims, 0);
  if (input.ndim !== dims + 1 && input.ndim !== dims + 2) {
    throw new ShapeError(`expected an input of ${dims + 1} or ${dims + 2} dims, got ${show(input.shape)}`).during(name);
  }
  if (!sameShape(input.shape, indices.shape)) {
    throw new ShapeError(
      `expected indices of the input's shape ${show(input.shape)}, got ${show(indices.shape)}`,
    ).during(name);
  }
  const lead = input.shape.slice(0, -dims);
  const usual = kernel.map((size, d) => (input.shape.at(d - dims)! - 1) * step[d]! - 2 * border[d]! + size);
  const sizes = wanted?.slice(-dims) ?? usual;
  sizes.forEach((size, d) => {
    if (Math.abs(size - usual[d]!) >= step[d]!) {
      throw new ValueError(`${name}: expected an outputSize near ${show(usual)}, got ${show(sizes)}`);
    }
  });
  const planes = input.newZeros([...lead, elementCount(sizes)]);
  return planes.scatter(-1, indices.reshape([...lead, -1]), input.reshape([...lead, -1])).reshape([...lead, ...sizes]);
}

/** Maxima put back where `indices` (of `maxPool1dWithIndices`) say they stood, zeros elsewhere. */
export const maxUnpool1d = guarded(
  signatures.maxUnpool1d,
  (input: Tensor, indices: Tensor, kernelSize: PerDim, options: MaxUnpoolOptions = {}): Tensor => {
    return maxUnpoolNd(1, input, indices, kernelSize, options);
  },
);
/** Maxima put back where `indices` (of `maxPool2dWithIndices`) say they stood, zeros elsewhere. */
export const maxUnpool2d = guarded(
  signatures.maxUnpool2d,
  (input: Tensor, indices: Tensor, kernelSize: PerDim, options: MaxUnpoolOptions = {}): Tensor => {
    return maxUnpoolNd(2, input, indices, kernelSize, options);
  },
);
/** Maxima put back where `indices` (of `maxPool3dWithIndices`) say they stood, zeros elsewhere. */
export const maxUnpool3d = guarded(
  signatures.maxUnpool3d,
  (input: Tensor, indices: Tensor, kernelSize: PerDim, options: MaxUnpoolOptions = {}): Tensor => {
    return maxUnpoolNd(3, input, indices, kernelSize, options);
  },
);
