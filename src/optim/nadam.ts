// NAdam.

import { zerosLike } from '../tensor/create.js';
import type { Tensor } from '../tensor/tensor.js';
import { asDefaultFloat } from './default-float.js';
import { decayedGradient } from './descent-gradient.js';
import { checkBetas, checkNotNegative } from './option-checks.js';
import type { ParamGroup, Params } from './param-group.js';
import { PerParameterOptimizer } from './per-parameter-optimizer.js';

/** Options of `NAdam`. */
export interface NAdamOptions {
  /** The learning rate; 2e-3 unless given. */
  lr?: number;
  /** Decay rates of the running means of the gradient and of its square; [0.9, 0.999] unless given. */
  betas?: readonly [number, number];
  /** Added to the divisor; 1e-8 unless given. */
  eps?: number;
  /** The L2 penalty's factor, or with `decoupledWeightDecay` the decay per step relative to lr; 0 unless given. */
  weightDecay?: number;
  /** How fast the momentum grows towards betas[0]; 4e-3 unless given. */
  momentumDecay?: number;
  /** Shrink the parameters directly, as AdamW does; false unless given. */
  decoupledWeightDecay?: boolean;
  /** Climb instead of descend; false unless given. */
  maximize?: boolean;
}

interface NAdamState {
  step: number;
  /** The product of the momenta of all steps so far. */
  muProduct: number;
  readonly expAvg: Tensor;
  readonly expAvgSq: Tensor;
}

/**
 * NAdam: Adam with Nesterov's momentum, which grows over the steps.
 * Dozat, "Incorporating Nesterov Momentum into Adam" (2016), https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ.
 * https://pytorch.org/docs/stable/generated/torch.optim.NAdam.html
 */
export class NAdam extends PerParameterOptimizer<NAdamOptions, NAdamState> {
  constructor(params: Params<NAdamOptions>, options: NAdamOptions = {}) {
    super(params, options, {
      lr: 2e-3,
      betas: [0.9, 0.999],
      eps: 1e-8,
      weightDecay: 0,
      momentumDecay: 4e-3,
      decoupledWeightDecay: false,
      maximize: false,
    });
  }

  protected checkOptions(options: ParamGroup<NAdamOptions>): void {
    checkNotNegative(options, 'lr', 'eps', 'weightDecay', 'momentumDecay');
    checkBetas(options);
  }

  protected createState(param: Tensor): NAdamState {
    return { step: 0, muProduct: 1, expAvg: zerosLike(param), expAvgSq: zerosLike(param) };
  }

  protected update(param: Tensor, grad: Tensor, state: NAdamState, group: ParamGroup<NAdamOptions>): void {
    const { lr, eps, momentumDecay } = group;
    const [beta1, beta2] = group.betas;
    const { expAvg, expAvgSq } = state;
    const gradient = decayedGradient(param, grad, group);
    const step = ++state.step;
    const mu = beta1 * (1 - 0.5 * 0.96 ** (step * momentumDecay));
    const muNext = beta1 * (1 - 0.5 * 0.96 ** ((step + 1) * momentumDecay));
    state.muProduct = asDefaultFloat(state.muProduct * asDefaultFloat(mu));
    // As PyTorch 1.13 has it, with this step's momentum in twice; later versions multiply by muNext alone.
    const muProductNext = asDefaultFloat(asDefaultFloat(state.muProduct * asDefaultFloat(mu)) * asDefaultFloat(muNext));
    expAvg.mul_(beta1).add_(gradient, { alpha: 1 - beta1 });
    expAvgSq.mul_(beta2).addcmul_(gradient, gradient, { value: 1 - beta2 });
    const divisor = expAvgSq
      .div(1 - beta2 ** step)
      .sqrt_()
      .add_(eps);
    param.addcdiv_(gradient, divisor, { value: (-lr * (1 - mu)) / (1 - state.muProduct) });
    param.addcdiv_(expAvg, divisor, { value: (-lr * muNext) / (1 - muProductNext) });
  }
}
