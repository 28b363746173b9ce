// What a sampler is: the indices of one pass over a data set, in the order in which they are to be read.

import type { Generator } from '../../tensor/generator.js';

/**
 * Indices (or, for a batch sampler, lists of them), anew for every pass.
 *
 * A sampler with randomness of its own can be resumed in the middle of a pass if it draws from `generator` or keeps what it
 * starts a pass from in a state: `loadStateDict` takes, perhaps in another process, what `stateDict` gave at its start.
 */
export interface Sampler<Index = number> extends Iterable<Index> {
  /** How many there are in a pass. */
  readonly length: number;
  /** Where its random numbers come from. */
  readonly generator?: Generator | undefined;
  /** What the next pass starts from; plain, so that it can be kept in a file. */
  stateDict?(): unknown;
  /** Has the next pass start from such a state. */
  loadStateDict?(state: unknown): void;
}

/** Options of samplers. */
export interface SamplerOptions {
  /** Where random numbers come from; the default generator unless given. */
  readonly generator?: Generator | undefined;
}

/** What samplers need to know of a data set. */
export interface Sized {
  readonly length: number;
}
