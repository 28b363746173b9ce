// What the main thread and its workers say to each other.
//
// The life of a worker. It is started with a Commission and at once imports the modules of the data set, takes the data set
// out of its parcel, seeds its generator and calls workerInitFn; then it says 'ready'. From the start on it may be sent
// orders, which it carries out one after the other, each answered by one report (an order of an epoch that has been left
// gets none). When a stream ends it says so once, and answers no more orders of that epoch.
//
// The control block is shared memory that both see at any time: CURRENT_EPOCH, so that orders of an epoch that was left are
// passed over without being loaded, and STOPPING, so that a worker that has much to do stops after the batch it is at.
//
// Memory. A parcel's tokens count as references until they are adopted. Whoever receives a report that nobody waits for any
// more discards its parcel; a commission that a worker never unpacked is discarded by the main thread when the worker is gone.

import type { ErrorParts } from './error-parts.js';
import type { Parcel } from './parcel.js';
import type { Task } from '../fetcher.js';

/** Places in the control block, an Int32Array. */
export const CURRENT_EPOCH = 0;
export const STOPPING = 1;
export const CONTROL_WORDS = 2;

/** What a worker is started with. */
export interface Commission {
  readonly id: number;
  readonly numWorkers: number;
  readonly baseSeed: bigint;
  readonly control: SharedArrayBuffer;
  /** Whose memory the tokens are of; the worker's must be the same. */
  readonly backend: string;
  /** The data set, and the functions where they aren't the default ones: `dataset`, `collateFn`, `workerInitFn`. */
  readonly parcel: Parcel;
  /** Whether the data set is iterable. */
  readonly stream: boolean;
  readonly batched: boolean;
  readonly batchSize: number | null;
  readonly dropLast: boolean;
}

/** Where a worker takes up an epoch that was left. */
export interface Resumption {
  /** The state of its default generator: at the epoch's beginning, and now. */
  readonly start?: Uint32Array | undefined;
  readonly now?: Uint32Array | undefined;
  /** How many batches of its stream to pass over. */
  readonly skip: number;
}

/** To a worker. */
export type Order =
  | { readonly kind: 'begin'; readonly epoch: number; readonly resumption: Resumption | undefined }
  | { readonly kind: 'load'; readonly epoch: number; readonly number: number; readonly task: Task }
  | { readonly kind: 'stop' };

/** The state of a worker's default generator, where it has changed since the last report. */
interface GeneratorNews {
  readonly generator?: Uint32Array | undefined;
  /** With an epoch's first report: what the generator was when it began. */
  readonly generatorAtStart?: Uint32Array | undefined;
}

/** From a worker: what became of an order. */
export type WorkReport =
  | ({
      readonly kind: 'batch';
      readonly epoch: number;
      readonly number: number;
      readonly parcel: Parcel;
    } & GeneratorNews)
  | ({
      readonly kind: 'failed';
      readonly epoch: number;
      readonly number: number;
      readonly error: ErrorParts;
      /** Where in the data it happened, if it did so there. */
      readonly place?: string | undefined;
    } & GeneratorNews)
  | { readonly kind: 'ended'; readonly epoch: number; readonly number: number };

/** From a worker. */
export type Report = { readonly kind: 'ready' } | WorkReport;
