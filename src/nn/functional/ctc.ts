// Connectionist temporal classification with PyTorch's arguments. Graves et al., ICML 2006.

import { autocastTo } from '../../autograd/autocast.js';
import { DTypeError, ShapeError, ValueError } from '../../errors.js';
import { ctcLikelihood, NEVER } from '../../ops/ctc.js';
import { where } from '../../ops/pointwise.js';
import { fromTypedArray } from '../../tensor/create.js';
import { show } from '../../tensor/shape.js';
import { Tensor } from '../../tensor/tensor.js';
import { checkReduction, type ReductionOptions } from './reduction.js';
import { guarded } from '../../tensor/guarded.js';
import { signatures } from './signatures.js';

/** Options of `ctcLoss`. */
export interface CtcOptions extends ReductionOptions {
  /** The class that stands for no label. */
  blank?: number;
  /** Count alignments that don't exist as 0 rather than infinite. */
  zeroInfinity?: boolean;
}

/** Lengths as whole numbers: a tensor of integers or an array. */
export type Lengths = Tensor | readonly number[] | number;

function lengthsOf(name: string, lengths: Lengths, count: number, most: number): number[] {
  const list = lengths instanceof Tensor ? Array.from(lengths.data(), Number) : [lengths].flat();
  if (list.length !== count) throw new ShapeError(`expected ${count} ${name}, got ${list.length}`);
  for (const length of list) {
    if (!Number.isInteger(length) || length < 0 || length > most) {
      throw new ValueError(`expected ${name} from 0 to ${most}, got ${length}`);
    }
  }
  return list;
}

/** Targets as rows of label numbers, whether given padded [N, S] or one behind the other [sum of lengths]. */
function labelRows(targets: Tensor, lengths: readonly number[]): number[][] {
  const flat = Array.from(targets.data(), Number);
  if (targets.ndim === 2) {
    const width = targets.shape[1]!;
    return lengths.map((length, n) => flat.slice(n * width, n * width + length));
  }
  let start = 0;
  return lengths.map((length) => flat.slice(start, (start += length)));
}

/**
 * The negative log likelihood of `targets` ([N, S] or one behind the other) under `logProbs` [T, N, C] (or [T, C]), the
 * logarithms of distributions. 'mean' divides each by its target's length first.
 * https://pytorch.org/docs/stable/generated/torch.nn.functional.ctc_loss.html
 */
export const ctcLoss = guarded(
  signatures.ctcLoss,
  (
    logProbs: Tensor,
    targets: Tensor,
    inputLengths: Lengths,
    targetLengths: Lengths,
    { blank = 0, reduction = 'mean', zeroInfinity = false }: CtcOptions = {},
  ): Tensor => {
    logProbs = autocastTo('float32', logProbs);
    try {
      const kind = checkReduction('ctcLoss', reduction);
      if (logProbs.ndim === 2) {
        const rows = targets.ndim === 1 ? targets.unsqueeze(0) : targets;
        const options = { blank, reduction: kind, zeroInfinity };
        return ctcLoss(logProbs.unsqueeze(1), rows, inputLengths, targetLengths, options).reshape([]);
      }
      if (logProbs.ndim !== 3) throw new ShapeError(`expected logProbs [T, N, C], got ${show(logProbs.shape)}`);
      if (targets.isFloatingPoint()) throw new DTypeError(`expected targets of an integer dtype, got ${targets.dtype}`);
      const [frames, count, classes] = logProbs.shape as [number, number, number];
      if (!Number.isInteger(blank) || blank < 0 || blank >= classes) {
        throw new ValueError(`expected blank from 0 to ${classes - 1}, got ${blank}`);
      }
      const most = targets.ndim === 2 ? targets.shape[1]! : targets.numel();
      const framesOf = lengthsOf('inputLengths', inputLengths, count, frames);
      const labelsOf = lengthsOf('targetLengths', targetLengths, count, most);
      if (targets.ndim === 1 && labelsOf.reduce((sum, length) => sum + length, 0) !== targets.numel()) {
        throw new ShapeError(`targetLengths [${labelsOf.join(', ')}] don't add up to the ${targets.numel()} targets`);
      }
      const rows = labelRows(targets, labelsOf);
      let before = 0;
      for (const [n, row] of rows.entries()) {
        const wrong = row.findIndex((label) => !(label >= 0 && label < classes) || label === blank);
        if (wrong >= 0) {
          const place = targets.ndim === 2 ? [n, wrong] : [before + wrong];
          throw new ValueError(
            `expected labels from 0 to ${classes - 1} other than blank ${blank}, got ${row[wrong]} at ${show(place)}`,
          );
        }
        before += row.length;
      }
      const losses = ctcLikelihood(logProbs, rows, framesOf, blank);
      const possible = losses.detach().lt(-NEVER / 2);
      // Without `zeroInfinity` what is impossible is infinitely bad, in the gradient too.
      const counted = zeroInfinity ? where(possible, losses, 0) : losses.mul(where(possible, 1, Infinity));
      if (kind !== 'mean') return kind === 'sum' ? counted.sum() : counted;
      const divisors = Float64Array.from(labelsOf, (length) => Math.max(length, 1));
      return counted.div(fromTypedArray(divisors, [count], { dtype: logProbs.dtype })).mean();
    } catch (error) {
      throw error instanceof ShapeError || error instanceof ValueError || error instanceof DTypeError
        ? error.during('ctcLoss')
        : error;
    }
  },
);
