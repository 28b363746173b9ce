// Mirroring a picture at random.

import { ValueError } from '../errors.js';
import { rand } from '../tensor/random.js';
import { flipHorizontally, sizeOf } from './picture.js';
import { PictureTransform, type Picture } from './transform.js';

/**
 * Exchanges left and right with probability `p`, drawn from the default generator as PyTorch draws it.
 * https://pytorch.org/vision/0.14/generated/torchvision.transforms.RandomHorizontalFlip.html
 */
export class RandomHorizontalFlip extends PictureTransform {
  static readonly moduleUrl = import.meta.url;
  readonly p: number;

  /** @param options.p the probability; default 0.5 */
  constructor(options: { p?: number } = {}) {
    super();
    const { p = 0.5 } = options;
    if (!(p >= 0 && p <= 1)) throw new ValueError(`RandomHorizontalFlip: p must be between 0 and 1, got ${p}`);
    this.p = p;
  }

  /** @param picture an image, or a tensor `[..., height, width]` */
  override forward<P extends Picture>(picture: P): P;
  override forward(picture: Picture): Picture {
    sizeOf(picture, 'RandomHorizontalFlip');
    return rand([1]).item() < this.p ? flipHorizontally(picture) : picture;
  }
}
