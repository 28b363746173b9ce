// How fast something advances and how long the rest will take.

/** Seconds over which the rate is smoothed: long enough to be steady, short enough to follow a change. */
const memory = 5;

/** Measures a rate from totals reported now and then, weighting the last seconds most. */
export class RateMeter {
  private lastTime: number;
  private rate = 0;
  private weight = 0;

  /** @param done what is there at the beginning and doesn't count (a download that goes on); `now` in milliseconds */
  constructor(
    private lastDone = 0,
    now = performance.now(),
  ) {
    this.lastTime = now;
  }

  /** Takes the new total and returns the rate per second. Reports closer than 50 ms are gathered into one. */
  update(done: number, now = performance.now()): number {
    const seconds = (now - this.lastTime) / 1000;
    if (seconds < 0.05) return this.perSecond;
    const keep = Math.exp(-seconds / memory);
    // A total that went down was started over: nothing can be said about that stretch.
    const gained = Math.max(0, done - this.lastDone);
    // An average that starts from nothing leans to zero; dividing by the weight gathered so far removes that.
    this.rate = this.rate * keep + (gained / seconds) * (1 - keep);
    this.weight = this.weight * keep + (1 - keep);
    this.lastDone = done;
    this.lastTime = now;
    return this.perSecond;
  }

  /** Units per second; 0 before anything was measured. */
  get perSecond(): number {
    return this.weight === 0 ? 0 : this.rate / this.weight;
  }

  /** Seconds until `total` at this rate; undefined while it can't be told. */
  secondsLeft(total: number | undefined): number | undefined {
    if (total === undefined || this.perSecond <= 0) return undefined;
    return Math.max(0, total - this.lastDone) / this.perSecond;
  }
}
