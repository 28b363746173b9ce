// Images under affine transforms, as Pillow's `Image.transform` makes them: the nearest pixel by places in 16-bit fixed point,
// or two or four neighbours along each side mixed in double precision; what comes from outside of the image is filled.

import type { Image } from '../io/image.js';
import { mapPoint, radians, type AffineMatrix, type Point } from './affine-matrix.js';
import type { Size } from './picture.js';
import { unweighByAlpha, weighByAlpha } from './resample.js';

/** How the pixels around a place are mixed. */
export type WarpInterpolation = 'nearest' | 'bilinear' | 'bicubic';

/** Applies an inverse matrix. `fill` has one value for each channel. */
export function warpImage(
  image: Image,
  size: Size,
  matrix: AffineMatrix,
  interpolation: WarpInterpolation,
  fill: readonly number[],
): Image {
  if (interpolation === 'nearest') return pickNearest(image, size, matrix, fill);
  const hasAlpha = image.channels === 2 || image.channels === 4;
  const source = hasAlpha ? weighByAlpha(image) : image;
  const mixed = mix(source, size, matrix, interpolation, fill);
  return hasAlpha ? unweighByAlpha(mixed) : mixed;
}

/** Turns an image by an angle counter-clockwise, as Pillow's `Image.rotate` does. */
export function rotateImage(
  image: Image,
  angle: number,
  center: Point | undefined,
  options: { expand: boolean; interpolation: WarpInterpolation; fill: readonly number[] },
): Image {
  const { expand, interpolation, fill } = options;
  const { width, height } = image;
  const degrees = ((angle % 360) + 360) % 360;
  if (center === undefined) {
    if (degrees === 0) return image;
    if (degrees === 180) return turned(image, (x, y) => [width - 1 - x, height - 1 - y], [height, width]);
    if (expand || width === height) {
      if (degrees === 90) return turned(image, (x, y) => [width - 1 - y, x], [width, height]);
      if (degrees === 270) return turned(image, (x, y) => [y, height - 1 - x], [width, height]);
    }
  }
  const [cx, cy] = center ?? [width / 2, height / 2];
  const turn = -radians(degrees);
  const rounded = (value: number): number => Number(value.toFixed(15));
  const [cos, sin] = [rounded(Math.cos(turn)), rounded(Math.sin(turn))];
  const across: AffineMatrix = [cos, sin, 0, rounded(-Math.sin(turn)), cos, 0];
  const [x0, y0] = mapPoint(across, -cx, -cy);
  const matrix: AffineMatrix = [across[0], across[1], x0 + cx, across[3], across[4], y0 + cy];
  if (!expand) return warpImage(image, [height, width], matrix, interpolation, fill);
  const corners = [
    [0, 0],
    [width, 0],
    [width, height],
    [0, height],
  ].map(([x, y]) => mapPoint(matrix, x!, y!));
  const extent = (axis: 0 | 1): number => {
    const places = corners.map((corner) => corner[axis]);
    return Math.ceil(Math.max(...places)) - Math.floor(Math.min(...places));
  };
  const [newWidth, newHeight] = [extent(0), extent(1)];
  const [c, f] = mapPoint(matrix, -(newWidth - width) / 2, -(newHeight - height) / 2);
  const shifted: AffineMatrix = [matrix[0], matrix[1], c, matrix[3], matrix[4], f];
  return warpImage(image, [newHeight, newWidth], shifted, interpolation, fill);
}

/** A turn by right angles: each pixel of the result is one of the source. */
function turned(image: Image, from: (x: number, y: number) => Point, [height, width]: Size): Image {
  const { channels, data: source } = image;
  const data = new Uint8Array(source.length);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [column, row] = from(x, y);
      const at = (row * image.width + column) * channels;
      for (let channel = 0; channel < channels; channel++) data[to++] = source[at + channel]!;
    }
  }
  return { data, width, height, channels };
}

function filled([height, width]: Size, { channels }: Image, fill: readonly number[]): Uint8Array {
  const data = new Uint8Array(height * width * channels);
  if (fill.some((value) => value !== 0)) for (let at = 0; at < data.length; at += channels) data.set(fill, at);
  return data;
}

const one = 1 << 16;

/** Within these bounds a place in fixed point fits 32 bits. */
function fitsFixedPoint(matrix: AffineMatrix, [height, width]: Size): boolean {
  return [0, width].every((x) =>
    [0, height].every((y) => mapPoint(matrix, x, y).every((place) => Math.abs(place) < 32_768)),
  );
}

function pickNearest(image: Image, size: Size, matrix: AffineMatrix, fill: readonly number[]): Image {
  const [height, width] = size;
  const { channels, data: source } = image;
  const data = filled(size, image, fill);
  const [a, b, c, d, e, f] = matrix;
  // A mere scaling keeps its places in full precision, as do places too far away for fixed point.
  const fixed = !(b === 0 && d === 0) && fitsFixedPoint(matrix, size);
  const unit = fixed ? one : 1;
  const exact = (value: number): number => (fixed ? Math.floor(value * one + 0.5) : value);
  const [stepX, stepY] = [exact(a), exact(d)];
  let [rowX, rowY] = [exact(c + a * 0.5 + b * 0.5), exact(f + d * 0.5 + e * 0.5)];
  for (let y = 0; y < height; y++) {
    let [placeX, placeY] = [rowX, rowY];
    for (let x = 0, to = y * width * channels; x < width; x++, to += channels) {
      const column = Math.floor(placeX / unit);
      const row = Math.floor(placeY / unit);
      if (column >= 0 && column < image.width && row >= 0 && row < image.height) {
        const from = (row * image.width + column) * channels;
        for (let channel = 0; channel < channels; channel++) data[to + channel] = source[from + channel]!;
      }
      placeX += stepX;
      placeY += stepY;
    }
    rowX += exact(b);
    rowY += exact(e);
  }
  return { data, width, height, channels };
}

function mix(
  image: Image,
  size: Size,
  matrix: AffineMatrix,
  interpolation: 'bilinear' | 'bicubic',
  fill: readonly number[],
): Image {
  const [height, width] = size;
  const { channels, data: source } = image;
  const data = filled(size, image, fill);
  const [taps, before] = interpolation === 'bilinear' ? [2, 0] : [4, 1];
  const curve = interpolation === 'bilinear' ? linear : cubic;
  const columns = new Array<number>(taps);
  const values = new Array<number>(taps);
  const sums = new Array<number>(taps);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += channels) {
      const [placeX, placeY] = mapPoint(matrix, x + 0.5, y + 0.5);
      if (!(placeX >= 0 && placeX < image.width && placeY >= 0 && placeY < image.height)) continue;
      const [left, top] = [Math.floor(placeX - 0.5), Math.floor(placeY - 0.5)];
      const [across, down] = [placeX - 0.5 - left, placeY - 0.5 - top];
      for (let k = 0; k < taps; k++) columns[k] = Math.min(image.width - 1, Math.max(0, left - before + k)) * channels;
      for (let channel = 0; channel < channels; channel++) {
        for (let k = 0; k < taps; k++) {
          const row = Math.min(image.height - 1, Math.max(0, top - before + k));
          const start = row * image.width * channels + channel;
          for (let i = 0; i < taps; i++) values[i] = source[start + columns[i]!]!;
          sums[k] = curve(values, across);
        }
        // Clipped and cut off, not rounded.
        data[to + channel] = Math.min(255, Math.max(0, curve(sums, down)));
      }
    }
  }
  return { data, width, height, channels };
}

/** Between two values. */
function linear(values: readonly number[], part: number): number {
  return values[0]! + (values[1]! - values[0]!) * part;
}

/** Between the middle two of four values (Keys' cubic with -1, in Horner's form). */
function cubic(values: readonly number[], part: number): number {
  const [v1, v2, v3, v4] = values as [number, number, number, number];
  return v2 + part * (-v1 + v3 + part * (2 * (v1 - v2) + v3 - v4 + part * (-v1 + v2 - v3 + v4)));
}
