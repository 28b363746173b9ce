// How a kernel call travels to the addon. Numbers are written to one page of float64 that both sides see; the storages'
// handles are the arguments of the call itself, which keeps them alive. The reading side, native/message.h, checks every
// view against its block. Order of a view: [dtype where it may vary,] ndim, shape, strides, offset in elements of the block.
//
// A page belongs to one thread, and a message is read before `run` returns, so one page does for all calls.

import { FlambeauError } from '../../errors.js';
import type { Operand, StridedView, Window } from '../backend.js';
import type { DType } from '../dtype.js';
import type { Handle } from './addon.js';

/** The generator's state travels at the page's end. */
const STATE_NUMBERS = 314;
const PAGE_NUMBERS = 16384;

/** The page. Float64 numbers; results that are more than one number come back on it, too. */
export const page = new Float64Array(PAGE_NUMBERS);
/** The same memory as 64-bit integers. */
const integers = new BigInt64Array(page.buffer);
/** Where a generator's state lies during a call. */
export const stateWords = new Uint32Array(page.buffer, (PAGE_NUMBERS - STATE_NUMBERS) * 8, 2 * STATE_NUMBERS);

const NUMBER = -1;
const SAME_SHAPE = -2;

let cursor = 0;

/** Starts a message. */
export function begin(): void {
  cursor = 0;
}

export function put(value: number): void {
  page[cursor++] = value;
}

export function putFlag(value: boolean): void {
  page[cursor++] = value ? 1 : 0;
}

/** The 64 bits of an integer that may not be exact as a number. */
export function putInt64(value: bigint): void {
  integers[cursor++] = BigInt.asIntN(64, value);
}

/** The dtype's number, as in dtype.ts. A switch: cheaper than a look-up for the most frequent ones. */
function codeOf(dtype: DType): number {
  switch (dtype) {
    case 'float32':
      return 0;
    case 'float64':
      return 1;
    case 'int64':
      return 2;
    case 'int32':
      return 3;
    case 'int16':
      return 4;
    case 'int8':
      return 5;
    case 'uint8':
      return 6;
    case 'bool':
      return 7;
    case 'bfloat16':
      throw new FlambeauError('a bfloat16 tensor reached a kernel that does not know the type');
  }
}

/** Bytes to elements, by the dtype's number. */
const shifts = new Uint8Array([2, 3, 3, 2, 1, 0, 0, 0]);

/** A view's first element, counted from the beginning of its block. */
function firstElement(view: StridedView): number {
  const byteOffset = view.storage.byteOffset; // of a slab's small storage; else 0
  return byteOffset === 0 ? view.offset : view.offset + (byteOffset >> shifts[codeOf(view.dtype)]!);
}

/** Writes strides and offset from position `at` on; returns the position after them. */
function writePlace(view: StridedView, at: number): number {
  const { strides } = view;
  for (let d = 0; d < strides.length; d++) page[at++] = strides[d]!;
  page[at++] = firstElement(view);
  return at;
}

function writeShaped(view: StridedView, at: number): number {
  const shape = view.shape;
  page[at++] = shape.length;
  for (let d = 0; d < shape.length; d++) page[at++] = shape[d]!;
  return writePlace(view, at);
}

/** A view whose dtype the message has said before. */
export function putShaped(view: StridedView): void {
  cursor = writeShaped(view, cursor);
}

/** `count` elements in a row, from the element `start` of a contiguous view on. */
export function putRun(view: StridedView, start: number, count: number): void {
  page[cursor++] = 1;
  page[cursor++] = count;
  page[cursor++] = 1;
  page[cursor++] = firstElement(view) + start;
}

export function putView(view: StridedView): void {
  const at = cursor;
  page[at] = codeOf(view.dtype);
  cursor = writeShaped(view, at + 1);
}

export function putDType(dtype: DType): void {
  page[cursor++] = codeOf(dtype);
}

/** A view that may be missing. */
export function putOptional(view: StridedView | undefined): void {
  if (view === undefined) {
    page[cursor++] = 0;
  } else {
    page[cursor++] = 1;
    putView(view);
  }
}

/** An operand that repeats to the shape of `output`. */
export function putOperand(operand: Operand, output: StridedView): void {
  const at = cursor;
  if (typeof operand === 'number') {
    page[at] = NUMBER;
    page[at + 1] = operand;
    cursor = at + 2;
  } else if (operand.shape === output.shape) {
    page[at] = SAME_SHAPE;
    cursor = writePlace(operand, at + 1);
  } else {
    cursor = writeShaped(operand, at);
  }
}

/** A window over spatial dims; pooling adds the size of its kernel, convolution the number of groups. */
export function putWindow(window: Window, kernel: readonly number[] | undefined, groups: number | undefined): void {
  page[cursor++] = window.stride.length;
  for (const value of window.stride) page[cursor++] = value;
  for (const value of window.padding) page[cursor++] = value;
  for (const value of window.dilation) page[cursor++] = value;
  if (kernel !== undefined) for (const value of kernel) page[cursor++] = value;
  if (groups !== undefined) page[cursor++] = groups;
}

/** The handle of a view's storage. */
export function handleOf(view: StridedView): Handle {
  return view.storage.handle as Handle;
}
