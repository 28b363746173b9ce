// Reading tensor files, none of which is believed before it is checked: what is wrong with one becomes a SerializationError
// that names the file, and so does what the disk has against reading it.

import fs, { type FileHandle } from 'node:fs/promises';
import { SerializationError } from '../errors.js';
import { errorCode, explainDiskError } from './disk-error.js';

/** What is wrong with a file, as the end of a sentence that begins with its name. */
export class Damage extends Error {}

/**
 * Opens a file for `read` and closes it after. `operation` is named in errors.
 * @throws SerializationError for a `Damage` and for a file that can't be read
 */
export async function readChecked<R>(
  operation: string,
  path: string,
  read: (handle: FileHandle, size: number) => Promise<R>,
): Promise<R> {
  let handle: FileHandle | undefined;
  try {
    handle = await fs.open(path, 'r');
    return await read(handle, (await handle.stat()).size);
  } catch (error) {
    if (error instanceof Damage) {
      throw new SerializationError(`${operation}: ${path} ${error.message}`, { cause: error });
    }
    if (errorCode(error) === undefined) throw error;
    throw new SerializationError(`${operation}: can't read ${path}: ${explainDiskError(error)}`, { cause: error });
  } finally {
    await handle?.close();
  }
}

/** Bytes in a buffer of their own, so that they are aligned for every element type. */
export async function readBytes(handle: FileHandle, position: number, length: number): Promise<Buffer<ArrayBuffer>> {
  const bytes = Buffer.from(new ArrayBuffer(length));
  let filled = 0;
  while (filled < length) {
    // One call reads at most 2 GiB.
    const { bytesRead } = await handle.read(bytes, filled, Math.min(length - filled, 2 ** 30), position + filled);
    if (bytesRead === 0) throw new Damage('is cut short');
    filled += bytesRead;
  }
  return bytes;
}
