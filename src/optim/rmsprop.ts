// RMSprop.

import { zerosLike } from '../tensor/create.js';
import type { Tensor } from '../tensor/tensor.js';
import { descentGradient } from './descent-gradient.js';
import { checkNotNegative } from './option-checks.js';
import type { ParamGroup, Params } from './param-group.js';
import { PerParameterOptimizer } from './per-parameter-optimizer.js';

/** Options of `RMSprop`. */
export interface RMSpropOptions {
  /** The learning rate; 1e-2 unless given. */
  lr?: number;
  /** The running means' decay rate; 0.99 unless given. */
  alpha?: number;
  /** Added to the divisor; 1e-8 unless given. */
  eps?: number;
  /** The L2 penalty's factor; 0 unless given. */
  weightDecay?: number;
  /** How much of the last update goes into the next; 0 unless given. */
  momentum?: number;
  /** Divide by the gradient's standard deviation instead of its root mean square; false unless given. */
  centered?: boolean;
  /** Climb instead of descend; false unless given. */
  maximize?: boolean;
}

interface RMSpropState {
  step: number;
  readonly squareAvg: Tensor;
  /** With momentum. */
  momentumBuffer?: Tensor;
  /** The running mean of the gradient, when centered. */
  gradAvg?: Tensor;
}

/**
 * RMSprop: divides each step by the root of the running mean of squared gradients.
 * Hinton, "Neural Networks for Machine Learning", lecture 6 (2012); centered: Graves, "Generating Sequences With Recurrent
 * Neural Networks" (2013), https://arxiv.org/abs/1308.0850.
 * https://pytorch.org/docs/stable/generated/torch.optim.RMSprop.html
 */
export class RMSprop extends PerParameterOptimizer<RMSpropOptions, RMSpropState> {
  constructor(params: Params<RMSpropOptions>, options: RMSpropOptions = {}) {
    super(params, options, {
      lr: 1e-2,
      alpha: 0.99,
      eps: 1e-8,
      weightDecay: 0,
      momentum: 0,
      centered: false,
      maximize: false,
    });
  }

  protected checkOptions(options: ParamGroup<RMSpropOptions>): void {
    checkNotNegative(options, 'lr', 'eps', 'momentum', 'weightDecay', 'alpha');
  }

  protected createState(param: Tensor, { momentum, centered }: ParamGroup<RMSpropOptions>): RMSpropState {
    return {
      step: 0,
      squareAvg: zerosLike(param),
      ...(momentum > 0 && { momentumBuffer: zerosLike(param) }),
      ...(centered && { gradAvg: zerosLike(param) }),
    };
  }

  protected update(param: Tensor, grad: Tensor, state: RMSpropState, group: ParamGroup<RMSpropOptions>): void {
    const { lr, alpha, eps, momentum, centered } = group;
    const { squareAvg } = state;
    const gradient = descentGradient(param, grad, group);
    state.step++;
    squareAvg.mul_(alpha).addcmul_(gradient, gradient, { value: 1 - alpha });
    let divisor: Tensor;
    if (centered) {
      const gradAvg = (state.gradAvg ??= zerosLike(param)).mul_(alpha).add_(gradient, { alpha: 1 - alpha });
      divisor = squareAvg.addcmul(gradAvg, gradAvg, { value: -1 }).sqrt_().add_(eps);
    } else {
      divisor = squareAvg.sqrt().add_(eps);
    }
    if (momentum > 0) {
      const buffer = (state.momentumBuffer ??= zerosLike(param)).mul_(momentum).addcdiv_(gradient, divisor);
      param.add_(buffer, { alpha: -lr });
    } else {
      param.addcdiv_(gradient, divisor, { value: -lr });
    }
  }
}
