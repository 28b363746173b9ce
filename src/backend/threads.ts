// How many threads the kernels may use.

import { ValueError } from '../errors.js';
import { backend } from './active.js';

/** How many threads kernels called from this thread use. */
export function getNumThreads(): number {
  return backend.getNumThreads();
}

/** Sets how many threads kernels called from this thread use. */
export function setNumThreads(count: number): void {
  if (!Number.isInteger(count) || count < 1) throw new ValueError(`setNumThreads: expected 1 or more, got ${count}`);
  backend.setNumThreads(count);
}
