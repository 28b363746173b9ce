// What the transforms of pictures have in common: sizes, cutting out, padding and mirroring of images and tensors alike.

import { DTypeError, ShapeError, ValueError } from '../errors.js';
import { isImage, type Image } from '../io/image.js';
import '../ops/methods.js';
import { full, tensor } from '../tensor/create.js';
import { show } from '../tensor/shape.js';
import { Tensor } from '../tensor/tensor.js';
import type { Picture } from './transform.js';

/** Height and width in pixels. */
export type Size = readonly [height: number, width: number];

/** How what lies beyond the edge is filled: with a value, the edge's own, or mirrored without or with the edge. */
export type PaddingMode = 'constant' | 'edge' | 'reflect' | 'symmetric';

/** Pixels to add on each side. */
export interface Border {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The size of a picture. @throws DTypeError when it is none, ShapeError when a tensor has fewer than two dims */
export function sizeOf(picture: Picture, transform: string): Size {
  if (picture instanceof Tensor) {
    const [height, width] = picture.shape.slice(-2);
    if (width === undefined) {
      throw new ShapeError(`expected [..., height, width], got ${show(picture.shape)}`).during(transform);
    }
    return [height!, width];
  }
  if (!isImage(picture)) throw new DTypeError('expected an image or a tensor').during(transform);
  return [picture.height, picture.width];
}

/** A size given as one number for both sides, or as [height, width]. */
export function parseSize(size: number | readonly number[], transform: string): Size {
  const [height, width = height] = typeof size === 'number' ? [size] : size;
  const valid = (side: number | undefined): boolean => Number.isInteger(side) && side! > 0;
  if (!valid(height) || !valid(width) || (typeof size !== 'number' && size.length > 2)) {
    throw new ValueError(`${transform}: size must be a whole number or [height, width], got ${JSON.stringify(size)}`);
  }
  return [height!, width!];
}

/** The part of a picture that begins at (top, left); it must lie within. */
export function crop(picture: Picture, top: number, left: number, [height, width]: Size): Picture {
  if (picture instanceof Tensor) return picture.narrow(-2, top, height).narrow(-1, left, width);
  const { channels } = picture;
  const data = new Uint8Array(height * width * channels);
  for (let row = 0; row < height; row++) {
    const from = ((top + row) * picture.width + left) * channels;
    data.set(picture.data.subarray(from, from + width * channels), row * width * channels);
  }
  return { data, width, height, channels };
}

/** Left and right exchanged. */
export function flipHorizontally(picture: Picture): Picture {
  if (picture instanceof Tensor) return picture.flip(-1);
  return rearrange(picture, mirrored(picture.width), identity(picture.height), [0]);
}

/** Top and bottom exchanged. */
export function flipVertically(picture: Picture): Picture {
  if (picture instanceof Tensor) return picture.flip(-2);
  return rearrange(picture, identity(picture.width), mirrored(picture.height), [0]);
}

/** A picture with a border around it. `fill` counts for `constant` only; a list has one value for each channel. */
export function pad(picture: Picture, border: Border, fill: number | readonly number[], mode: PaddingMode): Picture {
  const [height, width] = sizeOf(picture, 'Pad');
  const columns = sources(width, border.left, border.right, mode);
  const rows = sources(height, border.top, border.bottom, mode);
  if (!(picture instanceof Tensor)) return rearrange(picture, columns, rows, typeof fill === 'number' ? [fill] : fill);
  if (mode !== 'constant') {
    const indices = (places: readonly number[]): Tensor => tensor(places, { dtype: 'int64' });
    return picture.indexSelect(-1, indices(columns)).indexSelect(-2, indices(rows));
  }
  if (typeof fill !== 'number') throw new ValueError('Pad: the fill of a tensor is one number for all channels');
  const shape = [...picture.shape.slice(0, -2), rows.length, columns.length];
  const padded = full(shape, fill, { dtype: picture.dtype });
  padded.narrow(-2, border.top, height).narrow(-1, border.left, width).copy_(picture);
  return padded;
}

/** Where each place along one side of the result comes from; -1 is the fill. */
function sources(length: number, before: number, after: number, mode: PaddingMode): number[] {
  return Array.from({ length: before + length + after }, (_, i) => {
    const place = i - before;
    if (place >= 0 && place < length) return place;
    if (mode === 'constant') return -1;
    if (mode === 'edge') return place < 0 ? 0 : length - 1;
    if (mode === 'symmetric') return fold(place, 2 * length, 0);
    return length === 1 ? 0 : fold(place, 2 * length - 2, 1);
  });
}

/** Runs back and forth: counts up to half a period and down again, the turning points doubled (`skip` 0) or not (1). */
function fold(place: number, period: number, skip: 0 | 1): number {
  const within = ((place % period) + period) % period;
  const half = (period + (skip === 1 ? 2 : 0)) / 2;
  return within < half ? within : period - 1 + skip - within;
}

function identity(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}

function mirrored(length: number): number[] {
  return identity(length).reverse();
}

/** An image whose columns and rows are taken from those given; -1 is the fill. */
function rearrange(image: Image, columns: readonly number[], rows: readonly number[], fill: readonly number[]): Image {
  const { channels } = image;
  const colour = Array.from({ length: channels }, (_, channel) => fill[fill.length === 1 ? 0 : channel] ?? 0);
  const data = new Uint8Array(rows.length * columns.length * channels);
  let to = 0;
  for (const row of rows) {
    for (const column of columns) {
      const from = (row * image.width + column) * channels;
      const outside = row < 0 || column < 0;
      for (let channel = 0; channel < channels; channel++) {
        data[to++] = outside ? colour[channel]! : image.data[from + channel]!;
      }
    }
  }
  return { data, width: columns.length, height: rows.length, channels };
}

/** Python's rounding, by which PyTorch and Pillow decide what falls in the middle between two. */
export function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
