// What a transform is: something with a `forward` that turns one sample (or part of one) into another. Classes with plain
// fields, which can travel to a worker and are called like functions, or functions.

import { CALL, Callable } from '../callable.js';
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

/** The base of this library's transforms: `transform(input)` runs `forward`. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- gives instances their call signature
export abstract class SampleTransform<In, Out> extends Callable implements Transform<In, Out> {
  abstract forward(input: In): Out;

  /** @internal */
  override [CALL]([input]: [In]): Out {
    return this.forward(input);
  }
}

export interface SampleTransform<In, Out> {
  (input: In): Out;
}

/** The base of transforms of pictures: what comes out is of the kind that goes in. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- gives instances their call signature
export abstract class PictureTransform extends Callable {
  /** For the types of Compose only. */
  declare readonly keepsKind: true;

  abstract forward<P extends Picture>(picture: P): P;

  /** @internal */
  override [CALL]([picture]: [Picture]): Picture {
    return this.forward(picture);
  }
}

// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- gives instances their call signature
export interface PictureTransform {
  <P extends Picture>(picture: P): P;
}

/** Runs a transform of either form. */
export function applyTransform<In, Out>(transform: TransformLike<In, Out>, input: In): Out {
  return typeof transform === 'function' ? transform(input) : transform.forward(input);
}

/** Whether a value can be run by `applyTransform`. */
export function isTransform(value: unknown): value is TransformLike<never, unknown> {
  if (typeof value === 'function') return true;
  return typeof value === 'object' && value !== null && typeof (value as { forward?: unknown }).forward === 'function';
}
