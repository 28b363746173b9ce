// Losses as modules: each calls its function with the options it was made with.

import { Module } from './module.js';
import { Buffer } from './parameter.js';
import type { Tensor } from '../tensor/tensor.js';
import { requireRange } from './arguments.js';
import {
  crossEntropy,
  klDiv,
  nllLoss,
  type CrossEntropyOptions,
  type KlDivOptions,
  type NllLossOptions,
} from './functional/cross-entropy.js';
import { checkReduction, type Reduction, type ReductionOptions } from './functional/reduction.js';
import { ctcLoss, type CtcOptions, type Lengths } from './functional/ctc.js';
import * as distance from './functional/distance.js';
import * as regression from './functional/regression-loss.js';
import { takes } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

/** A loss with a reduction. */
export abstract class Loss extends Module {
  readonly reduction: Reduction;

  constructor({ reduction = 'mean' }: ReductionOptions = {}) {
    super();
    this.reduction = checkReduction(this.constructor.name, reduction);
  }
}

/** A loss with a factor per class or element, which moves with the module and is part of its state. */
abstract class WeightedLoss extends Loss {
  weight: Buffer | null;

  constructor({ weight, ...options }: ReductionOptions & { weight?: Tensor | undefined }) {
    super(options);
    this.weight = weight ? new Buffer(weight.detach()) : null;
  }
}

/** (input - target)² */
@takes(signatures.MSELoss)
export class MSELoss extends Loss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return regression.mseLoss(input, target, { reduction: this.reduction });
  }
}

/** |input - target| */
@takes(signatures.L1Loss)
export class L1Loss extends Loss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return regression.l1Loss(input, target, { reduction: this.reduction });
  }
}

/** Squared below beta, absolute from there on. https://arxiv.org/abs/1504.08083 */
@takes(signatures.SmoothL1Loss)
export class SmoothL1Loss extends Loss {
  readonly beta: number;

  constructor({ beta = 1, ...options }: regression.SmoothL1Options = {}) {
    super(options);
    this.beta = requireRange('SmoothL1Loss', 'beta', beta, 0, Infinity);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return regression.smoothL1Loss(input, target, { reduction: this.reduction, beta: this.beta });
  }
}

/** Squared up to delta, delta times absolute beyond. */
@takes(signatures.HuberLoss)
export class HuberLoss extends Loss {
  readonly delta: number;

  constructor({ delta = 1, ...options }: regression.HuberOptions = {}) {
    super(options);
    this.delta = requireRange('HuberLoss', 'delta', delta, Number.MIN_VALUE, Infinity);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return regression.huberLoss(input, target, { reduction: this.reduction, delta: this.delta });
  }
}

/**
 * Cross entropy of logits [N, C] (or [C], [N, C, d1, ...]) with class numbers of any dtype holding whole numbers, or with class
 * probabilities in the input's shape. https://pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
 *
 * ```ts
 * const criterion = new nn.CrossEntropyLoss({ labelSmoothing: 0.1 });
 * const loss = criterion(randn([3, 5]), tensor([1, 0, 4]));
 * ```
 */
@takes(signatures.CrossEntropyLoss)
export class CrossEntropyLoss extends WeightedLoss {
  readonly ignoreIndex: number;
  readonly labelSmoothing: number;

  constructor({ ignoreIndex = -100, labelSmoothing = 0, ...options }: CrossEntropyOptions = {}) {
    super(options);
    this.ignoreIndex = ignoreIndex;
    this.labelSmoothing = requireRange('CrossEntropyLoss', 'labelSmoothing', labelSmoothing, 0, 1);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { ignoreIndex, reduction, labelSmoothing } = this;
    return crossEntropy(input, target, { weight: this.weight ?? undefined, ignoreIndex, reduction, labelSmoothing });
  }
}

/** The negative log-probability of each target. */
@takes(signatures.NLLLoss)
export class NLLLoss extends WeightedLoss {
  readonly ignoreIndex: number;

  constructor({ ignoreIndex = -100, ...options }: NllLossOptions = {}) {
    super(options);
    this.ignoreIndex = ignoreIndex;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { ignoreIndex, reduction } = this;
    return nllLoss(input, target, { weight: this.weight ?? undefined, ignoreIndex, reduction });
  }
}

/** The Kullback-Leibler divergence of log-probabilities from a target distribution. */
@takes(signatures.KLDivLoss)
export class KLDivLoss extends Module {
  readonly reduction: Reduction | 'batchmean';
  readonly logTarget: boolean;

  constructor({ reduction = 'mean', logTarget = false }: KlDivOptions = {}) {
    super();
    this.reduction = checkReduction('KLDivLoss', reduction, ['none', 'mean', 'sum', 'batchmean']);
    this.logTarget = logTarget;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return klDiv(input, target, { reduction: this.reduction, logTarget: this.logTarget });
  }
}

/** Cross entropy of probabilities with targets from 0 to 1. */
@takes(signatures.BCELoss)
export class BCELoss extends WeightedLoss {
  constructor(options: regression.BinaryCrossEntropyOptions = {}) {
    super(options);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { reduction } = this;
    return regression.binaryCrossEntropy(input, target, { weight: this.weight ?? undefined, reduction });
  }
}

/** Cross entropy of sigmoid(input) with targets from 0 to 1, from the logits. */
@takes(signatures.BCEWithLogitsLoss)
export class BCEWithLogitsLoss extends WeightedLoss {
  posWeight: Buffer | null;

  constructor({ posWeight, ...options }: regression.BinaryCrossEntropyWithLogitsOptions = {}) {
    super(options);
    this.posWeight = posWeight ? new Buffer(posWeight.detach()) : null;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return regression.binaryCrossEntropyWithLogits(input, target, {
      weight: this.weight ?? undefined,
      posWeight: this.posWeight ?? undefined,
      reduction: this.reduction,
    });
  }
}

/** The negative log likelihood of counts under a Poisson distribution. */
@takes(signatures.PoissonNLLLoss)
export class PoissonNLLLoss extends Loss {
  readonly logInput: boolean;
  readonly full: boolean;
  readonly eps: number;

  constructor({ logInput = true, full = false, eps = 1e-8, ...options }: regression.PoissonNllOptions = {}) {
    super(options);
    this.logInput = logInput;
    this.full = full;
    this.eps = eps;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { logInput, full, eps, reduction } = this;
    return regression.poissonNllLoss(input, target, { logInput, full, eps, reduction });
  }
}

/** The negative log likelihood of targets under normal distributions of the given means and variances. */
@takes(signatures.GaussianNLLLoss)
export class GaussianNLLLoss extends Loss {
  readonly full: boolean;
  readonly eps: number;

  constructor({ full = false, eps = 1e-6, ...options }: regression.GaussianNllOptions = {}) {
    super(options);
    this.full = full;
    this.eps = eps;
  }

  override forward(input: Tensor, target: Tensor, variance: Tensor): Tensor {
    const { full, eps, reduction } = this;
    return regression.gaussianNllLoss(input, target, variance, { full, eps, reduction });
  }
}

/** 1 - cos for pairs that belong together (target 1), max(0, cos - margin) for others (-1). */
@takes(signatures.CosineEmbeddingLoss)
export class CosineEmbeddingLoss extends Loss {
  readonly margin: number;

  constructor({ margin = 0, ...options }: distance.MarginOptions = {}) {
    super(options);
    this.margin = margin;
  }

  override forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    return distance.cosineEmbeddingLoss(input1, input2, target, { margin: this.margin, reduction: this.reduction });
  }
}

/** x for pairs that belong together (target 1), max(0, margin - x) for others (-1). */
@takes(signatures.HingeEmbeddingLoss)
export class HingeEmbeddingLoss extends Loss {
  readonly margin: number;

  constructor({ margin = 1, ...options }: distance.MarginOptions = {}) {
    super(options);
    this.margin = margin;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return distance.hingeEmbeddingLoss(input, target, { margin: this.margin, reduction: this.reduction });
  }
}

/** max(0, -target * (x1 - x2) + margin) */
@takes(signatures.MarginRankingLoss)
export class MarginRankingLoss extends Loss {
  readonly margin: number;

  constructor({ margin = 0, ...options }: distance.MarginOptions = {}) {
    super(options);
    this.margin = margin;
  }

  override forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    return distance.marginRankingLoss(input1, input2, target, { margin: this.margin, reduction: this.reduction });
  }
}

/** max(0, d(anchor, positive) - d(anchor, negative) + margin) */
@takes(signatures.TripletMarginLoss)
export class TripletMarginLoss extends Loss {
  readonly margin: number;
  readonly p: number;
  readonly eps: number;
  readonly swap: boolean;

  constructor({ margin = 1, p = 2, eps = 1e-6, swap = false, ...options }: distance.TripletMarginOptions = {}) {
    super(options);
    this.margin = margin;
    this.p = p;
    this.eps = eps;
    this.swap = swap;
  }

  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    const { margin, p, eps, swap, reduction } = this;
    return distance.tripletMarginLoss(anchor, positive, negative, { margin, p, eps, swap, reduction });
  }
}

/** As `TripletMarginLoss`, with a distance of one's own. */
@takes(signatures.TripletMarginWithDistanceLoss)
export class TripletMarginWithDistanceLoss extends Loss {
  readonly distanceFunction: (a: Tensor, b: Tensor) => Tensor;
  readonly margin: number;
  readonly swap: boolean;

  constructor(options: distance.TripletMarginWithDistanceOptions = {}) {
    const { distanceFunction = new PairwiseDistance(), margin = 1, swap = false, ...rest } = options;
    super(rest);
    this.distanceFunction = distanceFunction;
    this.margin = margin;
    this.swap = swap;
  }

  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    const { distanceFunction, margin, swap, reduction } = this;
    const options = { distanceFunction, margin, swap, reduction };
    return distance.tripletMarginWithDistanceLoss(anchor, positive, negative, options);
  }
}

/** log(1 + exp(-target * x)) for targets 1 and -1. */
@takes(signatures.SoftMarginLoss)
export class SoftMarginLoss extends Loss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return distance.softMarginLoss(input, target, { reduction: this.reduction });
  }
}

/** The mean over classes of max(0, margin - x[target] + x[class])^p. */
@takes(signatures.MultiMarginLoss)
export class MultiMarginLoss extends WeightedLoss {
  readonly p: number;
  readonly margin: number;

  constructor({ p = 1, margin = 1, ...options }: distance.MultiMarginOptions = {}) {
    super(options);
    this.p = p;
    this.margin = margin;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { p, margin, reduction } = this;
    return distance.multiMarginLoss(input, target, { p, margin, weight: this.weight ?? undefined, reduction });
  }
}

/** The mean over classes of the binary cross entropy of logits with targets 0 and 1. */
@takes(signatures.MultiLabelSoftMarginLoss)
export class MultiLabelSoftMarginLoss extends WeightedLoss {
  constructor(options: distance.MultilabelSoftMarginOptions = {}) {
    super(options);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { reduction } = this;
    return distance.multilabelSoftMarginLoss(input, target, { weight: this.weight ?? undefined, reduction });
  }
}

/** Hinges between every class that is a target and every one that is none. */
@takes(signatures.MultiLabelMarginLoss)
export class MultiLabelMarginLoss extends Loss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return distance.multilabelMarginLoss(input, target, { reduction: this.reduction });
  }
}

/** The negative log likelihood of label sequences under per-frame log-probabilities [T, N, C]. Graves et al., ICML 2006. */
@takes(signatures.CTCLoss)
export class CTCLoss extends Loss {
  readonly blank: number;
  readonly zeroInfinity: boolean;

  constructor({ blank = 0, zeroInfinity = false, ...options }: CtcOptions = {}) {
    super(options);
    this.blank = blank;
    this.zeroInfinity = zeroInfinity;
  }

  override forward(logProbs: Tensor, targets: Tensor, inputLengths: Lengths, targetLengths: Lengths): Tensor {
    const { blank, reduction, zeroInfinity } = this;
    return ctcLoss(logProbs, targets, inputLengths, targetLengths, { blank, reduction, zeroInfinity });
  }
}

/** The cosine of the angle between vectors along `dim`. */
@takes(signatures.CosineSimilarity)
export class CosineSimilarity extends Module {
  readonly dim: number;
  readonly eps: number;

  constructor(dim: number | distance.CosineSimilarityOptions = {}, options: distance.CosineSimilarityOptions = {}) {
    super();
    const chosen = typeof dim === 'number' ? { ...options, dim } : dim;
    this.dim = chosen.dim ?? 1;
    this.eps = chosen.eps ?? 1e-8;
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return distance.cosineSimilarity(x1, x2, { dim: this.dim, eps: this.eps });
  }
}

/** The p-norm of x1 - x2 over the last dim. */
@takes(signatures.PairwiseDistance)
export class PairwiseDistance extends Module {
  readonly p: number;
  readonly eps: number;
  readonly keepdim: boolean;

  constructor({ p = 2, eps = 1e-6, keepdim = false }: distance.PairwiseDistanceOptions = {}) {
    super();
    this.p = p;
    this.eps = eps;
    this.keepdim = keepdim;
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return distance.pairwiseDistance(x1, x2, { p: this.p, eps: this.eps, keepdim: this.keepdim });
  }
}
