// Turning a picture by a random angle.

import { ValueError } from '../errors.js';
import '../ops/methods.js';
import { empty } from '../tensor/create.js';
import { Tensor } from '../tensor/tensor.js';
import { inverseAffine, parseCenter, parseDegrees, type AffineMatrix, type Point } from './affine-matrix.js';
import { fillFor, parseFill, type Fill } from './fill.js';
import { sizeOf, type Size } from './picture.js';
import { PictureTransform, type Picture } from './transform.js';
import { rotateImage, type WarpInterpolation } from './warp-image.js';
import { warpTensor } from './warp-tensor.js';

/** Options of `RandomRotation`. */
export interface RandomRotationOptions {
  /** `nearest` (default), `bilinear`, or for images `bicubic`. */
  readonly interpolation?: WarpInterpolation;
  /** Whether the result grows so that the whole turned picture fits into it; meant for turns around the middle. */
  readonly expand?: boolean;
  /** What it is turned around: [x, y] in pixels from the upper left corner; default the middle. */
  readonly center?: readonly [number, number];
  /** What is put where there is nothing; default 0. */
  readonly fill?: Fill;
}

/**
 * Turns a picture counter-clockwise by an angle drawn from the default generator as PyTorch draws it.
 * https://pytorch.org/vision/0.14/generated/torchvision.transforms.RandomRotation.html
 */
export class RandomRotation extends PictureTransform {
  static readonly moduleUrl = import.meta.url;
  private readonly degrees: readonly number[];
  private readonly interpolation: WarpInterpolation;
  private readonly expand: boolean;
  private readonly center: Point | undefined;
  private readonly fill: readonly number[];

  /** @param degrees a number of them to either side, or [least, most] */
  constructor(degrees: number | readonly [number, number], options: RandomRotationOptions = {}) {
    super();
    this.degrees = parseDegrees(degrees, 'degrees', 'RandomRotation');
    this.interpolation = parseWarpInterpolation(options.interpolation, 'RandomRotation');
    this.expand = options.expand ?? false;
    this.center = parseCenter(options.center, 'RandomRotation');
    this.fill = parseFill(options.fill, 'RandomRotation');
  }

  /**
   * @param picture an image, or a tensor `[..., height, width]`
   * @throws ShapeError when the fill has not as many values as the picture has channels
   */
  override forward<P extends Picture>(picture: P): P;
  override forward(picture: Picture): Picture {
    const size = sizeOf(picture, 'RandomRotation');
    const { interpolation, expand, center } = this;
    const fill = fillFor(picture, this.fill, 'RandomRotation');
    const angle = empty([1]).uniform_(this.degrees[0]!, this.degrees[1]!).item();
    if (!(picture instanceof Tensor)) return rotateImage(picture, angle, center, { expand, interpolation, fill });
    const matrix = inverseAffine(fromMiddle(center, size), {
      angle: -angle,
      translate: [0, 0],
      scale: 1,
      shear: [0, 0],
    });
    const after = expand ? turnedSize(matrix, size) : size;
    return warpTensor(picture, after, matrix, forTensor(interpolation, 'RandomRotation'), fill);
  }
}

/** A centre as seen from the middle of the picture, which is where the matrices of tensors have their origin. */
export function fromMiddle(center: Point | undefined, [height, width]: Size): Point {
  return center === undefined ? [0, 0] : [center[0] - width * 0.5, center[1] - height * 0.5];
}

/** @throws ValueError for a way of mixing that doesn't exist */
export function parseWarpInterpolation(
  interpolation: WarpInterpolation = 'nearest',
  transform: string,
): WarpInterpolation {
  if (['nearest', 'bilinear', 'bicubic'].includes(interpolation)) return interpolation;
  throw new ValueError(
    `${transform}: interpolation must be nearest, bilinear or bicubic, got '${String(interpolation)}'`,
  );
}

/** @throws ValueError for bicubic, which exists for images only */
export function forTensor(interpolation: WarpInterpolation, transform: string): 'nearest' | 'bilinear' {
  if (interpolation !== 'bicubic') return interpolation;
  throw new ValueError(`${transform}: bicubic interpolation is for images; a tensor takes nearest or bilinear`);
}

/** The size a turned picture takes, by the places of its corners in single precision, cut off after four digits. */
function turnedSize(matrix: AffineMatrix, [height, width]: Size): Size {
  const { fround } = Math;
  const [a, b, , d, e] = matrix.map(fround) as unknown as AffineMatrix;
  const [c, f] = [fround(matrix[2]), fround(matrix[5])];
  const digits = fround(1e-4);
  const cut = (value: number): number => fround(Math.trunc(fround(value / digits)) * digits);
  const extent = (length: number, x: number, y: number, shift: number): number => {
    const places = [-0.5, 0.5].flatMap((i) =>
      [-0.5, 0.5].map((j) => fround(fround(fround(i * width * x) + fround(j * height * y)) + shift)),
    );
    const [least, most] = [Math.min(...places), Math.max(...places)].map((place) => cut(fround(place + length * 0.5)));
    return Math.ceil(most!) - Math.floor(least!);
  };
  return [extent(height, d, e, f), extent(width, a, b, c)];
}
