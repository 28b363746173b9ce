// What code running in a worker thread can know about it.

import type { Dataset, IterableDataset } from './dataset.js';

/** What a worker thread knows of itself. */
export interface WorkerInfo {
  /** Which worker this is, from 0 to numWorkers - 1. */
  readonly id: number;
  readonly numWorkers: number;
  /** What this worker's default generator was seeded with: a number of its own in every epoch of new workers. */
  readonly seed: bigint;
  /** This worker's copy of the data set. */
  readonly dataset: Dataset<unknown> | IterableDataset<unknown>;
}

let info: WorkerInfo | null = null;
let inWorker = false;

/**
 * The worker this code runs in; null in the main thread.
 * https://pytorch.org/docs/1.13/data.html#torch.utils.data.get_worker_info
 */
export function getWorkerInfo(): WorkerInfo | null {
  return info;
}

/** @internal Notes that this thread is a loader's worker, before any of the program's modules is imported. */
export function enterWorker(): void {
  inWorker = true;
}

/** @internal Whether this thread is a loader's worker. */
export function isWorker(): boolean {
  return inWorker;
}

/** @internal */
export function setWorkerInfo(of: WorkerInfo): void {
  info = Object.freeze(of);
}
