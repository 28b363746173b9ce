// The cross entropy of logits with class indices, in one pass over the logits: log-softmax, picking and weighting together.
// Shapes, reductions and probabilities as targets are the business of nn.functional.

import { isGradEnabled } from '../autograd/mode.js';
import { backend } from '../backend/active.js';
import { IndexError } from '../errors.js';
import { ones, zerosLike } from '../tensor/create.js';
import { allocate, type Tensor } from '../tensor/tensor.js';
import { operation, type Op } from './operation.js';
import { where } from './pointwise.js';

export interface CrossEntropyRows {
  /** The loss of each row: [N]. */
  readonly losses: Tensor;
  /** log(sum(exp(logits))) of each row: [N], no part of the graph. */
  readonly logSumExp: Tensor;
}

/**
 * logits [N, C], targets int64 [N], weight [C] or undefined.
 * @throws IndexError naming a target out of range and its place
 */
export const crossEntropyRows: Op<
  [logits: Tensor, targets: Tensor, weight: Tensor | undefined, ignoreIndex: number, labelSmoothing: number]
> = (logits, targets, weight, ignoreIndex, labelSmoothing) =>
  rows(logits, targets, weight, ignoreIndex, labelSmoothing, {});

/** Where the forward leaves the log-sum-exp for the backward. */
interface Scratch {
  logSumExp?: Tensor;
}

const rows = operation({
  name: 'crossEntropy',
  forward(
    logits: Tensor,
    targets: Tensor,
    weight: Tensor | undefined,
    ignoreIndex: number,
    labelSmoothing: number,
    scratch: Scratch,
  ): Tensor {
    const count = [logits.shape[0]!];
    const losses = allocate(count, logits.dtype);
    const logSumExp = allocate(count, logits.dtype);
    const bad = backend.crossEntropy(losses, logSumExp, logits, targets, weight, ignoreIndex, labelSmoothing);
    if (bad >= 0) {
      throw new IndexError(
        `target ${targets.data()[bad]} at position ${bad} is out of range for ${logits.shape[1]} classes`,
      );
    }
    scratch.logSumExp = logSumExp;
    return losses;
  },
  save: (_losses, logits, targets, weight, ignoreIndex, labelSmoothing, scratch) => ({
    logits,
    targets,
    weight,
    ignoreIndex,
    labelSmoothing,
    logSumExp: scratch.logSumExp!,
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
