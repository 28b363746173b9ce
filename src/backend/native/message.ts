// How a kernel call travels to the addon. Numbers are written to one page of float64 that both sides see; the storages'
// handles are the arguments of the call itself, which keeps them alive. The reading side, native/message.h, checks every
// view against its block. Order of a view: [dtype where it may vary,] ndim, shape, strides, offset in elements of the block.
//
// A page belongs to one thread, and a message is read before `run` returns, so one page does for all calls.

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
  }
}

const sizes = new Float64Array([4, 8, 8, 4, 2, 1, 1, 1]);

function putPlace(view: StridedView): void {
  const strides = view.strides;
  for (let d = 0; d < strides.length; d++) page[cursor++] = strides[d]!;
  const byteOffset = view.storage.byteOffset;
  page[cursor++] = byteOffset === 0 ? view.offset : view.offset + byteOffset / sizes[codeOf(view.dtype)]!;
}

/** A view whose dtype the message has said before. */
export function putShaped(view: StridedView): void {
  const shape = view.shape;
  page[cursor++] = shape.length;
  for (let d = 0; d < shape.length; d++) page[cursor++] = shape[d]!;
  putPlace(view);
}

export function putView(view: StridedView): void {
  page[cursor++] = codeOf(view.dtype);
  putShaped(view);
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
  if (typeof operand === 'number') {
    page[cursor++] = NUMBER;
    page[cursor++] = operand;
  } else if (operand.shape === output.shape) {
    page[cursor++] = SAME_SHAPE;
    putPlace(operand);
  } else {
    putShaped(operand);
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
