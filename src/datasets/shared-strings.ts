// Many texts in one piece of shared memory, so that workers read them without a copy of their own.

import { DatasetError } from '../errors.js';

/** The texts' UTF-8 bytes one after the other, and where each ends. Plain arrays on shared memory. */
export interface SharedStrings {
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
}

/** @throws DatasetError beyond 4 GiB */
export function shareStrings(texts: readonly string[]): SharedStrings {
  const ends = new Uint32Array(new SharedArrayBuffer(4 * texts.length));
  let length = 0;
  texts.forEach((text, i) => {
    length += Buffer.byteLength(text);
    ends[i] = length;
  });
  if (length >= 2 ** 32) throw new DatasetError('texts of more than 4 GiB are too much for one piece of memory');
  const bytes = Buffer.from(new SharedArrayBuffer(length));
  let at = 0;
  for (const text of texts) at += bytes.write(text, at);
  return { bytes: new Uint8Array(bytes.buffer), ends };
}

/** Text number `i`, which must exist. */
export function sharedString({ bytes, ends }: SharedStrings, i: number): string {
  const start = i === 0 ? 0 : ends[i - 1]!;
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, ends[i]! - start).toString();
}
