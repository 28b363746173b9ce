// Samples in random order.

import { DataLoaderError } from '../../errors.js';
import { Generator } from '../../tensor/generator.js';
import { double } from '../../ops/convert.js';
import { randint, randperm } from '../../tensor/random.js';
import { drawSeed } from '../seed.js';
import type { Sampler, SamplerOptions, Sized } from './sampler.js';

/** Options of `RandomSampler`. */
export interface RandomSamplerOptions extends SamplerOptions {
  /** Whether a sample may be drawn again; default false. */
  readonly replacement?: boolean;
  /** How many to draw; by default as many as there are. Without replacement, more than that are drawn in several rounds. */
  readonly numSamples?: number | undefined;
}

/** With replacement, indices are drawn in blocks of so many, as in PyTorch: other users of the generator see the same. */
const BLOCK = 32;

/**
 * The indices of a data set in random order. Without a generator, each pass draws a seed from the default one and goes on
 * with a generator of its own.
 * https://pytorch.org/docs/1.13/data.html#torch.utils.data.RandomSampler
 */
export class RandomSampler implements Sampler {
  readonly replacement: boolean;
  readonly generator: Generator | undefined;
  private readonly asked: number | undefined;

  /** @throws DataLoaderError when there is nothing to draw, or `numSamples` is no whole number from 1 on */
  constructor(
    readonly dataset: Sized,
    options: RandomSamplerOptions = {},
  ) {
    this.replacement = options.replacement ?? false;
    this.generator = options.generator;
    this.asked = options.numSamples;
    if (!Number.isSafeInteger(this.length) || this.length < 1) {
      throw new DataLoaderError(
        this.asked === undefined
          ? `RandomSampler: the data set has ${dataset.length} samples; it takes at least one to shuffle`
          : `RandomSampler: expected numSamples to be a whole number from 1 on, got ${this.asked}`,
      );
    }
  }

  get length(): number {
    return this.asked ?? this.dataset.length;
  }

  [Symbol.iterator](): Iterator<number> {
    return this.replacement ? this.drawAgain() : this.shuffled();
  }

  /** Where this pass draws from. */
  private begin(): Generator {
    return this.generator ?? new Generator().manualSeed(drawSeed());
  }

  private *drawAgain(): Iterator<number> {
    const generator = this.begin();
    for (let left = this.length; left > 0; left -= BLOCK) {
      const indices = randint(this.dataset.length, [Math.min(BLOCK, left)], { generator });
      for (const index of indices.data()) yield Number(index);
    }
  }

  /** Whole rounds and the beginning of another. That one is drawn even if nothing of it is needed, as in PyTorch. */
  private *shuffled(): Iterator<number> {
    const generator = this.begin();
    const count = this.dataset.length;
    if (count === 0) return;
    for (let left = this.length; left >= 0; left -= count) {
      // As float64, which holds every index: a bigint would be made for each.
      const indices = double(randperm(count, { generator })).data() as Float64Array;
      const end = Math.min(left, count);
      for (let i = 0; i < end; i++) yield indices[i]!;
    }
  }
}
