// Samples in their own order.

import type { Sampler, Sized } from './sampler.js';

/** The indices of a data set from the first to the last. */
export class SequentialSampler implements Sampler {
  constructor(readonly dataset: Sized) {}

  get length(): number {
    return this.dataset.length;
  }

  *[Symbol.iterator](): Iterator<number> {
    for (let index = 0; index < this.dataset.length; index++) yield index;
  }
}
