// Activation functions as layers.

import type { DType } from '../backend/dtype.js';
import { ShapeError, ValueError } from '../errors.js';
import { full } from '../tensor/create.js';
import type { Generator } from '../tensor/generator.js';
import { show } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { requireCount } from './arguments.js';
import * as F from './functional/activation.js';
import { Module } from './module.js';
import { Parameter } from './parameter.js';
import { asFloat, describe } from './printing.js';
import { takes } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

/** A layer from one tensor to another. */
interface TensorLayer extends Module {
  forward(input: Tensor): Tensor;
}
/** One that may write over its input. */
interface InPlaceLayer extends TensorLayer {
  readonly inplace: boolean;
}
/** One with a number `alpha`. */
interface AlphaLayer extends InPlaceLayer {
  readonly alpha: number;
}
/** One with a threshold `lambd`. */
interface ShrinkingLayer extends TensorLayer {
  readonly lambd: number;
}
/** One that works along one dim. */
interface LayerAlong extends TensorLayer {
  readonly dim: number;
}

/** A layer without options. */
function plain(fn: (input: Tensor) => Tensor): new () => TensorLayer {
  return class extends Module {
    override forward(input: Tensor): Tensor {
      return fn(input);
    }
  };
}

/** A layer that may write over its input. */
function overwriting(
  fn: (input: Tensor, options: F.InPlaceOptions) => Tensor,
  prints = true,
): new (options?: F.InPlaceOptions) => InPlaceLayer {
  return class extends Module {
    readonly inplace: boolean;

    constructor({ inplace = false }: F.InPlaceOptions = {}) {
      super();
      this.inplace = inplace;
    }

    override forward(input: Tensor): Tensor {
      return fn(input, { inplace: this.inplace });
    }

    override extraRepr(): string {
      return prints ? inPlaceText(this.inplace) : '';
    }
  };
}

function inPlaceText(inplace: boolean): string {
  return inplace ? 'inplace=True' : '';
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(', ');
}

/** 1 / (1 + e⁻ˣ) */
@takes(signatures.Sigmoid)
export class Sigmoid extends plain(F.sigmoid) {}
/** `tanh(x)`, element by element. https://pytorch.org/docs/stable/generated/torch.nn.Tanh.html */
@takes(signatures.Tanh)
export class Tanh extends plain(F.tanh) {}
/** log(sigmoid(x)) */
@takes(signatures.LogSigmoid)
export class LogSigmoid extends plain(F.logsigmoid) {}
/** x / (1 + |x|) */
@takes(signatures.Softsign)
export class Softsign extends plain(F.softsign) {}
/** x - tanh(x) */
@takes(signatures.Tanhshrink)
export class Tanhshrink extends plain(F.tanhshrink) {}

/** max(x, 0) */
@takes(signatures.ReLU)
export class ReLU extends overwriting(F.relu) {}
/** min(max(x, 0), 6) */
@takes(signatures.ReLU6)
export class ReLU6 extends overwriting(F.relu6) {}
/** x * sigmoid(x). https://arxiv.org/abs/1702.03118 */
@takes(signatures.SiLU)
export class SiLU extends overwriting(F.silu) {}
/** x * tanh(softplus(x)). https://arxiv.org/abs/1908.08681 */
@takes(signatures.Mish)
export class Mish extends overwriting(F.mish) {}
/** Self-normalising ELU. https://arxiv.org/abs/1706.02515 */
@takes(signatures.SELU)
export class SELU extends overwriting(F.selu) {}
/** x * relu6(x + 3) / 6. https://arxiv.org/abs/1905.02244 */
@takes(signatures.Hardswish)
export class Hardswish extends overwriting(F.hardswish, false) {}
/** relu6(x + 3) / 6 */
@takes(signatures.Hardsigmoid)
export class Hardsigmoid extends overwriting(F.hardsigmoid, false) {}

/** Options of `LeakyReLU`. */
export interface LeakyReluLayerOptions extends F.InPlaceOptions {
  /** What negative numbers are multiplied by. */
  negativeSlope?: number;
}

/** x where positive, else negativeSlope * x: `new nn.LeakyReLU(0.2)` or with options. */
@takes(signatures.LeakyReLU)
export class LeakyReLU extends Module {
  readonly negativeSlope: number;
  readonly inplace: boolean;

  constructor(negativeSlope: number | LeakyReluLayerOptions = {}, options: F.InPlaceOptions = {}) {
    super();
    const chosen: LeakyReluLayerOptions =
      typeof negativeSlope === 'number' ? { ...options, negativeSlope } : negativeSlope;
    this.negativeSlope = chosen.negativeSlope ?? 0.01;
    this.inplace = chosen.inplace ?? false;
  }

  override forward(input: Tensor): Tensor {
    return F.leakyRelu(input, { negativeSlope: this.negativeSlope, inplace: this.inplace });
  }

  override extraRepr(): string {
    return joined(describe({ negativeSlope: asFloat(this.negativeSlope) }), inPlaceText(this.inplace));
  }
}

/** Options of `ELU`. */
export interface EluLayerOptions extends F.InPlaceOptions {
  alpha?: number;
}

/** A layer with one number alpha. */
function withAlpha(
  fn: (input: Tensor, options: EluLayerOptions) => Tensor,
): new (alpha?: number | EluLayerOptions, options?: F.InPlaceOptions) => AlphaLayer {
  return class extends Module {
    readonly alpha: number;
    readonly inplace: boolean;

    constructor(alpha: number | EluLayerOptions = {}, options: F.InPlaceOptions = {}) {
      super();
      const chosen: EluLayerOptions = typeof alpha === 'number' ? { ...options, alpha } : alpha;
      this.alpha = chosen.alpha ?? 1;
      this.inplace = chosen.inplace ?? false;
    }

    override forward(input: Tensor): Tensor {
      return fn(input, { alpha: this.alpha, inplace: this.inplace });
    }

    override extraRepr(): string {
      return joined(describe({ alpha: asFloat(this.alpha) }), inPlaceText(this.inplace));
    }
  };
}

/** x where positive, else alpha * (eˣ - 1). https://arxiv.org/abs/1511.07289 */
@takes(signatures.ELU)
export class ELU extends withAlpha(F.elu) {}
/** max(0, x) + min(0, alpha * (exp(x / alpha) - 1)). https://arxiv.org/abs/1704.07483 */
@takes(signatures.CELU)
export class CELU extends withAlpha(F.celu) {}

/** x Φ(x), Φ the normal distribution function. https://arxiv.org/abs/1606.08415 */
@takes(signatures.GELU)
export class GELU extends Module {
  readonly approximate: 'none' | 'tanh';

  constructor({ approximate = 'none' }: F.GeluOptions = {}) {
    super();
    this.approximate = approximate;
  }

  override forward(input: Tensor): Tensor {
    return F.gelu(input, { approximate: this.approximate });
  }

  override extraRepr(): string {
    return `approximate='${this.approximate}'`;
  }
}

/** Options of `Softplus`. */
export interface SoftplusLayerOptions {
  beta?: number;
  /** Above this, beta x is returned as it is. */
  threshold?: number;
}

/** log(1 + exp(beta x)) / beta */
@takes(signatures.Softplus)
export class Softplus extends Module {
  readonly beta: number;
  readonly threshold: number;

  constructor({ beta = 1, threshold = 20 }: SoftplusLayerOptions = {}) {
    super();
    this.beta = beta;
    this.threshold = threshold;
  }

  override forward(input: Tensor): Tensor {
    return F.softplus(input, { beta: this.beta, threshold: this.threshold });
  }

  override extraRepr(): string {
    return describe({ beta: this.beta, threshold: this.threshold });
  }
}

/** Options of `Hardtanh`. */
export interface HardtanhLayerOptions extends F.InPlaceOptions {
  minVal?: number;
  maxVal?: number;
}

/** x moved into [minVal, maxVal]. */
@takes(signatures.Hardtanh)
export class Hardtanh extends Module {
  readonly minVal: number;
  readonly maxVal: number;
  readonly inplace: boolean;

  constructor({ minVal = -1, maxVal = 1, inplace = false }: HardtanhLayerOptions = {}) {
    super();
    if (!(minVal < maxVal)) throw new ValueError(`Hardtanh: expected minVal < maxVal, got ${minVal} and ${maxVal}`);
    this.minVal = minVal;
    this.maxVal = maxVal;
    this.inplace = inplace;
  }

  override forward(input: Tensor): Tensor {
    return F.hardtanh(input, { minVal: this.minVal, maxVal: this.maxVal, inplace: this.inplace });
  }

  override extraRepr(): string {
    const bounds = describe({ minVal: asFloat(this.minVal), maxVal: asFloat(this.maxVal) });
    return joined(bounds, inPlaceText(this.inplace));
  }
}

/** A layer with one number lambd. */
function shrinking(
  fn: (input: Tensor, options: F.ShrinkOptions) => Tensor,
): new (options?: F.ShrinkOptions) => ShrinkingLayer {
  return class extends Module {
    readonly lambd: number;

    constructor({ lambd = 0.5 }: F.ShrinkOptions = {}) {
      super();
      this.lambd = lambd;
    }

    override forward(input: Tensor): Tensor {
      return fn(input, { lambd: this.lambd });
    }

    override extraRepr(): string {
      return String(this.lambd);
    }
  };
}

/** x moved towards 0 by lambd, 0 within it. */
@takes(signatures.Softshrink)
export class Softshrink extends shrinking(F.softshrink) {}
/** x where |x| exceeds lambd, else 0. */
@takes(signatures.Hardshrink)
export class Hardshrink extends shrinking(F.hardshrink) {}

/** x where it exceeds the threshold, else value. */
@takes(signatures.Threshold)
export class Threshold extends Module {
  readonly inplace: boolean;

  constructor(
    readonly threshold: number,
    readonly value: number,
    { inplace = false }: F.InPlaceOptions = {},
  ) {
    super();
    this.inplace = inplace;
  }

  override forward(input: Tensor): Tensor {
    return F.threshold(input, this.threshold, this.value, { inplace: this.inplace });
  }

  override extraRepr(): string {
    return joined(describe({ threshold: this.threshold, value: this.value }), inPlaceText(this.inplace));
  }
}

/** The first half of `dim` times the sigmoid of the second. https://arxiv.org/abs/1612.08083 */
@takes(signatures.GLU)
export class GLU extends Module {
  constructor(readonly dim = -1) {
    super();
  }

  override forward(input: Tensor): Tensor {
    return F.glu(input, this.dim);
  }

  override extraRepr(): string {
    return describe({ dim: this.dim });
  }
}

/** A layer that works along one dim. */
function along(fn: (input: Tensor, dim: number) => Tensor): new (dim: number) => LayerAlong {
  return class extends Module {
    constructor(readonly dim: number) {
      super();
      if (!Number.isInteger(dim)) {
        throw new ValueError(`${this.constructor.name}: expected a dim, a whole number, got ${String(dim)}`);
      }
    }

    override forward(input: Tensor): Tensor {
      return fn(input, this.dim);
    }

    override extraRepr(): string {
      return describe({ dim: this.dim });
    }
  };
}

/** exp(x) / sum(exp(x)) along `dim`. */
@takes(signatures.Softmax)
export class Softmax extends along(F.softmax) {}
/** log(softmax(x)) along `dim`. */
@takes(signatures.LogSoftmax)
export class LogSoftmax extends along(F.logSoftmax) {}
/** softmax(-x) along `dim`. */
@takes(signatures.Softmin)
export class Softmin extends along(F.softmin) {}

/** Softmax over the channels of [N, C, H, W] or [C, H, W]. */
@takes(signatures.Softmax2d)
export class Softmax2d extends Module {
  override forward(input: Tensor): Tensor {
    if (input.ndim !== 3 && input.ndim !== 4) {
      throw new ShapeError(`expected an input of 3 or 4 dims, got ${show(input.shape)}`);
    }
    return F.softmax(input, -3);
  }
}

/** Options of `PReLU`. */
export interface PreluOptions {
  /** 1, or the number of channels. */
  numParameters?: number;
  /** What the slopes start as. */
  init?: number;
  dtype?: DType;
}

/** x where positive, else a learned slope times x. https://arxiv.org/abs/1502.01852 */
@takes(signatures.PReLU)
export class PReLU extends Module {
  readonly numParameters: number;
  weight: Parameter;

  constructor({ numParameters = 1, init = 0.25, ...factory }: PreluOptions = {}) {
    super();
    this.numParameters = requireCount('PReLU', 'numParameters', numParameters);
    this.weight = new Parameter(full([numParameters], init, factory));
  }

  override forward(input: Tensor): Tensor {
    return F.prelu(input, this.weight);
  }

  override extraRepr(): string {
    return describe({ numParameters: this.numParameters });
  }
}

/** Options of `RReLU`. */
export interface RreluLayerOptions extends F.InPlaceOptions {
  lower?: number;
  upper?: number;
  /** Where the random numbers come from; the default generator unless given. */
  generator?: Generator | undefined;
}

/** Leaky ReLU with a slope drawn from [lower, upper) per negative element in training, the middle of it in evaluation. */
@takes(signatures.RReLU)
export class RReLU extends Module {
  readonly lower: number;
  readonly upper: number;
  readonly inplace: boolean;
  generator: Generator | undefined;

  constructor({ lower = 1 / 8, upper = 1 / 3, inplace = false, generator }: RreluLayerOptions = {}) {
    super();
    if (!(lower <= upper)) throw new ValueError(`RReLU: expected lower <= upper, got ${lower} and ${upper}`);
    this.lower = lower;
    this.upper = upper;
    this.inplace = inplace;
    this.generator = generator;
  }

  override forward(input: Tensor): Tensor {
    const { lower, upper, training, inplace, generator } = this;
    return F.rrelu(input, { lower, upper, training, inplace, generator });
  }

  override extraRepr(): string {
    return joined(describe({ lower: this.lower, upper: this.upper }), inPlaceText(this.inplace));
  }
}
