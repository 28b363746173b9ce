// The gradient that an optimiser goes down, from the one that `backward` left.

import type { Tensor } from '../tensor/tensor.js';

export interface DescentOptions {
  /** Climb instead of descend. */
  readonly maximize: boolean;
  /** The L2 penalty's factor. */
  readonly weightDecay: number;
}

/** The gradient of what is minimised: with its sign changed for `maximize`, and with the L2 penalty's. `grad` isn't changed. */
export function descentGradient(param: Tensor, grad: Tensor, { maximize, weightDecay }: DescentOptions): Tensor {
  const signed = maximize ? grad.neg() : grad;
  return weightDecay === 0 ? signed : signed.add(param, { alpha: weightDecay });
}

/**
 * The same for optimisers that can decay weights directly: with `decoupled`, `param` shrinks by `lr * weightDecay` at once
 * and the decay doesn't enter the gradient.
 */
export function decayedGradient(
  param: Tensor,
  grad: Tensor,
  options: DescentOptions & { readonly lr: number; readonly decoupledWeightDecay: boolean },
): Tensor {
  const { maximize, weightDecay, lr, decoupledWeightDecay } = options;
  if (!decoupledWeightDecay) return descentGradient(param, grad, options);
  if (weightDecay !== 0) param.mul_(1 - lr * weightDecay);
  return descentGradient(param, grad, { maximize, weightDecay: 0 });
}
