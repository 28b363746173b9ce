// Transposed convolutions: the gradients of convolutions with respect to their inputs, as layers.

import type { DType } from '../backend/dtype.js';
import { ShapeError, ValueError } from '../errors.js';
import { empty } from '../tensor/create.js';
import { elementCount, show } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { perDim, requireCount, type PerDim } from './arguments.js';
import { convTranspose1d, convTranspose2d, convTranspose3d } from './functional/convolution.js';
import { calculateFans, kaimingUniform_, uniform_ } from './init.js';
import { Module } from './module.js';
import { Parameter } from './parameter.js';
import { describe } from './printing.js';
import { takes } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

/** Options of the transposed convolutions. */
export interface ConvTransposeOptions {
  stride?: PerDim;
  /** How much of the result's border is left out. */
  padding?: PerDim;
  /** What is added to one side of the result's size. */
  outputPadding?: PerDim;
  groups?: number;
  /** Whether to add a learned bias; true unless given. */
  bias?: boolean;
  dilation?: PerDim;
  dtype?: DType;
}

const functions = { 1: convTranspose1d, 2: convTranspose2d, 3: convTranspose3d };

/** What the transposed convolution layers have in common. */
export abstract class ConvTransposeNd extends Module {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly outputPadding: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
  weight: Parameter;
  bias: Parameter | null;

  protected constructor(
    dims: 1 | 2 | 3,
    inChannels: number,
    outChannels: number,
    kernelSize: PerDim,
    options: ConvTransposeOptions,
  ) {
    super();
    const { stride = 1, padding = 0, outputPadding = 0, groups = 1, bias = true, dilation = 1, ...factory } = options;
    const { name } = this.constructor;
    this.inChannels = requireCount(name, 'inChannels', inChannels);
    this.outChannels = requireCount(name, 'outChannels', outChannels);
    this.kernelSize = perDim(name, 'kernelSize', kernelSize, dims, 1);
    this.stride = perDim(name, 'stride', stride, dims, 1);
    this.padding = perDim(name, 'padding', padding, dims, 0);
    this.outputPadding = perDim(name, 'outputPadding', outputPadding, dims, 0);
    this.dilation = perDim(name, 'dilation', dilation, dims, 1);
    this.groups = requireCount(name, 'groups', groups);
    if (inChannels % groups !== 0 || outChannels % groups !== 0) {
      throw new ValueError(
        `${name}: expected inChannels ${inChannels} and outChannels ${outChannels} to be multiples of groups ${groups}`,
      );
    }
    this.weight = new Parameter(empty([inChannels, outChannels / groups, ...this.kernelSize], factory));
    this.bias = bias ? new Parameter(empty([outChannels], factory)) : null;
    this.resetParameters();
  }

  /** Draws weight and bias anew. */
  resetParameters(): void {
    kaimingUniform_(this.weight, { a: Math.sqrt(5) });
    const bound = 1 / Math.sqrt(calculateFans(this.weight).fanIn);
    if (this.bias) uniform_(this.bias, -bound, bound);
  }

  /** `outputSize`: the spatial sizes wanted, where the options leave several possible. */
  override forward(input: Tensor, outputSize?: readonly number[]): Tensor {
    const dims = this.kernelSize.length as 1 | 2 | 3;
    if (input.shape.at(-dims - 1) !== this.inChannels || input.ndim > dims + 2) {
      throw new ShapeError(`expected ${this.inChannels} channels, got input ${show(input.shape)}`);
    }
    const { stride, padding, dilation, groups } = this;
    const outputPadding = outputSize ? this.paddingFor(input, outputSize) : this.outputPadding;
    return functions[dims](input, this.weight, this.bias ?? undefined, {
      stride,
      padding,
      outputPadding,
      groups,
      dilation,
    });
  }

  /** The output padding that gives the sizes wanted. */
  private paddingFor(input: Tensor, outputSize: readonly number[]): number[] {
    const dims = this.kernelSize.length;
    const wanted = outputSize.slice(-dims);
    return this.kernelSize.map((kernel, d) => {
      const reach = this.dilation[d]! * (kernel - 1) + 1;
      const least = (input.shape.at(d - dims)! - 1) * this.stride[d]! - 2 * this.padding[d]! + reach;
      const extra = (wanted[d] ?? NaN) - least;
      if (!(extra >= 0 && extra < this.stride[d]!)) {
        throw new ValueError(
          `expected an outputSize from ${least} to ${least + this.stride[d]! - 1} in spatial dim ${d}, got ${wanted[d]}`,
        );
      }
      return extra;
    });
  }

  override multiplyAdds([input]: readonly unknown[]): number {
    return (input as Tensor).numel() * elementCount(this.weight.shape.slice(1));
  }

  override extraRepr(): string {
    const { inChannels, outChannels, kernelSize, stride, padding, outputPadding, dilation, groups } = this;
    const none = (sizes: readonly number[], usual: number): boolean => sizes.every((size) => size === usual);
    return `${inChannels}, ${outChannels}, ${describe({
      kernelSize,
      stride,
      ...(none(padding, 0) ? {} : { padding }),
      ...(none(dilation, 1) ? {} : { dilation }),
      ...(none(outputPadding, 0) ? {} : { outputPadding }),
      ...(groups === 1 ? {} : { groups }),
      ...(this.bias ? {} : { bias: false }),
    })}`;
  }
}

/** Input [N, C, L] or [C, L]. https://pytorch.org/docs/stable/generated/torch.nn.ConvTranspose1d.html */
@takes(signatures.ConvTranspose1d)
export class ConvTranspose1d extends ConvTransposeNd {
  constructor(inChannels: number, outChannels: number, kernelSize: PerDim, options: ConvTransposeOptions = {}) {
    super(1, inChannels, outChannels, kernelSize, options);
  }
}

/**
 * Input [N, C, H, W] or [C, H, W], output [N, O, H', W'] with
 * H' = (H - 1) stride - 2 padding + dilation (kernel - 1) + outputPadding + 1.
 * https://pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html
 */
@takes(signatures.ConvTranspose2d)
export class ConvTranspose2d extends ConvTransposeNd {
  constructor(inChannels: number, outChannels: number, kernelSize: PerDim, options: ConvTransposeOptions = {}) {
    super(2, inChannels, outChannels, kernelSize, options);
  }
}

/** Input [N, C, D, H, W] or [C, D, H, W]. https://pytorch.org/docs/stable/generated/torch.nn.ConvTranspose3d.html */
@takes(signatures.ConvTranspose3d)
export class ConvTranspose3d extends ConvTransposeNd {
  constructor(inChannels: number, outChannels: number, kernelSize: PerDim, options: ConvTransposeOptions = {}) {
    super(3, inChannels, outChannels, kernelSize, options);
  }
}
