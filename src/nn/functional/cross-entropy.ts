// Losses of class scores: cross entropy of logits, negative log likelihood of log-probabilities.

import { autocastTo } from '../../autograd/autocast.js';
import { DTypeError, FlambeauError, IndexError, ShapeError, ValueError } from '../../errors.js';
import { crossEntropyRows, type CrossEntropyRows } from '../../ops/cross-entropy.js';
import { where } from '../../ops/pointwise.js';
import { sameShape, show } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { classTargets, refuseOutOfRange } from './class-targets.js';
import { checkReduction, reduced, type Reduction, type ReductionOptions } from './reduction.js';
import { guarded } from '../../tensor/guarded.js';
import { signatures } from './signatures.js';

/** Options of `nllLoss`. */
export interface NllLossOptions extends ReductionOptions {
  /** A factor per class: [C]. */
  weight?: Tensor | undefined;
  /** A target that counts for nothing. */
  ignoreIndex?: number;
}

/** Options of `crossEntropy`. */
export interface CrossEntropyOptions extends NllLossOptions {
  /** Which part of the target is spread evenly over all classes. https://arxiv.org/abs/1512.00567 */
  labelSmoothing?: number;
}

/** How many classes an input [C], [N, C] or [N, C, d1, ...] scores. */
function classCount(input: Tensor): number {
  if (input.ndim === 0) throw new ShapeError('expected an input [C], [N, C] or [N, C, d1, ...], got a 0-d tensor');
  return input.shape[input.ndim === 1 ? 0 : 1]!;
}

/** The shape of class numbers for an input: without the class dim. */
function targetShape(input: Tensor): number[] {
  return input.shape.toSpliced(input.ndim === 1 ? 0 : 1, 1);
}

function checkWeight(input: Tensor, weight: Tensor | undefined): void {
  if (!weight) return;
  const classes = classCount(input);
  if (weight.ndim !== 1 || weight.shape[0] !== classes) {
    throw new ShapeError(`expected a weight per class, [${classes}], got ${show(weight.shape)}`);
  }
  if (weight.dtype !== input.dtype) {
    throw new DTypeError(`expected a weight of the input's dtype ${input.dtype}, got ${weight.dtype}`);
  }
}

/** Scores as rows [R, C], one per class number. */
function rowsOf(input: Tensor): Tensor {
  if (input.ndim === 1) return input.unsqueeze(0);
  if (input.ndim === 2) return input;
  return input.movedim(1, -1).reshape([-1, input.shape[1]!]);
}

function checkTargetShape(input: Tensor, target: Tensor): void {
  const expected = targetShape(input);
  if (!sameShape(target.shape, expected)) {
    throw new ShapeError(
      `expected class numbers of shape ${show(expected)} for input ${show(input.shape)}, got ${show(target.shape)}`,
    );
  }
}

/** The mean over the rows that count, each by the weight of its target. */
function weightedMean(losses: Tensor, targets: Tensor, weight: Tensor, ignoreIndex: number): Tensor {
  const kept = targets.ne(ignoreIndex);
  const weights = where(kept, weight.detach().indexSelect(0, where(kept, targets, 0)), 0);
  return losses.sum().div(weights.sum());
}

function byClassNumber(
  input: Tensor,
  target: Tensor,
  weight: Tensor | undefined,
  ignoreIndex: number,
  labelSmoothing: number,
  reduction: Reduction,
): Tensor {
  checkTargetShape(input, target);
  const numbers = classTargets(target);
  const flat = numbers.reshape([-1]);
  let rows: CrossEntropyRows;
  try {
    rows = crossEntropyRows(rowsOf(input), flat, weight?.detach(), ignoreIndex, labelSmoothing);
  } catch (error) {
    if (error instanceof IndexError) refuseOutOfRange(numbers, classCount(input), ignoreIndex);
    throw error;
  }
  const { losses, counted } = rows;
  if (reduction === 'none') return losses.reshape(target.shape);
  if (reduction === 'sum') return losses.sum();
  return weight ? weightedMean(losses, flat, weight, ignoreIndex) : losses.sum().div(counted);
}

function byProbability(
  input: Tensor,
  target: Tensor,
  weight: Tensor | undefined,
  labelSmoothing: number,
  reduction: Reduction,
): Tensor {
  const dim = input.ndim === 1 ? 0 : 1;
  const classes = classCount(input);
  const smooth = labelSmoothing > 0 ? target.mul(1 - labelSmoothing).add(labelSmoothing / classes) : target;
  const shape = input.shape.map((_, d) => (d === dim ? classes : 1));
  const logProbabilities = input.logSoftmax(dim);
  const weighted = weight ? logProbabilities.mul(weight.reshape(shape)) : logProbabilities;
  const losses = weighted.mul(smooth).sum(dim).neg();
  if (reduction === 'none') return losses;
  return reduction === 'sum' ? losses.sum() : losses.sum().div(input.numel() / classes);
}

/**
 * The cross entropy of logits [N, C] (or [C], [N, C, d1, ...]) with targets that are class numbers [N] (or [], [N, d1, ...])
 * of any dtype holding whole numbers, or class probabilities in the input's shape.
 * With reduction 'mean', class numbers are averaged by the weights of their classes, `ignoreIndex` left out.
 * @throws IndexError naming a class out of range and its place
 * https://pytorch.org/docs/stable/generated/torch.nn.functional.cross_entropy.html
 */
export const crossEntropy = guarded(
  signatures.crossEntropy,
  (
    input: Tensor,
    target: Tensor,
    { weight, ignoreIndex = -100, reduction = 'mean', labelSmoothing = 0 }: CrossEntropyOptions = {},
  ): Tensor => {
    input = autocastTo('float32', input);
    return named('crossEntropy', () => {
      const kind = checkReduction('crossEntropy', reduction);
      if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
        throw new ValueError(`expected labelSmoothing from 0 to 1, got ${labelSmoothing}`);
      }
      if (!input.isFloatingPoint()) throw new DTypeError(`expected logits of a float dtype, got ${input.dtype}`);
      checkWeight(input, weight);
      if (sameShape(input.shape, target.shape)) {
        if (!target.isFloatingPoint()) {
          throw new DTypeError(
            `targets in the input's shape ${show(input.shape)} are class probabilities of a float dtype, got ${target.dtype}`,
          );
        }
        return byProbability(input, target, weight, labelSmoothing, kind);
      }
      return byClassNumber(input, target, weight, ignoreIndex, labelSmoothing, kind);
    });
  },
);

/**
 * The negative of each row's log-probability at its target: input [N, C] (or [C], [N, C, d1, ...]), targets as class numbers.
 * https://pytorch.org/docs/stable/generated/torch.nn.functional.nll_loss.html
 */
export const nllLoss = guarded(
  signatures.nllLoss,
  (input: Tensor, target: Tensor, { weight, ignoreIndex = -100, reduction = 'mean' }: NllLossOptions = {}): Tensor => {
    input = autocastTo('float32', input);
    return named('nllLoss', () => {
      const kind = checkReduction('nllLoss', reduction);
      checkWeight(input, weight);
      checkTargetShape(input, target);
      const numbers = classTargets(target);
      refuseOutOfRange(numbers, classCount(input), ignoreIndex);
      const flat = numbers.reshape([-1]);
      const kept = flat.ne(ignoreIndex);
      const safe = where(kept, flat, 0);
      const picked = rowsOf(input).gather(1, safe.unsqueeze(1)).squeeze(1).neg();
      const losses = where(kept, weight ? picked.mul(weight.detach().indexSelect(0, safe)) : picked, 0);
      if (kind !== 'mean') return kind === 'sum' ? losses.sum() : losses.reshape(target.shape);
      return weight ? weightedMean(losses, flat, weight, ignoreIndex) : losses.sum().div(kept.sum().to(losses.dtype));
    });
  },
);

function named(operation: string, run: () => Tensor): Tensor {
  try {
    return run();
  } catch (error) {
    throw error instanceof FlambeauError ? error.during(operation) : error;
  }
}

/** Options of `klDiv`. */
export interface KlDivOptions {
  reduction?: Reduction | 'batchmean';
  /** Whether the target holds log-probabilities too. */
  logTarget?: boolean;
}

/** target * (log(target) - input), the input log-probabilities; 'batchmean' divides the sum by the batch size. */
export const klDiv = guarded(
  signatures.klDiv,
  (input: Tensor, target: Tensor, { reduction = 'mean', logTarget = false }: KlDivOptions = {}): Tensor => {
    input = autocastTo('float32', input);
    checkReduction('klDiv', reduction, ['none', 'mean', 'sum', 'batchmean']);
    const losses = logTarget ? target.exp().mul(target.sub(input)) : entropyTerm(target).sub(target.mul(input));
    if (reduction === 'batchmean') return losses.sum().div(input.ndim === 0 ? 1 : input.shape[0]!);
    return reduced('klDiv', losses, reduction);
  },
);

/** x log(x), 0 at 0. */
function entropyTerm(x: Tensor): Tensor {
  return where(x.eq(0), 0, x.mul(where(x.eq(0), 1, x).log()));
}
