// The native backend: the compiled addon behind the Backend interface. Each family of kernels writes its messages in a
// file of its own; here they become one object.

import { availableParallelism } from 'node:os';
import { isMainThread } from 'node:worker_threads';

import { ValueError } from '../../errors.js';
import type { Backend } from '../backend.js';
import type { Addon } from './addon.js';
import { nativeElementwise } from './elementwise.js';
import { nativeIndexing } from './indexing.js';
import { nativeLayers } from './layers.js';
import { nativeMemory } from './memory.js';
import { page } from './message.js';
import { checkOperations } from './operations.js';
import { nativeReductions } from './reductions.js';

/**
 * The backend of this thread. The main thread computes on all cores, a worker thread on one until told otherwise.
 * @throws FlambeauError when the addon was built from other sources.
 */
export function createNativeBackend(exports: Addon): Backend {
  // What an addon exports is an object that V8 looks up like a dictionary, at every call; a copy of it isn't.
  const addon = { ...exports };
  checkOperations(addon.operations);
  addon.start(page);
  addon.setThreads(isMainThread ? availableParallelism() : 1);
  return {
    name: 'native',
    multipliesBfloat16: addon.multipliesBfloat16,
    describe() {
      const threads = addon.threads();
      return `native ${addon.instructionSet}, ${threads} thread${threads === 1 ? '' : 's'}`;
    },
    getNumThreads: () => addon.threads(),
    setNumThreads(count) {
      if (!Number.isInteger(count) || count < 1) {
        throw new ValueError(`setNumThreads expects a whole number >= 1, got ${count}`);
      }
      addon.setThreads(count);
    },
    ...nativeMemory(addon),
    ...nativeElementwise(addon),
    ...nativeReductions(addon),
    ...nativeLayers(addon),
    ...nativeIndexing(addon),
  };
}
