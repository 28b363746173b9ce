// A file as a stream of bytes; one whose name ends in `.gz` is unpacked on the way.

import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { DatasetError } from '../errors.js';
import { errorCode, explainDiskError } from './disk-error.js';

/** @throws DatasetError when the file can't be read, or is not packed with gzip */
export async function* byteStream(path: string): AsyncGenerator<Buffer, void, undefined> {
  const file = createReadStream(path, { highWaterMark: 1 << 18 });
  const unpacked = path.endsWith('.gz') ? file.pipe(createGunzip()) : undefined;
  file.once('error', (error) => unpacked?.destroy(error));
  try {
    yield* (unpacked ?? file) as AsyncIterable<Buffer>;
  } catch (error) {
    const damaged = errorCode(error)?.startsWith('Z_') ? 'it is damaged, or not packed with gzip' : undefined;
    throw new DatasetError(`${path} can't be read: ${damaged ?? explainDiskError(error)}`, { cause: error });
  } finally {
    file.destroy();
    unpacked?.destroy();
  }
}
