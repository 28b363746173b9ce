// What a program may ask of the backend it runs on.

import { ValueError } from '../errors.js';
import { backend } from './active.js';

/** What the library computes with. */
export interface BackendInfo {
  /** 'native' (compiled kernels) or 'reference' (plain TypeScript). */
  readonly name: string;
  /** In words: instruction set, threads. */
  readonly description: string;
  /** Bytes in use by living tensors, and the most there were at once. */
  readonly memory: { readonly allocated: number; readonly peak: number; readonly reserved: number };
}

/** What the library computes with. */
export function backendInfo(): BackendInfo {
  return { name: backend.name, description: backend.describe(), memory: backend.memory() };
}

/** How many threads kernels called from this thread use. */
export function getNumThreads(): number {
  return backend.getNumThreads();
}

/** Sets how many threads kernels called from this thread use. */
export function setNumThreads(count: number): void {
  if (!Number.isInteger(count) || count < 1) throw new ValueError(`setNumThreads: expected 1 or more, got ${count}`);
  backend.setNumThreads(count);
}
