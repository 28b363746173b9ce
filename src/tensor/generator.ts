// Random number generators: a Mersenne Twister whose stream and consumption are those of PyTorch's CPU generator, so that the
// same seed gives the same numbers. The kernels that fill tensors advance the state; this file owns, seeds and saves it.
// Matsumoto and Nishimura, "Mersenne Twister", ACM TOMACS 8 (1998).

import type { GeneratorState } from '../backend/backend.js';
import { ValueError } from '../errors.js';

const WORDS = 624;
const MIDDLE = 397;
/** Where the state keeps the index of the next word and the flag of the cached normal number: see `GeneratorState`. */
const NEXT = 624;
const CACHED = 625;
const STATE_WORDS = 628;
const DEFAULT_SEED = 67280421310721;

/** A source of random numbers, independent of others. */
export class Generator {
  /** @internal The kernels' view of the generator. */
  readonly state: GeneratorState = new Uint32Array(STATE_WORDS);
  private seedValue = DEFAULT_SEED;

  constructor() {
    this.manualSeed(DEFAULT_SEED);
  }

  /** Starts the stream that belongs to `seed`; the generator itself is returned. */
  manualSeed(seed: number | bigint): this {
    const whole = typeof seed === 'bigint' ? seed : BigInt(checkedSeed(seed));
    this.seedValue = Number(BigInt.asUintN(64, whole));
    const { state } = this;
    state[0] = Number(BigInt.asUintN(32, whole));
    for (let i = 1; i < WORDS; i++) {
      const previous = state[i - 1]! ^ (state[i - 1]! >>> 30);
      state[i] = Math.imul(1812433253, previous) + i;
    }
    state[NEXT] = WORDS;
    state.fill(0, CACHED);
    return this;
  }

  /** Starts from a seed drawn from the system's randomness, which is returned. */
  seed(): number {
    const words = globalThis.crypto.getRandomValues(new Uint32Array(2));
    const seed = (words[0]! & 0x1fffff) * 2 ** 32 + words[1]!;
    this.manualSeed(seed);
    return seed;
  }

  /** The seed the stream was started from. */
  initialSeed(): number {
    return this.seedValue;
  }

  /** A copy of the whole state, from which `setState` continues the very same stream. */
  getState(): Uint32Array {
    return this.state.slice();
  }

  setState(state: Uint32Array): this {
    if (!(state instanceof Uint32Array) || state.length !== STATE_WORDS || state[NEXT]! > WORDS) {
      throw new ValueError(`setState: expected the ${STATE_WORDS} words that getState() returned`);
    }
    this.state.set(state);
    return this;
  }

  /** The next 32 random bits. */
  random(): number {
    const { state } = this;
    if (state[NEXT]! >= WORDS) this.turn();
    let word = state[state[NEXT]!++]!;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    word ^= word >>> 18;
    return word >>> 0;
  }

  /** The next 64 random bits, the first draw the upper half. */
  random64(): bigint {
    const high = this.random();
    return (BigInt(high) << 32n) | BigInt(this.random());
  }

  private turn(): void {
    const { state } = this;
    for (let i = 0; i < WORDS; i++) {
      const bits = (state[i]! & 0x80000000) | (state[(i + 1) % WORDS]! & 0x7fffffff);
      state[i] = state[(i + MIDDLE) % WORDS]! ^ (bits >>> 1) ^ (bits & 1 ? 0x9908b0df : 0);
    }
    state[NEXT] = 0;
  }
}

function checkedSeed(seed: number): number {
  if (!Number.isSafeInteger(seed)) throw new ValueError(`manualSeed: expected a whole number as seed, got ${seed}`);
  return seed;
}

/** The generator that is used where none is given. */
export const defaultGenerator = new Generator();

/** Seeds the generator that is used where none is given; it is returned. */
export function manualSeed(seed: number | bigint): Generator {
  return defaultGenerator.manualSeed(seed);
}

/** The seed of the generator that is used where none is given. */
export function initialSeed(): number {
  return defaultGenerator.initialSeed();
}
