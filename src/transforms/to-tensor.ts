// From a decoded image to a tensor.

import { DTypeError } from '../errors.js';
import { isImage, type Image } from '../io/image.js';
import { fromTypedArray } from '../tensor/create.js';
import { getDefaultDtype } from '../tensor/promotion.js';
import type { Tensor } from '../tensor/tensor.js';
import { SampleTransform } from './transform.js';

/** Each byte divided by 255, rounded to float32 once. */
const scaled = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

/**
 * Turns an image `[height, width, channels]` of bytes into a float tensor `[channels, height, width]` from 0 to 1.
 * https://pytorch.org/vision/0.14/generated/torchvision.transforms.ToTensor.html
 */
export class ToTensor extends SampleTransform<Image, Tensor> {
  static readonly moduleUrl = import.meta.url;

  /** @throws DTypeError for anything but an image */
  override forward(image: Image): Tensor {
    if (!isImage(image)) {
      throw new DTypeError('expected an image { data, width, height, channels } as a decoder gives it').during(
        'ToTensor',
      );
    }
    const values = getDefaultDtype() === 'float64' ? inDoubles(image) : inFloats(image);
    return fromTypedArray(values, [image.channels, image.height, image.width]);
  }
}

// One loop for each type of array: a loop over either takes a third longer.

function inFloats({ data, width, height, channels }: Image): Float32Array {
  const pixels = width * height;
  const values = new Float32Array(data.length);
  for (let channel = 0, to = 0; channel < channels; channel++) {
    for (let i = 0, from = channel; i < pixels; i++, from += channels) values[to++] = scaled[data[from]!]!;
  }
  return values;
}

function inDoubles({ data, width, height, channels }: Image): Float64Array {
  const pixels = width * height;
  const values = new Float64Array(data.length);
  for (let channel = 0, to = 0; channel < channels; channel++) {
    for (let i = 0, from = channel; i < pixels; i++, from += channels) values[to++] = data[from]! / 255;
  }
  return values;
}
