// Cutting a part out of a picture: its middle, or somewhere at random.

import { ShapeError } from '../errors.js';
import { randint } from '../tensor/random.js';
import { parsePadding, parsePaddingMode, type Padding, type PadOptions } from './pad.js';
import { crop, pad, parseSize, roundHalfToEven, sizeOf, type Border, type PaddingMode, type Size } from './picture.js';
import { PictureTransform, type Picture } from './transform.js';

/**
 * Cuts out the middle; a picture that is smaller gets a border of zeros first.
 * https://pytorch.org/vision/0.14/generated/torchvision.transforms.CenterCrop.html
 */
export class CenterCrop extends PictureTransform {
  static readonly moduleUrl = import.meta.url;
  readonly size: Size;

  /** @param size one number for a square, or [height, width] */
  constructor(size: number | readonly [number, number]) {
    super();
    this.size = parseSize(size, 'CenterCrop');
  }

  /** @param picture an image, or a tensor `[..., height, width]` */
  override forward<P extends Picture>(picture: P): P;
  override forward(picture: Picture): Picture {
    const [height, width] = this.size;
    const [fullHeight, fullWidth] = sizeOf(picture, 'CenterCrop');
    const missing = [Math.max(0, height - fullHeight), Math.max(0, width - fullWidth)] as const;
    const [below, beside] = missing;
    const border = {
      left: Math.floor(beside / 2),
      top: Math.floor(below / 2),
      right: Math.ceil(beside / 2),
      bottom: Math.ceil(below / 2),
    };
    const padded = below + beside > 0 ? pad(picture, border, 0, 'constant') : picture;
    const top = roundHalfToEven((fullHeight + below - height) / 2);
    const left = roundHalfToEven((fullWidth + beside - width) / 2);
    return crop(padded, top, left, this.size);
  }
}

/** Options of `RandomCrop`. */
export interface RandomCropOptions extends PadOptions {
  /** A border to add before. */
  readonly padding?: Padding;
  /** Whether a picture that is too small is padded; default false. */
  readonly padIfNeeded?: boolean;
}

/**
 * Cuts a part out at a random place, drawn from the default generator as PyTorch draws it.
 * https://pytorch.org/vision/0.14/generated/torchvision.transforms.RandomCrop.html
 */
export class RandomCrop extends PictureTransform {
  static readonly moduleUrl = import.meta.url;
  readonly size: Size;
  private readonly border: Border | undefined;
  private readonly padIfNeeded: boolean;
  private readonly fill: number | readonly number[];
  private readonly paddingMode: PaddingMode;

  /** @param size one number for a square, or [height, width] */
  constructor(size: number | readonly [number, number], options: RandomCropOptions = {}) {
    super();
    this.size = parseSize(size, 'RandomCrop');
    this.border = options.padding === undefined ? undefined : parsePadding(options.padding, 'RandomCrop');
    this.padIfNeeded = options.padIfNeeded ?? false;
    this.fill = options.fill ?? 0;
    this.paddingMode = parsePaddingMode(options.paddingMode, 'RandomCrop');
  }

  /**
   * @param picture an image, or a tensor `[..., height, width]`
   * @throws ShapeError when it is smaller than the part and not to be padded
   */
  override forward<P extends Picture>(picture: P): P;
  override forward(picture: Picture): Picture {
    const padded = this.padded(picture);
    const [height, width] = this.size;
    const [fullHeight, fullWidth] = sizeOf(padded, 'RandomCrop');
    if (fullHeight < height || fullWidth < width) {
      throw new ShapeError(
        `a ${height}x${width} part can't be cut out of ${fullHeight}x${fullWidth} pixels: use padIfNeeded or padding`,
      ).during('RandomCrop');
    }
    // When there is no choice PyTorch draws nothing.
    if (fullHeight === height && fullWidth === width) return padded;
    const top = randint(fullHeight - height + 1, [1]).item();
    const left = randint(fullWidth - width + 1, [1]).item();
    return crop(padded, top, left, this.size);
  }

  private padded(picture: Picture): Picture {
    const { border, fill, paddingMode } = this;
    let padded = border === undefined ? picture : pad(picture, border, fill, paddingMode);
    if (!this.padIfNeeded) return padded;
    const [height, width] = sizeOf(padded, 'RandomCrop');
    const below = Math.max(0, this.size[0] - height);
    const beside = Math.max(0, this.size[1] - width);
    if (beside > 0) padded = pad(padded, { left: beside, right: beside, top: 0, bottom: 0 }, fill, paddingMode);
    if (below > 0) padded = pad(padded, { left: 0, right: 0, top: below, bottom: below }, fill, paddingMode);
    return padded;
  }
}
