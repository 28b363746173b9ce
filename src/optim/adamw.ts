// Adam with decoupled weight decay.

import { Adam, type AdamOptions } from './adam.js';
import type { Params } from './param-group.js';

/**
 * Adam whose weight decay shrinks the parameters directly, by `lr * weightDecay`, rather than passing through the moments.
 * Loshchilov & Hutter, "Decoupled Weight Decay Regularization" (2017), https://arxiv.org/abs/1711.05101.
 * https://pytorch.org/docs/stable/generated/torch.optim.AdamW.html
 */
export class AdamW extends Adam {
  protected override readonly kind = 'adamw';

  constructor(params: Params<AdamOptions>, options: AdamOptions = {}) {
    super(params, { weightDecay: 1e-2, ...options });
  }
}
