// Changing the size of a picture.

import { ValueError } from '../errors.js';
import '../ops/methods.js';
import { fromTypedArray } from '../tensor/create.js';
import { Tensor } from '../tensor/tensor.js';
import { parseSize, sizeOf, type Size } from './picture.js';
import {
  antialiasedMixes,
  isInterpolation,
  plainMixes,
  resizeImage,
  type Interpolation,
  type Mix,
} from './resample.js';
import { PictureTransform, type Picture } from './transform.js';

/** Options of `Resize`. */
export interface ResizeOptions {
  /** `bilinear` (default), `bicubic`, `nearest`, or for images `box`, `hamming` or `lanczos`. */
  readonly interpolation?: Interpolation;
  /** The most pixels along the longer side, when `size` is one number. */
  readonly maxSize?: number;
  /** Whether a tensor is smoothed before it shrinks, as an image always is; default false, as in torchvision 0.14. */
  readonly antialias?: boolean;
}

/**
 * Resizes a picture: an image as Pillow does, a tensor as PyTorch's `interpolate`.
 * https://pytorch.org/vision/0.14/generated/torchvision.transforms.Resize.html
 */
export class Resize extends PictureTransform {
  static readonly moduleUrl = import.meta.url;
  private readonly size: number | Size;
  private readonly interpolation: Interpolation;
  private readonly maxSize: number | undefined;
  private readonly antialias: boolean;

  /** @param size [height, width], or one number for the shorter side, the other following in proportion */
  constructor(size: number | readonly [number, number], options: ResizeOptions = {}) {
    super();
    const { interpolation = 'bilinear', maxSize, antialias = false } = options;
    const parsed = parseSize(size, 'Resize');
    this.size = typeof size === 'number' ? size : parsed;
    if (!isInterpolation(interpolation)) {
      throw new ValueError(
        `Resize: interpolation must be nearest, bilinear, bicubic, box, hamming or lanczos, got '${String(interpolation)}'`,
      );
    }
    if (maxSize !== undefined && (typeof size !== 'number' || !(maxSize > size))) {
      throw new ValueError(
        `Resize: maxSize goes with a size of one number below it, got ${maxSize} with ${String(size)}`,
      );
    }
    this.interpolation = interpolation;
    this.maxSize = maxSize;
    this.antialias = antialias;
  }

  /** @param picture an image, or a tensor `[..., height, width]` */
  override forward<P extends Picture>(picture: P): P;
  override forward(picture: Picture): Picture {
    const before = sizeOf(picture, 'Resize');
    const after = this.sizeFor(before);
    if (before[0] === after[0] && before[1] === after[1]) return picture;
    if (!(picture instanceof Tensor)) return resizeImage(picture, after, this.interpolation);
    return resizeTensor(picture, before, after, this.interpolation, this.antialias);
  }

  private sizeFor([height, width]: Size): Size {
    if (typeof this.size !== 'number') return this.size;
    let short = this.size;
    let long = Math.trunc((short * Math.max(height, width)) / Math.min(height, width));
    if (this.maxSize !== undefined && long > this.maxSize) {
      short = Math.trunc((this.maxSize * short) / long);
      long = this.maxSize;
    }
    return width <= height ? [long, short] : [short, long];
  }
}

/** Mixing along rows and columns is multiplying with one matrix from each side. */
function resizeTensor(
  input: Tensor,
  before: Size,
  after: Size,
  interpolation: Interpolation,
  antialias: boolean,
): Tensor {
  if (interpolation !== 'nearest' && interpolation !== 'bilinear' && interpolation !== 'bicubic') {
    throw new ValueError(`Resize: ${interpolation} is for images; a tensor takes nearest, bilinear or bicubic`);
  }
  const mixes = (from: number, to: number): Mix[] =>
    antialias && interpolation !== 'nearest'
      ? antialiasedMixes(from, to, interpolation)
      : plainMixes(from, to, interpolation);
  const real = input.isFloatingPoint() ? input : input.to('float32');
  const { dtype } = real;
  const rows = mixingMatrix(mixes(before[0], after[0]), before[0]).to(dtype);
  const columns = mixingMatrix(mixes(before[1], after[1]), before[1]).to(dtype);
  const resized = rows.matmul(real).matmul(columns.t());
  if (real === input) return resized;
  const whole = resized.round();
  return (input.dtype === 'uint8' ? whole.clamp({ min: 0, max: 255 }) : whole).to(input.dtype);
}

/** One row for each pixel of the result, one column for each of the source. */
function mixingMatrix(mixes: readonly Mix[], from: number): Tensor {
  const matrix = new Float64Array(mixes.length * from);
  mixes.forEach(({ first, weights }, i) => matrix.set(weights, i * from + first));
  return fromTypedArray(matrix, [mixes.length, from]);
}
