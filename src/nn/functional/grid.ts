// Images sampled at places that are computed: affine grids and what is found there.

import { ShapeError, ValueError } from '../../errors.js';
import { stack } from '../../ops/combine.js';
import { where } from '../../ops/pointwise.js';
import { fromTypedArray, ones } from '../../tensor/create.js';
import { show, type Shape } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { guarded } from '../../tensor/guarded.js';
import { signatures } from './signatures.js';

/** Whether the outermost pixels keep their places. */
export interface AlignCornersOptions {
  /** Whether -1 and 1 are the centres of the corner elements rather than their outer edges. */
  alignCorners?: boolean;
}

/** Coordinates from -1 to 1 of the centres of `size` elements. */
function centres(size: number, alignCorners: boolean, dtype: Tensor['dtype']): Tensor {
  const step = alignCorners ? 2 / Math.max(size - 1, 1) : 2 / size;
  const first = alignCorners ? (size > 1 ? -1 : 0) : -1 + 1 / size;
  const values = Float64Array.from({ length: size }, (_, i) => first + step * i);
  return fromTypedArray(values, [size], { dtype });
}

/**
 * The places [N, H, W, 2] (x, then y) that an affine map `theta` [N, 2, 3] gives each element of a result of `size` [N, C, H, W].
 * https://pytorch.org/docs/stable/generated/torch.nn.functional.affine_grid.html
 */
export const affineGrid = guarded(
  signatures.affineGrid,
  (theta: Tensor, size: Shape, { alignCorners = false }: AlignCornersOptions = {}): Tensor => {
    if (theta.ndim !== 3 || theta.shape[1] !== 2 || theta.shape[2] !== 3 || size.length !== 4) {
      throw new ShapeError(
        `expected theta [N, 2, 3] and a size [N, C, H, W], got ${show(theta.shape)} and ${show(size)}`,
      ).during('affineGrid');
    }
    const [samples, , height, width] = size as [number, number, number, number];
    const x = centres(width, alignCorners, theta.dtype).expand([height, width]);
    const y = centres(height, alignCorners, theta.dtype).unsqueeze(1).expand([height, width]);
    const base = stack([x, y, ones([height, width], { dtype: theta.dtype })], -1).reshape([1, height * width, 3]);
    return base
      .expand([samples, height * width, 3])
      .matmul(theta.transpose(1, 2))
      .reshape([samples, height, width, 2]);
  },
);

/** Options of `gridSample`. */
export interface GridSampleOptions extends AlignCornersOptions {
  mode?: 'bilinear' | 'nearest';
  /** What stands outside the image: zeros, its border, or its mirror image. */
  paddingMode?: 'zeros' | 'border' | 'reflection';
}

/** Moves coordinates of elements back into [0, size), by stopping at the border or by mirroring. */
function inside(place: Tensor, size: number, { paddingMode, alignCorners }: GridSampleOptions): Tensor {
  if (paddingMode === 'zeros') return place;
  let kept = place;
  if (paddingMode === 'reflection') {
    const low = alignCorners ? 0 : -0.5;
    const span = alignCorners ? size - 1 : size;
    if (span === 0) return place.mul(0);
    const distance = place.sub(low).abs();
    const rest = distance.remainder(2 * span);
    kept = where(rest.le(span), rest, rest.neg().add(2 * span)).add(low);
  }
  return kept.clamp({ min: 0, max: size - 1 });
}

/**
 * The values of `input` [N, C, H, W] at `grid` [N, H', W', 2], places from -1 to 1 (x, then y): [N, C, H', W'].
 * https://pytorch.org/docs/stable/generated/torch.nn.functional.grid_sample.html
 */
export const gridSample = guarded(
  signatures.gridSample,
  (
    input: Tensor,
    grid: Tensor,
    { mode = 'bilinear', paddingMode = 'zeros', alignCorners = false }: GridSampleOptions = {},
  ): Tensor => {
    if (input.ndim !== 4 || grid.ndim !== 4 || grid.shape[3] !== 2 || grid.shape[0] !== input.shape[0]) {
      throw new ShapeError(
        `expected input [N, C, H, W] and grid [N, H', W', 2], got ${show(input.shape)} and ${show(grid.shape)}`,
      ).during('gridSample');
    }
    if (mode !== 'bilinear' && mode !== 'nearest') {
      throw new ValueError(`gridSample: expected mode 'bilinear' or 'nearest', got '${String(mode)}'`);
    }
    const [samples, channels, height, width] = input.shape as [number, number, number, number];
    const [, outHeight, outWidth] = grid.shape as [number, number, number];
    const coordinate = (which: 0 | 1, size: number): Tensor => {
      const at = grid.select(3, which).add(1);
      const place = alignCorners ? at.mul((size - 1) / 2) : at.mul(size).sub(1).div(2);
      return inside(place, size, { paddingMode, alignCorners });
    };
    const [x, y] = [coordinate(0, width), coordinate(1, height)];
    const planes = input.reshape([samples, channels, height * width]);
    /** The elements at whole places, zeros outside. */
    const pick = (column: Tensor, row: Tensor): Tensor => {
      const valid = column.ge(0).logicalAnd(column.lt(width)).logicalAnd(row.ge(0)).logicalAnd(row.lt(height));
      const flat = where(valid, row.mul(width).add(column), 0)
        .to('int64')
        .reshape([samples, 1, outHeight * outWidth]);
      const found = planes.gather(2, flat.expand([samples, channels, outHeight * outWidth]));
      return where(valid.unsqueeze(1), found.reshape([samples, channels, outHeight, outWidth]), 0);
    };
    if (mode === 'nearest') return pick(x.detach().round(), y.detach().round());
    const [left, top] = [x.detach().floor(), y.detach().floor()];
    const [right, bottom] = [left.add(1), top.add(1)];
    const part = (column: Tensor, row: Tensor, share: Tensor): Tensor => pick(column, row).mul(share.unsqueeze(1));
    return part(left, top, right.sub(x).mul(bottom.sub(y)))
      .add(part(right, top, x.sub(left).mul(bottom.sub(y))))
      .add(part(left, bottom, right.sub(x).mul(y.sub(top))))
      .add(part(right, bottom, x.sub(left).mul(y.sub(top))));
  },
);
