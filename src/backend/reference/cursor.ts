// The one way through strided memory: a Cursor reads or writes a view's elements in row-major order, as many at a time
// as asked for, as float64 or int64 numbers. Broadcasting, collapsing of dims and conversion are its business alone.

import { elementCount } from '../shape.js';
import type { StridedView } from '../backend.js';
import { fromFloats, fromIntegers, toFloats, toIntegers } from './conversion.js';
import type { Integers, Transfer } from './conversion.js';
import { arrayOf } from './memory.js';

/** How many elements the kernels take at a time: a few such pieces stay in the processor's first cache. */
export const pieceLength = 1024;

export class Cursor {
  private readonly elements: Float64Array;
  // The dims, innermost first, without those of size 1, neighbours that lie in step merged.
  private readonly sizes: number[] = [];
  private readonly strides: number[] = [];
  private readonly index: number[] = [];
  private readonly length: number;
  private readonly stride: number;
  private rowStart: number;
  private column = 0;

  /** @param shape what the view broadcasts to: aligned at the last dim, size 1 repeats */
  constructor(
    private readonly view: StridedView,
    shape: readonly number[] = view.shape,
  ) {
    const seenAs = view.dtype === 'int64' ? 'int32' : view.dtype;
    this.elements = arrayOf(view.storage, seenAs) as Float64Array;
    this.rowStart = view.offset;
    const missing = shape.length - view.shape.length;
    for (let dim = shape.length - 1; dim >= 0; dim--) {
      const size = shape[dim]!;
      if (size === 1) continue;
      const repeats = dim < missing || view.shape[dim - missing] === 1;
      const stride = repeats ? 0 : view.strides[dim - missing]!;
      const last = this.sizes.length - 1;
      if (last >= 0 && stride === this.strides[last]! * this.sizes[last]!) {
        this.sizes[last]! *= size;
      } else {
        this.sizes.push(size);
        this.strides.push(stride);
        this.index.push(0);
      }
    }
    this.length = this.sizes[0] ?? 1;
    this.stride = this.strides[0] ?? 0;
  }

  /** The next `count` elements, as float64. */
  readFloats(target: Float64Array, count: number): void {
    this.move(toFloats[this.view.dtype], target, count);
  }

  /** Writes the next `count` elements. */
  writeFloats(source: Float64Array, count: number): void {
    this.move(fromFloats[this.view.dtype], source, count);
  }

  /** The next `count` elements of an integer or bool view, as int64. */
  readIntegers(target: Integers, count: number): void {
    this.move(toIntegers[this.view.dtype as 'int64'], target.words, count);
  }

  /** Writes the next `count` elements of an integer or bool view. */
  writeIntegers(source: Integers, count: number): void {
    this.move(fromIntegers[this.view.dtype as 'int64'], source.words, count);
  }

  private move<Buffer>(transfer: Transfer<Buffer>, buffer: Buffer, count: number): void {
    for (let at = 0; at < count;) {
      const run = Math.min(count - at, this.length - this.column);
      transfer(this.elements, this.rowStart + this.column * this.stride, this.stride, buffer, at, run);
      at += run;
      this.column += run;
      if (this.column === this.length) this.nextRow();
    }
  }

  private nextRow(): void {
    this.column = 0;
    for (let dim = 1; dim < this.sizes.length; dim++) {
      this.rowStart += this.strides[dim]!;
      if (++this.index[dim]! < this.sizes[dim]!) return;
      this.rowStart -= this.strides[dim]! * this.sizes[dim]!;
      this.index[dim] = 0;
    }
  }
}

/** All elements of a view in row-major order, as float64. */
export function readAll(view: StridedView): Float64Array {
  const values = new Float64Array(elementCount(view.shape));
  new Cursor(view).readFloats(values, values.length);
  return values;
}

/** Writes all elements of a view from row-major order. */
export function writeAll(view: StridedView, values: Float64Array): void {
  new Cursor(view).writeFloats(values, values.length);
}

/** The view with its dims in another order. */
export function permuted(view: StridedView, dims: readonly number[]): StridedView {
  return {
    ...view,
    shape: dims.map((dim) => view.shape[dim]!),
    strides: dims.map((dim) => view.strides[dim]!),
  };
}
