// Normalisation with PyTorch's arguments.

import { ShapeError, ValueError } from '../../errors.js';
import { batchNorm, layerNorm, type BatchNormOptions, type LayerNormOptions } from '../../ops/normalization.js';
import { elementCount, sameShape, show, type Shape } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { guarded } from '../../tensor/guarded.js';
import { signatures } from './signatures.js';

export { batchNorm, layerNorm, type BatchNormOptions, type LayerNormOptions };

function perChannel(tensor: Tensor, ndim: number): Tensor {
  return tensor.reshape([-1, ...new Array<number>(ndim - 2).fill(1)]);
}

/** [N, C, ...] normalised over groups of channels and the spatial dims. https://arxiv.org/abs/1803.08494 */
export const groupNorm = guarded(
  signatures.groupNorm,
  (input: Tensor, numGroups: number, weight?: Tensor, bias?: Tensor, { eps = 1e-5 }: LayerNormOptions = {}): Tensor => {
    if (input.ndim < 2)
      throw new ShapeError(`expected an input [N, C, ...], got ${show(input.shape)}`).during('groupNorm');
    const channels = input.shape[1]!;
    if (!Number.isInteger(numGroups) || numGroups < 1 || channels % numGroups !== 0) {
      throw new ValueError(`groupNorm: ${channels} channels can't be put into ${numGroups} groups`);
    }
    for (const tensor of [weight, bias]) {
      if (tensor && !sameShape(tensor.shape, [channels])) {
        throw new ShapeError(`expected weight and bias of shape [${channels}], got ${show(tensor.shape)}`).during(
          'groupNorm',
        );
      }
    }
    const features = elementCount(input.shape.slice(1)) / numGroups;
    const rows = input.reshape([input.shape[0]! * numGroups, features]);
    const normal = layerNorm(rows, [features], undefined, undefined, { eps }).reshape(input.shape);
    const scaled = weight ? normal.mul(perChannel(weight, input.ndim)) : normal;
    return bias ? scaled.add(perChannel(bias, input.ndim)) : scaled;
  },
);

/** Options of `instanceNorm`. */
export interface InstanceNormOptions {
  /** Use each sample's own statistics rather than the running ones. */
  useInputStats?: boolean;
  momentum?: number;
  eps?: number;
}

/** [N, C, ...S] normalised per sample and channel. https://arxiv.org/abs/1607.08022 */
export const instanceNorm = guarded(
  signatures.instanceNorm,
  (
    input: Tensor,
    runningMean?: Tensor,
    runningVar?: Tensor,
    weight?: Tensor,
    bias?: Tensor,
    { useInputStats = true, momentum = 0.1, eps = 1e-5 }: InstanceNormOptions = {},
  ): Tensor => {
    if (input.ndim < 3) {
      throw new ShapeError(`expected an input [N, C, ...], got ${show(input.shape)}`).during('instanceNorm');
    }
    if (!useInputStats) return batchNorm(input, runningMean, runningVar, weight, bias, { training: false, eps });
    const [samples, channels] = input.shape as [number, number];
    if (elementCount(input.shape.slice(2)) <= 1) {
      throw new ShapeError(
        `expected more than one spatial element when training, got input ${show(input.shape)}`,
      ).during('instanceNorm');
    }
    const spread = (tensor: Tensor | undefined): Tensor | undefined => tensor?.repeat([samples]);
    const mean = spread(runningMean);
    const variance = spread(runningVar);
    const rows: Shape = [1, samples * channels, ...input.shape.slice(2)];
    const result = batchNorm(input.reshape(rows), mean, variance, spread(weight), spread(bias), {
      training: true,
      momentum,
      eps,
    });
    // The running statistics are the means of those of the samples.
    if (mean) runningMean!.copy_(mean.reshape([samples, channels]).mean(0));
    if (variance) runningVar!.copy_(variance.reshape([samples, channels]).mean(0));
    return result.reshape(input.shape);
  },
);

/** Options of `rmsNorm`. */
export interface RmsNormOptions {
  /** The smallest number that tells 1 from more, for the dtype, unless given. */
  eps?: number | undefined;
}

/** x / sqrt(mean(x²) + eps) * weight over the last dims. https://arxiv.org/abs/1910.07467 */
export const rmsNorm = guarded(
  signatures.rmsNorm,
  (input: Tensor, normalizedShape: Shape, weight?: Tensor, { eps }: RmsNormOptions = {}): Tensor => {
    const last = input.shape.slice(input.ndim - normalizedShape.length);
    if (normalizedShape.length === 0 || !sameShape(last, normalizedShape)) {
      throw new ShapeError(
        `expected an input whose last dims are ${show(normalizedShape)}, got ${show(input.shape)}`,
      ).during('rmsNorm');
    }
    const dims = normalizedShape.map((_, d) => d - normalizedShape.length);
    const least = eps ?? (input.dtype === 'float64' ? Number.EPSILON : 2 ** -23);
    const normal = input.mul(input.square().mean(dims, { keepdim: true }).add(least).rsqrt());
    return weight ? normal.mul(weight) : normal;
  },
);

/** Options of `localResponseNorm`. */
export interface LocalResponseNormOptions {
  alpha?: number;
  beta?: number;
  k?: number;
}

/** x / (k + alpha * mean of x² over `size` neighbouring channels)^beta. Krizhevsky et al., NIPS 2012. */
export const localResponseNorm = guarded(
  signatures.localResponseNorm,
  (input: Tensor, size: number, { alpha = 1e-4, beta = 0.75, k = 1 }: LocalResponseNormOptions = {}): Tensor => {
    if (input.ndim < 3) {
      throw new ShapeError(`expected an input of 3 or more dims, got ${show(input.shape)}`).during('localResponseNorm');
    }
    const before = Math.floor(size / 2);
    const shape = input.shape.with(1, input.shape[1]! + size - 1);
    const squares = input.newZeros(shape);
    squares.narrow(1, before, input.shape[1]!).copy_(input.square());
    const mean = squares.unfold(1, size, 1).mean(-1);
    return input.div(mean.mul(alpha).add(k).pow(beta));
  },
);
