// What a transform is: something with a `forward` that turns one sample (or part of one) into another. Classes with plain
// fields, which can travel to a worker, or functions.

import type { Image } from '../io/image.js';
import type { Tensor } from '../tensor/tensor.js';

/** A transform as an object. */
export interface Transform<In, Out> {
  forward(input: In): Out;
}

/** A transform as it may be given: an object with `forward`, or a function. */
export type TransformLike<In, Out> = Transform<In, Out> | ((input: In) => Out);

/** What transforms of pictures take, and give back in kind: a decoded image, or a tensor `[..., height, width]`. */
export type Picture = Image | Tensor;

/** Runs a transform of either form. */
export function applyTransform<In, Out>(transform: TransformLike<In, Out>, input: In): Out {
  return typeof transform === 'function' ? transform(input) : transform.forward(input);
}

/** Whether a value can be run by `applyTransform`. */
export function isTransform(value: unknown): value is TransformLike<never, unknown> {
  if (typeof value === 'function') return true;
  return typeof value === 'object' && value !== null && typeof (value as { forward?: unknown }).forward === 'function';
}
