// Dropout layers: they act in training only.

import type { Generator } from '../tensor/generator.js';
import type { Tensor } from '../tensor/tensor.js';
import { requireRange } from './arguments.js';
import * as F from './functional/dropout.js';
import { Module } from './module.js';
import { asFloat, describe } from './printing.js';
import { takes } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

/** Options of the dropout layers. */
export interface DropoutLayerOptions {
  /** The probability of being set to 0; 0.5 unless given. */
  p?: number;
  /** Write the result over the input. */
  inplace?: boolean;
  /** Where the random numbers come from; the default generator unless given. */
  generator?: Generator | undefined;
}

/** What the dropout layers have in common: `new nn.Dropout(0.2)` or `new nn.Dropout({ p: 0.2 })`. */
export abstract class DropoutNd extends Module {
  readonly p: number;
  readonly inplace: boolean;
  generator: Generator | undefined;

  constructor(p: number | DropoutLayerOptions = {}, options: DropoutLayerOptions = {}) {
    super();
    const { p: probability = 0.5, inplace = false, generator } = typeof p === 'number' ? { ...options, p } : p;
    this.p = requireRange(this.constructor.name, 'p', probability, 0, 1);
    this.inplace = inplace;
    this.generator = generator;
  }

  /** The function's options for this call. */
  protected options(): F.DropoutOptions {
    return { p: this.p, training: this.training, inplace: this.inplace, generator: this.generator };
  }

  override extraRepr(): string {
    return describe({ p: this.p === 0 || this.p === 1 ? this.p : asFloat(this.p), inplace: this.inplace });
  }
}

/**
 * Elements set to 0 by probability p, the others divided by 1 - p. https://jmlr.org/papers/v15/srivastava14a.html
 *
 * ```ts
 * const layer = new nn.Dropout(0.2);
 * layer.eval()(tensor([1, 2])); // the input itself
 * ```
 */
@takes(signatures.Dropout)
export class Dropout extends DropoutNd {
  override forward(input: Tensor): Tensor {
    return F.dropout(input, this.options());
  }
}

/** Whole channels of [N, C, L] or [C, L] set to 0. */
@takes(signatures.Dropout1d)
export class Dropout1d extends DropoutNd {
  override forward(input: Tensor): Tensor {
    return F.dropout1d(input, this.options());
  }
}

/** Whole channels of [N, C, H, W] set to 0. https://arxiv.org/abs/1411.4280 */
@takes(signatures.Dropout2d)
export class Dropout2d extends DropoutNd {
  override forward(input: Tensor): Tensor {
    return F.dropout2d(input, this.options());
  }
}

/** Whole channels of [N, C, D, H, W] or [C, D, H, W] set to 0. */
@takes(signatures.Dropout3d)
export class Dropout3d extends DropoutNd {
  override forward(input: Tensor): Tensor {
    return F.dropout3d(input, this.options());
  }
}

/** Dropout that keeps mean and variance of SELU's results. https://arxiv.org/abs/1706.02515 */
@takes(signatures.AlphaDropout)
export class AlphaDropout extends DropoutNd {
  override forward(input: Tensor): Tensor {
    return F.alphaDropout(input, this.options());
  }
}

/** Alpha dropout of whole channels of [N, C, ...]. */
@takes(signatures.FeatureAlphaDropout)
export class FeatureAlphaDropout extends DropoutNd {
  override forward(input: Tensor): Tensor {
    return F.featureAlphaDropout(input, this.options());
  }
}
