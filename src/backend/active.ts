// The backend that everything runs on, chosen when the library is loaded: the compiled one where it is there, else the
// reference. FLAMBEAU_BACKEND=native or reference asks for one of them.

import { env, loadNativeBackend } from '#platform';

import { ValueError } from '../errors.js';
import type { Backend } from './backend.js';
import { createReferenceBackend } from './reference/index.js';

function choose(): Backend {
  const wanted = env('FLAMBEAU_BACKEND') ?? '';
  if (wanted !== '' && wanted !== 'native' && wanted !== 'reference') {
    throw new ValueError(`FLAMBEAU_BACKEND=${wanted}: expected native or reference`);
  }
  if (wanted === 'reference') return createReferenceBackend();
  return loadNativeBackend() ?? createReferenceBackend();
}

export let backend: Backend = choose();

/** Puts another face in front of the same backend, as the profiler does. */
export function replaceBackend(next: Backend): void {
  backend = next;
}

/**
 * Runs a function on another backend, to compare two. Storages belong to one backend: tensors made outside must not be
 * used inside, nor the other way round.
 * @internal
 */
export function withBackend<R>(other: Backend, fn: () => R): R {
  const previous = backend;
  backend = other;
  try {
    return fn();
  } finally {
    backend = previous;
  }
}
