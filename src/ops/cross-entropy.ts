// The cross entropy of logits with class indices, in one pass over the logits: log-softmax, picking and weighting together.
// Shapes, reductions and probabilities as targets are the business of nn.functional.

import { isGradEnabled } from '../autograd/mode.js';
import { backend } from '../backend/active.js';
import { IndexError } from '../errors.js';
import { ones, zerosLike } from '../tensor/create.js';
import { allocate, type Tensor } from '../tensor/tensor.js';
import { operation } from './operation.js';
import { where } from './pointwise.js';

export interface CrossEntropyRows {
  /** The loss of each row: [N]. */
  readonly losses: Tensor;
  /** How many rows have another target than `ignoreIndex`. */
  readonly counted: number;
}

/**
 * logits [N, C], targets int64 [N], weight [C] or undefined.
 * @throws IndexError naming a target out of range and its place
 */
export function crossEntropyRows(
  logits: Tensor,
  targets: Tensor,
  weight: Tensor | undefined,
  ignoreIndex: number,
  labelSmoothing: number,
): CrossEntropyRows {
  const found: Found = {};
  const losses = rows(logits, targets, weight, ignoreIndex, labelSmoothing, found);
  return { losses, counted: found.counted! };
}

/** What the forward leaves: the log-sum-exp of each row for the backward, and how many rows count. */
interface Found {
  logSumExp?: Tensor;
  counted?: number;
}

const rows = operation({
  name: 'crossEntropy',
  forward(
    logits: Tensor,
    targets: Tensor,
    weight: Tensor | undefined,
    ignoreIndex: number,
    labelSmoothing: number,
    found: Found,
  ): Tensor {
    const count = [logits.shape[0]!];
    const losses = allocate(count, logits.dtype);
    const logSumExp = allocate(count, logits.dtype);
    const counted = backend.crossEntropy(losses, logSumExp, logits, targets, weight, ignoreIndex, labelSmoothing);
    if (counted < 0) {
      const bad = -1 - counted;
      throw new IndexError(
        `target ${targets.data()[bad]} at position ${bad} is out of range for ${logits.shape[1]} classes`,
      );
    }
    found.logSumExp = logSumExp;
    found.counted = counted;
    return losses;
  },
  save: (_losses, logits, targets, weight, ignoreIndex, labelSmoothing, found) => ({
    logits,
    targets,
    weight,
    ignoreIndex,
    labelSmoothing,
    logSumExp: found.logSumExp!,
  }),
  gradient(grad, { logits, targets, weight, ignoreIndex, labelSmoothing, logSumExp }) {
    if (!isGradEnabled()) {
      const gradLogits = allocate(logits.shape, logits.dtype);
      backend.crossEntropyBackward(gradLogits, grad, logSumExp, logits, targets, weight, ignoreIndex, labelSmoothing);
      return [gradLogits];
    }
    const classes = logits.shape[1]!;
    const kept = targets.ne(ignoreIndex);
    const classOf = where(kept, targets, 0);
    const oneHot = zerosLike(logits).scatter(1, classOf.unsqueeze(1), 1);
    const weights = weight ?? ones([classes], { dtype: logits.dtype });
    // Each class's share of the loss: w_t (1 - s) for the target and w_c s / C for every class.
    const share = oneHot
      .mul(weights)
      .mul(1 - labelSmoothing)
      .add(weights.mul(labelSmoothing / classes));
    const total = share.sum(1, { keepdim: true });
    const perRow = where(kept, grad, 0).unsqueeze(1);
    return [logits.softmax(1).mul(total).sub(share).mul(perRow)];
  },
});
