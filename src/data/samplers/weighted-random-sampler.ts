// Samples by weight.

import { DataLoaderError } from '../../errors.js';
import '../../ops/methods.js';
import { multinomial } from '../../ops/random.js';
import { empty, tensor } from '../../tensor/create.js';
import type { Generator } from '../../tensor/generator.js';
import { Tensor } from '../../tensor/tensor.js';
import type { Sampler, SamplerOptions } from './sampler.js';

/** Options of `WeightedRandomSampler`. */
export interface WeightedRandomSamplerOptions extends SamplerOptions {
  /** Whether an index may be drawn again; default true. */
  readonly replacement?: boolean;
}

/**
 * `numSamples` indices, each drawn by its weight; the weights need not add up to 1.
 * https://pytorch.org/docs/1.13/data.html#torch.utils.data.WeightedRandomSampler
 */
export class WeightedRandomSampler implements Sampler {
  static readonly moduleUrl = import.meta.url;

  /** float64 [indices]. */
  readonly weights: Tensor;
  readonly replacement: boolean;
  readonly generator: Generator | undefined;

  /** @throws DataLoaderError for weights that are negative, not finite, all zero, or too few to draw from without replacement */
  constructor(
    weights: Tensor | readonly number[] | Float64Array | Float32Array,
    readonly numSamples: number,
    options: WeightedRandomSamplerOptions = {},
  ) {
    this.replacement = options.replacement ?? true;
    this.generator = options.generator;
    this.weights = (weights instanceof Tensor ? weights.detach() : tensor(weights, { dtype: 'float64' })).double();
    if (!Number.isSafeInteger(numSamples) || numSamples < 1) {
      throw refused(`expected numSamples to be a whole number from 1 on, got ${numSamples}`);
    }
    if (this.weights.ndim !== 1) throw refused(`expected weights in one dim, got ${this.weights.ndim} dims`);
    let drawable = 0;
    this.weights.data().forEach((weight: number | bigint, index: number) => {
      if (!(Number(weight) >= 0) || weight === Infinity) {
        throw refused(`expected weights that are finite and not negative, got ${weight} at index ${index}`);
      }
      if (weight !== 0) drawable++;
    });
    if (drawable === 0) throw refused('all weights are zero: nothing can be drawn');
    if (!this.replacement && numSamples > drawable) {
      throw refused(
        `${numSamples} samples without replacement from ${drawable} indices with a weight above 0: ` +
          'ask for fewer or set replacement: true',
      );
    }
  }

  get length(): number {
    return this.numSamples;
  }

  *[Symbol.iterator](): Iterator<number> {
    if (this.replacement) {
      yield* this.drawWithReplacement();
      return;
    }
    const drawn = multinomial(this.weights, this.numSamples, { replacement: false, generator: this.generator });
    for (const index of drawn.data()) yield Number(index);
  }

  /** The place of a uniform number in the cumulative distribution, for each sample, found by halving. */
  private *drawWithReplacement(): Iterable<number> {
    const cumulative = this.weights.cumsum(0);
    const distribution = cumulative.div(cumulative.select(0, -1)).data();
    const draws = empty([this.numSamples], { dtype: 'float64' }).uniform_(0, 1, { generator: this.generator }).data();
    const last = distribution.length - 1;
    for (const draw of draws) {
      let low = 0;
      let high = last;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (distribution[middle]! < draw) low = middle + 1;
        else high = middle;
      }
      yield low;
    }
  }
}

function refused(problem: string): DataLoaderError {
  return new DataLoaderError(`WeightedRandomSampler: ${problem}`);
}
