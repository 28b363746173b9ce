// The bytes of a file that nobody changes, for all threads to read. Where the backend can, the file is mapped: it opens at once
// however large it is, its pages are in memory only as they are used, and processes that read the same file share them. Elsewhere
// it is read once. Either way the bytes lie in one storage, which travels to worker threads as tensors' memory does.

import { backend } from '../backend/active.js';
import type { Storage } from '../backend/storage.js';
import { IndexError } from '../errors.js';
import { Tensor } from '../tensor/tensor.js';

/** What is needed of a file that is open for reading: a `FileHandle` of Node's, whose types a program may not have. */
export interface OpenFile {
  readonly fd: number;
  read(target: Uint8Array, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
}

/** What one call reads where a file can't be mapped. */
const chunkBytes = 2 ** 24;

/** Bytes of a file, opened by `openFileBytes`. The file may be closed and deleted, but not cut short. */
export class FileBytes {
  static readonly moduleUrl = import.meta.url;

  /** @internal */
  constructor(
    private readonly memory: Tensor,
    /** How many bytes there are. */
    readonly length: number,
  ) {}

  /** A copy of `length` bytes from `start` on, without a system call. @throws IndexError when there are not so many */
  read(start: number, length: number): Uint8Array {
    if (!(start >= 0 && length >= 0 && start + length <= this.length)) {
      throw new IndexError(`bytes ${start} to ${start + length} of a file of ${this.length} bytes`);
    }
    const bytes = new Uint8Array(length);
    const { storage, offset } = this.memory;
    if (length > 0) {
      backend.read({ storage, dtype: 'uint8', shape: [length], strides: [1], offset: offset + start }, bytes);
    }
    return bytes;
  }
}

/** The first `size` bytes of an open file; undefined when it has fewer. */
export async function openFileBytes(file: OpenFile, size: number): Promise<FileBytes | undefined> {
  const storage = backend.mapFile(file.fd, size) ?? (await readStorage(file, size));
  return storage && new FileBytes(new Tensor(storage, 'uint8', [size], [1], 0), size);
}

async function readStorage(file: OpenFile, size: number): Promise<Storage | undefined> {
  const storage = backend.allocate(size);
  const chunk = new Uint8Array(Math.min(size, chunkBytes));
  for (let filled = 0; filled < size;) {
    const { bytesRead } = await file.read(chunk, 0, Math.min(size - filled, chunk.length), filled);
    if (bytesRead === 0) return undefined;
    backend.write(storage, filled, chunk.subarray(0, bytesRead));
    filled += bytesRead;
  }
  return storage;
}
