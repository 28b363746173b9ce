// What a worker does: carries out orders one after the other and reports. See messages.ts for the protocol; the thread it runs
// in is `worker-entry.ts`.

import { backend } from '../../backend/active.js';
import { setNumThreads } from '../../backend/info.js';
import { DataLoaderError } from '../../errors.js';
import { defaultGenerator } from '../../tensor/generator.js';
import { onlyOwnTypes } from '../collate.js';
import { isIterableDataset, type Dataset, type IterableDataset } from '../dataset.js';
import { createFetcher, StreamFetcher, streamEnd, type Collate, type Fetcher } from '../fetcher.js';
import { isThenable, type Eventual } from '../thenable.js';
import { setWorkerInfo } from '../worker-info.js';
import { takeApart, type ErrorParts } from './error-parts.js';
import { CURRENT_EPOCH, STOPPING, type Commission, type Order, type Report } from './messages.js';
import { pack, type Packed } from './pack.js';
import { discard, unpack } from './unpack.js';

type LoadOrder = Extract<Order, { kind: 'load' }>;

export class WorkerLoop {
  private readonly control: Int32Array;
  private readonly orders: Order[] = [];
  private busy = true;
  private dataset: Dataset<unknown> | IterableDataset<unknown> | undefined;
  private collateFn: Collate | undefined;
  private fetcher: Fetcher | undefined;
  /** What makes orders fail: the data set isn't here. */
  private broken: ErrorParts | undefined;
  /** What makes the next order fail: something went wrong before it. */
  private late: ErrorParts | undefined;
  private reportedGenerator: Uint32Array | undefined;
  private generatorAtStart: Uint32Array | undefined;

  /** @param leave ends the thread */
  constructor(
    private readonly commission: Commission,
    private readonly post: (report: Report) => void,
    private readonly leave: () => void,
  ) {
    this.control = new Int32Array(commission.control);
    void this.start().then(() => this.work());
  }

  receive(order: Order): void {
    this.orders.push(order);
    if (!this.busy) void this.work();
  }

  private async start(): Promise<void> {
    try {
      await this.settleIn();
      this.post({ kind: 'ready' });
    } catch (error) {
      this.broken = takeApart(error);
    }
  }

  private async settleIn(): Promise<void> {
    const { id, numWorkers, baseSeed, parcel, backend: expected } = this.commission;
    if (backend.name !== expected) {
      throw new DataLoaderError(
        `the main thread computes with the ${expected} backend, worker ${id} with ${backend.name}`,
      );
    }
    setNumThreads(1);
    const received = await unpack(parcel);
    const dataset = received.dataset as Dataset<unknown> | IterableDataset<unknown>;
    const seed = baseSeed + BigInt(id);
    defaultGenerator.manualSeed(seed);
    setWorkerInfo({ id, numWorkers, seed, dataset });
    this.dataset = dataset;
    this.collateFn = received.collateFn as Collate | undefined;
    try {
      await (received.workerInitFn as ((id: number) => Eventual<void>) | undefined)?.(id);
    } catch (error) {
      this.late = takeApart(error);
    }
  }

  /** Carries out what has been ordered. Gives way only where something has to be waited for. */
  private async work(): Promise<void> {
    this.busy = true;
    for (;;) {
      if (Atomics.load(this.control, STOPPING) !== 0) return this.stop();
      const order = this.orders.shift();
      if (order === undefined) break;
      if (order.kind === 'stop') return this.stop();
      if (order.epoch !== Atomics.load(this.control, CURRENT_EPOCH)) continue;
      if (order.kind === 'begin') await this.begin(order);
      else {
        const loading = this.load(order);
        if (isThenable(loading)) await loading;
        // What was made on the way to the batch is garbage now.
        backend.stepEnded();
      }
    }
    this.busy = false;
  }

  private async stop(): Promise<void> {
    try {
      await this.fetcher?.close();
    } catch {
      // A stream that can't be closed ends with its thread.
    }
    this.leave();
  }

  private async begin({ resumption }: Extract<Order, { kind: 'begin' }>): Promise<void> {
    const { dataset, collateFn, commission } = this;
    if (dataset === undefined) return;
    try {
      await this.fetcher?.close();
      if (resumption?.start !== undefined) defaultGenerator.setState(resumption.start);
      if (isIterableDataset(dataset)) this.generatorAtStart = defaultGenerator.getState();
      this.fetcher = createFetcher({ ...commission, dataset, collateFn });
      if (this.fetcher instanceof StreamFetcher && resumption !== undefined) await this.fetcher.skip(resumption.skip);
      if (resumption?.now !== undefined) defaultGenerator.setState(resumption.now);
    } catch (error) {
      this.fetcher = undefined;
      this.late = takeApart(error);
    }
  }

  private load(order: LoadOrder): Eventual<void> {
    const error = this.late ?? this.broken;
    this.late = undefined;
    if (error !== undefined) {
      // A stream that isn't there ends after it has said so: nothing else would.
      if (this.commission.stream) this.broken = undefined;
      return this.fail(order, error);
    }
    if (this.fetcher === undefined) return this.post({ kind: 'ended', epoch: order.epoch, number: order.number });
    try {
      const batch = this.fetcher.fetch(order.task);
      if (isThenable(batch)) return this.finishLater(order, batch);
      const sending = this.finish(order, batch);
      return isThenable(sending) ? this.finishLater(order, sending, true) : undefined;
    } catch (error) {
      return this.fail(order, takeApart(error), this.fetcher.place(order.task));
    }
  }

  private async finishLater(order: LoadOrder, loading: PromiseLike<unknown>, sending = false): Promise<void> {
    try {
      const batch = await loading;
      if (!sending) await this.finish(order, batch);
    } catch (error) {
      this.fail(order, takeApart(error), this.fetcher?.place(order.task));
    }
  }

  private finish({ epoch, number }: LoadOrder, batch: unknown): Eventual<void> {
    if (batch === streamEnd) {
      this.post({ kind: 'ended', epoch, number });
      return;
    }
    const send = (packed: Packed): void => this.send(epoch, number, packed);
    const packed = pack({ batch });
    return isThenable(packed) ? packed.then(send) : send(packed);
  }

  private send(epoch: number, number: number, packed: Packed): void {
    const parcel = packed.parcel();
    try {
      this.post({ kind: 'batch', epoch, number, parcel, ...this.generatorNews() });
    } catch (error) {
      discard(parcel);
      throw new DataLoaderError(`the batch can't be sent to the main thread: ${(error as Error).message}`, {
        cause: error,
      });
    }
    // Tensors that the default collation has just made are in nobody's hands here: their memory needn't wait for a collection.
    if (this.collateFn === undefined && this.commission.batched && onlyOwnTypes()) {
      for (const storage of packed.storages) backend.release(storage);
    }
  }

  private fail({ epoch, number }: LoadOrder, error: ErrorParts, place?: string): void {
    this.post({ kind: 'failed', epoch, number, error, place, ...this.generatorNews() });
  }

  /** The default generator's state if it isn't the one that was reported last. */
  private generatorNews(): { generator?: Uint32Array | undefined; generatorAtStart?: Uint32Array | undefined } {
    const { generatorAtStart, reportedGenerator } = this;
    this.generatorAtStart = undefined;
    const { state } = defaultGenerator;
    if (reportedGenerator?.every((word, i) => word === state[i])) return { generatorAtStart };
    this.reportedGenerator = defaultGenerator.getState();
    return { generatorAtStart, generator: this.reportedGenerator };
  }
}
