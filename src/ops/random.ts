// Tensors filled with random numbers in place, and samples drawn by probability.

import { backend } from '../backend/active.js';
import type { RandomOp } from '../backend/backend.js';
import { isFloat } from '../backend/dtype.js';
import { zerosLike } from '../tensor/create.js';
import { replaceHistory } from '../autograd/history.js';
import { DTypeError, ShapeError, ValueError } from '../errors.js';
import { defaultGenerator, type Generator } from '../tensor/generator.js';
import { checkShape, show } from '../tensor/shape.js';
import { allocate, allocateLike, Tensor, window } from '../tensor/tensor.js';
import { prepare } from './in-place.js';
import { operation, type Op } from './operation.js';
import { isOptions } from './options.js';
import { guarded } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

export interface GeneratorOptions {
  /** Where the numbers come from; the default generator unless given. */
  generator?: Generator | undefined;
}

function stateOf(options: GeneratorOptions | undefined): Uint32Array {
  return (options?.generator ?? defaultGenerator).state;
}

function fillRandomly(
  name: string,
  op: RandomOp,
  input: Tensor,
  a: number,
  b: number,
  options: GeneratorOptions | undefined,
): Tensor {
  const recorded = prepare(name, input, []);
  if (op !== 'bernoulli' && !isFloat(input.dtype)) {
    throw new DTypeError(`expected a float dtype, got ${input.dtype}`).during(name);
  }
  backend.random(op, input, stateOf(options), a, b);
  input.storage.version++;
  if (recorded) replaceHistory(input, null);
  return input;
}

/** Options of `uniform_`. */
export interface UniformOptions extends GeneratorOptions {
  readonly from?: number;
  readonly to?: number;
}

/** Fills with numbers uniform over [from, to), by default [0, 1): `x.uniform_(-1, 1)`, `x.uniform_({ from: -1 })`. */
export const uniform_: Op<[input: Tensor, from?: number | UniformOptions, to?: number, options?: GeneratorOptions]> = (
  input,
  from = 0,
  to = 1,
  options,
) => {
  if (isOptions(from)) return uniform_(input, from.from, from.to, { generator: from.generator });
  if (!(from <= to)) throw new ValueError(`expected from <= to, got ${from} and ${to}`).during('uniform_');
  return fillRandomly('uniform_', 'uniform', input, from, to, options);
};

/** Options of `normal_`. */
export interface NormalOptions extends GeneratorOptions {
  readonly mean?: number;
  readonly std?: number;
}

/** Fills with normal numbers of the given mean (0) and standard deviation (1): `x.normal_(0, 0.02)`, `x.normal_({ std: 0.02 })`. */
export const normal_: Op<[input: Tensor, mean?: number | NormalOptions, std?: number, options?: GeneratorOptions]> = (
  input,
  mean = 0,
  std = 1,
  options,
) => {
  if (isOptions(mean)) return normal_(input, mean.mean, mean.std, { generator: mean.generator });
  if (!(std >= 0)) throw new ValueError(`expected a standard deviation >= 0, got ${std}`).during('normal_');
  return fillRandomly('normal_', 'normal', input, mean, std, options);
};

/** Fills with exponentially distributed numbers of the given rate. */
export const exponential_: Op<[input: Tensor, rate?: number, options?: GeneratorOptions]> = (
  input,
  rate = 1,
  options,
) => {
  if (!(rate > 0)) throw new ValueError(`expected a rate > 0, got ${rate}`).during('exponential_');
  return fillRandomly('exponential_', 'exponential', input, rate, 0, options);
};

/** Fills with whole numbers uniform over [low, high). */
export const random_: Op<[input: Tensor, low: number, high: number, options?: GeneratorOptions]> = (
  input,
  low,
  high,
  options,
) => {
  if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high) || low >= high) {
    throw new ValueError(`expected whole numbers low < high, got ${low} and ${high}`).during('random_');
  }
  prepare('random_', input, []);
  backend.random('randint', input, stateOf(options), low, high);
  input.storage.version++;
  return input;
};

/** Options of `bernoulli_`. */
export interface BernoulliOptions extends GeneratorOptions {
  readonly p?: number | Tensor;
}

/** Fills with 1 by probability `p` (0.5), else 0; `p` may be a tensor of probabilities, or a field of the options. */
export const bernoulli_: Op<[input: Tensor, p?: number | Tensor | BernoulliOptions, options?: GeneratorOptions]> = (
  input,
  p = 0.5,
  options,
) => {
  if (isOptions<BernoulliOptions>(p)) return bernoulli_(input, p.p, { generator: p.generator });
  if (!(p instanceof Tensor)) {
    if (!(p >= 0 && p <= 1)) throw new ValueError(`expected a probability from 0 to 1, got ${p}`).during('bernoulli_');
    return fillRandomly('bernoulli_', 'bernoulli', input, p, 0, options);
  }
  const recorded = prepare('bernoulli_', input, []);
  drawFrom(input, checkedProbabilities('bernoulli_', p.expand(input.shape)), options);
  input.storage.version++;
  if (recorded) replaceHistory(input, null);
  return input;
};

/** One draw per element in the order of the result's memory, which is PyTorch's. */
function drawFrom(result: Tensor, probabilities: Tensor, options: GeneratorOptions | undefined): void {
  const order = result.shape.map((_, d) => d).sort((a, b) => result.strides[b]! - result.strides[a]!);
  const inOrder = (tensor: Tensor): Tensor => {
    const pick = (list: readonly number[]): number[] => order.map((d) => list[d]!);
    return window(tensor, pick(tensor.shape), pick(tensor.strides), tensor.offset);
  };
  backend.bernoulliFrom(inOrder(result), inOrder(probabilities), stateOf(options));
}

function checkedProbabilities(name: string, p: Tensor): Tensor {
  if (!isFloat(p.dtype)) throw new DTypeError(`expected probabilities of a float dtype, got ${p.dtype}`).during(name);
  if (p.numel() > 0 && !(p.amin().item() >= 0 && p.amax().item() <= 1)) {
    throw new ValueError('expected probabilities from 0 to 1').during(name);
  }
  return p;
}

/** One draw of 0 or 1 per element of `input`, the probabilities of 1. */
export const bernoulli: Op<[input: Tensor, options?: GeneratorOptions]> = operation({
  name: 'bernoulli',
  takes: signatures.bernoulli,
  forward(input, options?) {
    const result = allocate(input.shape, input.dtype);
    drawFrom(result, checkedProbabilities('bernoulli', input), options);
    return result;
  },
  gradient: (grad) => [zerosLike(grad)],
});

export interface MultinomialOptions extends GeneratorOptions {
  /** Whether a class may be drawn again. */
  replacement?: boolean;
}

/**
 * `numSamples` classes drawn by the weights in each row of [classes] or [rows, classes]: int64.
 * https://pytorch.org/docs/stable/generated/torch.multinomial.html
 */
export const multinomial: Op<[input: Tensor, numSamples: number, options?: MultinomialOptions]> = guarded(
  signatures.multinomial,
  (input, numSamples, options = {}) => {
    const { replacement = false } = options;
    try {
      checkWeights(input, numSamples, replacement);
    } catch (error) {
      throw error instanceof ShapeError || error instanceof ValueError || error instanceof DTypeError
        ? error.during('multinomial')
        : error;
    }
    const rows = input.ndim === 1 ? input.detach().unsqueeze(0) : input.detach();
    const drawn = (replacement ? byCumulative : race)(rows, numSamples, options);
    return input.ndim === 1 ? drawn.squeeze(0) : drawn;
  },
);

function checkWeights(input: Tensor, numSamples: number, replacement: boolean): void {
  if (input.ndim < 1 || input.ndim > 2)
    throw new ShapeError(`expected weights of 1 or 2 dims, got ${show(input.shape)}`);
  if (!isFloat(input.dtype)) throw new DTypeError(`expected weights of a float dtype, got ${input.dtype}`);
  if (!Number.isInteger(numSamples) || numSamples < 1)
    throw new ValueError(`expected 1 or more samples, got ${numSamples}`);
  const classes = input.shape.at(-1)!;
  if (!replacement && numSamples > classes) {
    throw new ValueError(`${numSamples} samples without replacement from ${classes} classes`);
  }
  if (!(input.amin().item() >= 0) || !input.isfinite().all().item()) {
    throw new ValueError('expected weights that are finite and not negative');
  }
  if (input.sum(-1).eq(0).any().item()) throw new ValueError('the weights of a row add up to 0');
}

/** Without replacement: the classes whose exponential clocks of rate weight ring first. */
function race(rows: Tensor, numSamples: number, options: GeneratorOptions): Tensor {
  const clocks = allocate(rows.shape, rows.dtype).exponential_(1, { generator: options.generator });
  const keys = rows.div(clocks);
  return numSamples === 1 ? keys.argmax(-1, { keepdim: true }) : keys.topk(numSamples, -1).indices;
}

/** With replacement: the place of a uniform number in the cumulative distribution, one draw per sample. */
function byCumulative(rows: Tensor, numSamples: number, options: GeneratorOptions): Tensor {
  const cumulative = rows.cumsum(-1);
  const distribution = cumulative.div(cumulative.select(-1, rows.shape[1]! - 1).unsqueeze(-1));
  const draws = allocate([rows.shape[0]!, numSamples], 'float64').uniform_(0, 1, { generator: options.generator });
  // How many classes end at or below the draw.
  const below = distribution.double().unsqueeze(1).le(draws.unsqueeze(-1)).sum(-1);
  return below.clamp({ max: rows.shape[1]! - 1 });
}

// ---- dropout

const masked = operation({
  name: 'dropout',
  forward(input: Tensor, noise: Tensor): Tensor {
    const result = allocateLike(input);
    backend.binary('mul', result, input, noise);
    return result;
  },
  save: (_result, _input, noise) => noise,
  gradient: (grad, noise) => [grad.mul(noise)],
});

/** Elements set to 0 by probability `p`, the others divided by 1 - p. `shape`: that of the mask, to drop whole channels. */
export const dropout: Op<[input: Tensor, p: number, shape?: readonly number[], options?: GeneratorOptions]> = guarded(
  signatures.dropout,
  (input, p, shape = input.shape, options) => {
    if (!(p >= 0 && p <= 1)) throw new ValueError(`expected a probability from 0 to 1, got ${p}`).during('dropout');
    if (!isFloat(input.dtype)) throw new DTypeError(`expected a float dtype, got ${input.dtype}`).during('dropout');
    checkShape(shape);
    if (input.numel() === 0) return input.clone();
    if (p === 0) return input.mul(1);
    if (p === 1) return input.mul(0);
    // Contiguous whatever the input's layout, as in PyTorch, so that the numbers fall on the same elements.
    // Random numbers aren't drawn in bfloat16: it takes the same ones, rounded.
    const noise = allocate(shape, input.dtype === 'bfloat16' ? 'float32' : input.dtype);
    backend.random('bernoulli', noise, stateOf(options), 1 - p, 0);
    backend.binary('div', noise, noise, 1 - p);
    return masked(input, noise.to(input.dtype).expand(input.shape));
  },
);
