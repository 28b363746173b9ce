// Layers that are matrix products, and the one that does nothing.

import type { DType } from '../backend/dtype.js';
import { ShapeError } from '../errors.js';
import { linear } from '../ops/matrix.js';
import { empty } from '../tensor/create.js';
import { elementCount, show } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { requireCount } from './arguments.js';
import { bilinear } from './functional/linear.js';
import { kaimingUniform_, uniform_ } from './init.js';
import { Module } from './module.js';
import { Parameter } from './parameter.js';
import { describe } from './printing.js';
import { takes } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

/** Options of `Linear`. */
export interface LinearOptions {
  /** Whether to add a learned bias; true unless given. */
  bias?: boolean;
  dtype?: DType;
}

/**
 * `y = x Wᵀ + b`: input [..., inFeatures], output [..., outFeatures].
 * weight [outFeatures, inFeatures] and bias [outFeatures] start uniform within ±1/√inFeatures.
 *
 * ```ts
 * const layer = new nn.Linear(20, 30);
 * layer(randn([128, 20])).shape; // [128, 30]
 * ```
 * https://pytorch.org/docs/stable/generated/torch.nn.Linear.html
 */
@takes(signatures.Linear)
export class Linear extends Module {
  readonly inFeatures: number;
  readonly outFeatures: number;
  weight: Parameter;
  bias: Parameter | null;

  constructor(inFeatures: number, outFeatures: number, { bias = true, ...factory }: LinearOptions = {}) {
    super();
    this.inFeatures = requireCount('Linear', 'inFeatures', inFeatures, 0);
    this.outFeatures = requireCount('Linear', 'outFeatures', outFeatures, 0);
    this.weight = new Parameter(empty([outFeatures, inFeatures], factory));
    this.bias = bias ? new Parameter(empty([outFeatures], factory)) : null;
    this.resetParameters();
  }

  /** Draws weight and bias anew. */
  resetParameters(): void {
    kaimingUniform_(this.weight, { a: Math.sqrt(5) });
    const bound = this.inFeatures > 0 ? 1 / Math.sqrt(this.inFeatures) : 0;
    if (this.bias) uniform_(this.bias, -bound, bound);
  }

  override forward(input: Tensor): Tensor {
    if (input.shape.at(-1) !== this.inFeatures) {
      throw new ShapeError(`expected ${this.inFeatures} features, got input ${show(input.shape)}`);
    }
    return linear(input, this.weight, this.bias ?? undefined);
  }

  override multiplyAdds(_inputs: readonly unknown[], output: unknown): number {
    return (output as Tensor).numel() * this.inFeatures;
  }

  override extraRepr(): string {
    return describe({
      inFeatures: this.inFeatures,
      outFeatures: this.outFeatures,
      bias: this.bias !== null,
    });
  }
}

/** `y = x1ᵀ W x2 + b` per output feature: inputs [..., in1Features] and [..., in2Features]. */
@takes(signatures.Bilinear)
export class Bilinear extends Module {
  readonly in1Features: number;
  readonly in2Features: number;
  readonly outFeatures: number;
  weight: Parameter;
  bias: Parameter | null;

  constructor(
    in1Features: number,
    in2Features: number,
    outFeatures: number,
    { bias = true, ...factory }: LinearOptions = {},
  ) {
    super();
    this.in1Features = requireCount('Bilinear', 'in1Features', in1Features);
    this.in2Features = requireCount('Bilinear', 'in2Features', in2Features);
    this.outFeatures = requireCount('Bilinear', 'outFeatures', outFeatures);
    this.weight = new Parameter(empty([outFeatures, in1Features, in2Features], factory));
    this.bias = bias ? new Parameter(empty([outFeatures], factory)) : null;
    this.resetParameters();
  }

  /** Draws weight and bias anew. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.in1Features);
    uniform_(this.weight, -bound, bound);
    if (this.bias) uniform_(this.bias, -bound, bound);
  }

  override forward(input1: Tensor, input2: Tensor): Tensor {
    if (input1.shape.at(-1) !== this.in1Features || input2.shape.at(-1) !== this.in2Features) {
      throw new ShapeError(
        `expected ${this.in1Features} and ${this.in2Features} features, got inputs ${show(input1.shape)} and ${show(input2.shape)}`,
      );
    }
    return bilinear(input1, input2, this.weight, this.bias ?? undefined);
  }

  override multiplyAdds(_inputs: readonly unknown[], output: unknown): number {
    return (elementCount((output as Tensor).shape) / this.outFeatures) * this.weight.numel();
  }

  override extraRepr(): string {
    const { in1Features, in2Features, outFeatures } = this;
    return describe({ in1Features, in2Features, outFeatures, bias: this.bias !== null });
  }
}

/** Returns its input. Any arguments of the constructor are ignored, so that it can stand in for another layer. */
@takes(signatures.Identity)
export class Identity extends Module {
  constructor(..._ignored: readonly unknown[]) {
    super();
  }

  override forward(input: Tensor): Tensor {
    return input;
  }
}
