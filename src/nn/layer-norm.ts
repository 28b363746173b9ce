// Normalisation per sample: over the last dims, over groups of channels, over neighbouring channels.

import type { DType } from '../backend/dtype.js';
import { ShapeError, ValueError } from '../errors.js';
import { empty, ones, zeros } from '../tensor/create.js';
import { show, type Shape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { requireCount } from './arguments.js';
import { groupNorm, layerNorm, localResponseNorm, rmsNorm } from './functional/normalization.js';
import { ones_, zeros_ } from './init.js';
import { Module } from './module.js';
import { Parameter } from './parameter.js';
import { asFloat, describe, pythonText } from './printing.js';
import { takes } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

/** The dims that are normalised, the last ones; a number for the last dim alone. */
function normalizedDims(layer: string, shape: number | Shape): Shape {
  const dims = typeof shape === 'number' ? [shape] : shape;
  if (dims.length === 0) throw new ValueError(`${layer}: expected a normalizedShape of one or more sizes`);
  for (const size of dims) requireCount(layer, 'normalizedShape', size);
  return dims;
}

function checkLastDims(input: Tensor, shape: Shape): void {
  const last = input.shape.slice(-shape.length);
  if (last.length !== shape.length || last.some((size, d) => size !== shape[d])) {
    throw new ShapeError(
      shape.length === 1
        ? `expected ${shape[0]} features, got input ${show(input.shape)}`
        : `expected an input whose last dims are ${show(shape)}, got ${show(input.shape)}`,
    );
  }
}

/** Options of `LayerNorm`. */
export interface LayerNormLayerOptions {
  /** What is added to the variance. */
  eps?: number;
  /** Whether to scale and shift by learned weights. */
  elementwiseAffine?: boolean;
  /** Whether to shift, where there are learned weights. */
  bias?: boolean;
  dtype?: DType;
}

/**
 * (x - mean) / √(variance + eps) * weight + bias over the last dims, those of `normalizedShape`. https://arxiv.org/abs/1607.06450
 *
 * ```ts
 * new nn.LayerNorm(512)(randn([8, 16, 512])).shape; // [8, 16, 512]
 * ```
 */
@takes(signatures.LayerNorm)
export class LayerNorm extends Module {
  readonly normalizedShape: Shape;
  readonly eps: number;
  readonly elementwiseAffine: boolean;
  weight: Parameter | null;
  bias: Parameter | null;

  constructor(
    normalizedShape: number | Shape,
    { eps = 1e-5, elementwiseAffine = true, bias = true, ...factory }: LayerNormLayerOptions = {},
  ) {
    super();
    this.normalizedShape = normalizedDims('LayerNorm', normalizedShape);
    this.eps = eps;
    this.elementwiseAffine = elementwiseAffine;
    this.weight = elementwiseAffine ? new Parameter(ones(this.normalizedShape, factory)) : null;
    this.bias = elementwiseAffine && bias ? new Parameter(zeros(this.normalizedShape, factory)) : null;
  }

  /** Sets weights to 1 and biases to 0. */
  resetParameters(): void {
    if (this.weight) ones_(this.weight);
    if (this.bias) zeros_(this.bias);
  }

  override forward(input: Tensor): Tensor {
    checkLastDims(input, this.normalizedShape);
    const { normalizedShape, eps } = this;
    return layerNorm(input, normalizedShape, this.weight ?? undefined, this.bias ?? undefined, { eps });
  }

  override extraRepr(): string {
    const { normalizedShape, eps, elementwiseAffine } = this;
    return `${pythonText(normalizedShape)}, ${describe({ eps: asFloat(eps), elementwiseAffine })}`;
  }
}

/** Options of `RMSNorm`. */
export interface RmsNormLayerOptions {
  /** What is added to the mean square; the dtype's smallest step from 1 unless given. */
  eps?: number | undefined;
  /** Whether to scale by learned weights. */
  elementwiseAffine?: boolean;
  dtype?: DType;
}

/** x / √(mean(x²) + eps) * weight over the last dims. https://arxiv.org/abs/1910.07467 */
@takes(signatures.RMSNorm)
export class RMSNorm extends Module {
  readonly normalizedShape: Shape;
  readonly eps: number | undefined;
  readonly elementwiseAffine: boolean;
  weight: Parameter | null;

  constructor(
    normalizedShape: number | Shape,
    { eps, elementwiseAffine = true, ...factory }: RmsNormLayerOptions = {},
  ) {
    super();
    this.normalizedShape = normalizedDims('RMSNorm', normalizedShape);
    this.eps = eps;
    this.elementwiseAffine = elementwiseAffine;
    this.weight = elementwiseAffine ? new Parameter(ones(this.normalizedShape, factory)) : null;
  }

  /** Sets weights to 1. */
  resetParameters(): void {
    if (this.weight) ones_(this.weight);
  }

  override forward(input: Tensor): Tensor {
    checkLastDims(input, this.normalizedShape);
    return rmsNorm(input, this.normalizedShape, this.weight ?? undefined, { eps: this.eps });
  }

  override extraRepr(): string {
    const { normalizedShape, eps, elementwiseAffine } = this;
    const shape = pythonText(normalizedShape);
    return `${shape}, ${describe({ eps: eps === undefined ? null : asFloat(eps), elementwiseAffine })}`;
  }
}

/** Options of `GroupNorm`. */
export interface GroupNormLayerOptions {
  /** What is added to the variance. */
  eps?: number;
  /** Whether to scale and shift channels by learned weights. */
  affine?: boolean;
  dtype?: DType;
}

/** [N, C, ...] normalised over groups of channels together with the spatial dims. https://arxiv.org/abs/1803.08494 */
@takes(signatures.GroupNorm)
export class GroupNorm extends Module {
  readonly numGroups: number;
  readonly numChannels: number;
  readonly eps: number;
  readonly affine: boolean;
  weight: Parameter | null;
  bias: Parameter | null;

  constructor(
    numGroups: number,
    numChannels: number,
    { eps = 1e-5, affine = true, ...factory }: GroupNormLayerOptions = {},
  ) {
    super();
    this.numGroups = requireCount('GroupNorm', 'numGroups', numGroups);
    this.numChannels = requireCount('GroupNorm', 'numChannels', numChannels);
    if (numChannels % numGroups !== 0) {
      throw new ValueError(`GroupNorm: ${numChannels} channels can't be put into ${numGroups} groups`);
    }
    this.eps = eps;
    this.affine = affine;
    this.weight = affine ? new Parameter(empty([numChannels], factory)) : null;
    this.bias = affine ? new Parameter(empty([numChannels], factory)) : null;
    this.resetParameters();
  }

  /** Sets weights to 1 and biases to 0. */
  resetParameters(): void {
    if (this.weight) ones_(this.weight);
    if (this.bias) zeros_(this.bias);
  }

  override forward(input: Tensor): Tensor {
    if (input.shape[1] !== this.numChannels) {
      throw new ShapeError(`expected ${this.numChannels} channels, got input ${show(input.shape)}`);
    }
    return groupNorm(input, this.numGroups, this.weight ?? undefined, this.bias ?? undefined, { eps: this.eps });
  }

  override extraRepr(): string {
    const { numGroups, numChannels, eps, affine } = this;
    return `${numGroups}, ${numChannels}, ${describe({ eps: asFloat(eps), affine })}`;
  }
}

/** Options of `LocalResponseNorm`. */
export interface LocalResponseNormLayerOptions {
  alpha?: number;
  beta?: number;
  k?: number;
}

/** x / (k + alpha * mean of x² over `size` neighbouring channels)^beta. Krizhevsky et al., NIPS 2012. */
@takes(signatures.LocalResponseNorm)
export class LocalResponseNorm extends Module {
  readonly alpha: number;
  readonly beta: number;
  readonly k: number;

  constructor(
    readonly size: number,
    { alpha = 1e-4, beta = 0.75, k = 1 }: LocalResponseNormLayerOptions = {},
  ) {
    super();
    requireCount('LocalResponseNorm', 'size', size);
    this.alpha = alpha;
    this.beta = beta;
    this.k = k;
  }

  override forward(input: Tensor): Tensor {
    const { alpha, beta, k } = this;
    return localResponseNorm(input, this.size, { alpha, beta, k });
  }

  override extraRepr(): string {
    const { alpha, beta, k } = this;
    return `${this.size}, ${describe({ alpha: asFloat(alpha), beta: asFloat(beta), k: asFloat(k) })}`;
  }
}
