// A sound as its decoder gives it.

/** A decoded sound. */
export interface Sound {
  /** The samples of the first channel, then those of the second: `[channels, frames]`, from -1 to 1. */
  readonly samples: Float32Array;
  readonly channels: number;
  readonly frames: number;
  /** Samples of one channel per second. */
  readonly sampleRate: number;
}
