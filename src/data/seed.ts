// The seed that starts an iterator, drawn as PyTorch draws it, so that everything that follows from it agrees.

import { defaultGenerator, type Generator } from '../tensor/generator.js';

/** 63 random bits: what `torch.empty((), dtype=torch.int64).random_()` draws. */
export function drawSeed(generator: Generator = defaultGenerator): bigint {
  return BigInt.asUintN(63, generator.random64());
}
