// A function as a transform.

import { ValueError } from '../errors.js';
import { SampleTransform } from './transform.js';

/**
 * Applies a function of one's own. For use in workers the function must be exported by a module and marked with
 * `fromModule`; a closure stays in the main thread.
 * https://pytorch.org/vision/0.14/generated/torchvision.transforms.Lambda.html
 */
export class Lambda<In, Out> extends SampleTransform<In, Out> {
  static readonly moduleUrl = import.meta.url;

  /** @throws ValueError when `fn` is no function */
  constructor(readonly fn: (input: In) => Out) {
    super();
    if (typeof fn !== 'function') throw new ValueError(`Lambda: expected a function, got ${typeof fn}`);
  }

  override forward(input: In): Out {
    return this.fn(input);
  }
}
