// The reference backend: every kernel in plain loops, the specification that the native ones are tested against and what
// runs where no compiler was found. It computes in float64 (int64 for integers) and rounds each result once.

import type { Backend } from '../backend.js';
import { attentions } from './attention.js';
import { convolutions } from './convolution.js';
import { copying } from './copying.js';
import { crossEntropies } from './cross-entropy.js';
import { elementwise } from './elementwise.js';
import { indexing } from './indexing.js';
import { matrices } from './matmul.js';
import { createMemory } from './memory.js';
import { normalization } from './normalization.js';
import { optimizers } from './optimizer.js';
import { pooling } from './pooling.js';
import { randomness } from './random.js';
import { reductions } from './reduction.js';
import { scans } from './scan.js';
import { softmaxes } from './softmax.js';
import { sorting } from './sort.js';

/** A reference backend with its own memory accounts. It runs on the calling thread, whatever `setNumThreads` says. */
export function createReferenceBackend(): Backend {
  return {
    name: 'reference',
    multipliesBfloat16: false,
    describe: () => 'reference, 1 thread',
    getNumThreads: () => 1,
    setNumThreads: () => {},
    ...createMemory(),
    ...copying,
    ...elementwise,
    ...reductions,
    ...scans,
    ...sorting,
    ...matrices,
    ...convolutions,
    ...pooling,
    ...normalization,
    ...softmaxes,
    ...crossEntropies,
    ...attentions,
    ...indexing,
    ...randomness,
    ...optimizers,
  };
}
