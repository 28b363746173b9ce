// Rprop.

import { ValueError } from '../errors.js';
import { fullLike, zerosLike } from '../tensor/create.js';
import type { Tensor } from '../tensor/tensor.js';
import { checkNotNegative } from './option-checks.js';
import type { ParamGroup, Params } from './param-group.js';
import { PerParameterOptimizer } from './per-parameter-optimizer.js';

/** Options of `Rprop`. */
export interface RpropOptions {
  /** Every element's first step size; 1e-2 unless given. */
  lr?: number;
  /** What a step size is multiplied by when the gradient's sign changed and when it didn't; [0.5, 1.2] unless given. */
  etas?: readonly [number, number];
  /** The smallest and largest step size; [1e-6, 50] unless given. */
  stepSizes?: readonly [number, number];
  /** Climb instead of descend; false unless given. */
  maximize?: boolean;
}

interface RpropState {
  step: number;
  /** The last gradient, 0 where its sign had changed. */
  readonly prev: Tensor;
  readonly stepSize: Tensor;
}

/**
 * Rprop: goes by the gradient's sign alone, with a step size for each element that grows while the sign stays.
 * Riedmiller & Braun, "A direct adaptive method for faster backpropagation learning: the RPROP algorithm" (1993). For whole
 * batches: the signs of mini-batch gradients are mostly noise.
 * https://pytorch.org/docs/stable/generated/torch.optim.Rprop.html
 */
export class Rprop extends PerParameterOptimizer<RpropOptions, RpropState> {
  constructor(params: Params<RpropOptions>, options: RpropOptions = {}) {
    super(params, options, { lr: 1e-2, etas: [0.5, 1.2], stepSizes: [1e-6, 50], maximize: false });
  }

  protected checkOptions(options: ParamGroup<RpropOptions>): void {
    checkNotNegative(options, 'lr');
    const [down, up] = options.etas;
    if (!(down > 0 && down < 1 && up > 1)) {
      throw new ValueError(`invalid etas [${down}, ${up}]: expected one between 0 and 1 and one above 1`);
    }
  }

  protected createState(param: Tensor, { lr }: ParamGroup<RpropOptions>): RpropState {
    return { step: 0, prev: zerosLike(param), stepSize: fullLike(param, lr) };
  }

  protected update(param: Tensor, grad: Tensor, state: RpropState, group: ParamGroup<RpropOptions>): void {
    const [down, up] = group.etas;
    const [smallest, largest] = group.stepSizes;
    const { prev, stepSize } = state;
    const gradient = group.maximize ? grad.neg() : grad;
    state.step++;
    const agreement = gradient.mul(prev).sign();
    const turned = agreement.lt(0);
    const factor = agreement.maskedFill(agreement.eq(0), 1).maskedFill_(agreement.gt(0), up).maskedFill_(turned, down);
    stepSize.mul_(factor).clamp_({ min: smallest, max: largest });
    prev.copy_(gradient.maskedFill(turned, 0));
    param.addcmul_(prev.sign(), stepSize, { value: -1 });
  }
}
