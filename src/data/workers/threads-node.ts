// Worker threads as Node has them. In a browser `threads-browser.ts` stands in for this file.

import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { DataLoaderError } from '../../errors.js';
import type { Commission } from './messages.js';
import { bootstrap, isTypeScript } from './typescript-bootstrap.js';

export type WorkerThread = Worker;

/** How many threads this machine runs at once. */
export function availableCores(): number {
  return availableParallelism();
}

/** Beside this file: `.ts` where the library runs from source. */
const entry = new URL(isTypeScript(import.meta.url) ? './worker-entry.ts' : './worker-entry.js', import.meta.url);

/** @throws DataLoaderError when the file a worker begins with isn't there */
export function startThread(commission: Commission): WorkerThread {
  if (entry.protocol !== 'file:' || !existsSync(entry)) {
    throw new DataLoaderError(
      `no worker can be started: its file is not at ${entry.protocol === 'file:' ? fileURLToPath(entry) : entry.href}. ` +
        'If the program was bundled, leave the package out of the bundle (mark "flambeau" as external), as well as the ' +
        'module of the data set; or use numWorkers: 0',
    );
  }
  const modules = commission.parcel.exports.map(({ module }) => module);
  return new Worker(bootstrap(entry, modules) ?? entry, {
    workerData: commission,
    name: `flambeau data loader ${commission.id}`,
  });
}
