// In place of `threads-node.ts` where there is no Node: loaders work without workers.

import { DataLoaderError } from '../../errors.js';
import type { Commission } from './messages.js';

export function availableCores(): number {
  return Infinity;
}

/** @throws DataLoaderError always */
export function startThread(_commission: Commission): never {
  throw new DataLoaderError('there are no worker threads in a browser: use numWorkers: 0');
}
