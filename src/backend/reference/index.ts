// The reference backend: every kernel in plain loops, the specification that the native ones are tested against and what
// runs where no compiler was found. It computes in float64 (int64 for integers) and rounds each result once.

import type { Backend } from '../backend.js';
import { copying } from './copying.js';
import { elementwise } from './elementwise.js';
import { matrices } from './matmul.js';
import { createMemory } from './memory.js';
import { reductions } from './reduction.js';

/** A reference backend with its own memory accounts. It runs on the calling thread, whatever `setNumThreads` says. */
export function createReferenceBackend(): Backend {
  return {
    name: 'reference',
    describe: () => 'reference, 1 thread',
    getNumThreads: () => 1,
    setNumThreads: () => {},
    ...createMemory(),
    ...copying,
    ...elementwise,
    ...reductions,
    ...matrices,
  } as unknown as Backend;
}
