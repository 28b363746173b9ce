// Mirroring a picture at random.

import { ValueError } from '../errors.js';
import { rand } from '../tensor/random.js';
import { flipHorizontally, flipVertically, sizeOf } from './picture.js';
import { PictureTransform, type Picture } from './transform.js';

/** Options of `RandomHorizontalFlip` and `RandomVerticalFlip`. */
export interface FlipOptions {
  /** The probability; default 0.5. */
  readonly p?: number;
}

/**
 * Exchanges left and right with probability `p`, drawn from the default generator as PyTorch draws it.
 * https://pytorch.org/vision/0.14/generated/torchvision.transforms.RandomHorizontalFlip.html
 */
export class RandomHorizontalFlip extends PictureTransform {
  static readonly moduleUrl = import.meta.url;
  readonly p: number;

  /** @param options the probability, as a number or as `p`; default 0.5 */
  constructor(options: number | FlipOptions = {}) {
    super();
    this.p = parseProbability(options, 'RandomHorizontalFlip');
  }

  /** @param picture an image, or a tensor `[..., height, width]` */
  override forward<P extends Picture>(picture: P): P;
  override forward(picture: Picture): Picture {
    sizeOf(picture, 'RandomHorizontalFlip');
    return rand([1]).item() < this.p ? flipHorizontally(picture) : picture;
  }
}

/**
 * Exchanges top and bottom with probability `p`, drawn from the default generator as PyTorch draws it.
 * https://pytorch.org/vision/0.14/generated/torchvision.transforms.RandomVerticalFlip.html
 */
export class RandomVerticalFlip extends PictureTransform {
  static readonly moduleUrl = import.meta.url;
  readonly p: number;

  /** @param options the probability, as a number or as `p`; default 0.5 */
  constructor(options: number | FlipOptions = {}) {
    super();
    this.p = parseProbability(options, 'RandomVerticalFlip');
  }

  /** @param picture an image, or a tensor `[..., height, width]` */
  override forward<P extends Picture>(picture: P): P;
  override forward(picture: Picture): Picture {
    sizeOf(picture, 'RandomVerticalFlip');
    return rand([1]).item() < this.p ? flipVertically(picture) : picture;
  }
}

function parseProbability(options: number | FlipOptions, transform: string): number {
  const p = typeof options === 'number' ? options : (options.p ?? 0.5);
  if (p >= 0 && p <= 1) return p;
  throw new ValueError(`${transform}: p must be between 0 and 1, got ${p}`);
}
