// Many texts, or pieces of bytes, in one piece of shared memory, so that workers read them without a copy of their own.

import { DatasetError } from '../errors.js';

/** The texts' UTF-8 bytes one after the other, and where each ends. Plain arrays on shared memory. */
export interface SharedStrings {
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
}

/** @throws DatasetError beyond 4 GiB */
export function shareStrings(texts: readonly string[]): SharedStrings {
  const { bytes, ends } = allocate(texts.map((text) => Buffer.byteLength(text)));
  const buffer = Buffer.from(bytes.buffer, 0, bytes.length);
  texts.forEach((text, i) => buffer.write(text, i === 0 ? 0 : ends[i - 1]!));
  return { bytes, ends };
}

/** The same for pieces of bytes. @throws DatasetError beyond 4 GiB */
export function shareBytes(pieces: readonly Uint8Array[]): SharedStrings {
  const { bytes, ends } = allocate(pieces.map((piece) => piece.length));
  pieces.forEach((piece, i) => bytes.set(piece, i === 0 ? 0 : ends[i - 1]));
  return { bytes, ends };
}

function allocate(lengths: readonly number[]): SharedStrings {
  const ends = new Uint32Array(new SharedArrayBuffer(4 * lengths.length));
  let end = 0;
  lengths.forEach((length, i) => {
    end += length;
    ends[i] = end;
  });
  if (end >= 2 ** 32) throw new DatasetError('texts or bytes of more than 4 GiB are too much for one piece of memory');
  return { bytes: new Uint8Array(new SharedArrayBuffer(end)), ends };
}

/** Text number `i`, which must exist. */
export function sharedString({ bytes, ends }: SharedStrings, i: number): string {
  const start = i === 0 ? 0 : ends[i - 1]!;
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, ends[i]! - start).toString();
}

/** Piece number `i`, a view on the shared memory. */
export function sharedBytes({ bytes, ends }: SharedStrings, i: number): Uint8Array {
  return bytes.subarray(i === 0 ? 0 : ends[i - 1]!, ends[i]);
}
