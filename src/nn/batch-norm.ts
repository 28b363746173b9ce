// Batch normalisation and the instance normalisation that shares its parameters and statistics.

import type { DType } from '../backend/dtype.js';
import { ShapeError } from '../errors.js';
import { ones, zeros } from '../tensor/create.js';
import { show } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { requireCount } from './arguments.js';
import { batchNorm, instanceNorm } from './functional/normalization.js';
import { ones_, zeros_ } from './init.js';
import { Module } from './module.js';
import { Buffer, Parameter } from './parameter.js';
import { asFloat, describe } from './printing.js';
import { withGrad } from '../autograd/mode.js';
import { takes } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

/** Options of the batch norm layers. */
export interface BatchNormLayerOptions {
  /** What is added to the variance. */
  eps?: number;
  /** How much of a batch's statistics goes into the running ones; null: the plain mean over all batches so far. */
  momentum?: number | null;
  /** Whether to scale and shift by learned weights. */
  affine?: boolean;
  /** Whether to keep running statistics for evaluation; without them every batch is normalised by its own. */
  trackRunningStats?: boolean;
  dtype?: DType;
}

/** Parameters and running statistics per channel. */
abstract class ChannelNorm extends Module {
  readonly numFeatures: number;
  readonly eps: number;
  readonly momentum: number | null;
  readonly affine: boolean;
  readonly trackRunningStats: boolean;
  weight: Parameter | null;
  bias: Parameter | null;
  runningMean: Buffer | null;
  runningVar: Buffer | null;
  numBatchesTracked: Buffer | null;

  protected constructor(
    numFeatures: number,
    options: Required<Omit<BatchNormLayerOptions, 'dtype'>> & { dtype?: DType },
  ) {
    super();
    const { eps, momentum, affine, trackRunningStats, ...factory } = options;
    this.numFeatures = requireCount(this.constructor.name, 'numFeatures', numFeatures, 0);
    this.eps = eps;
    this.momentum = momentum;
    this.affine = affine;
    this.trackRunningStats = trackRunningStats;
    const shape = [numFeatures];
    this.weight = affine ? new Parameter(ones(shape, factory)) : null;
    this.bias = affine ? new Parameter(zeros(shape, factory)) : null;
    this.runningMean = trackRunningStats ? new Buffer(zeros(shape, factory)) : null;
    this.runningVar = trackRunningStats ? new Buffer(ones(shape, factory)) : null;
    this.numBatchesTracked = trackRunningStats ? new Buffer(zeros([], { dtype: 'int64' })) : null;
  }

  /** Sets the running statistics back to mean 0 and variance 1. */
  resetRunningStats(): void {
    withGrad(false, () => {
      this.runningMean?.zero_();
      this.runningVar?.fill_(1);
      this.numBatchesTracked?.zero_();
    });
  }

  /** Sets weights to 1, biases to 0 and the running statistics back. */
  resetParameters(): void {
    this.resetRunningStats();
    if (this.weight) ones_(this.weight);
    if (this.bias) zeros_(this.bias);
  }

  protected checkChannels(input: Tensor, dim: number): void {
    if (input.shape.at(dim) !== this.numFeatures) {
      throw new ShapeError(`expected ${this.numFeatures} channels, got input ${show(input.shape)}`);
    }
  }

  override extraRepr(): string {
    const { numFeatures, affine, trackRunningStats } = this;
    const momentum = this.momentum === null ? null : asFloat(this.momentum);
    return `${numFeatures}, ${describe({ eps: asFloat(this.eps), momentum, affine, trackRunningStats })}`;
  }
}

/** What the batch norm layers have in common. */
export abstract class BatchNormNd extends ChannelNorm {
  protected constructor(
    private readonly ranks: readonly number[],
    numFeatures: number,
    { eps = 1e-5, momentum = 0.1, affine = true, trackRunningStats = true, ...factory }: BatchNormLayerOptions,
  ) {
    super(numFeatures, { eps, momentum, affine, trackRunningStats, ...factory });
  }

  override forward(input: Tensor): Tensor {
    if (!this.ranks.includes(input.ndim)) {
      throw new ShapeError(`expected an input of ${this.ranks.join(' or ')} dims, got ${show(input.shape)}`);
    }
    this.checkChannels(input, 1);
    const { runningMean, runningVar, eps, training } = this;
    const tracked = runningMean ?? undefined;
    return batchNorm(input, tracked, runningVar ?? undefined, this.weight ?? undefined, this.bias ?? undefined, {
      training: training || !tracked,
      momentum: training ? this.count() : 0,
      eps,
    });
  }

  /** Counts a batch; returns the part of it that goes into the running statistics. */
  private count(): number {
    const { momentum, numBatchesTracked } = this;
    if (!numBatchesTracked) return momentum ?? 0;
    numBatchesTracked.add_(1);
    return momentum ?? 1 / numBatchesTracked.item();
  }
}

/** Per channel of [N, C] or [N, C, L]. https://arxiv.org/abs/1502.03167 */
@takes(signatures.BatchNorm1d)
export class BatchNorm1d extends BatchNormNd {
  constructor(numFeatures: number, options: BatchNormLayerOptions = {}) {
    super([2, 3], numFeatures, options);
  }
}

/**
 * Per channel of [N, C, H, W]: (x - mean) / √(variance + eps) * weight + bias, with the batch's mean and biased variance in
 * training and running ones (the variance unbiased) in evaluation. https://arxiv.org/abs/1502.03167
 *
 * ```ts
 * const layer = new nn.BatchNorm2d(32);
 * layer(randn([16, 32, 14, 14])).shape; // [16, 32, 14, 14]
 * ```
 */
@takes(signatures.BatchNorm2d)
export class BatchNorm2d extends BatchNormNd {
  constructor(numFeatures: number, options: BatchNormLayerOptions = {}) {
    super([4], numFeatures, options);
  }
}

/** Per channel of [N, C, D, H, W]. https://arxiv.org/abs/1502.03167 */
@takes(signatures.BatchNorm3d)
export class BatchNorm3d extends BatchNormNd {
  constructor(numFeatures: number, options: BatchNormLayerOptions = {}) {
    super([5], numFeatures, options);
  }
}

/** What the instance norm layers have in common. */
export abstract class InstanceNormNd extends ChannelNorm {
  protected constructor(
    private readonly dims: number,
    numFeatures: number,
    { eps = 1e-5, momentum = 0.1, affine = false, trackRunningStats = false, ...factory }: BatchNormLayerOptions,
  ) {
    super(numFeatures, { eps, momentum, affine, trackRunningStats, ...factory });
  }

  override forward(input: Tensor): Tensor {
    const { dims } = this;
    if (input.ndim !== dims + 2 && input.ndim !== dims + 1) {
      throw new ShapeError(`expected an input of ${dims + 1} or ${dims + 2} dims, got ${show(input.shape)}`);
    }
    if (this.affine) this.checkChannels(input, -dims - 1);
    const batch = input.ndim === dims + 1 ? input.unsqueeze(0) : input;
    const result = instanceNorm(
      batch,
      this.runningMean ?? undefined,
      this.runningVar ?? undefined,
      this.weight ?? undefined,
      this.bias ?? undefined,
      { useInputStats: this.training || !this.trackRunningStats, momentum: this.momentum ?? 0, eps: this.eps },
    );
    return batch === input ? result : result.squeeze(0);
  }
}

/** Per sample and channel of [N, C, L] or [C, L]. https://arxiv.org/abs/1607.08022 */
@takes(signatures.InstanceNorm1d)
export class InstanceNorm1d extends InstanceNormNd {
  constructor(numFeatures: number, options: BatchNormLayerOptions = {}) {
    super(1, numFeatures, options);
  }
}

/** Per sample and channel of [N, C, H, W] or [C, H, W]. https://arxiv.org/abs/1607.08022 */
@takes(signatures.InstanceNorm2d)
export class InstanceNorm2d extends InstanceNormNd {
  constructor(numFeatures: number, options: BatchNormLayerOptions = {}) {
    super(2, numFeatures, options);
  }
}

/** Per sample and channel of [N, C, D, H, W] or [C, D, H, W]. https://arxiv.org/abs/1607.08022 */
@takes(signatures.InstanceNorm3d)
export class InstanceNorm3d extends InstanceNormNd {
  constructor(numFeatures: number, options: BatchNormLayerOptions = {}) {
    super(3, numFeatures, options);
  }
}
