// The activation functions of networks. Where a fused gradient kernel exists it is used while no graph of gradients is made.

import { ValueError } from '../errors.js';
import { unary, type UnaryOperation } from './elementwise.js';
import { inPlace } from './in-place.js';
import type { Op } from './operation.js';
import { where } from './pointwise.js';
import type { Tensor } from '../tensor/tensor.js';
import { guarded } from '../tensor/guarded.js';
import { integerRange } from '../tensor/promotion.js';
import { signatures } from './signatures.js';

/** 1 / (1 + e⁻ˣ) */
export const sigmoid: UnaryOperation = unary({
  name: 'sigmoid',
  takes: signatures.sigmoid,
  kernel: 'sigmoid',
  result: 'float',
  saves: 'result',
  fused: 'sigmoidBackward',
  gradient: (grad, y) => grad.mul(y).mul(y.neg().add(1)),
});
/** `sigmoid`, in place: the result is written into `input`. */
export const sigmoid_ = guarded(signatures.sigmoid_, sigmoid.inPlace);

/** log(sigmoid(x)), stable for large |x|. */
export const logSigmoid: UnaryOperation = unary({
  name: 'logSigmoid',
  takes: signatures.logSigmoid,
  kernel: 'logSigmoid',
  result: 'floats',
  saves: 'input',
  gradient: (grad, x) => grad.mul(x.neg().sigmoid()),
});

/** max(x, 0); the gradient at 0 is 0. */
export const relu: UnaryOperation = unary({
  name: 'relu',
  takes: signatures.relu,
  kernel: 'relu',
  saves: 'result',
  fused: 'reluBackward',
  gradient: (grad, y) => where(y.le(0), 0, grad),
});
/** `relu`, in place: the result is written into `input`. */
export const relu_ = guarded(signatures.relu_, relu.inPlace);

const leaky: UnaryOperation = unary({
  name: 'leakyRelu',
  kernel: 'leakyRelu',
  result: 'floats',
  saves: 'input',
  fused: 'leakyReluBackward',
  gradient: (grad, x, slope) =>
    grad.mul(
      x
        .gt(0)
        .to(grad.dtype)
        .mul(1 - slope)
        .add(slope),
    ),
});

/** Options of `leakyRelu`. */
export interface LeakyReluOptions {
  negativeSlope?: number;
}

/** x where positive, else negativeSlope * x. */
export const leakyRelu: Op<[input: Tensor, options?: LeakyReluOptions]> = guarded(
  signatures.leakyRelu,
  (input, { negativeSlope = 0.01 } = {}) => leaky(input, negativeSlope),
);
/** `leakyRelu`, in place: the result is written into `input`. */
export const leakyRelu_: typeof leakyRelu = guarded(signatures.leakyRelu_, inPlace('leakyRelu_', leakyRelu));

const exponentialLinear: UnaryOperation = unary({
  name: 'elu',
  kernel: 'elu',
  result: 'floats',
  saves: 'input',
  fused: 'eluBackward',
  gradient: (grad, x, alpha, scale) => grad.mul(where(x.gt(0), 1, x.clamp({ max: 0 }).exp().mul(alpha))).mul(scale),
});

/** Options of `elu`. */
export interface EluOptions {
  alpha?: number;
}

/** x where positive, else alpha * (eˣ - 1). https://arxiv.org/abs/1511.07289 */
export const elu: Op<[input: Tensor, options?: EluOptions]> = guarded(signatures.elu, (input, { alpha = 1 } = {}) =>
  exponentialLinear(input, alpha, 1),
);
/** `elu`, in place: the result is written into `input`. */
export const elu_: typeof elu = guarded(signatures.elu_, inPlace('elu_', elu));
/** Self-normalising ELU. https://arxiv.org/abs/1706.02515 */
export const selu: Op<[input: Tensor]> = guarded(signatures.selu, (input) =>
  exponentialLinear(input, 1.6732632423543772, 1.0507009873554805),
);

const geluExact: UnaryOperation = unary({
  name: 'gelu',
  kernel: 'gelu',
  result: 'floats',
  saves: 'input',
  fused: 'geluBackward',
  gradient: (grad, x) => {
    const cumulative = x.mul(Math.SQRT1_2).erf().add(1).mul(0.5);
    const density = x
      .square()
      .mul(-0.5)
      .exp()
      .mul(1 / Math.sqrt(2 * Math.PI));
    return grad.mul(cumulative.add(x.mul(density)));
  },
});
const geluApproximate: UnaryOperation = unary({
  name: 'gelu',
  kernel: 'geluTanh',
  result: 'floats',
  saves: 'input',
  fused: 'geluTanhBackward',
  gradient: (grad, x) => {
    const k = Math.sqrt(2 / Math.PI);
    const t = x.add(x.pow(3).mul(0.044715)).mul(k).tanh();
    const inner = x
      .square()
      .mul(3 * 0.044715)
      .add(1)
      .mul(k);
    return grad.mul(
      t
        .add(1)
        .mul(0.5)
        .add(x.mul(0.5).mul(t.square().neg().add(1)).mul(inner)),
    );
  },
});

/** Options of `gelu`. */
export interface GeluOptions {
  approximate?: 'none' | 'tanh';
}

/** x Φ(x) with Φ the normal distribution function. https://arxiv.org/abs/1606.08415 */
export const gelu: Op<[input: Tensor, options?: GeluOptions]> = guarded(
  signatures.gelu,
  (input, { approximate = 'none' } = {}) => (approximate === 'tanh' ? geluApproximate(input) : geluExact(input)),
);

/** x * sigmoid(x). https://arxiv.org/abs/1702.03118 */
export const silu: UnaryOperation = unary({
  name: 'silu',
  takes: signatures.silu,
  kernel: 'silu',
  result: 'floats',
  saves: 'input',
  fused: 'siluBackward',
  gradient: (grad, x) => {
    const s = x.sigmoid();
    return grad.mul(s).mul(x.mul(s.neg().add(1)).add(1));
  },
});
/** `silu`, in place: the result is written into `input`. */
export const silu_ = guarded(signatures.silu_, silu.inPlace);

const soft: UnaryOperation = unary({
  name: 'softplus',
  kernel: 'softplus',
  result: 'floats',
  saves: 'input',
  fused: 'softplusBackward',
  gradient: (grad, x, beta, threshold) => where(x.mul(beta).gt(threshold), grad, grad.mul(x.mul(beta).sigmoid())),
});

/** Options of `softplus`. */
export interface SoftplusOptions {
  beta?: number;
  threshold?: number;
}

/** log(1 + exp(beta x)) / beta; x itself where beta x exceeds the threshold. */
export const softplus: Op<[input: Tensor, options?: SoftplusOptions]> = guarded(
  signatures.softplus,
  (input, { beta = 1, threshold = 20 } = {}) => soft(input, beta, threshold),
);

/** Options of `hardtanh`. */
export interface HardtanhOptions {
  minVal?: number;
  maxVal?: number;
}

const between: UnaryOperation = unary({
  name: 'hardtanh',
  kernel: 'clamp',
  saves: 'input',
  gradient: (grad, x, low, high) => grad.mul(x.gt(low).logicalAnd(x.lt(high))),
});

/** x moved into [minVal, maxVal]; the gradient on the bounds is 0. Integers' bounds are cut to whole numbers, which their dtype has to hold. */
export const hardtanh: Op<[input: Tensor, options?: HardtanhOptions]> = guarded(
  signatures.hardtanh,
  (input, { minVal = -1, maxVal = 1 } = {}) => {
    const range = integerRange(input.dtype);
    if (range === undefined) return between(input, minVal, maxVal);
    const [low, high] = [Math.trunc(minVal), Math.trunc(maxVal)];
    for (const bound of [low, high]) {
      if (!(bound >= range[0] && bound <= range[1])) throw new ValueError(`${bound} is no bound for ${input.dtype}`);
    }
    return between(input, low, high);
  },
);
/** min(max(x, 0), 6) */
export const relu6: Op<[input: Tensor]> = guarded(signatures.relu6, (input) => between(input, 0, 6));

/** x * tanh(softplus(x)). https://arxiv.org/abs/1908.08681 */
export const mish: UnaryOperation = unary({
  name: 'mish',
  takes: signatures.mish,
  kernel: 'mish',
  result: 'floats',
  saves: 'input',
  gradient: (grad, x) => {
    const t = x.softplus().tanh();
    return grad.mul(t.add(x.mul(x.sigmoid()).mul(t.square().neg().add(1))));
  },
});

/** x / (1 + |x|) */
export const softsign: UnaryOperation = unary({
  name: 'softsign',
  takes: signatures.softsign,
  kernel: 'softsign',
  result: 'float',
  saves: 'input',
  gradient: (grad, x) => grad.div(x.abs().add(1).square()),
});

/** x * relu6(x + 3) / 6. https://arxiv.org/abs/1905.02244 */
export const hardswish: UnaryOperation = unary({
  name: 'hardswish',
  takes: signatures.hardswish,
  kernel: 'hardswish',
  result: 'floats',
  saves: 'input',
  gradient: (grad, x) => where(x.lt(-3), 0, where(x.le(3), grad.mul(x.div(3).add(0.5)), grad)),
});

/** relu6(x + 3) / 6 */
export const hardsigmoid: UnaryOperation = unary({
  name: 'hardsigmoid',
  takes: signatures.hardsigmoid,
  kernel: 'hardsigmoid',
  result: 'floats',
  saves: 'input',
  gradient: (grad, x) => grad.mul(x.gt(-3).logicalAnd(x.lt(3))).div(6),
});
