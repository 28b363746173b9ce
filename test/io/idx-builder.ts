// Writes gzipped IDX files.

import { gzipSync } from 'node:zlib';

export function idx(shape: readonly number[], data: Uint8Array, elementType = 0x08): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header[2] = elementType;
  header[3] = shape.length;
  shape.forEach((length, dim) => header.writeUInt32BE(length, 4 + 4 * dim));
  return gzipSync(Buffer.concat([header, data]));
}
