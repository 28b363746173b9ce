// Distances between vectors, and the losses that compare them.

import { autocastTo } from '../../autograd/autocast.js';
import { ShapeError, ValueError } from '../../errors.js';
import { minimum, where } from '../../ops/pointwise.js';
import { sameShape, show } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { classTargets, refuseOutOfRange } from './class-targets.js';
import { reduced, type ReductionOptions } from './reduction.js';
import { guarded } from '../../tensor/guarded.js';
import { signatures } from './signatures.js';

/** Options of `pairwiseDistance`. */
export interface PairwiseDistanceOptions {
  /** The order of the norm. */
  p?: number;
  /** What is added to every difference. */
  eps?: number;
  keepdim?: boolean;
}

/** The p-norm of x1 - x2 + eps over the last dim. */
export const pairwiseDistance = guarded(
  signatures.pairwiseDistance,
  (x1: Tensor, x2: Tensor, { p = 2, eps = 1e-6, keepdim = false }: PairwiseDistanceOptions = {}): Tensor => {
    return x1.sub(x2).add(eps).norm(p, -1, { keepdim });
  },
);

/** Options of `cosineSimilarity`. */
export interface CosineSimilarityOptions {
  dim?: number;
  /** The least norm that is divided by. */
  eps?: number;
}

/** The cosine of the angle between vectors along `dim`, given alone or among the options. */
export const cosineSimilarity = guarded(
  signatures.cosineSimilarity,
  (x1: Tensor, x2: Tensor, options: number | CosineSimilarityOptions = {}): Tensor => {
    const { dim = 1, eps = 1e-8 } = typeof options === 'number' ? { dim: options } : options;
    return unit(x1, dim, eps)
      .mul(unit(x2, dim, eps))
      .sum(dim);
  },
);

function unit(x: Tensor, dim: number, eps: number): Tensor {
  const norm = x.norm(2, dim, { keepdim: true });
  // The bound acts on the value alone.
  return x.div(norm.add(norm.detach().clamp({ min: eps }).sub(norm.detach())));
}

/** Options of losses with a margin. */
export interface MarginOptions extends ReductionOptions {
  margin?: number;
}

/** 1 - cos where the target is 1, max(0, cos - margin) where it is -1: inputs [N, D], target [N]. */
export const cosineEmbeddingLoss = guarded(
  signatures.cosineEmbeddingLoss,
  (input1: Tensor, input2: Tensor, target: Tensor, { margin = 0, reduction = 'mean' }: MarginOptions = {}): Tensor => {
    input1 = autocastTo('float32', input1);
    input2 = autocastTo('float32', input2);
    if (target.ndim > 1 || input1.ndim !== target.ndim + 1 || input2.ndim !== target.ndim + 1) {
      throw new ShapeError(
        `expected inputs [N, D] and a target [N] (or [D] and []), got ${show(input1.shape)}, ${show(input2.shape)}, ${show(target.shape)}`,
      ).during('cosineEmbeddingLoss');
    }
    const dot = input1.mul(input2).sum(-1);
    const tiny = 1e-12;
    const squares = input1.square().sum(-1).add(tiny).mul(input2.square().sum(-1).add(tiny));
    const cosine = dot.div(squares.sqrt());
    const same = where(target.eq(1), cosine.neg().add(1), 0);
    const different = where(target.eq(-1), cosine.sub(margin).clamp({ min: 0 }), 0);
    return reduced('cosineEmbeddingLoss', same.add(different), reduction);
  },
);

/** x where the target is 1, max(0, margin - x) where it is -1. */
export const hingeEmbeddingLoss = guarded(
  signatures.hingeEmbeddingLoss,
  (input: Tensor, target: Tensor, { margin = 1, reduction = 'mean' }: MarginOptions = {}): Tensor => {
    input = autocastTo('float32', input);
    const near = where(target.ne(-1), input, 0);
    const far = where(target.ne(1), input.neg().add(margin).clamp({ min: 0 }), 0);
    return reduced('hingeEmbeddingLoss', far.add(near), reduction);
  },
);

/** max(0, -target * (x1 - x2) + margin) */
export const marginRankingLoss = guarded(
  signatures.marginRankingLoss,
  (input1: Tensor, input2: Tensor, target: Tensor, { margin = 0, reduction = 'mean' }: MarginOptions = {}): Tensor => {
    input1 = autocastTo('float32', input1);
    input2 = autocastTo('float32', input2);
    const losses = target.neg().mul(input1.sub(input2)).add(margin).clamp({ min: 0 });
    return reduced('marginRankingLoss', losses, reduction);
  },
);

/** Options of `tripletMarginLoss`. */
export interface TripletMarginOptions extends MarginOptions {
  /** The order of the norm. */
  p?: number;
  /** What is added to every difference. */
  eps?: number;
  /** Also count the distance of the positive from the negative. */
  swap?: boolean;
}

/** max(0, d(anchor, positive) - d(anchor, negative) + margin). */
export const tripletMarginLoss = guarded(
  signatures.tripletMarginLoss,
  (
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    { margin = 1, p = 2, eps = 1e-6, swap = false, reduction = 'mean' }: TripletMarginOptions = {},
  ): Tensor => {
    anchor = autocastTo('float32', anchor);
    positive = autocastTo('float32', positive);
    negative = autocastTo('float32', negative);
    const distance = (a: Tensor, b: Tensor): Tensor => pairwiseDistance(a, b, { p, eps });
    return triplet('tripletMarginLoss', distance, anchor, positive, negative, margin, swap, reduction);
  },
);

/** Options of `tripletMarginWithDistanceLoss`. */
export interface TripletMarginWithDistanceOptions extends MarginOptions {
  /** How far two are apart; the Euclidean distance unless given. */
  distanceFunction?: ((a: Tensor, b: Tensor) => Tensor) | undefined;
  swap?: boolean;
}

/** As `tripletMarginLoss`, with a distance of one's own. */
export const tripletMarginWithDistanceLoss = guarded(
  signatures.tripletMarginWithDistanceLoss,
  (
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    { distanceFunction, margin = 1, swap = false, reduction = 'mean' }: TripletMarginWithDistanceOptions = {},
  ): Tensor => {
    const distance = distanceFunction ?? ((a: Tensor, b: Tensor): Tensor => pairwiseDistance(a, b));
    return triplet('tripletMarginWithDistanceLoss', distance, anchor, positive, negative, margin, swap, reduction);
  },
);

function triplet(
  name: string,
  distance: (a: Tensor, b: Tensor) => Tensor,
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  margin: number,
  swap: boolean,
  reduction: string,
): Tensor {
  const near = distance(anchor, positive);
  let far = distance(anchor, negative);
  if (swap) far = minimum(far, distance(positive, negative));
  return reduced(name, near.sub(far).add(margin).clamp({ min: 0 }), reduction);
}

/** log(1 + exp(-target * x)) for targets 1 and -1. */
export const softMarginLoss = guarded(
  signatures.softMarginLoss,
  (input: Tensor, target: Tensor, { reduction = 'mean' }: ReductionOptions = {}): Tensor => {
    input = autocastTo('float32', input);
    return reduced('softMarginLoss', target.neg().mul(input).exp().log1p(), reduction);
  },
);

/** Options of `multiMarginLoss`. */
export interface MultiMarginOptions extends MarginOptions {
  /** 1 or 2: the power of each hinge. */
  p?: number;
  /** A factor per class: [C]. */
  weight?: Tensor | undefined;
}

/** The mean over classes of max(0, margin - x[target] + x[class])^p: input [N, C], class numbers [N]. */
export const multiMarginLoss = guarded(
  signatures.multiMarginLoss,
  (
    input: Tensor,
    target: Tensor,
    { p = 1, margin = 1, weight, reduction = 'mean' }: MultiMarginOptions = {},
  ): Tensor => {
    input = autocastTo('float32', input);
    if (p !== 1 && p !== 2) throw new ValueError(`multiMarginLoss: expected p to be 1 or 2, got ${p}`);
    if (input.ndim === 1) {
      const one = multiMarginLoss(input.unsqueeze(0), target.reshape([1]), { p, margin, weight, reduction });
      return one.reshape([]);
    }
    const classes = input.shape[1]!;
    const numbers = classTargets(target);
    refuseOutOfRange(numbers, classes);
    const column = numbers.unsqueeze(1);
    const hinge = input.sub(input.gather(1, column)).add(margin).clamp({ min: 0 });
    const powered = p === 1 ? hinge : hinge.square();
    const weighted = weight ? powered.mul(weight.indexSelect(0, numbers).unsqueeze(1)) : powered;
    // The target's own hinge, always the margin, does not count.
    const losses = weighted.scatter(1, column, 0).sum(1).div(classes);
    return reduced('multiMarginLoss', losses, reduction);
  },
);

/** Options of `multilabelSoftMarginLoss`. */
export interface MultilabelSoftMarginOptions extends ReductionOptions {
  /** A factor per class: [C]. */
  weight?: Tensor | undefined;
}

/** The mean over classes of the binary cross entropy of logits [N, C] with targets 0 and 1. */
export const multilabelSoftMarginLoss = guarded(
  signatures.multilabelSoftMarginLoss,
  (input: Tensor, target: Tensor, { weight, reduction = 'mean' }: MultilabelSoftMarginOptions = {}): Tensor => {
    input = autocastTo('float32', input);
    const wanted = target.to(input.dtype);
    const losses = wanted.mul(input.logSigmoid()).add(wanted.neg().add(1).mul(input.neg().logSigmoid())).neg();
    return reduced('multilabelSoftMarginLoss', (weight ? losses.mul(weight) : losses).mean(-1), reduction);
  },
);

/**
 * The mean over classes of max(0, 1 - (x[target] - x[other])) for every target and every class that is none: input [N, C], target
 * [N, C] holding class numbers up to the first -1.
 */
export const multilabelMarginLoss = guarded(
  signatures.multilabelMarginLoss,
  (input: Tensor, target: Tensor, { reduction = 'mean' }: ReductionOptions = {}): Tensor => {
    input = autocastTo('float32', input);
    if (!sameShape(input.shape, target.shape) || input.ndim < 1 || input.ndim > 2) {
      throw new ShapeError(
        `expected input and target [N, C] or [C], got ${show(input.shape)} and ${show(target.shape)}`,
      ).during('multilabelMarginLoss');
    }
    if (input.ndim === 1) {
      return multilabelMarginLoss(input.unsqueeze(0), target.unsqueeze(0), { reduction }).reshape([]);
    }
    const classes = input.shape[1]!;
    const numbers = classTargets(target);
    // Only what stands before the first -1 counts.
    const counts = numbers.lt(0).to('int64').cumsum(1).eq(0);
    refuseOutOfRange(where(counts, numbers, 0), classes);
    const places = where(counts, numbers, classes);
    const isTarget = input
      .detach()
      .newZeros([input.shape[0]!, classes + 1])
      .scatter(1, places, 1)
      .narrow(1, 0, classes);
    const wanted = input.gather(1, where(counts, numbers, 0)).unsqueeze(2);
    const hinge = input.unsqueeze(1).sub(wanted).add(1).clamp({ min: 0 });
    const pairs = counts.unsqueeze(2).logicalAnd(isTarget.eq(0).unsqueeze(1));
    return reduced('multilabelMarginLoss', where(pairs, hinge, 0).sum([1, 2]).div(classes), reduction);
  },
);
