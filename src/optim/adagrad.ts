// Adagrad.

import { fullLike } from '../tensor/create.js';
import type { Tensor } from '../tensor/tensor.js';
import { descentGradient } from './descent-gradient.js';
import { checkNotNegative } from './option-checks.js';
import type { ParamGroup, Params } from './param-group.js';
import { PerParameterOptimizer } from './per-parameter-optimizer.js';

/** Options of `Adagrad`. */
export interface AdagradOptions {
  /** The learning rate; 1e-2 unless given. */
  lr?: number;
  /** How the learning rate falls: it is divided by `1 + steps * lrDecay`; 0 unless given. */
  lrDecay?: number;
  /** The L2 penalty's factor; 0 unless given. */
  weightDecay?: number;
  /** What the sums of squares begin with; 0 unless given. */
  initialAccumulatorValue?: number;
  /** Added to the divisor; 1e-10 unless given. */
  eps?: number;
  /** Climb instead of descend; false unless given. */
  maximize?: boolean;
}

interface AdagradState {
  step: number;
  readonly sum: Tensor;
}

/**
 * Adagrad: divides each step by the root of the sum of all squared gradients so far.
 * Duchi, Hazan & Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization" (2011).
 * https://pytorch.org/docs/stable/generated/torch.optim.Adagrad.html
 */
export class Adagrad extends PerParameterOptimizer<AdagradOptions, AdagradState> {
  constructor(params: Params<AdagradOptions>, options: AdagradOptions = {}) {
    super(params, options, {
      lr: 1e-2,
      lrDecay: 0,
      weightDecay: 0,
      initialAccumulatorValue: 0,
      eps: 1e-10,
      maximize: false,
    });
  }

  protected checkOptions(options: ParamGroup<AdagradOptions>): void {
    checkNotNegative(options, 'lr', 'lrDecay', 'weightDecay', 'initialAccumulatorValue', 'eps');
  }

  protected createState(param: Tensor, group: ParamGroup<AdagradOptions>): AdagradState {
    return { step: 0, sum: fullLike(param, group.initialAccumulatorValue) };
  }

  protected update(param: Tensor, grad: Tensor, state: AdagradState, group: ParamGroup<AdagradOptions>): void {
    const gradient = descentGradient(param, grad, group);
    const lr = group.lr / (1 + state.step * group.lrDecay);
    state.step++;
    state.sum.addcmul_(gradient, gradient);
    param.addcdiv_(gradient, state.sum.sqrt().add_(group.eps), { value: -lr });
  }
}
