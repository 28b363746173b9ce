// One process's share of a data set that several processes read.

import { DataLoaderError } from '../../errors.js';
import { Generator } from '../../tensor/generator.js';
import { randperm } from '../../tensor/random.js';
import type { Sampler, Sized } from './sampler.js';

/** Options of `DistributedSampler`. */
export interface DistributedSamplerOptions {
  /** How many processes share the data. */
  readonly numReplicas: number;
  /** Which of them this is, from 0. */
  readonly rank: number;
  /** Whether the order is random, the same in all processes; default true. */
  readonly shuffle?: boolean;
  /** What the order follows from, together with the epoch; the same in all processes. Default 0. */
  readonly seed?: number;
  /** What doesn't divide evenly is dropped, rather than some samples given twice; default false. */
  readonly dropLast?: boolean;
}

/**
 * Every `numReplicas`-th index from `rank` on. Call `setEpoch` before each pass, or every pass has the same order.
 * https://pytorch.org/docs/1.13/data.html#torch.utils.data.distributed.DistributedSampler
 */
export class DistributedSampler implements Sampler {
  readonly numReplicas: number;
  readonly rank: number;
  readonly shuffle: boolean;
  readonly seed: number;
  readonly dropLast: boolean;
  private epoch = 0;

  /** @throws DataLoaderError when `rank` is not from 0 to numReplicas - 1 */
  constructor(
    readonly dataset: Sized,
    { numReplicas, rank, shuffle = true, seed = 0, dropLast = false }: DistributedSamplerOptions,
  ) {
    if (!Number.isSafeInteger(numReplicas) || numReplicas < 1) {
      throw new DataLoaderError(
        `DistributedSampler: expected numReplicas to be a whole number from 1 on, got ${numReplicas}`,
      );
    }
    if (!Number.isSafeInteger(rank) || rank < 0 || rank >= numReplicas) {
      throw new DataLoaderError(
        `DistributedSampler: rank ${rank} is out of range: with ${numReplicas} replicas it is a whole number ` +
          `from 0 to ${numReplicas - 1}`,
      );
    }
    this.numReplicas = numReplicas;
    this.rank = rank;
    this.shuffle = shuffle;
    this.seed = seed;
    this.dropLast = dropLast;
  }

  get length(): number {
    const { dataset, numReplicas } = this;
    return this.dropLast ? Math.floor(dataset.length / numReplicas) : Math.ceil(dataset.length / numReplicas);
  }

  /** Makes the next pass's order that of `epoch`. */
  setEpoch(epoch: number): void {
    this.epoch = epoch;
  }

  *[Symbol.iterator](): Iterator<number> {
    const { dataset, numReplicas, rank, seed, epoch } = this;
    const count = dataset.length;
    const order = this.shuffle
      ? randperm(count, { generator: new Generator().manualSeed(seed + epoch) }).data()
      : undefined;
    const end = this.length * numReplicas;
    // Past the end the order begins again, so that all processes have equally many.
    for (let place = rank; place < end; place += numReplicas) {
      yield order === undefined ? place % count : Number(order[place % count]);
    }
  }

  stateDict(): { epoch: number } {
    return { epoch: this.epoch };
  }

  loadStateDict(state: { epoch: number }): void {
    this.epoch = state.epoch;
  }
}
