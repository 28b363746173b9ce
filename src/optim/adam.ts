// Adam. The kernels of Adam and AdamW take [lr, beta1, beta2, eps, weightDecay, step, maximize] (step counted from 1,
// maximize 0 or 1), and the first moments, the second moments and, with amsgrad, the largest second moments.

import type { OptimizerStep } from '../backend/backend.js';
import { FusedOptimizer } from './fused-optimizer.js';
import { checkBetas, checkNotNegative } from './option-checks.js';
import type { ParamGroup, Params } from './param-group.js';

/** Options of `Adam`. */
export interface AdamOptions {
  /** The learning rate; 1e-3 unless given. */
  lr?: number;
  /** Decay rates of the running means of the gradient and of its square; [0.9, 0.999] unless given. */
  betas?: readonly [number, number];
  /** Added to the divisor; 1e-8 unless given. */
  eps?: number;
  /** For Adam the L2 penalty's factor, 0 unless given; for AdamW the decay per step relative to lr, 0.01 unless given. */
  weightDecay?: number;
  /** Divide by the largest second moment so far instead of the present one; false unless given. */
  amsgrad?: boolean;
  /** Climb instead of descend; false unless given. */
  maximize?: boolean;
}

type Moment = 'expAvg' | 'expAvgSq' | 'maxExpAvgSq';

const moments: readonly Moment[] = ['expAvg', 'expAvgSq'];
const momentsWithLargest: readonly Moment[] = ['expAvg', 'expAvgSq', 'maxExpAvgSq'];

/**
 * Adam: steps along the mean gradient divided by the root of the mean squared gradient, both with their bias corrected.
 * Kingma & Ba, "Adam: A Method for Stochastic Optimization" (2014), https://arxiv.org/abs/1412.6980; amsgrad: Reddi et al.,
 * "On the Convergence of Adam and Beyond" (2018). https://pytorch.org/docs/stable/generated/torch.optim.Adam.html
 */
export class Adam extends FusedOptimizer<AdamOptions, Moment> {
  protected readonly kind: OptimizerStep['kind'] = 'adam';
  protected readonly countsSteps = true;

  constructor(params: Params<AdamOptions>, options: AdamOptions = {}) {
    super(params, options, {
      lr: 1e-3,
      betas: [0.9, 0.999],
      eps: 1e-8,
      weightDecay: 0,
      amsgrad: false,
      maximize: false,
    });
  }

  protected checkOptions(options: ParamGroup<AdamOptions>): void {
    checkNotNegative(options, 'lr', 'eps', 'weightDecay');
    checkBetas(options);
  }

  protected bufferNames({ amsgrad }: ParamGroup<AdamOptions>): readonly Moment[] {
    return amsgrad ? momentsWithLargest : moments;
  }

  protected scalars(group: ParamGroup<AdamOptions>, steps: number): number[] {
    const { lr, betas, eps, weightDecay, maximize } = group;
    return [lr, betas[0], betas[1], eps, weightDecay, steps + 1, Number(maximize)];
  }
}
