// Layers that resample and rearrange images.

import type { Tensor } from '../tensor/tensor.js';
import { requireCount, type PerDim } from './arguments.js';
import { interpolate, type InterpolateOptions, type InterpolationMode } from './functional/interpolate.js';
import { channelShuffle, fold, pixelShuffle, pixelUnshuffle, unfold, type WindowOptions } from './functional/vision.js';
import { Module } from './module.js';
import { asFloat, describe } from './printing.js';
import { takes } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

type Sizes = number | readonly number[];

/** [N, C, ...S] resampled to `size` or by `scaleFactor`. https://pytorch.org/docs/stable/generated/torch.nn.Upsample.html */
@takes(signatures.Upsample)
export class Upsample extends Module {
  readonly size: Sizes | undefined;
  readonly scaleFactor: Sizes | undefined;
  readonly mode: InterpolationMode;
  readonly alignCorners: boolean | undefined;
  readonly recomputeScaleFactor: boolean | undefined;

  constructor({ size, scaleFactor, mode = 'nearest', alignCorners, recomputeScaleFactor }: InterpolateOptions) {
    super();
    this.size = size;
    this.scaleFactor = scaleFactor;
    this.mode = mode;
    this.alignCorners = alignCorners;
    this.recomputeScaleFactor = recomputeScaleFactor;
  }

  override forward(input: Tensor): Tensor {
    const { size, scaleFactor, mode, alignCorners, recomputeScaleFactor } = this;
    return interpolate(input, { size, scaleFactor, mode, alignCorners, recomputeScaleFactor });
  }

  override extraRepr(): string {
    const { size, scaleFactor, mode } = this;
    const factor = typeof scaleFactor === 'number' ? asFloat(scaleFactor) : scaleFactor?.map(asFloat);
    return describe({ ...(factor === undefined ? { size } : { scaleFactor: factor }), mode });
  }
}

/** [N, C, H, W] resampled by repeating the nearest element. */
@takes(signatures.UpsamplingNearest2d)
export class UpsamplingNearest2d extends Upsample {
  constructor(options: Pick<InterpolateOptions, 'size' | 'scaleFactor'>) {
    super({ ...options, mode: 'nearest' });
  }
}

/** [N, C, H, W] resampled bilinearly, corners kept in the corners. */
@takes(signatures.UpsamplingBilinear2d)
export class UpsamplingBilinear2d extends Upsample {
  constructor(options: Pick<InterpolateOptions, 'size' | 'scaleFactor'>) {
    super({ ...options, mode: 'bilinear', alignCorners: true });
  }
}

/** [..., C r², H, W] becomes [..., C, H r, W r]. https://arxiv.org/abs/1609.05158 */
@takes(signatures.PixelShuffle)
export class PixelShuffle extends Module {
  constructor(readonly upscaleFactor: number) {
    super();
    requireCount('PixelShuffle', 'upscaleFactor', upscaleFactor);
  }

  override forward(input: Tensor): Tensor {
    return pixelShuffle(input, this.upscaleFactor);
  }

  override extraRepr(): string {
    return describe({ upscaleFactor: this.upscaleFactor });
  }
}

/** [..., C, H r, W r] becomes [..., C r², H, W]. */
@takes(signatures.PixelUnshuffle)
export class PixelUnshuffle extends Module {
  constructor(readonly downscaleFactor: number) {
    super();
    requireCount('PixelUnshuffle', 'downscaleFactor', downscaleFactor);
  }

  override forward(input: Tensor): Tensor {
    return pixelUnshuffle(input, this.downscaleFactor);
  }

  override extraRepr(): string {
    return describe({ downscaleFactor: this.downscaleFactor });
  }
}

/** The channels of [N, C, ...] dealt out anew over groups. https://arxiv.org/abs/1707.01083 */
@takes(signatures.ChannelShuffle)
export class ChannelShuffle extends Module {
  constructor(readonly groups: number) {
    super();
    requireCount('ChannelShuffle', 'groups', groups);
  }

  override forward(input: Tensor): Tensor {
    return channelShuffle(input, this.groups);
  }

  override extraRepr(): string {
    return describe({ groups: this.groups });
  }
}

/** The windows of [N, C, H, W] as columns: [N, C KH KW, windows]. */
@takes(signatures.Unfold)
export class Unfold extends Module {
  readonly dilation: PerDim;
  readonly padding: PerDim;
  readonly stride: PerDim;

  constructor(
    readonly kernelSize: PerDim,
    { dilation = 1, padding = 0, stride = 1 }: WindowOptions = {},
  ) {
    super();
    this.dilation = dilation;
    this.padding = padding;
    this.stride = stride;
  }

  override forward(input: Tensor): Tensor {
    const { dilation, padding, stride } = this;
    return unfold(input, this.kernelSize, { dilation, padding, stride });
  }

  override extraRepr(): string {
    const { kernelSize, dilation, padding, stride } = this;
    return describe({ kernelSize, dilation, padding, stride });
  }
}

/** Columns [N, C KH KW, windows] added up where their windows lie in an image [N, C, ...outputSize]. */
@takes(signatures.Fold)
export class Fold extends Module {
  readonly dilation: PerDim;
  readonly padding: PerDim;
  readonly stride: PerDim;

  constructor(
    readonly outputSize: PerDim,
    readonly kernelSize: PerDim,
    { dilation = 1, padding = 0, stride = 1 }: WindowOptions = {},
  ) {
    super();
    this.dilation = dilation;
    this.padding = padding;
    this.stride = stride;
  }

  override forward(input: Tensor): Tensor {
    const { dilation, padding, stride } = this;
    return fold(input, this.outputSize, this.kernelSize, { dilation, padding, stride });
  }

  override extraRepr(): string {
    const { outputSize, kernelSize, dilation, padding, stride } = this;
    return describe({ outputSize, kernelSize, dilation, padding, stride });
  }
}
