// Averaged stochastic gradient descent.

import { zerosLike } from '../tensor/create.js';
import type { Tensor } from '../tensor/tensor.js';
import { asDefaultFloat } from './default-float.js';
import { descentGradient } from './descent-gradient.js';
import { checkNotNegative } from './option-checks.js';
import type { ParamGroup, Params } from './param-group.js';
import { PerParameterOptimizer } from './per-parameter-optimizer.js';

/** Options of `ASGD`. */
export interface ASGDOptions {
  /** The learning rate at the start; 1e-2 unless given. */
  lr?: number;
  /** The decay term; 1e-4 unless given. */
  lambd?: number;
  /** The power by which the learning rate falls; 0.75 unless given. */
  alpha?: number;
  /** The step at which averaging starts; 1e6 unless given. */
  t0?: number;
  /** The L2 penalty's factor; 0 unless given. */
  weightDecay?: number;
  /** Climb instead of descend; false unless given. */
  maximize?: boolean;
}

interface ASGDState {
  step: number;
  /** The present learning rate. */
  eta: number;
  /** How much of the parameter goes into the average. */
  mu: number;
  /** The average of the parameter's values. */
  readonly ax: Tensor;
}

/**
 * Averaged SGD: SGD with a falling learning rate that keeps the average of the parameter's values in its state (`ax`).
 * Polyak & Juditsky, "Acceleration of stochastic approximation by averaging" (1992).
 * https://pytorch.org/docs/stable/generated/torch.optim.ASGD.html
 */
export class ASGD extends PerParameterOptimizer<ASGDOptions, ASGDState> {
  constructor(params: Params<ASGDOptions>, options: ASGDOptions = {}) {
    super(params, options, { lr: 1e-2, lambd: 1e-4, alpha: 0.75, t0: 1e6, weightDecay: 0, maximize: false });
  }

  protected checkOptions(options: ParamGroup<ASGDOptions>): void {
    checkNotNegative(options, 'lr', 'weightDecay');
  }

  protected createState(param: Tensor, { lr }: ParamGroup<ASGDOptions>): ASGDState {
    return { step: 0, eta: asDefaultFloat(lr), mu: 1, ax: zerosLike(param) };
  }

  protected update(param: Tensor, grad: Tensor, state: ASGDState, group: ParamGroup<ASGDOptions>): void {
    const { lr, lambd, alpha, t0 } = group;
    const { ax, eta, mu } = state;
    const gradient = descentGradient(param, grad, group);
    state.step++;
    param.mul_(1 - lambd * eta).add_(gradient, { alpha: -eta });
    if (mu === 1) ax.copy_(param);
    else ax.add_(param.sub(ax), { alpha: mu });
    state.eta = asDefaultFloat(lr / (1 + lambd * lr * state.step) ** alpha);
    state.mu = asDefaultFloat(1 / Math.max(1, state.step - t0));
  }
}
