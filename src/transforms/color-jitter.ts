// Changing a picture's colours at random.

import { DTypeError, ShapeError, ValueError } from '../errors.js';
import type { Image } from '../io/image.js';
import '../ops/methods.js';
import { empty } from '../tensor/create.js';
import { randperm } from '../tensor/random.js';
import { show } from '../tensor/shape.js';
import { Tensor } from '../tensor/tensor.js';
import * as colour from './colour.js';
import { sizeOf } from './picture.js';
import { PictureTransform, type Picture } from './transform.js';

/** How far something may be changed to either side, or its [least, most]. */
export type Jitter = number | readonly [number, number];

/** Options of `ColorJitter`. */
export interface ColorJitterOptions {
  /** The factor is drawn from `1 - brightness` (not below 0) to `1 + brightness`; default 0. */
  readonly brightness?: Jitter;
  /** The same for the distance from the mean grey; default 0. */
  readonly contrast?: Jitter;
  /** The same for the distance from grey; default 0. */
  readonly saturation?: Jitter;
  /** The hue is moved by `-hue` to `hue` of its circle, 0.5 at most; default 0. */
  readonly hue?: Jitter;
}

interface Change {
  readonly image: (image: Image, factor: number) => Image;
  readonly tensor: (input: Tensor, factor: number) => Tensor;
}

const changes: readonly Change[] = [colour.brightness, colour.contrast, colour.saturation, colour.hue];

/**
 * Changes brightness, contrast, saturation and hue in random order, by amounts drawn from the default generator as PyTorch
 * draws them. Alpha stays as it is.
 * https://pytorch.org/vision/0.14/generated/torchvision.transforms.ColorJitter.html
 */
export class ColorJitter extends PictureTransform {
  static readonly moduleUrl = import.meta.url;
  /** For each change, in the order above, the range of its factor; null where nothing is to be changed. */
  private readonly ranges: readonly (readonly [number, number] | null)[];

  /**
   * `new ColorJitter({ brightness: 0.2, hue: 0.1 })`, or the four in PyTorch's order: `new ColorJitter(0.2, 0, 0, 0.1)`.
   * @throws ValueError for a range that is none or goes too far
   */
  constructor(brightness: Jitter | ColorJitterOptions = {}, contrast?: Jitter, saturation?: Jitter, hue?: Jitter) {
    super();
    const options: ColorJitterOptions = isJitter(brightness) ? { brightness } : brightness;
    this.ranges = [
      parseRange(options.brightness, 'brightness', 1, Infinity),
      parseRange(options.contrast ?? contrast, 'contrast', 1, Infinity),
      parseRange(options.saturation ?? saturation, 'saturation', 1, Infinity),
      parseRange(options.hue ?? hue, 'hue', 0, 0.5),
    ];
  }

  /**
   * @param picture an image, or a tensor `[..., 1 or 3, height, width]`: float from 0 to 1, or uint8
   * @throws ShapeError for a tensor with another number of channels
   */
  override forward<P extends Picture>(picture: P): P;
  override forward(picture: Picture): Picture {
    sizeOf(picture, 'ColorJitter');
    if (picture instanceof Tensor) checkTensor(picture);
    const order = randperm(4).data();
    const factors = this.ranges.map((range) =>
      range === null ? null : empty([1]).uniform_(range[0], range[1]).item(),
    );
    let changed = picture;
    for (const which of order) {
      const factor = factors[Number(which)];
      const change = changes[Number(which)]!;
      if (factor === null || factor === undefined) continue;
      changed = changed instanceof Tensor ? change.tensor(changed, factor) : change.image(changed, factor);
    }
    return changed;
  }
}

function isJitter(value: Jitter | ColorJitterOptions): value is Jitter {
  return typeof value === 'number' || Array.isArray(value);
}

function checkTensor({ shape, dtype }: Tensor): void {
  const channels = shape.at(-3);
  if (channels !== 1 && channels !== 3) {
    throw new ShapeError(`expected [..., 1 or 3, height, width], got ${show(shape)}`).during('ColorJitter');
  }
  if (dtype === 'uint8' || dtype.startsWith('float')) return;
  throw new DTypeError(`expected a float tensor from 0 to 1, or uint8, got ${dtype}`).during('ColorJitter');
}

function parseRange(jitter: Jitter = 0, name: string, center: 0 | 1, most: number): readonly [number, number] | null {
  const least = center === 1 ? 0 : -most;
  const range =
    typeof jitter === 'number' ? [center === 1 ? Math.max(0, center - jitter) : -jitter, center + jitter] : jitter;
  const [low, high] = range as readonly [number, number];
  const valid = typeof jitter === 'number' ? jitter >= 0 : Array.isArray(jitter) && jitter.length === 2;
  if (!valid || !(low >= least && low <= high && high <= most && high < Infinity)) {
    throw new ValueError(
      `ColorJitter: ${name} must be a number from 0${most < Infinity ? ` to ${most}` : ' on'}, or [least, most] ` +
        `from ${least}${most < Infinity ? ` to ${most}` : ' on'}, got ${JSON.stringify(jitter)}`,
    );
  }
  return low === center && high === center ? null : [low, high];
}
