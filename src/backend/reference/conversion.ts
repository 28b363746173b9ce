// Moving a run of strided elements into or out of a contiguous buffer, with conversion. Kernels compute on float64 or
// int64 buffers only; what a narrower type adds (rounding to float32, wrapping around) happens here, once per result.

import type { DType } from '../dtype.js';

/** `count` elements from `position` on, `stride` apart, to or from `buffer` from `at` on. int64 is seen as int32 words. */
export type Transfer<Buffer> = (
  elements: Float64Array,
  position: number,
  stride: number,
  buffer: Buffer,
  at: number,
  count: number,
) => void;

type Transfers<Buffer, Types extends DType> = { readonly [name in Types]: Transfer<Buffer> };

const twoTo32 = 2 ** 32;
const twoTo63 = 2 ** 63;

// The loops of the two float types and of the rest are the same text three times over, on purpose: V8 compiles each for
// the one kind of array that it meets.

const readFloat32: Transfer<Float64Array> = (elements, position, stride, buffer, at, count) => {
  for (let i = at; i < at + count; i++, position += stride) buffer[i] = elements[position]!;
};
const readFloat64: Transfer<Float64Array> = (elements, position, stride, buffer, at, count) => {
  for (let i = at; i < at + count; i++, position += stride) buffer[i] = elements[position]!;
};
const readNarrow: Transfer<Float64Array> = (elements, position, stride, buffer, at, count) => {
  for (let i = at; i < at + count; i++, position += stride) buffer[i] = elements[position]!;
};
const readInt64: Transfer<Float64Array> = (words, position, stride, buffer, at, count) => {
  for (let i = at; i < at + count; i++, position += stride) {
    buffer[i] = words[2 * position + 1]! * twoTo32 + (words[2 * position]! >>> 0);
  }
};

const halves = new Uint16Array(2);
const half = new Float32Array(halves.buffer);
/** A bfloat16 is the upper half of a float32. */
const readBfloat16: Transfer<Float64Array> = (elements, position, stride, buffer, at, count) => {
  halves[0] = 0;
  for (let i = at; i < at + count; i++, position += stride) {
    halves[1] = elements[position]!;
    buffer[i] = half[0]!;
  }
};

/** Any type to float64; int64 beyond 2^53 rounds. */
export const toFloats: Transfers<Float64Array, DType> = {
  float32: readFloat32,
  float64: readFloat64,
  int64: readInt64,
  int32: readNarrow,
  int16: readNarrow,
  int8: readNarrow,
  uint8: readNarrow,
  bool: readNarrow,
  bfloat16: readBfloat16,
};

const writeFloat32: Transfer<Float64Array> = (elements, position, stride, buffer, at, count) => {
  for (let i = at; i < at + count; i++, position += stride) elements[position] = buffer[i]!;
};
const writeFloat64: Transfer<Float64Array> = (elements, position, stride, buffer, at, count) => {
  for (let i = at; i < at + count; i++, position += stride) elements[position] = buffer[i]!;
};
// As the processor's conversion does it: what doesn't fit the register (and NaN) becomes the register's least number.
const writeThroughInt32: Transfer<Float64Array> = (elements, position, stride, buffer, at, count) => {
  for (let i = at; i < at + count; i++, position += stride) {
    const whole = Math.trunc(buffer[i]!);
    elements[position] = whole >= -2147483648 && whole <= 2147483647 ? whole : -2147483648;
  }
};
const writeThroughInt64: Transfer<Float64Array> = (elements, position, stride, buffer, at, count) => {
  for (let i = at; i < at + count; i++, position += stride) {
    const whole = Math.trunc(buffer[i]!);
    elements[position] = whole >= -twoTo63 && whole < twoTo63 ? whole : 0;
  }
};
const writeInt64: Transfer<Float64Array> = (words, position, stride, buffer, at, count) => {
  for (let i = at; i < at + count; i++, position += stride) {
    const value = buffer[i]!;
    const whole = value >= -twoTo63 && value < twoTo63 ? Math.trunc(value) : -twoTo63;
    const high = Math.floor(whole / twoTo32);
    words[2 * position] = whole - high * twoTo32;
    words[2 * position + 1] = high;
  }
};
const writeBoolean: Transfer<Float64Array> = (elements, position, stride, buffer, at, count) => {
  for (let i = at; i < at + count; i++, position += stride) elements[position] = buffer[i] !== 0 ? 1 : 0;
};

const wholeHalf = new Uint32Array(halves.buffer);
/** By way of float32, then to the nearest, ties to even. */
const writeBfloat16: Transfer<Float64Array> = (elements, position, stride, buffer, at, count) => {
  for (let i = at; i < at + count; i++, position += stride) {
    half[0] = buffer[i]!;
    const word = wholeHalf[0]!;
    elements[position] = Number.isNaN(buffer[i]) ? 0x7fc0 : (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  }
};

/** float64 to any type: rounds to float32, truncates to integers, not zero (NaN too) is true. */
export const fromFloats: Transfers<Float64Array, DType> = {
  float32: writeFloat32,
  float64: writeFloat64,
  int64: writeInt64,
  int32: writeThroughInt32,
  int16: writeThroughInt32,
  int8: writeThroughInt32,
  uint8: writeThroughInt64,
  bool: writeBoolean,
  bfloat16: writeBfloat16,
};

/** Room for int64 numbers, seen as bigints to compute with and as int32 words (low, high) to move. Little-endian. */
export class Integers {
  readonly values: BigInt64Array;
  readonly words: Int32Array;

  constructor(length: number) {
    this.values = new BigInt64Array(length);
    this.words = new Int32Array(this.values.buffer);
  }
}

type IntegerType = Exclude<DType, 'float32' | 'float64' | 'bfloat16'>;

const widenNarrow: Transfer<Int32Array> = (elements, position, stride, words, at, count) => {
  for (let i = at; i < at + count; i++, position += stride) {
    words[2 * i] = elements[position]!;
    words[2 * i + 1] = elements[position]! >> 31;
  }
};
const copyWords: Transfer<Int32Array> = (elements, position, stride, words, at, count) => {
  for (let i = at; i < at + count; i++, position += stride) {
    words[2 * i] = elements[2 * position]!;
    words[2 * i + 1] = elements[2 * position + 1]!;
  }
};

/** Integers and bool to int64. */
export const toIntegers: Transfers<Int32Array, IntegerType> = {
  int64: copyWords,
  int32: widenNarrow,
  int16: widenNarrow,
  int8: widenNarrow,
  uint8: widenNarrow,
  bool: widenNarrow,
};

// Storing an int32 in a narrower array keeps the low bits.
const cutToNarrow: Transfer<Int32Array> = (elements, position, stride, words, at, count) => {
  for (let i = at; i < at + count; i++, position += stride) elements[position] = words[2 * i]!;
};
const cutToInt64: Transfer<Int32Array> = (elements, position, stride, words, at, count) => {
  for (let i = at; i < at + count; i++, position += stride) {
    elements[2 * position] = words[2 * i]!;
    elements[2 * position + 1] = words[2 * i + 1]!;
  }
};
const cutToBoolean: Transfer<Int32Array> = (elements, position, stride, words, at, count) => {
  for (let i = at; i < at + count; i++, position += stride) {
    elements[position] = (words[2 * i]! | words[2 * i + 1]!) !== 0 ? 1 : 0;
  }
};

/** int64 to integers, wrapping around, and to bool: not zero. */
export const fromIntegers: Transfers<Int32Array, IntegerType> = {
  int64: cutToInt64,
  int32: cutToNarrow,
  int16: cutToNarrow,
  int8: cutToNarrow,
  uint8: cutToNarrow,
  bool: cutToBoolean,
};
