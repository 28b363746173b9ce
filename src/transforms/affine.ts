// Turning, shifting, scaling and shearing a picture at random.

import { ValueError } from '../errors.js';
import '../ops/methods.js';
import { empty } from '../tensor/create.js';
import { Tensor } from '../tensor/tensor.js';
import { inverseAffine, parseCenter, parseDegrees, type AffineParameters, type Point } from './affine-matrix.js';
import { fillFor, parseFill, type Fill } from './fill.js';
import { roundHalfToEven, sizeOf, type Size } from './picture.js';
import { forTensor, fromMiddle, parseWarpInterpolation } from './rotation.js';
import { PictureTransform, type Picture } from './transform.js';
import { warpImage, type WarpInterpolation } from './warp-image.js';
import { warpTensor } from './warp-tensor.js';

/** Options of `RandomAffine`. */
export interface RandomAffineOptions {
  /** The farthest shifts to either side, as parts of width and height; by default nothing is shifted. */
  readonly translate?: readonly [number, number];
  /** The least and the largest factor; by default the scale stays. */
  readonly scale?: readonly [number, number];
  /** Degrees to shear along x: a number to either side, or [least, most], or these two for x and two more for y. */
  readonly shear?: number | readonly [number, number] | readonly [number, number, number, number];
  /** `nearest` (default), `bilinear`, or for images `bicubic`. */
  readonly interpolation?: WarpInterpolation;
  /** What is put where there is nothing; default 0. */
  readonly fill?: Fill;
  /** What it is turned around: [x, y] in pixels from the upper left corner; default the middle. */
  readonly center?: readonly [number, number];
}

/**
 * Shears, scales, turns (clockwise) and shifts a picture, by amounts drawn from the default generator as PyTorch draws them.
 * https://pytorch.org/vision/0.14/generated/torchvision.transforms.RandomAffine.html
 */
export class RandomAffine extends PictureTransform {
  static readonly moduleUrl = import.meta.url;
  private readonly degrees: readonly number[];
  private readonly translate: Point | undefined;
  private readonly scale: readonly [number, number] | undefined;
  private readonly shear: readonly number[] | undefined;
  private readonly interpolation: WarpInterpolation;
  private readonly fill: readonly number[];
  private readonly center: Point | undefined;

  /** @param degrees a number of them to either side, or [least, most]; 0 for no turn */
  constructor(degrees: number | readonly [number, number], options: RandomAffineOptions = {}) {
    super();
    const { translate, scale, shear } = options;
    this.degrees = parseDegrees(degrees, 'degrees', 'RandomAffine');
    if (translate !== undefined && !isPair(translate, (part) => part >= 0 && part <= 1)) {
      throw new ValueError(
        `RandomAffine: translate must be two parts from 0 to 1, of width and height, got ${JSON.stringify(translate)}`,
      );
    }
    if (scale !== undefined && !(isPair(scale, (factor) => factor > 0) && scale[0] <= scale[1])) {
      throw new ValueError(`RandomAffine: scale must be [least, most], above 0, got ${JSON.stringify(scale)}`);
    }
    this.translate = translate;
    this.scale = scale;
    this.shear = shear === undefined ? undefined : parseDegrees(shear, 'shear', 'RandomAffine', [2, 4]);
    this.interpolation = parseWarpInterpolation(options.interpolation, 'RandomAffine');
    this.fill = parseFill(options.fill, 'RandomAffine');
    this.center = parseCenter(options.center, 'RandomAffine');
  }

  /**
   * @param picture an image, or a tensor `[..., height, width]`
   * @throws ShapeError when the fill has not as many values as the picture has channels
   */
  override forward<P extends Picture>(picture: P): P;
  override forward(picture: Picture): Picture {
    const size = sizeOf(picture, 'RandomAffine');
    const [height, width] = size;
    const { center, interpolation } = this;
    const fill = fillFor(picture, this.fill, 'RandomAffine');
    const parameters = this.draw(size);
    if (picture instanceof Tensor) {
      const matrix = inverseAffine(fromMiddle(center, size), parameters);
      return warpTensor(picture, size, matrix, forTensor(interpolation, 'RandomAffine'), fill);
    }
    const matrix = inverseAffine(center ?? [width * 0.5, height * 0.5], parameters);
    return warpImage(picture, size, matrix, interpolation, fill);
  }

  /** The amounts, in the order in which PyTorch draws them; what is not asked for draws nothing. */
  private draw([height, width]: Size): AffineParameters {
    const { degrees, translate, scale, shear } = this;
    const angle = uniform(degrees[0]!, degrees[1]!);
    const shift = (part: number): number => roundHalfToEven(uniform(-part, part));
    const translated: Point =
      translate === undefined ? [0, 0] : [shift(translate[0] * width), shift(translate[1] * height)];
    const scaled = scale === undefined ? 1 : uniform(scale[0], scale[1]);
    const shearX = shear === undefined ? 0 : uniform(shear[0]!, shear[1]!);
    const shearY = shear?.length === 4 ? uniform(shear[2]!, shear[3]!) : 0;
    return { angle, translate: translated, scale: scaled, shear: [shearX, shearY] };
  }
}

function uniform(least: number, most: number): number {
  return empty([1]).uniform_(least, most).item();
}

function isPair(values: readonly number[], valid: (value: number) => boolean): boolean {
  return values.length === 2 && values.every((value) => Number.isFinite(value) && valid(value));
}
