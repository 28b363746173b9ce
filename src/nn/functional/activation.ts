// Activation functions with PyTorch's arguments.

import { ShapeError, ValueError } from '../../errors.js';
import * as ops from '../../ops/activation.js';
import { tanh as tanhOf, where } from '../../ops/pointwise.js';
import { logSoftmax, softmax, type SoftmaxOptions } from '../../ops/softmax.js';
import type { GeneratorOptions } from '../../ops/random.js';
import { emptyLike, zerosLike } from '../../tensor/create.js';
import { show } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { requireCount } from '../arguments.js';
import { guarded } from '../../tensor/guarded.js';
import { signatures } from './signatures.js';

/** Whether the result is written into the input. */
export interface InPlaceOptions {
  /** Write the result over the input. */
  inplace?: boolean;
}

function written(inplace: boolean | undefined, input: Tensor, result: Tensor): Tensor {
  return inplace ? input.copy_(result) : result;
}

/** max(x, 0) */
export const relu = guarded(signatures.relu, (input: Tensor, { inplace = false }: InPlaceOptions = {}): Tensor => {
  return inplace ? ops.relu_(input) : ops.relu(input);
});
/** min(max(x, 0), 6) */
export const relu6 = guarded(signatures.relu6, (input: Tensor, { inplace }: InPlaceOptions = {}): Tensor => {
  return inplace ? written(true, input, ops.relu6(input.clone())) : ops.relu6(input);
});
/** x where positive, else negativeSlope * x. */
export const leakyRelu = guarded(
  signatures.leakyRelu,
  (input: Tensor, { inplace, ...options }: ops.LeakyReluOptions & InPlaceOptions = {}): Tensor => {
    return inplace ? ops.leakyRelu_(input, options) : ops.leakyRelu(input, options);
  },
);
/** x where positive, else alpha * (eˣ - 1). */
export const elu = guarded(
  signatures.elu,
  (input: Tensor, { inplace, ...options }: ops.EluOptions & InPlaceOptions = {}): Tensor => {
    return inplace ? ops.elu_(input, options) : ops.elu(input, options);
  },
);
/**
 * `scale * elu(x)` with the constants that keep mean and variance. https://pytorch.org/docs/stable/generated/torch.nn.functional.selu.html
 */
export const selu = guarded(signatures.selu, (input: Tensor, { inplace }: InPlaceOptions = {}): Tensor => {
  return inplace ? written(true, input, ops.selu(input.clone())) : ops.selu(input);
});

/** Options of `celu`. */
export interface CeluOptions extends InPlaceOptions {
  alpha?: number;
}

/** max(0, x) + min(0, alpha * (exp(x / alpha) - 1)). https://arxiv.org/abs/1704.07483 */
export const celu = guarded(signatures.celu, (input: Tensor, { alpha = 1, inplace }: CeluOptions = {}): Tensor => {
  if (alpha === 0) throw new ValueError('celu: expected an alpha other than 0');
  const source = inplace ? input.clone() : input;
  return written(inplace, input, where(source.gt(0), source, source.clamp({ max: 0 }).div(alpha).expm1().mul(alpha)));
});

/** Options of `gelu`. */
export interface GeluOptions {
  approximate?: 'none' | 'tanh';
}

/** x Φ(x), Φ the normal distribution function, exactly or (`tanh`) approximately. https://arxiv.org/abs/1606.08415 */
export const gelu = guarded(signatures.gelu, (input: Tensor, { approximate = 'none' }: GeluOptions = {}): Tensor => {
  if (approximate !== 'none' && approximate !== 'tanh') {
    throw new ValueError(`gelu: expected approximate 'none' or 'tanh', got '${String(approximate)}'`);
  }
  return ops.gelu(input, { approximate });
});
/** `x * sigmoid(x)`. https://pytorch.org/docs/stable/generated/torch.nn.functional.silu.html */
export const silu = guarded(signatures.silu, (input: Tensor, { inplace }: InPlaceOptions = {}): Tensor => {
  return inplace ? ops.silu_(input) : ops.silu(input);
});
/** `x * tanh(softplus(x))`. https://pytorch.org/docs/stable/generated/torch.nn.functional.mish.html */
export const mish = guarded(signatures.mish, (input: Tensor, { inplace }: InPlaceOptions = {}): Tensor => {
  return inplace ? written(true, input, ops.mish(input.clone())) : ops.mish(input);
});
/** `x * relu6(x + 3) / 6`. https://pytorch.org/docs/stable/generated/torch.nn.functional.hardswish.html */
export const hardswish = guarded(signatures.hardswish, (input: Tensor, { inplace }: InPlaceOptions = {}): Tensor => {
  return inplace ? written(true, input, ops.hardswish(input.clone())) : ops.hardswish(input);
});
/** `relu6(x + 3) / 6`. https://pytorch.org/docs/stable/generated/torch.nn.functional.hardsigmoid.html */
export const hardsigmoid = guarded(
  signatures.hardsigmoid,
  (input: Tensor, { inplace }: InPlaceOptions = {}): Tensor => {
    return inplace ? written(true, input, ops.hardsigmoid(input.clone())) : ops.hardsigmoid(input);
  },
);
/** x moved into [minVal, maxVal]. */
export const hardtanh = guarded(
  signatures.hardtanh,
  (input: Tensor, { inplace, ...options }: ops.HardtanhOptions & InPlaceOptions = {}): Tensor => {
    return inplace ? written(true, input, ops.hardtanh(input.clone(), options)) : ops.hardtanh(input, options);
  },
);
/** log(1 + exp(beta x)) / beta; x itself where beta x exceeds the threshold. */
export const softplus = guarded(signatures.softplus, (input: Tensor, options: ops.SoftplusOptions = {}): Tensor => {
  return ops.softplus(input, options);
});
/** `x / (1 + |x|)`. */
export const softsign: (input: Tensor) => Tensor = guarded(signatures.softsign, ops.softsign);
/** `log(sigmoid(x))`, without overflow. */
export const logsigmoid: (input: Tensor) => Tensor = guarded(signatures.logsigmoid, ops.logSigmoid);
/** `1 / (1 + exp(-x))`. */
export const sigmoid: (input: Tensor) => Tensor = guarded(signatures.sigmoid, ops.sigmoid);
/** The hyperbolic tangent. */
export const tanh: (input: Tensor) => Tensor = tanhOf;
/** x - tanh(x) */
export const tanhshrink = guarded(signatures.tanhshrink, (input: Tensor): Tensor => {
  return input.sub(input.tanh());
});

/** Options of `hardshrink` and `softshrink`. */
export interface ShrinkOptions {
  lambd?: number;
}

/** x moved towards 0 by lambd, 0 within it. */
export const softshrink = guarded(
  signatures.softshrink,
  (input: Tensor, { lambd = 0.5 }: ShrinkOptions = {}): Tensor => {
    if (!(lambd >= 0)) throw new ValueError(`softshrink: expected lambd >= 0, got ${lambd}`);
    return where(input.gt(lambd), input.sub(lambd), where(input.lt(-lambd), input.add(lambd), input.mul(0)));
  },
);
/** x where |x| exceeds lambd, else 0. */
export const hardshrink = guarded(
  signatures.hardshrink,
  (input: Tensor, { lambd = 0.5 }: ShrinkOptions = {}): Tensor => {
    return where(input.abs().le(lambd), 0, input);
  },
);

/** x where it exceeds the threshold, else value. */
export const threshold = guarded(
  signatures.threshold,
  (input: Tensor, limit: number, value: number, { inplace }: InPlaceOptions = {}): Tensor => {
    const source = inplace ? input.clone() : input;
    return written(inplace, input, where(source.gt(limit), source, value));
  },
);

/** x where positive, else weight * x; weight of one element or one per channel (dim 1). https://arxiv.org/abs/1502.01852 */
export const prelu = guarded(signatures.prelu, (input: Tensor, weight: Tensor): Tensor => {
  const channels = input.ndim > 1 ? input.shape[1]! : 1;
  if (weight.ndim > 1 || (weight.numel() !== 1 && weight.numel() !== channels)) {
    throw new ShapeError(
      `expected a weight of 1 or ${channels} elements for input ${show(input.shape)}, got ${show(weight.shape)}`,
    ).during('prelu');
  }
  const slope =
    weight.numel() === 1
      ? weight.reshape(input.shape.map(() => 1))
      : weight.reshape(input.shape.map((_, d) => (d === 1 ? channels : 1)));
  return where(input.gt(0), input, input.mul(slope));
});

/** Options of `rrelu`. */
export interface RreluOptions extends InPlaceOptions, GeneratorOptions {
  lower?: number;
  upper?: number;
  training?: boolean;
}

/** x where positive, else a slope drawn from [lower, upper) (the middle of it when not training) times x. */
export const rrelu = guarded(
  signatures.rrelu,
  (
    input: Tensor,
    { lower = 1 / 8, upper = 1 / 3, training = false, inplace, generator }: RreluOptions = {},
  ): Tensor => {
    const source = inplace ? input.clone() : input;
    const negative = source.le(0);
    if (!training) return written(inplace, input, where(negative, source.mul((lower + upper) / 2), source));
    // One draw for each negative element, in their order.
    const places = negative.reshape([-1]).nonzero().reshape([-1]);
    const drawn = emptyLike(source.detach().contiguous().reshape([-1]).indexSelect(0, places));
    drawn.uniform_(lower, upper, { generator });
    const slopes = zerosLike(source.detach()).add(1).contiguous().reshape([-1]).scatter(0, places, drawn);
    return written(inplace, input, source.mul(slopes.reshape(source.shape)));
  },
);

/** The first half of `dim` times the sigmoid of the second. https://arxiv.org/abs/1612.08083 */
export const glu = guarded(signatures.glu, (input: Tensor, dim = -1): Tensor => {
  const size = input.shape.at(dim);
  if (size === undefined || size % 2 !== 0) {
    throw new ShapeError(`expected an even size of dim ${dim}, got input ${show(input.shape)}`).during('glu');
  }
  const [value, gate] = input.chunk(2, dim);
  return value!.mul(gate!.sigmoid());
});

export { logSoftmax, softmax, type SoftmaxOptions };

/** softmax(-x) along `dim`. */
export const softmin = guarded(signatures.softmin, (input: Tensor, dim: number, options?: SoftmaxOptions): Tensor => {
  return softmax(input.neg(), dim, options);
});

/** Options of `gumbelSoftmax`. */
export interface GumbelSoftmaxOptions extends GeneratorOptions {
  /** The temperature. */
  tau?: number;
  /** One-hot results whose gradients are those of the soft ones. */
  hard?: boolean;
  dim?: number;
}

/** A sample of the Gumbel-softmax distribution. https://arxiv.org/abs/1611.01144 */
export const gumbelSoftmax = guarded(
  signatures.gumbelSoftmax,
  (logits: Tensor, { tau = 1, hard = false, dim = -1, generator }: GumbelSoftmaxOptions = {}): Tensor => {
    const gumbels = emptyLike(logits.detach()).exponential_(1, { generator }).log().neg();
    const soft = softmax(logits.add(gumbels).div(tau), dim);
    if (!hard) return soft;
    const chosen = soft.argmax(dim, { keepdim: true });
    return zerosLike(logits.detach()).scatter(dim, chosen, 1).sub(soft.detach()).add(soft);
  },
);

/** Options of `normalize`. */
export interface NormalizeOptions {
  p?: number;
  dim?: number;
  eps?: number;
}

/** x divided by its p-norm along `dim`, or by eps where that is larger. */
export const normalize = guarded(
  signatures.normalize,
  (input: Tensor, { p = 2, dim = 1, eps = 1e-12 }: NormalizeOptions = {}): Tensor => {
    return input.div(input.norm(p, dim, { keepdim: true }).clamp({ min: eps }).expand(input.shape));
  },
);

/** Options of `oneHot`. */
export interface OneHotOptions {
  /** How many classes there are; one more than the largest number unless given. */
  numClasses?: number;
}

/** Class numbers as vectors of zeros with a single 1: [...] becomes [..., numClasses], int64. */
export const oneHot = guarded(signatures.oneHot, (input: Tensor, options: number | OneHotOptions = {}): Tensor => {
  const { numClasses = -1 } = typeof options === 'number' ? { numClasses: options } : options;
  const classes = input.to('int64');
  if (input.isFloatingPoint()) throw new ValueError(`oneHot: expected integers, got ${input.dtype}`);
  if (input.numel() === 0 && numClasses <= 0) {
    throw new ValueError('oneHot: numClasses is needed for an input without elements');
  }
  const largest = input.numel() === 0 ? -1 : classes.amax().item();
  if (input.numel() > 0 && classes.amin().item() < 0) {
    throw new ValueError(`oneHot: expected classes >= 0, got ${classes.amin().item()}`);
  }
  const count = numClasses === -1 ? largest + 1 : requireCount('oneHot', 'numClasses', numClasses);
  if (largest >= count) throw new ValueError(`oneHot: class ${largest} is out of range for ${count} classes`);
  return input.newZeros([...input.shape, count], { dtype: 'int64' }).scatter(-1, classes.unsqueeze(-1), 1);
});
