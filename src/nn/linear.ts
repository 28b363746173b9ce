// Layers that are matrix products.

import { ShapeError } from '../errors.js';
import { linear } from '../ops/matrix.js';
import { empty } from '../tensor/create.js';
import { show } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { kaimingUniform_, uniform_ } from './init.js';
import { Module } from './module.js';
import { Parameter } from './parameter.js';
import type { DType } from '../backend/dtype.js';

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
export class Linear extends Module {
  readonly inFeatures: number;
  readonly outFeatures: number;
  weight: Parameter;
  bias: Parameter | null;

  constructor(inFeatures: number, outFeatures: number, { bias = true, ...factory }: LinearOptions = {}) {
    super();
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
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

  override extraRepr(): string {
    return `inFeatures=${this.inFeatures}, outFeatures=${this.outFeatures}, bias=${this.bias !== null}`;
  }
}
