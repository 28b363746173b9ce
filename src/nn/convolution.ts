// Convolution layers over one to three spatial dims.

import type { DType } from '../backend/dtype.js';
import { ShapeError, ValueError } from '../errors.js';
import { empty } from '../tensor/create.js';
import { elementCount, show } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { perDim, requireCount, requireOneOf, type PerDim } from './arguments.js';
import { conv1d, conv2d, conv3d, samePadding } from './functional/convolution.js';
import { pad, type PadMode } from './functional/pad.js';
import { calculateFans, kaimingUniform_, uniform_ } from './init.js';
import { Module } from './module.js';
import { Parameter } from './parameter.js';
import { describe } from './printing.js';
import { takes } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

/** What stands outside the input: zeros, its mirror image, its border repeated, or its other end. */
export type PaddingMode = 'zeros' | 'reflect' | 'replicate' | 'circular';

/** Options of the convolutions. */
export interface ConvOptions {
  stride?: PerDim;
  /** How much is put around the input; 'same' keeps its size (stride 1 only), 'valid' is 0. */
  padding?: PerDim | 'same' | 'valid';
  dilation?: PerDim;
  groups?: number;
  /** Whether to add a learned bias; true unless given. */
  bias?: boolean;
  paddingMode?: PaddingMode;
  dtype?: DType;
}

const functions = { 1: conv1d, 2: conv2d, 3: conv3d };

/** What the three convolution layers have in common. */
export abstract class ConvNd extends Module {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[] | 'same' | 'valid';
  readonly dilation: readonly number[];
  readonly groups: number;
  readonly paddingMode: PaddingMode;
  weight: Parameter;
  bias: Parameter | null;

  protected constructor(
    dims: 1 | 2 | 3,
    inChannels: number,
    outChannels: number,
    kernelSize: PerDim,
    options: ConvOptions,
  ) {
    super();
    const {
      stride = 1,
      padding = 0,
      dilation = 1,
      groups = 1,
      bias = true,
      paddingMode = 'zeros',
      ...factory
    } = options;
    const { name } = this.constructor;
    this.inChannels = requireCount(name, 'inChannels', inChannels);
    this.outChannels = requireCount(name, 'outChannels', outChannels);
    this.kernelSize = perDim(name, 'kernelSize', kernelSize, dims, 1);
    this.stride = perDim(name, 'stride', stride, dims, 1);
    this.padding =
      typeof padding === 'string'
        ? requireOneOf(name, 'padding', padding, ['same', 'valid'] as const)
        : perDim(name, 'padding', padding, dims, 0);
    this.dilation = perDim(name, 'dilation', dilation, dims, 1);
    this.groups = requireCount(name, 'groups', groups);
    this.paddingMode = requireOneOf(name, 'paddingMode', paddingMode, ['zeros', 'reflect', 'replicate', 'circular']);
    if (inChannels % groups !== 0 || outChannels % groups !== 0) {
      throw new ValueError(
        `${name}: expected inChannels ${inChannels} and outChannels ${outChannels} to be multiples of groups ${groups}`,
      );
    }
    if (padding === 'same' && this.stride.some((step) => step !== 1)) {
      throw new ValueError(`${name}: padding 'same' needs stride 1, got [${this.stride.join(', ')}]`);
    }
    this.weight = new Parameter(empty([outChannels, inChannels / groups, ...this.kernelSize], factory));
    this.bias = bias ? new Parameter(empty([outChannels], factory)) : null;
    this.resetParameters();
  }

  /** Draws weight and bias anew: uniform within ±1/√(inputs of one output). */
  resetParameters(): void {
    kaimingUniform_(this.weight, { a: Math.sqrt(5) });
    const bound = 1 / Math.sqrt(calculateFans(this.weight).fanIn);
    if (this.bias) uniform_(this.bias, -bound, bound);
  }

  /** What `paddingMode` puts around the input, as amounts for `pad`: last dim first. */
  private sides(): number[] {
    const { padding } = this;
    if (padding === 'same') return samePadding(this.kernelSize, this.dilation).toReversed().flat();
    if (padding === 'valid') return this.kernelSize.flatMap(() => [0, 0]);
    return padding.toReversed().flatMap((size) => [size, size]);
  }

  override forward(input: Tensor): Tensor {
    const dims = this.kernelSize.length as 1 | 2 | 3;
    const channels = input.shape.at(-dims - 1);
    if (channels !== this.inChannels || input.ndim > dims + 2) {
      throw new ShapeError(`expected ${this.inChannels} channels, got input ${show(input.shape)}`);
    }
    const { stride, dilation, groups } = this;
    const bias = this.bias ?? undefined;
    if (this.paddingMode === 'zeros') {
      return functions[dims](input, this.weight, bias, { stride, padding: this.padding, dilation, groups });
    }
    const padded = pad(input, this.sides(), { mode: this.paddingMode satisfies PadMode });
    return functions[dims](padded, this.weight, bias, { stride, dilation, groups });
  }

  override multiplyAdds(_inputs: readonly unknown[], output: unknown): number {
    return (output as Tensor).numel() * elementCount(this.weight.shape.slice(1));
  }

  override extraRepr(): string {
    const { inChannels, outChannels, kernelSize, stride, padding, dilation, groups, paddingMode } = this;
    const none = typeof padding !== 'string' && padding.every((size) => size === 0);
    return `${inChannels}, ${outChannels}, ${describe({
      kernelSize,
      stride,
      ...(none ? {} : { padding }),
      ...(dilation.every((size) => size === 1) ? {} : { dilation }),
      ...(groups === 1 ? {} : { groups }),
      ...(this.bias ? {} : { bias: false }),
      ...(paddingMode === 'zeros' ? {} : { paddingMode }),
    })}`;
  }
}

/** Input [N, C, L] or [C, L], output [N, O, L']. https://pytorch.org/docs/stable/generated/torch.nn.Conv1d.html */
@takes(signatures.Conv1d)
export class Conv1d extends ConvNd {
  constructor(inChannels: number, outChannels: number, kernelSize: PerDim, options: ConvOptions = {}) {
    super(1, inChannels, outChannels, kernelSize, options);
  }
}

/**
 * Input [N, C, H, W] or [C, H, W], output [N, O, H', W'] with H' = ⌊(H + 2 padding - dilation (kernel - 1) - 1) / stride⌋ + 1.
 *
 * ```ts
 * const layer = new nn.Conv2d(1, 32, 3, { padding: 1 });
 * layer(randn([16, 1, 28, 28])).shape; // [16, 32, 28, 28]
 * ```
 * https://pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
 */
@takes(signatures.Conv2d)
export class Conv2d extends ConvNd {
  constructor(inChannels: number, outChannels: number, kernelSize: PerDim, options: ConvOptions = {}) {
    super(2, inChannels, outChannels, kernelSize, options);
  }
}

/** Input [N, C, D, H, W] or [C, D, H, W]. https://pytorch.org/docs/stable/generated/torch.nn.Conv3d.html */
@takes(signatures.Conv3d)
export class Conv3d extends ConvNd {
  constructor(inChannels: number, outChannels: number, kernelSize: PerDim, options: ConvOptions = {}) {
    super(3, inChannels, outChannels, kernelSize, options);
  }
}
