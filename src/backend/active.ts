// The backend that everything runs on, chosen when the library is loaded: the compiled one where it is there, else the
// reference. FLAMBEAU_BACKEND=native or reference asks for one of them.

import { env, loadNativeBackend } from '#platform';

import { ValueError } from '../errors.js';
import type { Backend } from './backend.js';
import { withBfloat16 } from './bfloat16.js';
import { createReferenceBackend } from './reference/index.js';

function choose(): Backend {
  const wanted = env('FLAMBEAU_BACKEND') ?? '';
  if (wanted !== '' && wanted !== 'native' && wanted !== 'reference') {
    throw new ValueError(`FLAMBEAU_BACKEND=${wanted}: expected native or reference`);
  }
  if (wanted === 'reference') return createReferenceBackend();
  return loadNativeBackend() ?? createReferenceBackend();
}

/** Without the face for bfloat16. */
let plain: Backend = choose();
let bfloat16 = false;

export let backend: Backend = plain;

/** Whether any tensor of this thread is bfloat16: from the first one on, all backends get the face that knows the type. */
export function supportBfloat16(): void {
  if (bfloat16) return;
  bfloat16 = true;
  replaceBackend(plain);
}

/** The backend beneath the face for bfloat16. */
export function plainBackend(): Backend {
  return plain;
}

/** Puts another face in front of the same backend, as the profiler does. */
export function replaceBackend(next: Backend): void {
  plain = next;
  backend = bfloat16 ? withBfloat16(next) : next;
}

/**
 * Runs a function on another backend, to compare two. Storages belong to one backend: tensors made outside must not be
 * used inside, nor the other way round.
 * @internal
 */
export function withBackend<R>(other: Backend, fn: () => R): R {
  const previous = plain;
  replaceBackend(other);
  try {
    return fn();
  } finally {
    replaceBackend(previous);
  }
}
