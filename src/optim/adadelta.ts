// Adadelta.

import { ValueError } from '../errors.js';
import { zerosLike } from '../tensor/create.js';
import type { Tensor } from '../tensor/tensor.js';
import { descentGradient } from './descent-gradient.js';
import { checkNotNegative } from './option-checks.js';
import type { ParamGroup, Params } from './param-group.js';
import { PerParameterOptimizer } from './per-parameter-optimizer.js';

/** Options of `Adadelta`. */
export interface AdadeltaOptions {
  /** What the updates are multiplied by; 1 unless given. */
  lr?: number;
  /** The running means' decay rate; 0.9 unless given. */
  rho?: number;
  /** Added below both roots; 1e-6 unless given. */
  eps?: number;
  /** The L2 penalty's factor; 0 unless given. */
  weightDecay?: number;
  /** Climb instead of descend; false unless given. */
  maximize?: boolean;
}

interface AdadeltaState {
  step: number;
  /** Running mean of squared gradients. */
  readonly squareAvg: Tensor;
  /** Running mean of squared updates. */
  readonly accDelta: Tensor;
}

/**
 * Adadelta: divides by the root mean square of the gradients and multiplies by that of the updates.
 * Zeiler, "ADADELTA: An Adaptive Learning Rate Method" (2012), https://arxiv.org/abs/1212.5701.
 * https://pytorch.org/docs/stable/generated/torch.optim.Adadelta.html
 */
export class Adadelta extends PerParameterOptimizer<AdadeltaOptions, AdadeltaState> {
  constructor(params: Params<AdadeltaOptions>, options: AdadeltaOptions = {}) {
    super(params, options, { lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0, maximize: false });
  }

  protected checkOptions(options: ParamGroup<AdadeltaOptions>): void {
    checkNotNegative(options, 'lr', 'eps', 'weightDecay');
    if (!(options.rho >= 0 && options.rho <= 1)) {
      throw new ValueError(`invalid rho ${options.rho}: expected a number in [0, 1]`);
    }
  }

  protected createState(param: Tensor): AdadeltaState {
    return { step: 0, squareAvg: zerosLike(param), accDelta: zerosLike(param) };
  }

  protected update(param: Tensor, grad: Tensor, state: AdadeltaState, group: ParamGroup<AdadeltaOptions>): void {
    const { lr, rho, eps } = group;
    const { squareAvg, accDelta } = state;
    const gradient = descentGradient(param, grad, group);
    state.step++;
    squareAvg.mul_(rho).addcmul_(gradient, gradient, { value: 1 - rho });
    const delta = accDelta.add(eps).sqrt_().div_(squareAvg.add(eps).sqrt_()).mul_(gradient);
    accDelta.mul_(rho).addcmul_(delta, delta, { value: 1 - rho });
    param.add_(delta, { alpha: -lr });
  }
}
