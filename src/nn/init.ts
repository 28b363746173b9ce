// Initialisers: each fills a tensor in place, outside of the graph, with the numbers PyTorch's draws under the same seed, and
// returns the tensor. https://pytorch.org/docs/stable/nn.init.html

import { withGrad } from '../autograd/mode.js';
import { ShapeError, ValueError } from '../errors.js';
import type { GeneratorOptions } from '../ops/random.js';
import { randn, randperm } from '../tensor/random.js';
import { elementCount, show } from '../tensor/shape.js';
import { eye, full, zeros } from '../tensor/create.js';
import type { Tensor } from '../tensor/tensor.js';
import { inverseErf } from './inverse-erf.js';
import { guarded } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

/** The functions `calculateGain` knows; PyTorch's spelling (`leaky_relu`) is understood too. */
export type Nonlinearity =
  | 'linear'
  | 'conv1d'
  | 'conv2d'
  | 'conv3d'
  | 'convTranspose1d'
  | 'convTranspose2d'
  | 'convTranspose3d'
  | 'sigmoid'
  | 'tanh'
  | 'relu'
  | 'leakyRelu'
  | 'leaky_relu'
  | 'selu';

/** Which fan keeps its variance: that of the forward (`fanIn`) or of the backward pass. */
export type FanMode = 'fanIn' | 'fanOut' | 'fan_in' | 'fan_out';

/** By how much an initialiser should widen its numbers before the given function; `param`: leakyRelu's negative slope. */
export const calculateGain = guarded(signatures.calculateGain, (nonlinearity: Nonlinearity, param?: number): number => {
  switch (nonlinearity) {
    case 'tanh':
      return 5 / 3;
    case 'relu':
      return Math.SQRT2;
    case 'leakyRelu':
    case 'leaky_relu': {
      const slope = param ?? 0.01;
      if (!Number.isFinite(slope)) throw new ValueError(`calculateGain: expected a finite slope, got ${slope}`);
      return Math.sqrt(2 / (1 + slope * slope));
    }
    case 'selu':
      return 3 / 4;
    case 'linear':
    case 'sigmoid':
    case 'conv1d':
    case 'conv2d':
    case 'conv3d':
    case 'convTranspose1d':
    case 'convTranspose2d':
    case 'convTranspose3d':
      return 1;
    default:
      throw new ValueError(`calculateGain: unknown nonlinearity '${String(nonlinearity)}'`);
  }
});

/** How many inputs feed one output of a weight [out, in, ...kernel], and how many outputs one input feeds. */
export const calculateFans = guarded(
  signatures.calculateFans,
  (weight: Tensor): { readonly fanIn: number; readonly fanOut: number } => {
    if (weight.ndim < 2) {
      throw new ShapeError(`fans need a tensor of 2 or more dims, got shape ${show(weight.shape)}`);
    }
    const receptive = elementCount(weight.shape.slice(2));
    return { fanIn: weight.shape[1]! * receptive, fanOut: weight.shape[0]! * receptive };
  },
);

function inPlace(tensor: Tensor, fill: () => void): Tensor {
  withGrad(false, fill);
  return tensor;
}

/** Options of `uniform_`. */
export interface UniformOptions extends GeneratorOptions {
  /** The lower bound; 0 unless given. */
  a?: number;
  /** The upper bound, not included; 1 unless given. */
  b?: number;
}

/** Uniform over [a, b): `uniform_(weight, -0.1, 0.1)` or `uniform_(weight, { a: -0.1, b: 0.1 })`. */
export const uniform_ = guarded(
  signatures.uniform_,
  (tensor: Tensor, a: number | UniformOptions = {}, b?: number, options?: GeneratorOptions): Tensor => {
    const { a: low = 0, b: high = 1, generator } = typeof a === 'number' ? { a, b, ...options } : a;
    return inPlace(tensor, () => tensor.uniform_(low, high, { generator }));
  },
);

/** Options of `normal_`. */
export interface NormalOptions extends GeneratorOptions {
  /** 0 unless given. */
  mean?: number;
  /** The standard deviation; 1 unless given. */
  std?: number;
}

/** Normal with the given mean and standard deviation: `normal_(weight, 0, 0.02)` or `normal_(weight, { std: 0.02 })`. */
export const normal_ = guarded(
  signatures.normal_,
  (tensor: Tensor, mean: number | NormalOptions = {}, std?: number, options?: GeneratorOptions): Tensor => {
    const { mean: middle = 0, std: width = 1, generator } = typeof mean === 'number' ? { mean, std, ...options } : mean;
    return inPlace(tensor, () => tensor.normal_(middle, width, { generator }));
  },
);

/** Sets every element to `value`. */
export const constant_ = guarded(signatures.constant_, (tensor: Tensor, value: number): Tensor => {
  return inPlace(tensor, () => tensor.fill_(value));
});

/** Sets every element to 1. */
export const ones_ = guarded(signatures.ones_, (tensor: Tensor): Tensor => {
  return constant_(tensor, 1);
});

/** Sets every element to 0. */
export const zeros_ = guarded(signatures.zeros_, (tensor: Tensor): Tensor => {
  return constant_(tensor, 0);
});

/** Ones on the diagonal of a matrix, zeros elsewhere. */
export const eye_ = guarded(signatures.eye_, (tensor: Tensor): Tensor => {
  if (tensor.ndim !== 2) throw new ShapeError(`eye_: expected 2 dims, got shape ${show(tensor.shape)}`);
  return inPlace(tensor, () => tensor.copy_(eye(tensor.shape[0]!, tensor.shape[1])));
});

/** Options of `dirac_`. */
export interface DiracOptions {
  groups?: number;
}

/** A convolution's weight of 3 to 5 dims that passes its input on: a 1 in the middle of each channel's own kernel. */
export const dirac_ = guarded(signatures.dirac_, (tensor: Tensor, { groups = 1 }: DiracOptions = {}): Tensor => {
  if (tensor.ndim < 3 || tensor.ndim > 5) {
    throw new ShapeError(`dirac_: expected 3 to 5 dims, got shape ${show(tensor.shape)}`);
  }
  const [outChannels, , ...kernel] = tensor.shape as [number, number, ...number[]];
  if (outChannels % groups !== 0) {
    throw new ShapeError(`dirac_: ${outChannels} output channels can't be put into ${groups} groups`);
  }
  const perGroup = outChannels / groups;
  return inPlace(tensor, () => {
    let middle = tensor.zero_();
    for (const size of kernel) middle = middle.select(2, Math.floor(size / 2));
    for (let group = 0; group < groups; group++) {
      middle
        .narrow(0, group * perGroup, perGroup)
        .diagonal()
        .fill_(1);
    }
  });
});

/** Options of initialisers with a gain. */
export interface GainOptions extends GeneratorOptions {
  /** See `calculateGain`; 1 unless given. */
  gain?: number;
}

function xavierStd(tensor: Tensor, gain: number): number {
  const { fanIn, fanOut } = calculateFans(tensor);
  return gain * Math.sqrt(2 / (fanIn + fanOut));
}

/** Uniform, of variance 2 / (fanIn + fanOut) times gain². Glorot and Bengio, AISTATS 2010. */
export const xavierUniform_ = guarded(
  signatures.xavierUniform_,
  (tensor: Tensor, { gain = 1, ...options }: GainOptions = {}): Tensor => {
    const bound = Math.sqrt(3) * xavierStd(tensor, gain);
    return uniform_(tensor, -bound, bound, options);
  },
);

/** Normal, of variance 2 / (fanIn + fanOut) times gain². Glorot and Bengio, AISTATS 2010. */
export const xavierNormal_ = guarded(
  signatures.xavierNormal_,
  (tensor: Tensor, { gain = 1, ...options }: GainOptions = {}): Tensor => {
    return normal_(tensor, 0, xavierStd(tensor, gain), options);
  },
);

/** Options of `kaimingUniform_` and `kaimingNormal_`. */
export interface KaimingOptions extends GeneratorOptions {
  /** The negative slope of the leaky ReLU behind the layer. */
  a?: number;
  mode?: FanMode;
  nonlinearity?: Nonlinearity;
}

function kaimingStd(tensor: Tensor, { a = 0, mode = 'fanIn', nonlinearity = 'leakyRelu' }: KaimingOptions): number {
  if (!['fanIn', 'fanOut', 'fan_in', 'fan_out'].includes(mode)) {
    throw new ValueError(`kaiming: expected mode 'fanIn' or 'fanOut', got '${String(mode)}'`);
  }
  const { fanIn, fanOut } = calculateFans(tensor);
  return calculateGain(nonlinearity, a) / Math.sqrt(mode === 'fanIn' || mode === 'fan_in' ? fanIn : fanOut);
}

/** Uniform, of variance gain² / fan. https://arxiv.org/abs/1502.01852 */
export const kaimingUniform_ = guarded(
  signatures.kaimingUniform_,
  (tensor: Tensor, options: KaimingOptions = {}): Tensor => {
    if (tensor.shape.includes(0)) return tensor;
    const bound = Math.sqrt(3) * kaimingStd(tensor, options);
    return uniform_(tensor, -bound, bound, { generator: options.generator });
  },
);

/** Normal, of variance gain² / fan. https://arxiv.org/abs/1502.01852 */
export const kaimingNormal_ = guarded(
  signatures.kaimingNormal_,
  (tensor: Tensor, options: KaimingOptions = {}): Tensor => {
    if (tensor.shape.includes(0)) return tensor;
    return normal_(tensor, 0, kaimingStd(tensor, options), { generator: options.generator });
  },
);

/** Options of `truncNormal_`. */
export interface TruncatedNormalOptions extends GeneratorOptions {
  mean?: number;
  std?: number;
  /** The lowest value. */
  a?: number;
  /** The highest value. */
  b?: number;
}

/** The normal distribution function. */
function normalCdf(x: number): number {
  return (
    (1 +
      full([], x / Math.SQRT2, { dtype: 'float64' })
        .erf()
        .item()) /
    2
  );
}

/** Normal, kept within [a, b] by drawing from the part of the distribution between them. */
export const truncNormal_ = guarded(
  signatures.truncNormal_,
  (tensor: Tensor, { mean = 0, std = 1, a = -2, b = 2, ...options }: TruncatedNormalOptions = {}): Tensor => {
    if (!(a < b)) throw new ValueError(`truncNormal_: expected a < b, got ${a} and ${b}`);
    const low = 2 * normalCdf((a - mean) / std) - 1;
    const high = 2 * normalCdf((b - mean) / std) - 1;
    return inPlace(tensor, () => {
      tensor.uniform_(low, high, options);
      tensor.copy_(
        inverseErf(tensor)
          .mul(std * Math.SQRT2)
          .add(mean)
          .clamp({ min: a, max: b }),
      );
    });
  },
);

/** Rows (or columns, whichever are fewer) that are orthonormal times gain. https://arxiv.org/abs/1312.6120 */
export const orthogonal_ = guarded(
  signatures.orthogonal_,
  (tensor: Tensor, { gain = 1, generator }: GainOptions = {}): Tensor => {
    if (tensor.ndim < 2) throw new ShapeError(`orthogonal_: expected 2 or more dims, got shape ${show(tensor.shape)}`);
    if (tensor.numel() === 0) return tensor;
    const rows = tensor.shape[0]!;
    const columns = tensor.numel() / rows;
    return inPlace(tensor, () => {
      const drawn = randn([rows, columns], { dtype: tensor.dtype, generator });
      const tall = (rows < columns ? drawn.t() : drawn).double();
      const basis = orthonormalColumns(tall);
      tensor.copy_((rows < columns ? basis.t() : basis).reshape(tensor.shape).mul(gain));
    });
  },
);

/** Gram and Schmidt's basis of the columns, projected twice against rounding: the Q of a QR whose R has a positive diagonal. */
function orthonormalColumns(matrix: Tensor): Tensor {
  const basis = zeros(matrix.shape, { dtype: matrix.dtype });
  for (let k = 0; k < matrix.shape[1]!; k++) {
    const earlier = basis.narrow(1, 0, k);
    let column = matrix.select(1, k);
    for (let pass = 0; pass < 2 && k > 0; pass++) column = column.sub(earlier.mv(earlier.t().mv(column)));
    basis.select(1, k).copy_(column.div(column.norm()));
  }
  return basis;
}

/** Options of `sparse_`. */
export interface SparseOptions extends GeneratorOptions {
  std?: number;
}

/** Normal numbers with the given part of each column of a matrix set to 0. Martens, ICML 2010. */
export const sparse_ = guarded(
  signatures.sparse_,
  (tensor: Tensor, sparsity: number, { std = 0.01, ...options }: SparseOptions = {}): Tensor => {
    if (tensor.ndim !== 2) throw new ShapeError(`sparse_: expected 2 dims, got shape ${show(tensor.shape)}`);
    if (!(sparsity >= 0 && sparsity <= 1)) {
      throw new ValueError(`sparse_: expected a sparsity from 0 to 1, got ${sparsity}`);
    }
    const [rows, columns] = tensor.shape as [number, number];
    const zeroed = Math.ceil(sparsity * rows);
    return inPlace(tensor, () => {
      tensor.normal_(0, std, options);
      for (let column = 0; column < columns; column++) {
        const places = randperm(rows, options).narrow(0, 0, zeroed);
        tensor.select(1, column).indexFill_(0, places, 0);
      }
    });
  },
);
