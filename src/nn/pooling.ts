// Pooling layers.

import type { Tensor } from '../tensor/tensor.js';
import { perDim, type PerDim } from './arguments.js';
import * as F from './functional/pooling.js';
import { Module } from './module.js';
import { describe } from './printing.js';
import { takes } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

type MaxPoolFunction = (input: Tensor, kernelSize: PerDim, options: F.MaxPoolOptions) => F.MaxPooled;
type AvgPoolLayerOptions = F.AvgPoolOptions & F.DivisorOptions;
type AvgPoolFunction = (input: Tensor, kernelSize: PerDim, options: AvgPoolLayerOptions) => Tensor;
type AdaptiveMaxPoolFunction = (input: Tensor, size: F.OutputSize) => F.MaxPooled;

/** Whether a pooling gives the positions of its maxima too. */
export interface ReturnIndicesOptions<I extends boolean> {
  /** Whether to return `{ values, indices }`, for unpooling, rather than the values alone; false unless given. */
  returnIndices?: I;
}

/** What max pooling returns: the values, or with `returnIndices` where they stood too. */
export type MaxPoolOutput<I extends boolean> = I extends true ? F.MaxPooled : Tensor;

function chosen<I extends boolean>(pooled: F.MaxPooled, returnIndices: I): MaxPoolOutput<I> {
  return (returnIndices ? pooled : pooled.values) as MaxPoolOutput<I>;
}

/** What the max pooling layers have in common. */
export abstract class MaxPoolNd<I extends boolean = false> extends Module {
  readonly stride: PerDim;
  readonly padding: PerDim;
  readonly dilation: PerDim;
  readonly ceilMode: boolean;
  readonly returnIndices: I;

  protected constructor(
    private readonly pool: MaxPoolFunction,
    dims: number,
    readonly kernelSize: PerDim,
    options: F.MaxPoolOptions & ReturnIndicesOptions<I>,
  ) {
    super();
    const { stride = kernelSize, padding = 0, dilation = 1, ceilMode = false } = options;
    const { name } = this.constructor;
    perDim(name, 'kernelSize', kernelSize, dims, 1);
    perDim(name, 'stride', stride, dims, 1);
    perDim(name, 'padding', padding, dims, 0);
    perDim(name, 'dilation', dilation, dims, 1);
    this.stride = stride;
    this.padding = padding;
    this.dilation = dilation;
    this.ceilMode = ceilMode;
    this.returnIndices = (options.returnIndices ?? false) as I;
  }

  override forward(input: Tensor): MaxPoolOutput<I> {
    const { stride, padding, dilation, ceilMode } = this;
    const pooled = this.pool(input, this.kernelSize, { stride, padding, dilation, ceilMode });
    return chosen(pooled, this.returnIndices);
  }

  override extraRepr(): string {
    const { kernelSize, stride, padding, dilation, ceilMode } = this;
    return describe({ kernelSize, stride, padding, dilation, ceilMode });
  }
}

/** The maximum of each window of [N, C, L] or [C, L]. */
@takes(signatures.MaxPool1d)
export class MaxPool1d<I extends boolean = false> extends MaxPoolNd<I> {
  constructor(kernelSize: PerDim, options: F.MaxPoolOptions & ReturnIndicesOptions<I> = {}) {
    super(F.maxPool1dWithIndices, 1, kernelSize, options);
  }
}

/**
 * The maximum of each window of [N, C, H, W] or [C, H, W]; windows lie side by side unless `stride` says otherwise.
 *
 * ```ts
 * new nn.MaxPool2d(2)(randn([16, 32, 28, 28])).shape; // [16, 32, 14, 14]
 * ```
 * https://pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html
 */
@takes(signatures.MaxPool2d)
export class MaxPool2d<I extends boolean = false> extends MaxPoolNd<I> {
  constructor(kernelSize: PerDim, options: F.MaxPoolOptions & ReturnIndicesOptions<I> = {}) {
    super(F.maxPool2dWithIndices, 2, kernelSize, options);
  }
}

/** The maximum of each window of [N, C, D, H, W] or [C, D, H, W]. */
@takes(signatures.MaxPool3d)
export class MaxPool3d<I extends boolean = false> extends MaxPoolNd<I> {
  constructor(kernelSize: PerDim, options: F.MaxPoolOptions & ReturnIndicesOptions<I> = {}) {
    super(F.maxPool3dWithIndices, 3, kernelSize, options);
  }
}

/** What the average pooling layers have in common. */
export abstract class AvgPoolNd extends Module {
  readonly kernelSize: PerDim;
  readonly stride: PerDim;
  readonly padding: PerDim;
  readonly ceilMode: boolean;
  readonly countIncludePad: boolean;
  readonly divisorOverride: number | undefined;

  protected constructor(
    private readonly pool: AvgPoolFunction,
    dims: number,
    kernelSize: PerDim,
    options: AvgPoolLayerOptions,
  ) {
    super();
    const { stride = kernelSize, padding = 0, ceilMode = false, countIncludePad = true, divisorOverride } = options;
    const { name } = this.constructor;
    const checked = {
      kernelSize: perDim(name, 'kernelSize', kernelSize, dims, 1),
      stride: perDim(name, 'stride', stride, dims, 1),
      padding: perDim(name, 'padding', padding, dims, 0),
    };
    // One-dimensional pooling prints its sizes as tuples, as in PyTorch.
    const { kernelSize: size, stride: step, padding: border } = dims === 1 ? checked : { kernelSize, stride, padding };
    this.kernelSize = size;
    this.stride = step;
    this.padding = border;
    this.ceilMode = ceilMode;
    this.countIncludePad = countIncludePad;
    this.divisorOverride = divisorOverride;
  }

  override forward(input: Tensor): Tensor {
    const { stride, padding, ceilMode, countIncludePad, divisorOverride } = this;
    return this.pool(input, this.kernelSize, { stride, padding, ceilMode, countIncludePad, divisorOverride });
  }

  override extraRepr(): string {
    const { kernelSize, stride, padding } = this;
    return describe({ kernelSize, stride, padding });
  }
}

/** The mean of each window of [N, C, L] or [C, L]. */
@takes(signatures.AvgPool1d)
export class AvgPool1d extends AvgPoolNd {
  constructor(kernelSize: PerDim, options: F.AvgPoolOptions = {}) {
    super(F.avgPool1d, 1, kernelSize, options);
  }
}

/** The mean of each window of [N, C, H, W] or [C, H, W]. */
@takes(signatures.AvgPool2d)
export class AvgPool2d extends AvgPoolNd {
  constructor(kernelSize: PerDim, options: F.AvgPoolOptions & F.DivisorOptions = {}) {
    super(F.avgPool2d, 2, kernelSize, options);
  }
}

/** The mean of each window of [N, C, D, H, W] or [C, D, H, W]. */
@takes(signatures.AvgPool3d)
export class AvgPool3d extends AvgPoolNd {
  constructor(kernelSize: PerDim, options: F.AvgPoolOptions & F.DivisorOptions = {}) {
    super(F.avgPool3d, 3, kernelSize, options);
  }
}

/** Pooling to a given size. */
abstract class AdaptivePool extends Module {
  constructor(readonly outputSize: F.OutputSize) {
    super();
  }

  override extraRepr(): string {
    return describe({ outputSize: this.outputSize });
  }
}

/** What the adaptive max pooling layers have in common. */
abstract class AdaptiveMaxPoolNd<I extends boolean = false> extends AdaptivePool {
  readonly returnIndices: I;

  protected constructor(
    private readonly pool: AdaptiveMaxPoolFunction,
    outputSize: F.OutputSize,
    { returnIndices = false as I }: ReturnIndicesOptions<I>,
  ) {
    super(outputSize);
    this.returnIndices = returnIndices;
  }

  override forward(input: Tensor): MaxPoolOutput<I> {
    return chosen(this.pool(input, this.outputSize), this.returnIndices);
  }
}

/** Means over windows that cover [N, C, L] evenly: [N, C, outputSize]. */
@takes(signatures.AdaptiveAvgPool1d)
export class AdaptiveAvgPool1d extends AdaptivePool {
  override forward(input: Tensor): Tensor {
    return F.adaptiveAvgPool1d(input, this.outputSize);
  }
}

/** Means over windows that cover [N, C, H, W] evenly: [N, C, ...outputSize]; null keeps a size. */
@takes(signatures.AdaptiveAvgPool2d)
export class AdaptiveAvgPool2d extends AdaptivePool {
  override forward(input: Tensor): Tensor {
    return F.adaptiveAvgPool2d(input, this.outputSize);
  }
}

/** Means over windows that cover [N, C, D, H, W] evenly. */
@takes(signatures.AdaptiveAvgPool3d)
export class AdaptiveAvgPool3d extends AdaptivePool {
  override forward(input: Tensor): Tensor {
    return F.adaptiveAvgPool3d(input, this.outputSize);
  }
}

/** Maxima over windows that cover [N, C, L] evenly. */
@takes(signatures.AdaptiveMaxPool1d)
export class AdaptiveMaxPool1d<I extends boolean = false> extends AdaptiveMaxPoolNd<I> {
  constructor(outputSize: F.OutputSize, options: ReturnIndicesOptions<I> = {}) {
    super(F.adaptiveMaxPool1dWithIndices, outputSize, options);
  }
}

/** Maxima over windows that cover [N, C, H, W] evenly. */
@takes(signatures.AdaptiveMaxPool2d)
export class AdaptiveMaxPool2d<I extends boolean = false> extends AdaptiveMaxPoolNd<I> {
  constructor(outputSize: F.OutputSize, options: ReturnIndicesOptions<I> = {}) {
    super(F.adaptiveMaxPool2dWithIndices, outputSize, options);
  }
}

/** Maxima over windows that cover [N, C, D, H, W] evenly. */
@takes(signatures.AdaptiveMaxPool3d)
export class AdaptiveMaxPool3d<I extends boolean = false> extends AdaptiveMaxPoolNd<I> {
  constructor(outputSize: F.OutputSize, options: ReturnIndicesOptions<I> = {}) {
    super(F.adaptiveMaxPool3dWithIndices, outputSize, options);
  }
}

/** The p-norm of windows. */
export abstract class LpPoolNd extends Module {
  readonly stride: PerDim | undefined;
  readonly ceilMode: boolean;

  protected constructor(
    private readonly pool: typeof F.lpPool1d,
    readonly normType: number,
    readonly kernelSize: PerDim,
    { stride, ceilMode = false }: F.LpPoolOptions,
  ) {
    super();
    this.stride = stride;
    this.ceilMode = ceilMode;
  }

  override forward(input: Tensor): Tensor {
    return this.pool(input, this.normType, this.kernelSize, { stride: this.stride, ceilMode: this.ceilMode });
  }

  override extraRepr(): string {
    const { normType, kernelSize, stride, ceilMode } = this;
    return describe({ normType, kernelSize, stride, ceilMode });
  }
}

/** The p-norm of each window of [N, C, L] or [C, L]. */
@takes(signatures.LPPool1d)
export class LPPool1d extends LpPoolNd {
  constructor(normType: number, kernelSize: PerDim, options: F.LpPoolOptions = {}) {
    super(F.lpPool1d, normType, kernelSize, options);
  }
}

/** The p-norm of each window of [N, C, H, W] or [C, H, W]. */
@takes(signatures.LPPool2d)
export class LPPool2d extends LpPoolNd {
  constructor(normType: number, kernelSize: PerDim, options: F.LpPoolOptions = {}) {
    super(F.lpPool2d, normType, kernelSize, options);
  }
}

/** Maxima put back where they stood before pooling. */
export abstract class MaxUnpoolNd extends Module {
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];

  protected constructor(
    private readonly unpool: typeof F.maxUnpool1d,
    dims: number,
    kernelSize: PerDim,
    { stride = kernelSize, padding = 0 }: Omit<F.MaxUnpoolOptions, 'outputSize'>,
  ) {
    super();
    const { name } = this.constructor;
    this.kernelSize = perDim(name, 'kernelSize', kernelSize, dims, 1);
    this.stride = perDim(name, 'stride', stride, dims, 1);
    this.padding = perDim(name, 'padding', padding, dims, 0);
  }

  /** `outputSize`: the spatial sizes before pooling, where several are possible. */
  override forward(input: Tensor, indices: Tensor, outputSize?: readonly number[]): Tensor {
    const { stride, padding } = this;
    return this.unpool(input, indices, this.kernelSize, { stride, padding, outputSize });
  }

  override extraRepr(): string {
    const { kernelSize, stride, padding } = this;
    return describe({ kernelSize, stride, padding });
  }
}

/** Maxima of [N, C, L] put back where the indices of `functional.maxPool1dWithIndices` say. */
@takes(signatures.MaxUnpool1d)
export class MaxUnpool1d extends MaxUnpoolNd {
  constructor(kernelSize: PerDim, options: Omit<F.MaxUnpoolOptions, 'outputSize'> = {}) {
    super(F.maxUnpool1d, 1, kernelSize, options);
  }
}

/** Maxima of [N, C, H, W] put back where the indices of `functional.maxPool2dWithIndices` say. */
@takes(signatures.MaxUnpool2d)
export class MaxUnpool2d extends MaxUnpoolNd {
  constructor(kernelSize: PerDim, options: Omit<F.MaxUnpoolOptions, 'outputSize'> = {}) {
    super(F.maxUnpool2d, 2, kernelSize, options);
  }
}

/** Maxima of [N, C, D, H, W] put back where the indices of `functional.maxPool3dWithIndices` say. */
@takes(signatures.MaxUnpool3d)
export class MaxUnpool3d extends MaxUnpoolNd {
  constructor(kernelSize: PerDim, options: Omit<F.MaxUnpoolOptions, 'outputSize'> = {}) {
    super(F.maxUnpool3d, 3, kernelSize, options);
  }
}
