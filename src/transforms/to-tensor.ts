// From a decoded image to a tensor.

import { DTypeError } from '../errors.js';
import { isImage, type Image } from '../io/image.js';
import { fromTypedArray } from '../tensor/create.js';
import { getDefaultDtype } from '../tensor/promotion.js';
import type { Tensor } from '../tensor/tensor.js';

/** Each byte divided by 255, rounded to float32 once. */
const scaled = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

/**
 * Turns an image `[height, width, channels]` of bytes into a float tensor `[channels, height, width]` from 0 to 1.
 * https://pytorch.org/vision/0.14/generated/torchvision.transforms.ToTensor.html
 */
export class ToTensor {
  static readonly moduleUrl = import.meta.url;

  /** @throws DTypeError for anything but an image */
  forward(image: Image): Tensor {
    if (!isImage(image)) {
      throw new DTypeError('expected an image { data, width, height, channels } as a decoder gives it').during(
        'ToTensor',
      );
    }
    const { data, width, height, channels } = image;
    const pixels = width * height;
    const double = getDefaultDtype() === 'float64';
    const values = double ? new Float64Array(data.length) : new Float32Array(data.length);
    for (let channel = 0; channel < channels; channel++) {
      const to = channel * pixels;
      if (double) for (let i = 0; i < pixels; i++) values[to + i] = data[i * channels + channel]! / 255;
      else for (let i = 0; i < pixels; i++) values[to + i] = scaled[data[i * channels + channel]!]!;
    }
    return fromTypedArray(values, [channels, height, width]);
  }
}
