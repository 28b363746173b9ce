// A border around a picture.

import { ValueError } from '../errors.js';
import { pad, type Border, type PaddingMode } from './picture.js';
import { PictureTransform, type Picture } from './transform.js';

/** Options of `Pad`. */
export interface PadOptions {
  /** The value of the border, or one for each channel of an image; default 0. */
  readonly fill?: number | readonly number[];
  /** `constant` (default), `edge`, `reflect` (mirrored at the edge pixel) or `symmetric` (mirrored behind it). */
  readonly paddingMode?: PaddingMode;
}

/** Pixels on all sides, on [left and right, top and bottom], or on [left, top, right, bottom]. */
export type Padding = number | readonly [number, number] | readonly [number, number, number, number];

/**
 * Adds a border.
 * https://pytorch.org/vision/0.14/generated/torchvision.transforms.Pad.html
 */
export class Pad extends PictureTransform {
  static readonly moduleUrl = import.meta.url;
  private readonly border: Border;
  private readonly fill: number | readonly number[];
  private readonly paddingMode: PaddingMode;

  /** @throws ValueError for a padding or mode that doesn't exist */
  constructor(padding: Padding, options: PadOptions = {}) {
    super();
    this.border = parsePadding(padding, 'Pad');
    this.fill = options.fill ?? 0;
    this.paddingMode = parsePaddingMode(options.paddingMode, 'Pad');
  }

  /** @param picture an image, or a tensor `[..., height, width]` */
  override forward<P extends Picture>(picture: P): P;
  override forward(picture: Picture): Picture {
    return pad(picture, this.border, this.fill, this.paddingMode);
  }
}

export function parsePadding(padding: Padding, transform: string): Border {
  const values = typeof padding === 'number' ? [padding] : [...padding];
  if (![1, 2, 4].includes(values.length) || !values.every((value) => Number.isInteger(value) && value >= 0)) {
    throw new ValueError(
      `${transform}: padding must be one whole number, [left and right, top and bottom] or [left, top, right, bottom], ` +
        `got ${JSON.stringify(padding)}`,
    );
  }
  const [left, top = left, right = left, bottom = top] = values as [number, number?, number?, number?];
  return { left, top, right, bottom };
}

export function parsePaddingMode(mode: PaddingMode = 'constant', transform: string): PaddingMode {
  if (['constant', 'edge', 'reflect', 'symmetric'].includes(mode)) return mode;
  throw new ValueError(`${transform}: paddingMode must be constant, edge, reflect or symmetric, got '${String(mode)}'`);
}
