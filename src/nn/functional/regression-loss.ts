// Losses of numbers: squared, absolute and in between; binary cross entropies; likelihoods.

import { autocastTo } from '../../autograd/autocast.js';
import { DTypeError, ShapeError, ValueError } from '../../errors.js';
import { abs, where } from '../../ops/pointwise.js';
import { sameShape, show } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { reduced, warnOfBroadcast, type ReductionOptions } from './reduction.js';
import { guarded } from '../../tensor/guarded.js';
import { signatures } from './signatures.js';

/** (input - target)². https://pytorch.org/docs/stable/generated/torch.nn.functional.mse_loss.html */
export const mseLoss = guarded(
  signatures.mseLoss,
  (input: Tensor, target: Tensor, { reduction = 'mean' }: ReductionOptions = {}): Tensor => {
    input = autocastTo('float32', input);
    target = autocastTo('float32', target);
    warnOfBroadcast('mseLoss', input, target);
    return reduced('mseLoss', input.sub(target).square(), reduction);
  },
);

/** |input - target| */
export const l1Loss = guarded(
  signatures.l1Loss,
  (input: Tensor, target: Tensor, { reduction = 'mean' }: ReductionOptions = {}): Tensor => {
    input = autocastTo('float32', input);
    target = autocastTo('float32', target);
    warnOfBroadcast('l1Loss', input, target);
    return reduced('l1Loss', abs(input.sub(target)), reduction);
  },
);

/** Options of `smoothL1Loss`. */
export interface SmoothL1Options extends ReductionOptions {
  /** Where the square ends and the line begins. */
  beta?: number;
}

/** 0.5 d² / beta for d = |input - target| below beta, d - 0.5 beta from there on. https://arxiv.org/abs/1504.08083 */
export const smoothL1Loss = guarded(
  signatures.smoothL1Loss,
  (input: Tensor, target: Tensor, { reduction = 'mean', beta = 1 }: SmoothL1Options = {}): Tensor => {
    input = autocastTo('float32', input);
    target = autocastTo('float32', target);
    if (!(beta >= 0)) throw new ValueError(`smoothL1Loss: expected beta >= 0, got ${beta}`);
    if (beta === 0) return l1Loss(input, target, { reduction });
    warnOfBroadcast('smoothL1Loss', input, target);
    const distance = input.sub(target).abs();
    const losses = where(distance.lt(beta), distance.square().mul(0.5 / beta), distance.sub(0.5 * beta));
    return reduced('smoothL1Loss', losses, reduction);
  },
);

/** Options of `huberLoss`. */
export interface HuberOptions extends ReductionOptions {
  /** Where the square ends and the line begins. */
  delta?: number;
}

/** 0.5 d² for d = |input - target| up to delta, delta (d - 0.5 delta) beyond. */
export const huberLoss = guarded(
  signatures.huberLoss,
  (input: Tensor, target: Tensor, { reduction = 'mean', delta = 1 }: HuberOptions = {}): Tensor => {
    input = autocastTo('float32', input);
    target = autocastTo('float32', target);
    if (!(delta > 0)) throw new ValueError(`huberLoss: expected delta > 0, got ${delta}`);
    warnOfBroadcast('huberLoss', input, target);
    const distance = input.sub(target).abs();
    const losses = where(distance.le(delta), distance.square().mul(0.5), distance.sub(0.5 * delta).mul(delta));
    return reduced('huberLoss', losses, reduction);
  },
);

function requireSameShape(loss: string, input: Tensor, target: Tensor): void {
  if (!sameShape(input.shape, target.shape)) {
    throw new ShapeError(
      `expected a target of the input's shape ${show(input.shape)}, got ${show(target.shape)}`,
    ).during(loss);
  }
}

/** Options of `binaryCrossEntropy`. */
export interface BinaryCrossEntropyOptions extends ReductionOptions {
  /** A factor per element, broadcast. */
  weight?: Tensor | undefined;
}

/** Cross entropy of probabilities with targets from 0 to 1; logarithms are kept above -100, as in PyTorch. */
export const binaryCrossEntropy = guarded(
  signatures.binaryCrossEntropy,
  (input: Tensor, target: Tensor, { weight, reduction = 'mean' }: BinaryCrossEntropyOptions = {}): Tensor => {
    input = autocastTo('float32', input);
    target = autocastTo('float32', target);
    requireSameShape('binaryCrossEntropy', input, target);
    if (!input.isFloatingPoint()) {
      throw new DTypeError(`expected probabilities of a float dtype, got ${input.dtype}`).during('binaryCrossEntropy');
    }
    const seen = input.detach();
    if (input.numel() > 0 && !(seen.amin().item() >= 0 && seen.amax().item() <= 1)) {
      throw new ValueError(
        'expected probabilities from 0 to 1: apply sigmoid first, or use binaryCrossEntropyWithLogits',
      ).during('binaryCrossEntropy');
    }
    const wanted = target.to(input.dtype);
    const losses = wanted
      .mul(flooredLog(input))
      .add(oneMinus(wanted).mul(flooredLog(oneMinus(input))))
      .neg();
    return reduced('binaryCrossEntropy', weight ? losses.mul(weight) : losses, reduction);
  },
);

function oneMinus(x: Tensor): Tensor {
  return x.neg().add(1);
}

/** The logarithm kept above -100. Its gradient is 1 / max(x, 1e-12) there too. */
function flooredLog(x: Tensor): Tensor {
  const floor = 1e-12;
  // Where the logarithm is cut off, a line of slope 1 / floor stands in for it.
  const low = x.lt(floor);
  const line = x.sub(x.detach()).div(floor);
  const value = x.detach().log().clamp({ min: -100 });
  return where(low, line.add(value), where(low, 1, x).log());
}

/** Options of `binaryCrossEntropyWithLogits`. */
export interface BinaryCrossEntropyWithLogitsOptions extends BinaryCrossEntropyOptions {
  /** A factor for the positive targets, broadcast. */
  posWeight?: Tensor | undefined;
}

/** Cross entropy of sigmoid(input) with targets from 0 to 1, computed without overflow from the logits. */
export const binaryCrossEntropyWithLogits = guarded(
  signatures.binaryCrossEntropyWithLogits,
  (
    input: Tensor,
    target: Tensor,
    { weight, posWeight, reduction = 'mean' }: BinaryCrossEntropyWithLogitsOptions = {},
  ): Tensor => {
    input = autocastTo('float32', input);
    target = autocastTo('float32', target);
    requireSameShape('binaryCrossEntropyWithLogits', input, target);
    const wanted = target.to(input.dtype);
    const missed = oneMinus(wanted).mul(input);
    const remaining = input.logSigmoid().neg();
    const factor = posWeight ? posWeight.sub(1).mul(wanted).add(1) : undefined;
    const losses = missed.add(factor ? remaining.mul(factor) : remaining);
    return reduced('binaryCrossEntropyWithLogits', weight ? losses.mul(weight) : losses, reduction);
  },
);

/** Options of `poissonNllLoss`. */
export interface PoissonNllOptions extends ReductionOptions {
  /** Whether the input is the logarithm of the rate. */
  logInput?: boolean;
  /** Add Stirling's approximation of log(target!). */
  full?: boolean;
  /** What keeps log(input) finite without logInput. */
  eps?: number;
}

/** The negative log likelihood of counts under a Poisson distribution. */
export const poissonNllLoss = guarded(
  signatures.poissonNllLoss,
  (
    input: Tensor,
    target: Tensor,
    { logInput = true, full = false, eps = 1e-8, reduction = 'mean' }: PoissonNllOptions = {},
  ): Tensor => {
    let losses = logInput ? input.exp().sub(target.mul(input)) : input.sub(target.mul(input.add(eps).log()));
    if (full) {
      const counted = where(target.gt(1), target, 1);
      const stirling = counted
        .mul(counted.log())
        .sub(counted)
        .add(
          counted
            .mul(2 * Math.PI)
            .log()
            .mul(0.5),
        );
      losses = losses.add(where(target.gt(1), stirling, 0));
    }
    return reduced('poissonNllLoss', losses, reduction);
  },
);

/** Options of `gaussianNllLoss`. */
export interface GaussianNllOptions extends ReductionOptions {
  /** Add the constant log(2π) / 2. */
  full?: boolean;
  /** The least variance. */
  eps?: number;
}

/** The negative log likelihood of targets under normal distributions of the given means and variances. */
export const gaussianNllLoss = guarded(
  signatures.gaussianNllLoss,
  (
    input: Tensor,
    target: Tensor,
    variance: Tensor,
    { full = false, eps = 1e-6, reduction = 'mean' }: GaussianNllOptions = {},
  ): Tensor => {
    const perSample = input.ndim > variance.ndim || variance.shape.at(-1) === 1;
    if (!sameShape(variance.shape, input.shape) && !perSample) {
      throw new ShapeError(`expected a variance of shape ${show(input.shape)}, got ${show(variance.shape)}`).during(
        'gaussianNllLoss',
      );
    }
    const shaped = variance.ndim === input.ndim - 1 ? variance.unsqueeze(-1) : variance;
    if (shaped.detach().lt(0).any().item() !== 0) throw new ValueError('gaussianNllLoss: expected variances >= 0');
    // The least variance acts on the value; the gradient passes as if it weren't there.
    const kept = shaped.add(shaped.detach().clamp({ min: eps }).sub(shaped.detach()));
    let losses = kept.log().add(input.sub(target).square().div(kept)).mul(0.5);
    if (full) losses = losses.add(0.5 * Math.log(2 * Math.PI));
    return reduced('gaussianNllLoss', losses, reduction);
  },
);
