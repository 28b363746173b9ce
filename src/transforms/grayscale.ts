// From colours to grey.

import { DTypeError, ShapeError, ValueError } from '../errors.js';
import { isImage, type Image } from '../io/image.js';
import '../ops/methods.js';
import { cat } from '../ops/combine.js';
import { show } from '../tensor/shape.js';
import { Tensor } from '../tensor/tensor.js';
import { PictureTransform, type Picture } from './transform.js';

/**
 * Turns a picture grey: `0.299 R + 0.587 G + 0.114 B` (ITU-R 601-2). Alpha is dropped.
 * https://pytorch.org/vision/0.14/generated/torchvision.transforms.Grayscale.html
 */
export class Grayscale extends PictureTransform {
  static readonly moduleUrl = import.meta.url;
  readonly numOutputChannels: 1 | 3;

  /** @param options how many channels come out, as a number or as `numOutputChannels`: 1 (default), or 3 equal ones */
  constructor(options: 1 | 3 | { numOutputChannels?: 1 | 3 } = {}) {
    super();
    const numOutputChannels = typeof options === 'number' ? options : (options.numOutputChannels ?? 1);
    if (numOutputChannels !== 1 && numOutputChannels !== 3) {
      throw new ValueError(`Grayscale: numOutputChannels must be 1 or 3, got ${String(numOutputChannels)}`);
    }
    this.numOutputChannels = numOutputChannels;
  }

  /**
   * @param picture an image, or a tensor `[..., 3, height, width]` (or already one channel)
   * @throws ShapeError for a tensor with another number of channels
   */
  override forward<P extends Picture>(picture: P): P;
  override forward(picture: Picture): Picture {
    if (picture instanceof Tensor) return greyTensor(picture, this.numOutputChannels);
    if (!isImage(picture)) throw new DTypeError('expected an image or a tensor').during('Grayscale');
    const grey = greyImage(picture);
    if (this.numOutputChannels === 1) return grey;
    const data = new Uint8Array(grey.data.length * 3);
    grey.data.forEach((value, i) => data.fill(value, 3 * i, 3 * i + 3));
    return { ...grey, data, channels: 3 };
  }
}

/** The image with one channel; the same object when it has only one. */
export function greyImage(image: Image): Image {
  const { data, width, height, channels } = image;
  if (channels === 1) return image;
  const grey = new Uint8Array(width * height);
  for (let i = 0; i < grey.length; i++) {
    const at = i * channels;
    // The weights as sixteen-bit fractions, rounded at the end, as Pillow has them.
    grey[i] =
      channels === 2 ? data[at]! : (data[at]! * 19595 + data[at + 1]! * 38470 + data[at + 2]! * 7471 + 0x8000) >> 16;
  }
  return { data: grey, width, height, channels: 1 };
}

function greyTensor(input: Tensor, outputs: 1 | 3): Tensor {
  const channels = input.shape.at(-3);
  if (channels !== 3 && channels !== 1) {
    throw new ShapeError(`expected [..., 3, height, width], got ${show(input.shape)}`).during('Grayscale');
  }
  let grey = input;
  if (channels === 3) {
    const [red, green, blue] = [0, 1, 2].map((channel) => input.narrow(-3, channel, 1)) as [Tensor, Tensor, Tensor];
    grey = red.mul(0.2989).add(green.mul(0.587)).add(blue.mul(0.114)).to(input.dtype);
  }
  return outputs === 1 ? grey : cat([grey, grey, grey], -3);
}
