// Convolutions and transposed convolutions with PyTorch's arguments; an input without a batch dim gets one and loses it again.

import { autocastTo } from '../../autograd/autocast.js';
import { ShapeError, ValueError } from '../../errors.js';
import { convolution, convolutionInput, type ConvolutionGeometry } from '../../ops/convolution.js';
import { show } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { perDim, requireCount, type PerDim } from '../arguments.js';
import { constantPad } from '../../ops/pad.js';
import { guarded } from '../../tensor/guarded.js';
import { signatures } from './signatures.js';

/** Options of `conv1d`, `conv2d` and `conv3d`. */
export interface ConvolutionOptions {
  stride?: PerDim;
  /** Zeros put around the input; 'same' keeps its size (stride 1 only), 'valid' is 0. */
  padding?: PerDim | 'same' | 'valid';
  dilation?: PerDim;
  groups?: number;
}

/** Options of the transposed convolutions. */
export interface TransposedConvolutionOptions {
  stride?: PerDim;
  /** How much of the result's border is left out. */
  padding?: PerDim;
  /** What is added to one side of the result's size. */
  outputPadding?: PerDim;
  groups?: number;
  dilation?: PerDim;
}

/** `run` for an input with a batch dim. */
function batched(name: string, dims: number, input: Tensor, run: (input: Tensor) => Tensor): Tensor {
  if (input.ndim === dims + 2) return run(input);
  if (input.ndim === dims + 1) return run(input.unsqueeze(0)).squeeze(0);
  throw new ShapeError(
    `expected an input of ${dims + 1} dims (no batch) or ${dims + 2} dims, got ${show(input.shape)}`,
  ).during(name);
}

/** Zeros to the left and right of each spatial dim that keep its size under stride 1; the odd one goes to the right. */
export function samePadding(kernel: readonly number[], dilation: readonly number[]): [left: number, right: number][] {
  return kernel.map((size, d) => {
    const total = dilation[d]! * (size - 1);
    return [Math.floor(total / 2), total - Math.floor(total / 2)];
  });
}

function convolve(
  dims: number,
  input: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  { stride = 1, padding = 0, dilation = 1, groups = 1 }: ConvolutionOptions,
): Tensor {
  const name = `conv${dims}d`;
  const window = {
    stride: perDim(name, 'stride', stride, dims, 1),
    dilation: perDim(name, 'dilation', dilation, dims, 1),
    groups: requireCount(name, 'groups', groups),
  };
  const run = (source: Tensor, zeros: readonly number[]): Tensor =>
    batched(name, dims, source, (batch) => convolution(batch, weight, bias, { ...window, padding: zeros }));
  if (typeof padding !== 'string') return run(input, perDim(name, 'padding', padding, dims, 0));
  const none = new Array<number>(dims).fill(0);
  if (padding === 'valid') return run(input, none);
  if (padding !== 'same') throw new ValueError(`${name}: expected padding 'same' or 'valid', got '${String(padding)}'`);
  if (window.stride.some((step) => step !== 1)) {
    throw new ValueError(`${name}: padding 'same' needs stride 1, got [${window.stride.join(', ')}]`);
  }
  const sides = samePadding(weight.shape.slice(2), window.dilation);
  if (sides.every(([left, right]) => left === right)) {
    return run(
      input,
      sides.map(([left]) => left),
    );
  }
  return run(constantPad(input, sides.toReversed().flat(), 0), none);
}

function convolveTransposed(
  dims: number,
  input: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  { stride = 1, padding = 0, outputPadding = 0, groups = 1, dilation = 1 }: TransposedConvolutionOptions,
): Tensor {
  const name = `convTranspose${dims}d`;
  // PyTorch's autocast leaves these in float32.
  [input, weight] = [autocastTo('float32', input), autocastTo('float32', weight)];
  const geometry: ConvolutionGeometry = {
    stride: perDim(name, 'stride', stride, dims, 1),
    padding: perDim(name, 'padding', padding, dims, 0),
    dilation: perDim(name, 'dilation', dilation, dims, 1),
    groups: requireCount(name, 'groups', groups),
  };
  const extra = perDim(name, 'outputPadding', outputPadding, dims, 0);
  extra.forEach((size, d) => {
    if (size >= geometry.stride[d]! && size >= geometry.dilation[d]!) {
      throw new ValueError(
        `${name}: expected outputPadding smaller than stride ${geometry.stride[d]} or dilation ${geometry.dilation[d]}, got ${size}`,
      );
    }
  });
  return batched(name, dims, input, (batch) => {
    if (weight.ndim !== dims + 2 || batch.shape[1] !== weight.shape[0]) {
      throw new ShapeError(
        `expected ${weight.shape[0]} input channels (weight ${show(weight.shape)}), got input ${show(input.shape)}`,
      ).during(name);
    }
    if (weight.shape[0]! % groups !== 0) {
      throw new ShapeError(`${weight.shape[0]} input channels can't be put into ${groups} groups`).during(name);
    }
    const outChannels = weight.shape[1]! * groups;
    if (bias && (bias.ndim !== 1 || bias.shape[0] !== outChannels)) {
      throw new ShapeError(`expected a bias of shape [${outChannels}], got ${show(bias.shape)}`).during(name);
    }
    const sizes = geometry.stride.map((step, d) => {
      const reach = geometry.dilation[d]! * (weight.shape[d + 2]! - 1) + 1;
      return (batch.shape[d + 2]! - 1) * step - 2 * geometry.padding[d]! + reach + extra[d]!;
    });
    if (sizes.some((size) => size < 1)) {
      throw new ShapeError(`the result's size ${show(sizes)} is not positive for input ${show(input.shape)}`).during(
        name,
      );
    }
    const result = convolutionInput(batch, weight, [batch.shape[0]!, outChannels, ...sizes], geometry);
    return bias ? result.add(bias.reshape([-1, ...geometry.stride.map(() => 1)])) : result;
  });
}

/** input [N, C, L] or [C, L], weight [O, C / groups, K]. https://pytorch.org/docs/stable/generated/torch.nn.functional.conv1d.html */
export const conv1d = guarded(
  signatures.conv1d,
  (input: Tensor, weight: Tensor, bias?: Tensor, options: ConvolutionOptions = {}): Tensor => {
    return convolve(1, input, weight, bias, options);
  },
);

/** input [N, C, H, W] or [C, H, W], weight [O, C / groups, KH, KW]. https://pytorch.org/docs/stable/generated/torch.nn.functional.conv2d.html */
export const conv2d = guarded(
  signatures.conv2d,
  (input: Tensor, weight: Tensor, bias?: Tensor, options: ConvolutionOptions = {}): Tensor => {
    return convolve(2, input, weight, bias, options);
  },
);

/** input [N, C, D, H, W] or [C, D, H, W], weight [O, C / groups, KD, KH, KW]. */
export const conv3d = guarded(
  signatures.conv3d,
  (input: Tensor, weight: Tensor, bias?: Tensor, options: ConvolutionOptions = {}): Tensor => {
    return convolve(3, input, weight, bias, options);
  },
);

/** input [N, C, L] or [C, L], weight [C, O / groups, K]: the gradient of a convolution with respect to its input. */
export const convTranspose1d = guarded(
  signatures.convTranspose1d,
  (input: Tensor, weight: Tensor, bias?: Tensor, options: TransposedConvolutionOptions = {}): Tensor => {
    return convolveTransposed(1, input, weight, bias, options);
  },
);

/** input [N, C, H, W] or [C, H, W], weight [C, O / groups, KH, KW]. */
export const convTranspose2d = guarded(
  signatures.convTranspose2d,
  (input: Tensor, weight: Tensor, bias?: Tensor, options: TransposedConvolutionOptions = {}): Tensor => {
    return convolveTransposed(2, input, weight, bias, options);
  },
);

/** input [N, C, D, H, W] or [C, D, H, W], weight [C, O / groups, KD, KH, KW]. */
export const convTranspose3d = guarded(
  signatures.convTranspose3d,
  (input: Tensor, weight: Tensor, bias?: Tensor, options: TransposedConvolutionOptions = {}): Tensor => {
    return convolveTransposed(3, input, weight, bias, options);
  },
);
