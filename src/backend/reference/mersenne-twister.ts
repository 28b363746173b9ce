// The MT19937 generator of Matsumoto and Nishimura 1998, on the state words that backend.ts describes.

import type { GeneratorState } from '../backend.js';

const size = 624;
const middle = 397;
/** Where the state keeps the index of the next word. */
const next = 624;

function twist(state: GeneratorState): void {
  for (let i = 0; i < size; i++) {
    const joined = (state[i]! & 0x80000000) | (state[(i + 1) % size]! & 0x7fffffff);
    state[i] = state[(i + middle) % size]! ^ (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0);
  }
  state[next] = 0;
}

/** The next 32 bits. */
export function random32(state: GeneratorState): number {
  if (state[next]! >= size) twist(state);
  let word = state[state[next]!]!;
  state[next]!++;
  word ^= word >>> 11;
  word ^= (word << 7) & 0x9d2c5680;
  word ^= (word << 15) & 0xefc60000;
  word ^= word >>> 18;
  return word >>> 0;
}

/** The next 64 bits: two draws, the first is the high word. */
export function random64(state: GeneratorState): bigint {
  const high = BigInt(random32(state));
  return (high << 32n) | BigInt(random32(state));
}

/** A float32 in [0, 1): 24 bits. */
export function uniform24(state: GeneratorState): number {
  return (random32(state) & 0xffffff) * 2 ** -24;
}

/** A float64 in [0, 1): the low 53 of 64 bits. */
export function uniform53(state: GeneratorState): number {
  const high = random32(state) & 0x1fffff;
  return (high * 2 ** 32 + random32(state)) * 2 ** -53;
}
