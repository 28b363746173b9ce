// Random numbers that are the same in every run, so that what a test finds can be found again.

export interface SeededRandom {
  /** A whole number from 0 up to, but not including, `limit`. */
  below(limit: number): number;
  /** One of several. */
  pick<T>(things: readonly T[]): T;
  bytes(length: number): Buffer;
}

/** A xorshift generator (Marsaglia, "Xorshift RNGs", 2003). */
export function seededRandom(seed: number): SeededRandom {
  let state = (Math.imul(seed + 1, 0x9e3779b1) ^ 0x5bd1e995) | 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    pick: (things) => things[below(things.length)]!,
    bytes: (length) => Buffer.from(Array.from({ length }, () => below(256))),
  };
}
