// What is put where a turned or shifted picture has nothing.

import { ShapeError, ValueError } from '../errors.js';
import { Tensor } from '../tensor/tensor.js';
import { show } from '../tensor/shape.js';
import type { Picture } from './transform.js';

/** One value for all channels, or one for each; from 0 to 255 for images. */
export type Fill = number | readonly number[];

/** @throws ValueError for what is neither a number nor a list of numbers */
export function parseFill(fill: Fill = 0, transform: string): readonly number[] {
  const values = typeof fill === 'number' ? [fill] : fill;
  if (values.length > 0 && values.every((value) => Number.isFinite(value))) return values;
  throw new ValueError(`${transform}: fill must be a number or a list of one for each channel, got ${String(fill)}`);
}

/** The fill as it goes with a picture. @throws ShapeError when there are not as many values as channels */
export function fillFor(picture: Picture, fill: readonly number[], transform: string): readonly number[] {
  const isTensor = picture instanceof Tensor;
  const channels = isTensor ? picture.shape.at(-3) : picture.channels;
  if (fill.length !== 1 && fill.length !== channels) {
    const found = isTensor ? show(picture.shape) : `${channels} channels`;
    throw new ShapeError(`a fill of ${fill.length} values does not go with ${found}`).during(transform);
  }
  if (isTensor) return fill;
  const bytes = fill.map((value) => Math.min(255, Math.max(0, Math.trunc(value))));
  return bytes.length === 1 ? new Array<number>(picture.channels).fill(bytes[0]!) : bytes;
}
