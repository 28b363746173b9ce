// When to collect garbage. V8 sees a tensor as a few hundred bytes and would let gigabytes of native memory wait; so the
// allocator reports what it hands out, and here a minor collection (about 0.1 ms) is asked for
// - at the end of a training step: the graph has just died, and nothing of it has to be promoted;
// - in between only under pressure, because what is still needed then grows old and is freed by full collections alone.
// A full collection follows when what survives has doubled since the last one.
// Finalizers run during the collection itself, so memory is back when it returns; no event loop turn is needed.

import { findCollector } from '#platform';

const MEBIBYTE = 2 ** 20;
/** Garbage worth a collection at the end of a step. */
const STEP_BYTES = 16 * MEBIBYTE;
/** Allocations after which one is tried in mid-step. */
const PRESSURE_BYTES = 64 * MEBIBYTE;
/** The same where nearly everything is garbage by then: memory comes back while it is still in the processor's cache. */
const HOT_BYTES = 8 * MEBIBYTE;
const MOST_PRESSURE_BYTES = 1024 * MEBIBYTE;

export class CollectionPolicy {
  private readonly collect = findCollector();
  /** Bytes handed out since the last collection. */
  private fresh = 0;
  /** Bytes handed out since the last end of a step, and the most of a recent step. */
  private inStep = 0;
  private largestStep = 0;
  /** How much `fresh` may become in mid-step. */
  private pressure = PRESSURE_BYTES;
  /** What the last full collection left. */
  private survivors = 0;

  /** @param allocated bytes in living blocks */
  constructor(private readonly allocated: () => number) {}

  /** Whether collections can be asked for; otherwise V8 must be told of native memory. */
  get available(): boolean {
    return this.collect !== undefined;
  }

  /** Counts an allocation that is about to be made. */
  allocating(bytes: number): void {
    this.fresh += bytes;
    this.inStep += bytes;
    if (this.fresh > this.pressure) this.underPressure();
  }

  stepEnded(worthwhile = STEP_BYTES): void {
    this.largestStep = Math.max(this.inStep, this.largestStep * 0.9);
    this.inStep = 0;
    // A step that is always large must not be interrupted.
    this.pressure = Math.min(Math.max(PRESSURE_BYTES, 2 * this.largestStep), MOST_PRESSURE_BYTES);
    if (this.fresh >= worthwhile) this.collectGarbage();
  }

  private underPressure(): void {
    const fresh = this.fresh;
    const before = this.allocated();
    const after = this.collectGarbage();
    const freed = before - after;
    if (freed >= 0.9 * fresh) this.pressure = Math.min(this.pressure, HOT_BYTES);
    // Most of it is still needed: trying as often again would only age it.
    else if (freed < fresh / 2)
      this.pressure = Math.min(Math.max(this.pressure * 2, PRESSURE_BYTES), MOST_PRESSURE_BYTES);
  }

  private collectGarbage(): number {
    this.fresh = 0;
    if (this.collect === undefined) return this.allocated();
    this.collect({ type: 'minor', execution: 'sync' });
    const living = this.allocated();
    if (living <= 2 * this.survivors + PRESSURE_BYTES) return living;
    this.collect();
    this.survivors = this.allocated();
    return this.survivors;
  }
}
