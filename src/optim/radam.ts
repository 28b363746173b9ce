// RAdam.

import { zerosLike } from '../tensor/create.js';
import type { Tensor } from '../tensor/tensor.js';
import { decayedGradient } from './descent-gradient.js';
import { checkBetas, checkNotNegative } from './option-checks.js';
import type { ParamGroup, Params } from './param-group.js';
import { PerParameterOptimizer } from './per-parameter-optimizer.js';

/** Options of `RAdam`. */
export interface RAdamOptions {
  /** The learning rate; 1e-3 unless given. */
  lr?: number;
  /** Decay rates of the running means of the gradient and of its square; [0.9, 0.999] unless given. */
  betas?: readonly [number, number];
  /** Added to the divisor; 1e-8 unless given. */
  eps?: number;
  /** The L2 penalty's factor, or with `decoupledWeightDecay` the decay per step relative to lr; 0 unless given. */
  weightDecay?: number;
  /** Shrink the parameters directly, as AdamW does; false unless given. */
  decoupledWeightDecay?: boolean;
  /** Climb instead of descend; false unless given. */
  maximize?: boolean;
}

interface RAdamState {
  step: number;
  readonly expAvg: Tensor;
  readonly expAvgSq: Tensor;
}

/**
 * RAdam: Adam that goes by the momentum alone until the second moment's variance can be estimated, and scales by it then.
 * Liu et al., "On the Variance of the Adaptive Learning Rate and Beyond" (2019), https://arxiv.org/abs/1908.03265.
 * https://pytorch.org/docs/stable/generated/torch.optim.RAdam.html
 */
export class RAdam extends PerParameterOptimizer<RAdamOptions, RAdamState> {
  constructor(params: Params<RAdamOptions>, options: RAdamOptions = {}) {
    super(params, options, {
      lr: 1e-3,
      betas: [0.9, 0.999],
      eps: 1e-8,
      weightDecay: 0,
      decoupledWeightDecay: false,
      maximize: false,
    });
  }

  protected checkOptions(options: ParamGroup<RAdamOptions>): void {
    checkNotNegative(options, 'lr', 'eps', 'weightDecay');
    checkBetas(options);
  }

  protected createState(param: Tensor): RAdamState {
    return { step: 0, expAvg: zerosLike(param), expAvgSq: zerosLike(param) };
  }

  protected update(param: Tensor, grad: Tensor, state: RAdamState, group: ParamGroup<RAdamOptions>): void {
    const { lr, eps } = group;
    const [beta1, beta2] = group.betas;
    const { expAvg, expAvgSq } = state;
    const gradient = decayedGradient(param, grad, group);
    const step = ++state.step;
    const correction1 = 1 - beta1 ** step;
    const correction2 = 1 - beta2 ** step;
    expAvg.mul_(beta1).add_(gradient, { alpha: 1 - beta1 });
    expAvgSq.mul_(beta2).addcmul_(gradient, gradient, { value: 1 - beta2 });

    // The length of a simple moving average as uncertain as the exponential one: in the limit, and now.
    const longest = 2 / (1 - beta2) - 1;
    const length = longest - (2 * step * beta2 ** step) / correction2;
    if (length > 5) {
      const rectification = Math.sqrt(
        ((length - 4) * (length - 2) * longest) / ((longest - 4) * (longest - 2) * length),
      );
      const scale = (-lr / correction1) * Math.sqrt(correction2) * rectification;
      param.addcdiv_(expAvg, expAvgSq.sqrt().add_(eps), { value: scale });
    } else {
      param.add_(expAvg, { alpha: -lr / correction1 });
    }
  }
}
