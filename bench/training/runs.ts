// The seven runs, and how one is made in either float type.

import { getDefaultDtype, manualSeed, setDefaultDtype } from 'flambeau';
import { train as autoencoder } from './autoencoder.js';
import { train as cnn } from './cnn.js';
import { train as embeddingBag } from './embedding-bag.js';
import { train as lstm } from './lstm.js';
import { train as mlp } from './mlp.js';
import { train as sharedWeights } from './shared-weights.js';
import { SEED } from './train.js';
import { train as transformer } from './transformer.js';

/** The runs by the names that their programs have in Python. */
export const runs = {
  mlp,
  cnn,
  lstm,
  transformer,
  embedding_bag: embeddingBag,
  autoencoder,
  shared_weights: sharedWeights,
} as const;

export type RunName = keyof typeof runs;

export const runNames = Object.keys(runs) as RunName[];

export type FloatType = 'float32' | 'float64';

/** The losses of a run's first steps; everything float in it is of the given type. */
export async function lossesOf(name: RunName, dtype: FloatType, steps: number): Promise<number[]> {
  const before = getDefaultDtype();
  setDefaultDtype(dtype);
  try {
    manualSeed(SEED);
    return await runs[name](steps);
  } finally {
    setDefaultDtype(before);
  }
}
