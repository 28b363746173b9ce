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

/** What both flips are. */
abstract class RandomFlip extends PictureTransform {
  /** The probability. */
  readonly p: number;

  protected constructor(
    private readonly direction: 'Horizontal' | 'Vertical',
    options: number | FlipOptions,
  ) {
    super();
    this.p = typeof options === 'number' ? options : (options.p ?? 0.5);
    if (!(this.p >= 0 && this.p <= 1)) {
      throw new ValueError(`Random${direction}Flip: p must be between 0 and 1, got ${this.p}`);
    }
  }

  /** @param picture an image, or a tensor `[..., height, width]` */
  override forward<P extends Picture>(picture: P): P;
  override forward(picture: Picture): Picture {
    sizeOf(picture, `Random${this.direction}Flip`);
    if (rand([1]).item() >= this.p) return picture;
    return this.direction === 'Horizontal' ? flipHorizontally(picture) : flipVertically(picture);
  }
}

/**
 * Exchanges left and right with probability `p`, drawn from the default generator as PyTorch draws it.
 * https://pytorch.org/vision/0.14/generated/torchvision.transforms.RandomHorizontalFlip.html
 */
export class RandomHorizontalFlip extends RandomFlip {
  static readonly moduleUrl = import.meta.url;

  /**
   * @param options the probability, as a number or as `p`; default 0.5
   * @throws ValueError when it is not between 0 and 1
   */
  constructor(options: number | FlipOptions = {}) {
    super('Horizontal', options);
  }
}

/**
 * Exchanges top and bottom with probability `p`, drawn from the default generator as PyTorch draws it.
 * https://pytorch.org/vision/0.14/generated/torchvision.transforms.RandomVerticalFlip.html
 */
export class RandomVerticalFlip extends RandomFlip {
  static readonly moduleUrl = import.meta.url;

  /**
   * @param options the probability, as a number or as `p`; default 0.5
   * @throws ValueError when it is not between 0 and 1
   */
  constructor(options: number | FlipOptions = {}) {
    super('Vertical', options);
  }
}
