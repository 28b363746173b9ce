// Cutting out a part of random size and shape and bringing it to one size.

import { ValueError } from '../errors.js';
import '../ops/methods.js';
import { empty } from '../tensor/create.js';
import { randint } from '../tensor/random.js';
import { crop, parseSize, roundHalfToEven, sizeOf, type Size } from './picture.js';
import { Resize, type ResizeOptions } from './resize.js';
import { PictureTransform, type Picture } from './transform.js';

/** Options of `RandomResizedCrop`. */
export interface RandomResizedCropOptions extends Omit<ResizeOptions, 'maxSize'> {
  /** The least and the largest part of the picture's area; default [0.08, 1]. */
  readonly scale?: readonly [number, number];
  /** The least and the largest ratio of width to height; default [3/4, 4/3]. */
  readonly ratio?: readonly [number, number];
}

/** How often a part that fits is drawn before the largest in the middle is taken. */
const attempts = 10;

/**
 * Cuts out a part of random area, shape and place, drawn from the default generator as PyTorch draws them, and resizes it.
 * https://pytorch.org/vision/0.14/generated/torchvision.transforms.RandomResizedCrop.html
 */
export class RandomResizedCrop extends PictureTransform {
  static readonly moduleUrl = import.meta.url;
  private readonly scale: readonly [number, number];
  private readonly ratio: readonly [number, number];
  private readonly resize: Resize;

  /** @param size one number for a square, or [height, width] */
  constructor(size: number | readonly [number, number], options: RandomResizedCropOptions = {}) {
    super();
    const { scale = [0.08, 1], ratio = [3 / 4, 4 / 3], ...resizing } = options;
    for (const [name, range] of Object.entries({ scale, ratio })) {
      if (range.length === 2 && range[0] > 0 && range[0] <= range[1] && range[1] < Infinity) continue;
      throw new ValueError(`RandomResizedCrop: ${name} must be [least, most], above 0, got ${JSON.stringify(range)}`);
    }
    this.scale = scale;
    this.ratio = ratio;
    const [height, width] = parseSize(size, 'RandomResizedCrop');
    this.resize = new Resize([height, width], resizing);
  }

  /** @param picture an image, or a tensor `[..., height, width]` */
  override forward<P extends Picture>(picture: P): P;
  override forward(picture: Picture): Picture {
    const [top, left, size] = this.draw(sizeOf(picture, 'RandomResizedCrop'));
    return this.resize.forward(crop(picture, top, left, size));
  }

  private draw([height, width]: Size): [top: number, left: number, size: Size] {
    const { fround } = Math;
    const [least, most] = this.ratio.map((ratio) => fround(Math.log(fround(ratio)))) as [number, number];
    for (let i = 0; i < attempts; i++) {
      const area = height * width * uniform(this.scale[0], this.scale[1]);
      const ratio = fround(Math.exp(uniform(least, most)));
      const across = roundHalfToEven(Math.sqrt(area * ratio));
      const down = roundHalfToEven(Math.sqrt(area / ratio));
      if (!(across > 0 && across <= width && down > 0 && down <= height)) continue;
      const top = randint(height - down + 1, [1]).item();
      const left = randint(width - across + 1, [1]).item();
      return [top, left, [down, across]];
    }
    const found = width / height;
    const [narrow, wide] = this.ratio;
    const down = found < narrow ? Math.max(1, roundHalfToEven(width / narrow)) : height;
    const across = found > wide ? Math.max(1, roundHalfToEven(height * wide)) : width;
    return [Math.floor((height - down) / 2), Math.floor((width - across) / 2), [down, across]];
  }
}

function uniform(least: number, most: number): number {
  return empty([1]).uniform_(least, most).item();
}
