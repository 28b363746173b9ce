// Numbers for the data of the training runs: the same, in the same order, as draws.py gives.

/** A linear congruential generator of 32 bits (Numerical Recipes, chapter 7.1), of which the upper 24 are used. */
export class Draws {
  constructor(private state: number) {}

  /** A number from [0, 1) that float32 holds exactly. */
  unit(): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    return (this.state >>> 8) / 2 ** 24;
  }

  /** A number from [-1, 1) that float32 holds exactly. */
  signed(): number {
    return 2 * this.unit() - 1;
  }

  /** A whole number from 0 up to count, not included. */
  whole(count: number): number {
    return Math.floor(this.unit() * count);
  }
}
