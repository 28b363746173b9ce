// Connectionist temporal classification: the likelihood of label sequences, summed over all alignments with the frames. States
// are the labels with blanks before, between and behind them; forward probabilities run over the frames, and for the gradient
// backward ones too, in logarithms. Graves et al., ICML 2006.

import { isGradEnabled } from '../autograd/mode.js';
import { grad as differentiate } from '../autograd/backward.js';
import { backend } from '../backend/active.js';
import { arange, fromTypedArray, full } from '../tensor/create.js';
import { allocate, window, type Tensor } from '../tensor/tensor.js';
import { stack } from './combine.js';
import { operation, type Op } from './operation.js';
import { where } from './pointwise.js';

/** What stands for log(0): finite, so that differences of two of them are no NaN. */
export const NEVER = -1e30;

/** The states of a batch: what they stand for and how they follow each other. */
class States {
  readonly count: number;
  readonly samples: number;
  /** The class each state stands for: int64 [N, S]. */
  readonly labels: Tensor;
  /** Whether a state may follow the one two before it: bool [N, S]. */
  readonly maySkip: Tensor;
  /** The two states in which an alignment may end: int64 [N, 2]. */
  readonly ends: Tensor;
  /** Samples without labels, whose only state is the first: bool [N]. */
  readonly unlabelled: Tensor;
  /** Which frames count: bool [T, N]. */
  readonly active: Tensor;

  constructor(
    labels: readonly (readonly number[])[],
    readonly frames: number,
    readonly framesOf: readonly number[],
    blank: number,
  ) {
    const samples = (this.samples = labels.length);
    const count = (this.count = 2 * Math.max(...labels.map((row) => row.length), 0) + 1);
    const classes = new BigInt64Array(samples * count).fill(BigInt(blank));
    const skips = new Uint8Array(samples * count);
    labels.forEach((row, n) => {
      row.forEach((label, k) => {
        classes[n * count + 2 * k + 1] = BigInt(label);
        // From a label straight to the next, but not to the same again.
        if (k > 0 && label !== row[k - 1]) skips[n * count + 2 * k + 1] = 1;
      });
    });
    this.labels = fromTypedArray(classes, [samples, count]);
    this.maySkip = fromTypedArray(skips, [samples, count]).to('bool');
    const ends = labels.flatMap((row) => [2 * row.length, Math.max(2 * row.length - 1, 0)]);
    this.ends = fromTypedArray(BigInt64Array.from(ends, BigInt), [samples, 2]);
    this.unlabelled = fromTypedArray(
      Uint8Array.from(labels, (row) => (row.length === 0 ? 1 : 0)),
      [samples],
    ).to('bool');
    this.active = arange(frames)
      .unsqueeze(1)
      .lt(fromTypedArray(BigInt64Array.from(framesOf, BigInt), [samples]));
  }

  /** The log-probability of each state's class at each frame: [T, N, S]. */
  emissions(logProbs: Tensor): Tensor {
    return logProbs.gather(2, this.labels.unsqueeze(0).expand([this.frames, this.samples, this.count]));
  }

  /** From the forward log-probabilities after a sample's last frame [N, S] to its loss [N]. */
  losses(reached: Tensor): Tensor {
    const ends = reached.gather(1, this.ends);
    const likelihood = where(this.unlabelled, ends.select(1, 0), ends.logsumexp(1));
    const empty = this.active.any(0).logicalNot();
    return likelihood.neg().maskedFill(empty, -NEVER).maskedFill(empty.logicalAnd(this.unlabelled), 0);
  }
}

/** [N, S] seen with the two entries behind each: [N, S, 3]. The buffer has two columns more. */
function triples(buffer: Tensor, states: number): Tensor {
  const [row, column] = buffer.strides as [number, number];
  return window(buffer, [buffer.shape[0]!, states, 3], [row, column, column], buffer.offset);
}

/** Frame `t` of a buffer [T, N, columns], from column `from` on. */
function frame(buffer: Tensor, t: number, from: number, states: number): Tensor {
  const [step, row] = buffer.strides as [number, number, number];
  return window(buffer, [buffer.shape[1]!, states], [row, 1], buffer.offset + t * step + from);
}

function asColumn(matrix: Tensor): Tensor {
  return window(matrix, [...matrix.shape, 1], [...matrix.strides, 1], matrix.offset);
}

/** What is added to three neighbours so that those that may not lead on count for nothing: [N, S, 3]. */
function neighbours(allowed: Tensor, place: 0 | 2): Tensor {
  const bias = full([...allowed.shape, 3], 0, { dtype: 'float64' });
  bias.select(2, place).maskedFill_(allowed.logicalNot(), NEVER);
  return bias;
}

/** The forward log-probabilities [T, N, 2 + S], the first two columns impossible; after a sample's last frame they stay. */
function forwardPass(emissions: Tensor, states: States): Tensor {
  const { frames, samples, count, framesOf, active } = states;
  const buffer = full([frames, samples, count + 2], NEVER, { dtype: emissions.dtype });
  const scores = allocate([samples, count, 3], emissions.dtype);
  const bias = neighbours(states.maySkip, 0).to(emissions.dtype);
  const shortest = Math.min(...framesOf);
  for (let t = 0; t < frames; t++) {
    const reached = frame(buffer, t, 2, count);
    if (t === 0) {
      backend.copy(frame(buffer, 0, 2, Math.min(count, 2)), emissions.select(0, 0).narrow(1, 0, Math.min(count, 2)));
      continue;
    }
    backend.binary('add', scores, triples(frame(buffer, t - 1, 0, count + 2), count), bias);
    backend.logSumExp(asColumn(reached), scores);
    backend.binary('add', reached, reached, emissions.select(0, t));
    if (t >= shortest) {
      backend.where(reached, active.select(0, t).unsqueeze(1), reached, frame(buffer, t - 1, 2, count));
    }
  }
  return buffer;
}

/** The log-probabilities of what comes after each frame, given its state: [T, N, S]. */
function backwardPass(emissions: Tensor, states: States): Tensor {
  const { frames, samples, count, framesOf, active, maySkip } = states;
  const { dtype } = emissions;
  const buffer = full([frames, samples, count], NEVER, { dtype });
  const atEnd = full([samples, count], NEVER, { dtype }).scatter(1, states.ends, 0);
  const next = full([samples, count + 2], NEVER, { dtype });
  const scores = allocate([samples, count, 3], dtype);
  // A state leads to the one two behind it where that one may be skipped to.
  const leads = full([samples, count], false);
  if (count > 2) leads.narrow(1, 0, count - 2).copy_(maySkip.narrow(1, 2, count - 2));
  const bias = neighbours(leads, 2).to(dtype);
  const shortest = Math.min(...framesOf);
  for (let t = frames - 1; t >= 0; t--) {
    const rest = frame(buffer, t, 0, count);
    if (t === frames - 1) {
      backend.copy(rest, atEnd);
      continue;
    }
    const inner = window(next, [samples, count], next.strides, next.offset);
    backend.binary('add', inner, frame(buffer, t + 1, 0, count), emissions.select(0, t + 1));
    backend.binary('add', scores, triples(next, count), bias);
    backend.logSumExp(asColumn(rest), scores);
    if (t + 1 >= shortest) backend.where(rest, active.select(0, t + 1).unsqueeze(1), rest, atEnd);
  }
  return buffer;
}

/** Where the forward leaves its log-probabilities for the backward. */
interface Scratch {
  reached?: Tensor;
}

const likelihood = operation({
  name: 'ctcLoss',
  forward(logProbs: Tensor, states: States, scratch: Scratch): Tensor {
    const reached = (scratch.reached = forwardPass(states.emissions(logProbs.detach()), states));
    return states.losses(frame(reached, states.frames - 1, 2, states.count));
  },
  save: (losses, logProbs, states, scratch) => ({ losses, logProbs, reached: scratch.reached!, states }),
  gradient(grad, { losses, logProbs, reached, states }) {
    if (isGradEnabled()) {
      const input = logProbs.alias();
      return differentiate(composed(input, states), input, { gradOutputs: grad, createGraph: true });
    }
    const { frames, samples, count, active, labels } = states;
    const rest = backwardPass(states.emissions(logProbs), states);
    const possible = losses.lt(-NEVER / 2);
    // The probability of each state at each frame, given the labels; then that of each class.
    const share = reached
      .narrow(2, 2, count)
      .add(rest)
      .add(where(possible, losses, 0).unsqueeze(1))
      .exp();
    const kept = active.logicalAnd(possible).unsqueeze(2);
    const counts = active.unsqueeze(2);
    const index = labels.unsqueeze(0).expand([frames, samples, count]);
    const expected = logProbs.newZeros(logProbs.shape).scatterAdd(2, index, where(kept, share, 0));
    // Not the bare derivative but that of logarithms of a distribution: the given less the expected one, as in PyTorch. Behind
    // log-softmax the two are the same.
    // An infinite gradient, which an impossible sample's infinite loss hands down, becomes NaN in the sample's frames.
    return [where(counts, where(kept, logProbs.exp().sub(expected), 0).mul(grad.unsqueeze(1)), 0)];
  },
});

/** The same written with operations, so that it can be differentiated again. */
function composed(logProbs: Tensor, states: States): Tensor {
  const { frames, count, active, maySkip } = states;
  const mayMove = arange(count).ge(1);
  const emitted = states.emissions(logProbs).unbind(0);
  let reached = where(arange(count).lt(2), emitted[0]!, NEVER);
  for (let t = 1; t < frames; t++) {
    const moved = where(mayMove, reached.roll(1, 1), NEVER);
    const skipped = where(maySkip, reached.roll(2, 1), NEVER);
    const next = stack([reached, moved, skipped]).logsumexp(0).add(emitted[t]!);
    reached = where(active.select(0, t).unsqueeze(1), next, reached);
  }
  const total = where(active, logProbs.exp().sum(2), 0).sum(0);
  return states.losses(reached).add(total.sub(total.detach()));
}

/**
 * The negative log likelihood of each sample's labels [N] under `logProbs` [T, N, C], of which it has `framesOf` frames; -NEVER
 * where no alignment exists.
 */
export const ctcLikelihood: Op<
  [logProbs: Tensor, labels: readonly (readonly number[])[], framesOf: readonly number[], blank: number]
> = (logProbs, labels, framesOf, blank) =>
  likelihood(logProbs, new States(labels, logProbs.shape[0]!, framesOf, blank), {});
