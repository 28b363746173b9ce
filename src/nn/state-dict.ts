// Loading a state dict: everything that doesn't fit is reported at once, and nothing is changed unless all fits.

import { SerializationError } from '../errors.js';
import { sameShape, show } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';

/** Tensors by their PyTorch keys. */
export type StateDict = Record<string, Tensor>;

/** Options of `loadStateDict`. */
export interface LoadOptions {
  /** Refuse missing and unexpected keys; true unless given. */
  strict?: boolean;
}

/** What `loadStateDict` left out when it was not strict. */
export interface LoadReport {
  readonly missingKeys: readonly string[];
  readonly unexpectedKeys: readonly string[];
}

/** Copies `given` into the tensors of `own`; `owner` is named in the error. */
export function loadInto(
  owner: string,
  own: StateDict,
  given: StateDict | ReadonlyMap<string, Tensor>,
  { strict = true }: LoadOptions = {},
): LoadReport {
  if ((given as unknown) instanceof Promise) {
    throw new SerializationError(
      `${owner}: expected a state dict, got a promise: write loadStateDict(await load(path))`,
    );
  }
  const entries =
    given instanceof Map ? (given as ReadonlyMap<string, Tensor>) : new Map(Object.entries(given as StateDict));
  const missingKeys = Object.keys(own).filter((key) => !entries.has(key));
  const unexpectedKeys = [...entries.keys()].filter((key) => !(key in own));
  const misshapen = [...entries].filter(([key, value]) => key in own && !sameShape(own[key]!.shape, value.shape));
  const problems = [
    ...(strict && missingKeys.length > 0 ? [`missing keys: ${missingKeys.join(', ')}`] : []),
    ...(strict && unexpectedKeys.length > 0 ? [`unexpected keys: ${unexpectedKeys.join(', ')}`] : []),
    ...misshapen.map(
      ([key, value]) => `size mismatch for ${key}: expected ${show(own[key]!.shape)}, got ${show(value.shape)}`,
    ),
  ];
  if (problems.length > 0)
    throw new SerializationError(`the state dict doesn't fit ${owner}:\n  ${problems.join('\n  ')}`);
  for (const [key, value] of entries) own[key]?.copy_(value.detach());
  return { missingKeys, unexpectedKeys };
}
