// Some samples, in random order.

import type { Generator } from '../../tensor/generator.js';
import { randperm } from '../../tensor/random.js';
import type { Sampler, SamplerOptions } from './sampler.js';

/**
 * The given indices in random order, each once.
 * https://pytorch.org/docs/1.13/data.html#torch.utils.data.SubsetRandomSampler
 */
export class SubsetRandomSampler implements Sampler {
  readonly generator: Generator | undefined;

  constructor(
    readonly indices: ArrayLike<number>,
    options: SamplerOptions = {},
  ) {
    this.generator = options.generator;
  }

  get length(): number {
    return this.indices.length;
  }

  *[Symbol.iterator](): Iterator<number> {
    const order = randperm(this.indices.length, { generator: this.generator });
    for (const place of order.data()) yield this.indices[Number(place)]!;
  }
}
