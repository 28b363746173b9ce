// A view as lines along one dim, held one at a time: what the kernels that order or accumulate along a dim work on.

import { elementCount } from '../shape.js';
import type { StridedView } from '../backend.js';
import { Integers } from './conversion.js';
import { Cursor, permuted } from './cursor.js';

export class Lines {
  readonly length: number;
  readonly count: number;
  /** The line. In exact lines the numbers are bigints at run time; operators work alike, but the two don't mix. */
  readonly values: Float64Array;
  private readonly cursor: Cursor;
  private readonly integers: Integers | undefined;

  /** @param exact holds bigints: for integers whose sums wrap around or that go beyond 2^53 */
  constructor(view: StridedView, dim: number, exact = view.dtype === 'int64') {
    this.length = view.shape[dim] ?? 1;
    this.count = this.length === 0 ? 0 : elementCount(view.shape) / this.length;
    const others = view.shape.map((_, other) => other).filter((other) => other !== dim);
    this.cursor = new Cursor(view.shape.length === 0 ? view : permuted(view, [...others, dim]));
    this.integers = exact ? new Integers(this.length) : undefined;
    this.values = (this.integers?.values as unknown as Float64Array | undefined) ?? new Float64Array(this.length);
  }

  /** Reads the next line into `values`. */
  read(): void {
    if (this.integers) this.cursor.readIntegers(this.integers, this.length);
    else this.cursor.readFloats(this.values, this.length);
  }

  /** Writes `values` to the next line. */
  write(): void {
    if (this.integers) this.cursor.writeIntegers(this.integers, this.length);
    else this.cursor.writeFloats(this.values, this.length);
  }
}
