// Getting elements in and out: write, read, fill, arange and copies between any two dtypes.

import { elementCount } from '../shape.js';
import type { Backend, StridedView } from '../backend.js';
import { dtypes, isFloat } from '../dtype.js';
import type { DType, TypedArray } from '../dtype.js';
import { Integers } from './conversion.js';
import { Cursor, pieceLength } from './cursor.js';
import { arrayOf, storageOver } from './memory.js';

const floats = new Float64Array(pieceLength);
const integers = new Integers(pieceLength);

/** Calls `piece` with the lengths of the pieces that `count` elements fall into. */
export function inPieces(count: number, piece: (length: number, done: number) => void): void {
  for (let done = 0; done < count; done += pieceLength) piece(Math.min(pieceLength, count - done), done);
}

function dtypeOf(array: TypedArray): DType {
  for (const { name, array: constructor } of Object.values(dtypes)) if (array instanceof constructor) return name;
  throw new TypeError(`no element type is stored in a ${array.constructor.name}`);
}

function write(...[storage, offset, source]: Parameters<Backend['write']>): void {
  const target = arrayOf(storage, dtypeOf(source)) as Float64Array;
  target.set(source as Float64Array, offset);
}

/** Copies out through a view of the target's own memory. */
function read(view: StridedView, target: TypedArray): void {
  if (target.length === 0) return;
  const strides = view.shape.map((_, dim) => elementCount(view.shape.slice(dim + 1)));
  copy({ ...view, storage: storageOver(target), strides, offset: target.byteOffset / target.BYTES_PER_ELEMENT }, view);
}

function readScalar(view: StridedView): number {
  new Cursor(view).readFloats(floats, 1);
  return floats[0]!;
}

function fill(output: StridedView, value: number | bigint): void {
  const cursor = new Cursor(output);
  const count = elementCount(output.shape);
  const exact = typeof value === 'bigint' && !isFloat(output.dtype);
  if (exact) integers.values.fill(value, 0, count);
  else floats.fill(Number(value), 0, count);
  inPieces(count, (length) => {
    if (exact) cursor.writeIntegers(integers, length);
    else cursor.writeFloats(floats, length);
  });
}

function arange(output: StridedView, start: number, step: number): void {
  const cursor = new Cursor(output);
  if (isFloat(output.dtype)) {
    inPieces(elementCount(output.shape), (length, done) => {
      for (let i = 0; i < length; i++) floats[i] = start + (done + i) * step;
      cursor.writeFloats(floats, length);
    });
  } else {
    const [first, stride] = [BigInt(Math.trunc(start)), BigInt(Math.trunc(step))];
    inPieces(elementCount(output.shape), (length, done) => {
      for (let i = 0; i < length; i++) integers.values[i] = first + BigInt(done + i) * stride;
      cursor.writeIntegers(integers, length);
    });
  }
}

function copy(output: StridedView, input: StridedView): void {
  const target = new Cursor(output);
  const source = new Cursor(input, output.shape);
  // Between integers int64 keeps every bit; otherwise float64 is wide enough.
  const exact = !isFloat(output.dtype) && !isFloat(input.dtype);
  inPieces(elementCount(output.shape), (length) => {
    if (exact) {
      source.readIntegers(integers, length);
      target.writeIntegers(integers, length);
    } else {
      source.readFloats(floats, length);
      target.writeFloats(floats, length);
    }
  });
}

function concatenate(output: StridedView, inputs: readonly StridedView[]): void {
  let { offset } = output;
  for (const input of inputs) {
    const shape = [elementCount(input.shape)];
    copy({ ...output, shape, strides: [1], offset }, { ...input, shape, strides: [1] });
    offset += shape[0]!;
  }
}

export const copying = { write, read, readScalar, fill, arange, copy, concatenate } satisfies Partial<Backend>;
