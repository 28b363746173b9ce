// A file as a stream of bytes; one whose name ends in `.gz` is unpacked on the way.

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { DatasetError } from '../errors.js';
import { errorCode, explainDiskError } from './disk-error.js';

/** Texts are packed to a tenth, logs to a fiftieth; beyond this, and beyond 64 MiB, it is a bomb. */
const mostRatio = 200;
const ratioFreeBytes = 2 ** 26;

/** How many bytes a packed file of a size may unpack to. */
export function mostUnpacked(packed: number): number {
  return Math.max(ratioFreeBytes, packed * mostRatio);
}

/**
 * @param mostBytes most bytes that a packed file may have once it is unpacked; default 64 MiB, or two hundred times its size
 * @throws DatasetError when the file can't be read, is not packed with gzip, or unpacks to more
 */
export async function* byteStream(path: string, mostBytes?: number): AsyncGenerator<Buffer, void, undefined> {
  const packed = path.toLowerCase().endsWith('.gz');
  const file = createReadStream(path, { highWaterMark: 1 << 18 });
  const unpacked = packed ? file.pipe(createGunzip()) : undefined;
  file.once('error', (error) => unpacked?.destroy(error));
  try {
    if (unpacked === undefined) yield* file as AsyncIterable<Buffer>;
    else yield* within(unpacked, mostBytes ?? mostUnpacked((await stat(path)).size), path);
  } catch (error) {
    if (error instanceof DatasetError) throw error;
    const damaged = errorCode(error)?.startsWith('Z_') ? 'it is damaged, or not packed with gzip' : undefined;
    throw new DatasetError(`${path} can't be read: ${damaged ?? explainDiskError(error)}`, { cause: error });
  } finally {
    file.destroy();
    unpacked?.destroy();
  }
}

/** A few bytes of gzip can stand for a thousand times as many. */
async function* within(chunks: AsyncIterable<Buffer>, most: number, path: string): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > most) {
      throw new DatasetError(`${path} unpacks to more than ${most} bytes: if it is to be trusted, unpack it first`);
    }
    yield chunk;
  }
}
