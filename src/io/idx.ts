// IDX files, the form MNIST and its relatives are published in (http://yann.lecun.com/exdb/mnist/): two zero bytes, the
// element type, the number of dims, the dims as 32-bit numbers with the high byte first, the elements. Only bytes as
// elements, packed with gzip, which is what all of them are.

import fs from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { DatasetError } from '../errors.js';
import { errorCode, explainDiskError } from './disk-error.js';

/** What an IDX file holds. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

export interface IdxLimits {
  /** How many dims the file must have. */
  readonly ndim: number;
  /** Most bytes to unpack; default 1 GiB. */
  readonly bytes?: number;
}

const unsignedByte = 0x08;
const unpack = promisify(gunzip);

/**
 * Reads a gzipped IDX file of bytes. The checksum and length that gzip keeps of its content are compared.
 * @throws DatasetError when it can't be read, is damaged, or holds something else
 */
export async function readIdx(path: string, { ndim, bytes: limit = 2 ** 30 }: IdxLimits): Promise<IdxArray> {
  const refuse = (reason: string, options?: ErrorOptions): DatasetError =>
    new DatasetError(`${path} can't be read as an IDX file: ${reason}`, options);
  let content: Buffer;
  try {
    content = await unpack(await fs.readFile(path), { maxOutputLength: limit });
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ERR_BUFFER_TOO_LARGE') throw refuse(`it unpacks to more than ${limit} bytes`, { cause: error });
    if (code?.startsWith('Z_')) throw refuse('it is damaged or cut short', { cause: error });
    throw refuse(explainDiskError(error), { cause: error });
  }
  const start = 4 + 4 * ndim;
  if (content.length < start || content.readUInt16BE(0) !== 0) throw refuse('it does not begin as one does');
  if (content[2] !== unsignedByte) throw refuse(`its elements are of type 0x${content[2]!.toString(16)}, not bytes`);
  if (content[3] !== ndim) throw refuse(`it has ${content[3]} dims, expected ${ndim}`);
  const shape = Array.from({ length: ndim }, (_, dim) => content.readUInt32BE(4 + 4 * dim));
  const expected = shape.reduce((product, length) => product * length, 1);
  if (content.length - start !== expected) {
    throw refuse(`its shape [${shape.join(', ')}] needs ${expected} bytes, ${content.length - start} are there`);
  }
  return { shape, data: content.subarray(start) };
}
