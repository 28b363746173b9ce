// A picture with a label: the sample of data sets for classification, and what their options have in common.

import type { Image } from '../io/image.js';
import type { Tensor } from '../tensor/tensor.js';
import { ToTensor } from '../transforms/to-tensor.js';
import { applyTransform, type TransformLike } from '../transforms/transform.js';

/** One picture and the number of its class. */
export interface ImageSample<I = Tensor, L = number> {
  image: I;
  label: L;
}

/** What to make of pictures and labels. */
export interface SampleTransforms<I, L> {
  /** What to make of a decoded image; by default a tensor as `ToTensor` gives it. */
  readonly transform?: TransformLike<Image, I> | undefined;
  /** What to make of a label; by default it stays a number. */
  readonly targetTransform?: TransformLike<number, L> | undefined;
}

const toTensor = new ToTensor();

/** Applies the transforms; without one I and L are what they default to. */
export function imageSample<I, L>(
  picture: Image,
  label: number,
  { transform, targetTransform }: SampleTransforms<I, L>,
): ImageSample<I, L> {
  return {
    image: transform === undefined ? (toTensor.forward(picture) as I) : applyTransform(transform, picture),
    label: targetTransform === undefined ? (label as L) : applyTransform(targetTransform, label),
  };
}
