// Stochastic gradient descent with momentum.
// The kernel takes [lr, momentum, dampening, weightDecay, nesterov, maximize, firstStep] (the last three 0 or 1), and the
// momentum buffers, if there is momentum.

import { ValueError } from '../errors.js';
import type { Tensor } from '../tensor/tensor.js';
import { FusedOptimizer } from './fused-optimizer.js';
import { checkNotNegative } from './option-checks.js';
import type { ParamGroup, ParamGroupInput, Params } from './param-group.js';

/** Options of `SGD`. */
export interface SGDOptions {
  /** The learning rate; has no default. */
  lr?: number;
  /** How much of the last update goes into the next; 0 unless given. */
  momentum?: number;
  /** How much less of a gradient goes into the momentum; 0 unless given. */
  dampening?: number;
  /** The L2 penalty's factor; 0 unless given. */
  weightDecay?: number;
  /** Look ahead along the momentum (needs momentum and no dampening); false unless given. */
  nesterov?: boolean;
  /** Climb instead of descend; false unless given. */
  maximize?: boolean;
}

const withMomentum = ['momentumBuffer'] as const;
const withoutMomentum = [] as const;

/**
 * Stochastic gradient descent: `v = momentum * v + (1 - dampening) * gradient`, `parameter -= lr * v`.
 * Nesterov's momentum is that of Sutskever et al., "On the importance of initialization and momentum in deep learning"
 * (2013). https://pytorch.org/docs/stable/generated/torch.optim.SGD.html
 *
 * ```ts
 * const optimizer = new optim.SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
 * optimizer.zeroGrad();
 * loss.backward();
 * optimizer.step();
 * ```
 */
export class SGD extends FusedOptimizer<SGDOptions, 'momentumBuffer'> {
  protected readonly kind = 'sgd';
  protected readonly countsSteps = false;

  constructor(params: Iterable<Tensor>, options: SGDOptions & { lr: number });
  constructor(groups: Iterable<ParamGroupInput<SGDOptions>>, options?: SGDOptions);
  constructor(params: Params<SGDOptions>, options: SGDOptions = {}) {
    super(params, options, {
      lr: undefined,
      momentum: 0,
      dampening: 0,
      weightDecay: 0,
      nesterov: false,
      maximize: false,
    });
  }

  protected checkOptions(options: ParamGroup<SGDOptions>): void {
    checkNotNegative(options, 'lr', 'momentum', 'weightDecay');
    if (options.nesterov && !(options.momentum > 0 && options.dampening === 0)) {
      throw new ValueError(
        `nesterov needs a momentum > 0 and no dampening, got momentum ${options.momentum}, dampening ${options.dampening}`,
      );
    }
  }

  protected bufferNames({ momentum }: ParamGroup<SGDOptions>): readonly 'momentumBuffer'[] {
    return momentum === 0 ? withoutMomentum : withMomentum;
  }

  protected scalars(group: ParamGroup<SGDOptions>, steps: number): number[] {
    const { lr, momentum, dampening, weightDecay, nesterov, maximize } = group;
    return [lr, momentum, dampening, weightDecay, Number(nesterov), Number(maximize), Number(steps === 0)];
  }
}
