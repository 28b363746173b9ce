// Tensors under affine transforms, as PyTorch's `grid_sample` makes them: for each pixel of the result the places of its
// sources and their weights are reckoned here, in the precision PyTorch reckons them in; the pixels are gathered and mixed by
// tensor operations, so that gradients pass. What comes from outside is filled.

import '../ops/methods.js';
import { cat } from '../ops/combine.js';
import { fromTypedArray, tensor } from '../tensor/create.js';
import type { Tensor } from '../tensor/tensor.js';
import type { AffineMatrix } from './affine-matrix.js';
import { roundHalfToEven, type Size } from './picture.js';

/** Rounds to the precision of the dtype that is reckoned in. */
type Rounding = (value: number) => number;

/**
 * Applies an inverse matrix whose origin is the middle of the picture.
 * @param input `[..., height, width]`
 * @param fill one value, or one for each channel (dim -3)
 */
export function warpTensor(
  input: Tensor,
  [height, width]: Size,
  matrix: AffineMatrix,
  interpolation: 'nearest' | 'bilinear',
  fill: readonly number[],
): Tensor {
  const dtype = input.dtype === 'float64' ? 'float64' : 'float32';
  const source = input.dtype === dtype ? input : input.to(dtype);
  const round: Rounding = dtype === 'float64' ? (value) => value : Math.fround;
  const [fullHeight, fullWidth] = source.shape.slice(-2) as [number, number];
  const places = sourcePlaces([fullHeight, fullWidth], [height, width], matrix, round);
  const taps = interpolation === 'nearest' ? nearest(places) : neighbours(places, round);
  // One more pixel stands for all outside.
  const pixels = cat([source.flatten(-2), source.newZeros([...source.shape.slice(0, -2), 1])], -1);
  const outside = BigInt(fullHeight * fullWidth);
  const inside = new Float64Array(height * width);
  let sum: Tensor | undefined;
  for (const { dx, dy, weights } of taps) {
    const indices = new BigInt64Array(height * width);
    for (let i = 0; i < indices.length; i++) {
      const [column, row] = [places.columns[i]! + dx, places.rows[i]! + dy];
      const isInside = column >= 0 && column < fullWidth && row >= 0 && row < fullHeight;
      indices[i] = isInside ? BigInt(row * fullWidth + column) : outside;
      if (!isInside) weights[i] = 0;
      inside[i] = round(inside[i]! + weights[i]!);
    }
    const gathered = pixels.indexSelect(-1, fromTypedArray(indices, [indices.length]));
    const weighted = gathered.mul(fromTypedArray(weights, [weights.length]).to(dtype));
    sum = sum === undefined ? weighted : sum.add(weighted);
  }
  const mask = fromTypedArray(inside, [height, width]).to(dtype);
  const colour = tensor(fill, { dtype }).view([fill.length, 1, 1]);
  const border = (fill.length === 1 ? colour.squeeze(0) : colour).mul(mask.neg().add(1));
  const warped = sum!.unflatten(-1, [height, width]).mul(mask).add(border);
  if (input.dtype === dtype) return warped;
  return (input.isFloatingPoint() ? warped : warped.round()).to(input.dtype);
}

/** Where each pixel of the result comes from, and the pixel at or before that place. */
interface Places {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly columns: Int32Array;
  readonly rows: Int32Array;
}

/** By the grid from -1 to 1 over the picture that `grid_sample` takes, whose rounding decides between two pixels. */
function sourcePlaces(from: Size, [height, width]: Size, matrix: AffineMatrix, round: Rounding): Places {
  const scaled = matrix.map((value, i) => round(round(value) / (0.5 * (i < 3 ? from[1] : from[0]))));
  const [a, b, c, d, e, f] = scaled as [number, number, number, number, number, number];
  const count = height * width;
  const [x, y] = [new Float64Array(count), new Float64Array(count)];
  for (let row = 0, i = 0; row < height; row++) {
    const down = row - 0.5 * height + 0.5;
    for (let column = 0; column < width; column++, i++) {
      const across = column - 0.5 * width + 0.5;
      const gridX = round(round(round(across * a) + round(down * b)) + c);
      const gridY = round(round(round(across * d) + round(down * e)) + f);
      x[i] = round(round(gridX + 1) * (from[1] / 2) - 0.5);
      y[i] = round(round(gridY + 1) * (from[0] / 2) - 0.5);
    }
  }
  return { x, y, columns: Int32Array.from(x, Math.floor), rows: Int32Array.from(y, Math.floor) };
}

/** What one of the pixels around a place counts for: that `dx`, `dy` from the pixel before it. */
interface Tap {
  readonly dx: number;
  readonly dy: number;
  readonly weights: Float64Array;
}

function nearest(places: Places): Tap[] {
  const { x, y, columns, rows } = places;
  for (let i = 0; i < x.length; i++) {
    columns[i] = roundHalfToEven(x[i]!);
    rows[i] = roundHalfToEven(y[i]!);
  }
  return [{ dx: 0, dy: 0, weights: new Float64Array(x.length).fill(1) }];
}

function neighbours({ x, y, columns, rows }: Places, round: Rounding): Tap[] {
  const taps = [
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ] as const;
  return taps.map(([dx, dy]) => {
    const weights = Float64Array.from(x, (place, i) => {
      const across = round(place - columns[i]!);
      const down = round(y[i]! - rows[i]!);
      return round((dx === 1 ? across : round(1 - across)) * (dy === 1 ? down : round(1 - down)));
    });
    return { dx, dy, weights };
  });
}
