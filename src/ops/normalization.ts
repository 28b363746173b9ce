// Normalisation in one pass each: batch norm and layer norm with fused gradients; where a graph of gradients is made the
// gradients are composed of plain operations.

import { isGradEnabled } from '../autograd/mode.js';
import { solelyHeld } from '../autograd/ownership.js';
import { backend } from '../backend/active.js';
import type { DType } from '../backend/dtype.js';
import { DTypeError, ShapeError } from '../errors.js';
import { elementCount, sameShape, show, type Shape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { allocate } from '../tensor/tensor.js';
import { operation, type Op } from './operation.js';

/** Running statistics that training blends the batch's into. */
export interface RunningStatistics {
  readonly mean: Tensor;
  readonly variance: Tensor;
  readonly momentum: number;
}

function requireFloat(input: Tensor): void {
  if (!input.isFloatingPoint()) throw new DTypeError(`expected a float dtype, got ${input.dtype}`);
}

/** Statistics of bfloat16 are kept in float32, and its parameters may be. */
function statisticsDType({ dtype }: Tensor): DType {
  return dtype === 'bfloat16' ? 'float32' : dtype;
}

/** [C] seen as [1, C, 1, ...], to broadcast over [N, C, ...]. */
function perChannel(tensor: Tensor, ndim: number): Tensor {
  return tensor.reshape([1, -1, ...new Array<number>(ndim - 2).fill(1)]);
}

function notChannel(ndim: number): number[] {
  return Array.from({ length: ndim }, (_, d) => d).filter((d) => d !== 1);
}

/** Statistics that a forward leaves for its backward. */
interface Statistics {
  mean?: Tensor;
  rstd?: Tensor;
}

const trained = operation({
  name: 'batchNorm',
  forward(
    input: Tensor,
    weight: Tensor | undefined,
    bias: Tensor | undefined,
    running: RunningStatistics | undefined,
    eps: number,
    statistics: Statistics,
  ): Tensor {
    const channels = [input.shape[1]!];
    const result = allocate(input.shape, input.dtype);
    const mean = (statistics.mean = allocate(channels, statisticsDType(input)));
    const rstd = (statistics.rstd = allocate(channels, statisticsDType(input)));
    backend.batchNorm(result, mean, rstd, input, weight, bias, running, eps);
    if (running) {
      running.mean.storage.version++;
      running.variance.storage.version++;
    }
    return result;
  },
  save: (_result, input, weight, _bias, _running, eps, statistics) => ({
    input,
    weight,
    eps,
    mean: statistics.mean!,
    rstd: statistics.rstd!,
  }),
  gradient(grad, { input, weight, eps, mean, rstd }, needs) {
    if (!isGradEnabled()) return fusedBatchNorm(grad, input, weight, mean, rstd, needs, true);
    const dims = notChannel(input.ndim);
    const centred = input.sub(input.mean(dims, { keepdim: true }));
    const scale = centred.square().mean(dims, { keepdim: true }).add(eps).rsqrt();
    const normal = centred.mul(scale);
    const gradNormal = weight ? grad.mul(perChannel(weight, input.ndim)) : grad;
    const gradInput = gradNormal
      .sub(gradNormal.mean(dims, { keepdim: true }))
      .sub(normal.mul(gradNormal.mul(normal).mean(dims, { keepdim: true })))
      .mul(scale);
    return [gradInput, grad.mul(normal).sum(dims), grad.sum(dims)];
  },
});

const evaluated = operation({
  name: 'batchNorm',
  forward(input: Tensor, weight: Tensor | undefined, bias: Tensor | undefined, mean: Tensor, rstd: Tensor): Tensor {
    const result = allocate(input.shape, input.dtype);
    backend.batchNormWith(result, input, mean, rstd, weight, bias);
    return result;
  },
  save: (_result, input, weight, _bias, mean, rstd) => ({ input, weight, mean, rstd }),
  gradient(grad, { input, weight, mean, rstd }, needs) {
    if (!isGradEnabled()) return fusedBatchNorm(grad, input, weight, mean, rstd, needs, false);
    const dims = notChannel(input.ndim);
    const scale = perChannel(rstd, input.ndim);
    const normal = input.sub(perChannel(mean, input.ndim)).mul(scale);
    const gradNormal = weight ? grad.mul(perChannel(weight, input.ndim)) : grad;
    return [gradNormal.mul(scale), grad.mul(normal).sum(dims), grad.sum(dims)];
  },
});

/** Where the gradient of `input` goes: over that of the result, or to a new block. */
function blockFor(grad: Tensor, input: Tensor): Tensor {
  return solelyHeld(grad) && grad.dtype === input.dtype ? grad : allocate(input.shape, input.dtype);
}

function fusedBatchNorm(
  grad: Tensor,
  input: Tensor,
  weight: Tensor | undefined,
  mean: Tensor,
  rstd: Tensor,
  needs: readonly boolean[],
  batchStatistics: boolean,
): (Tensor | null)[] {
  const gradInput = needs[0] ? blockFor(grad, input) : null;
  const gradWeight = needs[1] ? allocate(mean.shape, weight?.dtype ?? mean.dtype) : null;
  const gradBias = needs[2] ? allocate(mean.shape, weight?.dtype ?? mean.dtype) : null;
  backend.batchNormBackward(
    gradInput ?? undefined,
    gradWeight ?? undefined,
    gradBias ?? undefined,
    grad,
    input,
    mean,
    rstd,
    weight,
    batchStatistics,
  );
  return [gradInput, gradWeight, gradBias];
}

/** Options of `batchNorm`. */
export interface BatchNormOptions {
  /** Use the batch's statistics (and blend them into the running ones) or the running ones. */
  training?: boolean;
  /** How much of the batch's statistics goes into the running ones. */
  momentum?: number;
  eps?: number;
}

/**
 * Batch normalisation of [N, C, ...S] per channel. https://arxiv.org/abs/1502.03167
 * @throws ShapeError when training with a single value per channel
 */
export const batchNorm: Op<
  [
    input: Tensor,
    runningMean: Tensor | undefined,
    runningVar: Tensor | undefined,
    weight?: Tensor | undefined,
    bias?: Tensor | undefined,
    options?: BatchNormOptions,
  ]
> = (input, runningMean, runningVar, weight, bias, { training = false, momentum = 0.1, eps = 1e-5 } = {}) => {
  try {
    requireFloat(input);
    if (input.ndim < 2) throw new ShapeError(`expected an input [N, C, ...], got ${show(input.shape)}`);
    const channels = [input.shape[1]!];
    for (const tensor of [runningMean, runningVar, weight, bias]) {
      if (tensor && !sameShape(tensor.shape, channels)) {
        throw new ShapeError(`expected ${show(channels)} for input ${show(input.shape)}, got ${show(tensor.shape)}`);
      }
      if (tensor && tensor.dtype !== input.dtype && tensor.dtype !== statisticsDType(input)) {
        throw new DTypeError(`expected ${input.dtype} as the input has, got ${tensor.dtype}`);
      }
    }
    if (!training) {
      if (!runningMean || !runningVar) throw new ShapeError('running statistics are needed when not training');
      const rstd = runningVar.detach().add(eps).rsqrt();
      return evaluated(input, weight, bias, runningMean.detach(), rstd);
    }
    if (elementCount(input.shape) / Math.max(channels[0]!, 1) <= 1) {
      throw new ShapeError(`expected more than one value per channel when training, got input ${show(input.shape)}`);
    }
    const running = runningMean && runningVar ? { mean: runningMean, variance: runningVar, momentum } : undefined;
    return trained(input, weight, bias, running, eps, {});
  } catch (error) {
    throw error instanceof ShapeError || error instanceof DTypeError ? error.during('batchNorm') : error;
  }
};

const layer = operation({
  name: 'layerNorm',
  forward(
    input: Tensor,
    weight: Tensor | undefined,
    bias: Tensor | undefined,
    features: number,
    eps: number,
    statistics: Statistics,
  ): Tensor {
    const rows = features === 0 ? 0 : input.numel() / features;
    const result = allocate(input.shape, input.dtype);
    const mean = (statistics.mean = allocate([rows], statisticsDType(input)));
    const rstd = (statistics.rstd = allocate([rows], statisticsDType(input)));
    const flat = (tensor: Tensor): Tensor => tensor.reshape([rows, features]);
    const flatParameter = (tensor: Tensor | undefined): Tensor | undefined => tensor?.detach().reshape([features]);
    backend.layerNorm(
      flat(result),
      mean,
      rstd,
      flat(input.detach().contiguous()),
      flatParameter(weight),
      flatParameter(bias),
      eps,
    );
    return result;
  },
  save: (_result, input, weight, _bias, features, eps, statistics) => ({
    input,
    weight,
    features,
    eps,
    mean: statistics.mean!,
    rstd: statistics.rstd!,
  }),
  gradient(grad, { input, weight, features, eps, mean, rstd }, needs) {
    const rows = features === 0 ? 0 : input.numel() / features;
    const parameterShape = weight?.shape;
    const shapeOf = (tensor: Tensor): Tensor => (parameterShape ? tensor.reshape(parameterShape) : tensor);
    if (!isGradEnabled()) {
      const gradInput = needs[0] ? blockFor(grad, input) : null;
      const gradWeight = needs[1] ? allocate([features], weight?.dtype ?? mean.dtype) : null;
      const gradBias = needs[2] ? allocate([features], weight?.dtype ?? mean.dtype) : null;
      backend.layerNormBackward(
        gradInput?.reshape([rows, features]),
        gradWeight ?? undefined,
        gradBias ?? undefined,
        grad.contiguous().reshape([rows, features]),
        input.contiguous().reshape([rows, features]),
        mean,
        rstd,
        weight?.reshape([features]),
      );
      return [gradInput, gradWeight && shapeOf(gradWeight), gradBias && shapeOf(gradBias)];
    }
    const x = input.reshape([rows, features]);
    const g = grad.reshape([rows, features]);
    const centred = x.sub(x.mean(1, { keepdim: true }));
    const scale = centred.square().mean(1, { keepdim: true }).add(eps).rsqrt();
    const normal = centred.mul(scale);
    const gradNormal = weight ? g.mul(weight.reshape([features])) : g;
    const gradInput = gradNormal
      .sub(gradNormal.mean(1, { keepdim: true }))
      .sub(normal.mul(gradNormal.mul(normal).mean(1, { keepdim: true })))
      .mul(scale);
    return [gradInput.reshape(input.shape), shapeOf(g.mul(normal).sum(0)), shapeOf(g.sum(0))];
  },
});

/** Options of `layerNorm`. */
export interface LayerNormOptions {
  eps?: number;
}

/** Layer normalisation over the last dims, those of `normalizedShape`. https://arxiv.org/abs/1607.06450 */
export const layerNorm: Op<
  [
    input: Tensor,
    normalizedShape: Shape,
    weight?: Tensor | undefined,
    bias?: Tensor | undefined,
    options?: LayerNormOptions,
  ]
> = (input, normalizedShape, weight, bias, { eps = 1e-5 } = {}) => {
  const last = input.shape.slice(input.ndim - normalizedShape.length);
  if (normalizedShape.length === 0 || !sameShape(last, normalizedShape)) {
    throw new ShapeError(
      `expected an input whose last dims are ${show(normalizedShape)}, got ${show(input.shape)}`,
    ).during('layerNorm');
  }
  for (const tensor of [weight, bias]) {
    if (tensor && !sameShape(tensor.shape, normalizedShape)) {
      throw new ShapeError(
        `expected weight and bias of shape ${show(normalizedShape)}, got ${show(tensor.shape)}`,
      ).during('layerNorm');
    }
  }
  return layer(input, weight, bias, elementCount(normalizedShape), eps, {});
};
