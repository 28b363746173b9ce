// Rearrangements between channels and space, and windows of images as columns.

import { ShapeError } from '../../errors.js';
import { convolution, convolutionInput, type ConvolutionGeometry } from '../../ops/convolution.js';
import { zeros } from '../../tensor/create.js';
import { elementCount, show } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { perDim, requireCount, type PerDim } from '../arguments.js';
import { guarded } from '../../tensor/guarded.js';
import { signatures } from './signatures.js';

/** [..., C r², H, W] becomes [..., C, H r, W r]. https://arxiv.org/abs/1609.05158 */
export const pixelShuffle = guarded(signatures.pixelShuffle, (input: Tensor, upscaleFactor: number): Tensor => {
  const r = requireCount('pixelShuffle', 'upscaleFactor', upscaleFactor);
  const [channels, height, width] = input.shape.slice(-3) as [number, number, number];
  if (input.ndim < 3 || channels % (r * r) !== 0) {
    throw new ShapeError(`expected channels that are a multiple of ${r * r}, got ${show(input.shape)}`).during(
      'pixelShuffle',
    );
  }
  const lead = input.shape.slice(0, -3);
  const at = lead.length;
  return input
    .reshape([...lead, channels / (r * r), r, r, height, width])
    .permute([...lead.map((_, d) => d), at, at + 3, at + 1, at + 4, at + 2])
    .reshape([...lead, channels / (r * r), height * r, width * r]);
});

/** [..., C, H r, W r] becomes [..., C r², H, W]. */
export const pixelUnshuffle = guarded(signatures.pixelUnshuffle, (input: Tensor, downscaleFactor: number): Tensor => {
  const r = requireCount('pixelUnshuffle', 'downscaleFactor', downscaleFactor);
  const [channels, height, width] = input.shape.slice(-3) as [number, number, number];
  if (input.ndim < 3 || height % r !== 0 || width % r !== 0) {
    throw new ShapeError(`expected a height and width that are multiples of ${r}, got ${show(input.shape)}`).during(
      'pixelUnshuffle',
    );
  }
  const lead = input.shape.slice(0, -3);
  const at = lead.length;
  return input
    .reshape([...lead, channels, height / r, r, width / r, r])
    .permute([...lead.map((_, d) => d), at, at + 2, at + 4, at + 1, at + 3])
    .reshape([...lead, channels * r * r, height / r, width / r]);
});

/** The channels of [N, C, ...] dealt out anew: as a [groups, C / groups] table read by columns. */
export const channelShuffle = guarded(signatures.channelShuffle, (input: Tensor, groups: number): Tensor => {
  requireCount('channelShuffle', 'groups', groups);
  const [samples, channels, ...rest] = input.shape as [number, number, ...number[]];
  if (input.ndim < 3 || channels % groups !== 0) {
    throw new ShapeError(`expected channels that are a multiple of ${groups}, got ${show(input.shape)}`).during(
      'channelShuffle',
    );
  }
  return input
    .reshape([samples, groups, channels / groups, ...rest])
    .transpose(1, 2)
    .reshape(input.shape);
});

/** Options of `unfold` and `fold`. */
export interface WindowOptions {
  dilation?: PerDim;
  padding?: PerDim;
  stride?: PerDim;
}

function windows(name: string, channels: number, kernelSize: PerDim, options: WindowOptions) {
  const { dilation = 1, padding = 0, stride = 1 } = options;
  const kernel = perDim(name, 'kernelSize', kernelSize, 2, 1);
  const geometry: ConvolutionGeometry = {
    stride: perDim(name, 'stride', stride, 2, 1),
    padding: perDim(name, 'padding', padding, 2, 0),
    dilation: perDim(name, 'dilation', dilation, 2, 1),
    groups: channels,
  };
  return { kernel, geometry };
}

/** Kernels that each pick one element of the window, for every channel: [C K, 1, KH, KW]. */
function pickers(channels: number, kernel: readonly number[], dtype: Tensor['dtype']): Tensor {
  const count = elementCount(kernel);
  const weight = zeros([channels, count, count], { dtype });
  weight.diagonal(0, 1, 2).fill_(1);
  return weight.reshape([channels * count, 1, ...kernel]);
}

/** The windows of [N, C, H, W] or [C, H, W] as columns: [N, C KH KW, windows]. */
export const unfold = guarded(
  signatures.unfold,
  (input: Tensor, kernelSize: PerDim, options: WindowOptions = {}): Tensor => {
    if (input.ndim !== 3 && input.ndim !== 4) {
      throw new ShapeError(`expected an input of 3 or 4 dims, got ${show(input.shape)}`).during('unfold');
    }
    if (input.ndim === 3) return unfold(input.unsqueeze(0), kernelSize, options).squeeze(0);
    const { kernel, geometry } = windows('unfold', input.shape[1]!, kernelSize, options);
    const columns = convolution(input, pickers(input.shape[1]!, kernel, input.dtype), undefined, geometry);
    return columns.flatten(2);
  },
);

/** Columns [N, C KH KW, windows] added up where their windows lie in an image of the given size: [N, C, ...outputSize]. */
export const fold = guarded(
  signatures.fold,
  (input: Tensor, outputSize: PerDim, kernelSize: PerDim, options: WindowOptions = {}): Tensor => {
    if (input.ndim === 2) return fold(input.unsqueeze(0), outputSize, kernelSize, options).squeeze(0);
    const size = perDim('fold', 'outputSize', outputSize, 2, 1);
    const count = elementCount(perDim('fold', 'kernelSize', kernelSize, 2, 1));
    if (input.ndim !== 3 || input.shape[1]! % count !== 0) {
      throw new ShapeError(`expected columns of a multiple of ${count} elements, got ${show(input.shape)}`).during(
        'fold',
      );
    }
    const channels = input.shape[1]! / count;
    const { kernel, geometry } = windows('fold', channels, kernelSize, options);
    const { stride, padding, dilation } = geometry;
    const across = kernel.map(
      (length, d) => Math.floor((size[d]! + 2 * padding[d]! - dilation[d]! * (length - 1) - 1) / stride[d]!) + 1,
    );
    if (elementCount(across) !== input.shape[2]) {
      throw new ShapeError(
        `expected ${elementCount(across)} windows (${across.join(' by ')}) for outputSize ${show(size)}, got ${show(input.shape)}`,
      ).during('fold');
    }
    const spread = input.reshape([input.shape[0]!, input.shape[1]!, ...across]);
    const weight = pickers(channels, kernel, input.dtype);
    return convolutionInput(spread, weight, [input.shape[0]!, channels, ...size], geometry);
  },
);
