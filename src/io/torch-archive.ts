// The container of PyTorch's files: a zip archive with one folder, in it `data.pkl` and the tensors' memory as `data/0`,
// `data/1` and so on, none of it compressed. The archive's directory is read by yauzl; what it says is checked here.

import type { FileHandle } from 'node:fs/promises';
import type { Entry, RandomAccessReader, ZipFile } from 'yauzl';
import { Damage, readBytes } from './checked-file.js';
import { crc32 } from './crc32.js';
import { errorCode } from './disk-error.js';

/** More records than any model has tensors. */
const mostRecords = 1_000_000;

/** How every such file begins. */
export const zipSignature = Buffer.from('PK\x03\x04', 'latin1');

export class TorchArchive {
  private readonly records = new Map<string, Entry>();
  /** Records may not lie over each other, or a small file could ask for any amount of memory. */
  private unread: number;

  private constructor(
    private readonly handle: FileHandle,
    private readonly zip: ZipFile,
    size: number,
  ) {
    this.unread = size;
  }

  /** @throws Damage for what is no such archive */
  static async open(handle: FileHandle, size: number): Promise<TorchArchive> {
    // Loaded when first needed, as most programs and worker threads read no such file.
    const { fromRandomAccessReaderPromise, RandomAccessReader } = await import('yauzl');
    const reader = boundedReader(RandomAccessReader, handle, size);
    const zip = await orDamage(fromRandomAccessReaderPromise(reader, size, { autoClose: false }));
    const archive = new TorchArchive(handle, zip, size);
    if (zip.entryCount > mostRecords) throw new Damage(`holds ${zip.entryCount} records`);
    let folder: string | undefined;
    const entries = zip.eachEntry();
    for (let next = await orDamage(entries.next()); !next.done; next = await orDamage(entries.next())) {
      const name = next.value.fileName;
      const slash = name.indexOf('/');
      folder ??= name.slice(0, slash);
      if (slash < 1 || name.slice(0, slash) !== folder) throw new Damage('is a zip archive, but none of PyTorch’s');
      const record = name.slice(slash + 1);
      if (archive.records.has(record)) throw new Damage(`is damaged: it holds '${record}' twice`);
      archive.records.set(record, next.value);
    }
    return archive;
  }

  has(record: string): boolean {
    return this.records.has(record);
  }

  /** The size of a record, known without reading it; undefined where there is none. */
  sizeOf(record: string): number | undefined {
    return this.records.get(record)?.uncompressedSize;
  }

  /** All bytes of a record. @throws Damage where it is missing, compressed, encrypted or not what its checksum says */
  async read(record: string): Promise<Buffer<ArrayBuffer>> {
    const entry = this.records.get(record);
    if (entry === undefined) throw new Damage(`is damaged: it has no '${record}'`);
    if (entry.compressionMethod !== 0 || entry.isEncrypted()) {
      throw new Damage(`holds '${record}' compressed or encrypted, which torch.save never does`);
    }
    this.unread -= entry.compressedSize;
    if (this.unread < 0) throw new Damage('is damaged: its records lie over each other');
    const { fileDataStart } = await orDamage(this.zip.readLocalFileHeaderPromise(entry, { minimal: true }));
    const bytes = await readBytes(this.handle, fileDataStart, entry.compressedSize);
    if (crc32(bytes) !== entry.crc32) throw new Damage(`is damaged: the checksum of '${record}' is wrong`);
    return bytes;
  }
}

/** Reads within the file only: a directory can name places that no file has, on which Node throws where nobody catches. */
function boundedReader(Reader: typeof RandomAccessReader, handle: FileHandle, size: number): RandomAccessReader {
  class BoundedReader extends Reader {
    override read(
      buffer: Buffer,
      offset: number,
      length: number,
      position: number,
      callback: (error: Error | null, bytesRead?: number) => void,
    ): void {
      if (!(position >= 0 && position + length <= size)) {
        setImmediate(callback, new Error(`it speaks of byte ${position}, but has ${size}`));
        return;
      }
      handle.read(buffer, offset, length, position).then(({ bytesRead }) => callback(null, bytesRead), callback);
    }
  }
  return new BoundedReader();
}

/** What the zip reader finds wrong is a damage; errors of the disk stay what they are. */
async function orDamage<T>(result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    if (errorCode(error) !== undefined) throw error;
    throw new Damage(`is damaged or cut short: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
