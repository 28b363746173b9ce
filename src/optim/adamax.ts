// Adamax.

import { zerosLike } from '../tensor/create.js';
import type { Tensor } from '../tensor/tensor.js';
import { descentGradient } from './descent-gradient.js';
import { checkBetas, checkNotNegative } from './option-checks.js';
import type { ParamGroup, Params } from './param-group.js';
import { PerParameterOptimizer } from './per-parameter-optimizer.js';

/** Options of `Adamax`. */
export interface AdamaxOptions {
  /** The learning rate; 2e-3 unless given. */
  lr?: number;
  /** Decay rates of the running mean of the gradient and of its largest size; [0.9, 0.999] unless given. */
  betas?: readonly [number, number];
  /** Added to a gradient's size; 1e-8 unless given. */
  eps?: number;
  /** The L2 penalty's factor; 0 unless given. */
  weightDecay?: number;
  /** Climb instead of descend; false unless given. */
  maximize?: boolean;
}

interface AdamaxState {
  step: number;
  readonly expAvg: Tensor;
  /** The exponentially weighted infinity norm. */
  readonly expInf: Tensor;
}

/**
 * Adamax: Adam with the largest size of the gradients, fading, in place of the root of the mean square.
 * Kingma & Ba, "Adam: A Method for Stochastic Optimization" (2014), section 7.1, https://arxiv.org/abs/1412.6980.
 * https://pytorch.org/docs/stable/generated/torch.optim.Adamax.html
 */
export class Adamax extends PerParameterOptimizer<AdamaxOptions, AdamaxState> {
  constructor(params: Params<AdamaxOptions>, options: AdamaxOptions = {}) {
    super(params, options, { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, maximize: false });
  }

  protected checkOptions(options: ParamGroup<AdamaxOptions>): void {
    checkNotNegative(options, 'lr', 'eps', 'weightDecay');
    checkBetas(options);
  }

  protected createState(param: Tensor): AdamaxState {
    return { step: 0, expAvg: zerosLike(param), expInf: zerosLike(param) };
  }

  protected update(param: Tensor, grad: Tensor, state: AdamaxState, group: ParamGroup<AdamaxOptions>): void {
    const { lr, eps } = group;
    const [beta1, beta2] = group.betas;
    const { expAvg, expInf } = state;
    const gradient = descentGradient(param, grad, group);
    state.step++;
    expAvg.mul_(beta1).add_(gradient, { alpha: 1 - beta1 });
    expInf.copy_(expInf.mul(beta2).maximum(gradient.abs().add_(eps)));
    param.addcdiv_(expAvg, expInf, { value: -lr / (1 - beta1 ** state.step) });
  }
}
