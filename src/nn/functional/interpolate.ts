// Images, lines and volumes made larger or smaller by resampling, one spatial dim after the other.

import { ShapeError, ValueError } from '../../errors.js';
import { adaptiveAveragePool } from '../../ops/pooling.js';
import { fromTypedArray } from '../../tensor/create.js';
import { show } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { requireCount } from '../arguments.js';
import { guarded } from '../../tensor/guarded.js';
import { signatures } from './signatures.js';

/** How `interpolate` finds a value between pixels. */
export type InterpolationMode = 'nearest' | 'nearest-exact' | 'linear' | 'bilinear' | 'bicubic' | 'trilinear' | 'area';

/** Options of `interpolate`. */
export interface InterpolateOptions {
  /** The spatial sizes of the result; one for all. */
  size?: number | readonly number[] | undefined;
  /** The factors by which sizes grow; one for all. Instead of `size`. */
  scaleFactor?: number | readonly number[] | undefined;
  mode?: InterpolationMode;
  /** Whether the corner elements' centres stay in the corners (linear and cubic modes). */
  alignCorners?: boolean | undefined;
  /** Compute coordinates from the sizes rather than from the factors given. */
  recomputeScaleFactor?: boolean | undefined;
}

/** How many spatial dims a mode is for. */
const spatialDims: Record<InterpolationMode, readonly number[]> = {
  nearest: [1, 2, 3],
  'nearest-exact': [1, 2, 3],
  area: [1, 2, 3],
  linear: [1],
  bilinear: [2],
  bicubic: [2],
  trilinear: [3],
};

/** Where one result position takes its elements from, and by which weights. */
interface Taps {
  readonly positions: number[];
  readonly weights: number[];
}

/** Coordinates are computed in the precision of the tensor, as in PyTorch. */
type Round = (value: number) => number;

function tapsOf(
  mode: InterpolationMode,
  align: boolean,
  size: number,
  target: number,
  factor: number,
  round: Round,
): Taps[] {
  const scale = round(align ? (target > 1 ? (size - 1) / (target - 1) : 0) : factor);
  return Array.from({ length: target }, (_, i) => {
    if (mode === 'nearest' || mode === 'nearest-exact') {
      const at = round(scale * (mode === 'nearest' ? i : i + 0.5));
      return { positions: [Math.min(Math.floor(at), size - 1)], weights: [1] };
    }
    const centre = align ? round(scale * i) : round(round(scale * (i + 0.5)) - 0.5);
    if (mode === 'bicubic') return cubicTaps(centre, size, round);
    const at = Math.max(centre, 0);
    const first = Math.min(Math.floor(at), size - 1);
    const weight = round(Math.min(Math.max(at - first, 0), 1));
    return { positions: [first, Math.min(first + 1, size - 1)], weights: [round(1 - weight), weight] };
  });
}

/** Keys' cubic convolution with a = -0.75, the border repeated. */
function cubicTaps(centre: number, size: number, round: Round): Taps {
  const a = -0.75;
  const first = Math.floor(centre);
  const t = round(centre - first);
  const near = (x: number): number => ((a + 2) * x - (a + 3)) * x * x + 1;
  const far = (x: number): number => ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return {
    positions: [-1, 0, 1, 2].map((step) => Math.min(Math.max(first + step, 0), size - 1)),
    weights: [far(t + 1), near(t), near(1 - t), far(2 - t)].map(round),
  };
}

function resample(input: Tensor, dim: number, taps: readonly Taps[]): Tensor {
  const shape = input.shape.map((_, d) => (d === dim ? taps.length : 1));
  const parts = taps[0]!.positions.map((_, k) => {
    const positions = BigInt64Array.from(taps, (tap) => BigInt(tap.positions[k]!));
    const part = input.indexSelect(dim, fromTypedArray(positions, [taps.length]));
    if (taps[0]!.positions.length === 1) return part;
    const weights = Float64Array.from(taps, (tap) => tap.weights[k]!);
    return part.mul(fromTypedArray(weights, shape, { dtype: input.dtype }));
  });
  return parts.reduce((sum, part) => sum.add(part));
}

function perSpatialDim(name: string, value: number | readonly number[], dims: number): readonly number[] {
  const list = typeof value === 'number' ? new Array<number>(dims).fill(value) : value;
  if (list.length !== dims) {
    throw new ValueError(`interpolate: expected ${name} to be one or ${dims} numbers, got [${list.join(', ')}]`);
  }
  return list;
}

/**
 * [N, C, L], [N, C, H, W] or [N, C, D, H, W] resampled to `size` or by `scaleFactor`.
 * The gradient is always the result's own: PyTorch's, for 'nearest' by a factor that leaves a size as it is (1.2 of 4), isn't.
 * https://pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html
 */
export const interpolate = guarded(
  signatures.interpolate,
  (
    input: Tensor,
    { size, scaleFactor, mode = 'nearest', alignCorners, recomputeScaleFactor = false }: InterpolateOptions,
  ): Tensor => {
    const dims = input.ndim - 2;
    const known = Object.hasOwn(spatialDims, mode) ? spatialDims[mode] : undefined;
    if (!known) throw new ValueError(`interpolate: unknown mode '${String(mode)}'`);
    if (!known.includes(dims)) {
      throw new ShapeError(
        `mode '${mode}' is for inputs of ${known.map((count) => count + 2).join(', ')} dims, got ${show(input.shape)}`,
      ).during('interpolate');
    }
    if ((size === undefined) === (scaleFactor === undefined)) {
      throw new ValueError('interpolate: expected either size or scaleFactor');
    }
    const interpolating = mode.endsWith('linear') || mode === 'bicubic';
    if (alignCorners !== undefined && !interpolating) {
      throw new ValueError(`interpolate: alignCorners has no meaning for mode '${mode}'`);
    }
    const factors = scaleFactor === undefined ? undefined : perSpatialDim('scaleFactor', scaleFactor, dims);
    for (const factor of factors ?? []) {
      if (!(factor > 0)) throw new ValueError(`interpolate: expected a scaleFactor > 0, got ${factor}`);
    }
    const target = factors
      ? factors.map((factor, d) => Math.floor(input.shape[d + 2]! * factor))
      : perSpatialDim('size', size!, dims);
    for (const length of target) requireCount('interpolate', "the result's size", length);
    if (mode === 'area') return adaptiveAveragePool(input, target);
    const round: Round = input.dtype === 'float64' ? (value) => value : Math.fround;
    return target.reduce((result, length, d) => {
      const from = input.shape[d + 2]!;
      if (interpolating && mode !== 'bicubic' && length === from) return result;
      const factor = factors && !recomputeScaleFactor ? 1 / factors[d]! : from / length;
      return resample(result, d + 2, tapsOf(mode, alignCorners ?? false, from, length, factor, round));
    }, input);
  },
);
