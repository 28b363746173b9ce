// Reading and unpacking `.tar.gz` files from strangers. The parser is `tar`'s; what is acceptable is decided here: plain
// files and folders with relative paths, within limits on number, size and compression. Anything else ends the reading
// with an error, and what was unpacked so far is removed.

import { createReadStream } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { createGunzip } from 'node:zlib';
import type { Parser, ReadEntry } from 'tar';
import { DatasetError } from '../errors.js';
import { moveIntoPlace, temporarySibling } from './atomic-file.js';
import { errorCode, explainDiskError } from './disk-error.js';

/** How much an archive may ask for. */
export interface ArchiveLimits {
  /** Files and folders; default 2 million. */
  readonly entries?: number;
  /** Bytes of one file; default 512 MiB. */
  readonly entryBytes?: number;
  /** Bytes of all files and headers together; default 16 GiB. */
  readonly totalBytes?: number;
  /** Unpacked bytes per packed byte, once more than 16 MiB were unpacked; default 200. Data rarely exceeds 20. */
  readonly ratio?: number;
}

/** Options of `readArchive` and `unpackArchive`. */
export interface ArchiveOptions {
  readonly limits?: ArchiveLimits;
  readonly signal?: AbortSignal | undefined;
  /** Called now and then with the packed bytes read so far and the size of the archive. */
  readonly progress?: ((read: number, total: number) => void) | undefined;
}

/** A file in an archive: its relative path with `/` between the parts, and what is in it. */
export interface ArchivedFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** A folder in an archive, so that an empty one is seen too. */
export interface ArchivedFolder {
  readonly path: string;
  readonly bytes?: undefined;
}

/** A file or a folder in an archive. */
export type ArchiveEntry = ArchivedFile | ArchivedFolder;

const ratioFreeBytes = 16 << 20;

/**
 * Goes through an archive in its order. Entries are handed over one at a time, complete; memory stays within one entry
 * and a chunk of the stream.
 * @throws DatasetError when the archive is damaged, or holds a link, a device, an absolute path, one with `..`, or more
 *   than the limits allow; whatever `visit` throws
 */
export async function readArchive(
  archive: string,
  visit: (entry: ArchiveEntry) => void | Promise<void>,
  options: ArchiveOptions = {},
): Promise<void> {
  const { signal, progress } = options;
  const total = (await openable(archive)).size;
  // Loaded when first needed, as most programs and worker threads read no archive.
  const tar = await import('tar');
  const gate = new ArchiveGate(archive, options.limits ?? {}, tar.Parser);
  const packed = createReadStream(archive, { highWaterMark: 1 << 18 });
  const unpacked = packed.pipe(createGunzip({ chunkSize: 1 << 16 }));
  packed.once('error', (error) => unpacked.destroy(error));
  try {
    for await (const chunk of unpacked as AsyncIterable<Buffer>) {
      signal?.throwIfAborted();
      gate.feed(chunk, packed.bytesRead);
      for (const entry of gate.takeEntries()) await visit(entry);
      progress?.(packed.bytesRead, total);
    }
    gate.end();
    for (const entry of gate.takeEntries()) await visit(entry);
  } catch (error) {
    throw readingFailure(archive, error);
  } finally {
    packed.destroy();
    unpacked.destroy();
  }
}

/**
 * Unpacks an archive into a folder that doesn't exist yet. It is filled under another name and renamed at the end, so
 * that it is either complete or not there.
 * @throws DatasetError as `readArchive`, and when the folder exists or can't be written
 */
export async function unpackArchive(archive: string, folder: string, options: ArchiveOptions = {}): Promise<void> {
  const temporary = temporarySibling(path.resolve(folder));
  try {
    await fs.mkdir(temporary, { recursive: true });
    await readArchive(archive, (entry) => unpackEntry(temporary, entry), options);
    if (await fs.stat(folder).then(Boolean, () => false)) {
      throw new DatasetError(`${folder} is there already: remove it, or unpack elsewhere`);
    }
    await moveIntoPlace(temporary, path.resolve(folder));
  } catch (error) {
    await fs.rm(temporary, { recursive: true, force: true });
    if (errorCode(error) === undefined || options.signal?.aborted) throw error;
    throw new DatasetError(`can't unpack ${archive} to ${folder}: ${explainDiskError(error)}`, { cause: error });
  }
}

async function unpackEntry(root: string, { path: name, bytes }: ArchiveEntry): Promise<void> {
  const target = path.join(root, ...name.split('/'));
  if (bytes === undefined) {
    await fs.mkdir(target, { recursive: true });
    return;
  }
  await fs.mkdir(path.dirname(target), { recursive: true });
  // Never over something that is there: the same name twice is an error, also where case makes no difference.
  await fs.writeFile(target, bytes, { flag: 'wx' });
}

async function openable(archive: string): Promise<{ size: number }> {
  try {
    const stats = await fs.stat(archive);
    if (stats.isFile()) return stats;
  } catch (error) {
    throw new DatasetError(`can't read the archive ${archive}: ${explainDiskError(error)}`, { cause: error });
  }
  throw new DatasetError(`can't read the archive ${archive}: it is not a file`);
}

/** Stands between the unpacked stream and whoever wants its entries, and lets only what is acceptable through. */
class ArchiveGate {
  private readonly limits: Required<ArchiveLimits>;
  private readonly parser: Parser;
  private ready: ArchiveEntry[] = [];
  private unpackedBytes = 0;
  private entryCount = 0;
  private refusal: DatasetError | undefined;

  constructor(
    private readonly archive: string,
    limits: ArchiveLimits,
    TarParser: typeof Parser,
  ) {
    this.limits = { entries: 2e6, entryBytes: 2 ** 29, totalBytes: 2 ** 34, ratio: 200, ...limits };
    // Strict: what the parser would only warn of (a wrong checksum, an early end) is an error.
    this.parser = new TarParser({
      strict: true,
      onReadEntry: (entry) => this.take(entry),
    });
    this.parser.on('ignoredEntry', (entry: ReadEntry) =>
      this.refuse(entry.path, `is of an unknown kind (${entry.type})`),
    );
    this.parser.on('error', (error: Error) => {
      this.refusal ??= new DatasetError(`${archive} is damaged (${error.message}): delete it and fetch it again`);
    });
  }

  feed(chunk: Buffer, packedBytes: number): void {
    const { totalBytes, ratio } = this.limits;
    // The parser would unpack a packed stream inside the packed stream as well, past the limits.
    if (this.unpackedBytes === 0 && isPacked(chunk)) throw this.problem('holds another packed file, not a tar archive');
    this.unpackedBytes += chunk.byteLength;
    if (this.unpackedBytes > totalBytes) throw this.problem(`unpacks to more than ${totalBytes} bytes`);
    if (this.unpackedBytes > ratioFreeBytes && this.unpackedBytes > packedBytes * ratio) {
      throw this.problem(`unpacks to more than ${ratio} times its size`);
    }
    this.parser.write(chunk);
    if (this.refusal !== undefined) throw this.refusal;
  }

  end(): void {
    this.parser.end();
    if (this.refusal !== undefined) throw this.refusal;
    // The parser passes over a header that breaks off.
    if (this.unpackedBytes % 512 !== 0) {
      throw new DatasetError(
        `${this.archive} is damaged (it ends in the middle of a block): delete it and fetch it again`,
      );
    }
  }

  /** The entries that have become complete since the last call. */
  takeEntries(): ArchiveEntry[] {
    const taken = this.ready;
    this.ready = [];
    return taken;
  }

  private take(entry: ReadEntry): void {
    const name = this.refusal === undefined ? this.check(entry) : undefined;
    if (name === undefined) {
      entry.resume();
      return;
    }
    if (entry.type === 'Directory') {
      if (name !== '') this.ready.push({ path: name });
      entry.resume();
      return;
    }
    const chunks: Buffer[] = [];
    entry.on('data', (chunk: Buffer) => chunks.push(chunk));
    entry.on('end', () => {
      if (this.refusal === undefined) this.ready.push({ path: name, bytes: Buffer.concat(chunks) });
    });
  }

  /** The entry's cleaned path; undefined after a refusal. */
  private check(entry: ReadEntry): string | undefined {
    const { path: name, type, size } = entry;
    const { entries, entryBytes } = this.limits;
    if (++this.entryCount > entries) return this.refuse(name, `is one more than the ${entries} entries accepted`);
    if (type === 'SymbolicLink' || type === 'Link') return this.refuse(name, 'is a link');
    if (type !== 'Directory' && type !== 'File' && type !== 'OldFile' && type !== 'ContiguousFile') {
      return this.refuse(name, `is a ${type}, not a file`);
    }
    if (size > entryBytes) return this.refuse(name, `has ${size} bytes, more than the ${entryBytes} accepted`);
    if (/^[/\\]|^[a-zA-Z]:/.test(name)) return this.refuse(name, 'has an absolute path');
    if (name.includes('\0') || name.includes('\\')) return this.refuse(name, 'has a character no path should have');
    const parts = name.split('/').filter((part) => part !== '' && part !== '.');
    if (parts.includes('..')) return this.refuse(name, 'would be written outside of its folder');
    if (parts.length > 32 || parts.some((part) => Buffer.byteLength(part) > 255)) {
      return this.refuse(name, 'has a path too deep or too long');
    }
    if (parts.length === 0 && type !== 'Directory') return this.refuse(name, 'has no name');
    return parts.join('/');
  }

  private refuse(name: string, reason: string): undefined {
    this.refusal ??= this.problem(`holds '${name}', which ${reason}`);
    return undefined;
  }

  private problem(what: string): DatasetError {
    return new DatasetError(
      `the archive ${this.archive} ${what}; nothing of it is used. Fetch it from a source you trust.`,
    );
  }
}

function isPacked(chunk: Buffer): boolean {
  const [first, second] = chunk;
  return (first === 0x1f && second === 0x8b) || chunk.subarray(0, 4).equals(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]));
}

function readingFailure(archive: string, error: unknown): unknown {
  const code = errorCode(error);
  if (code === undefined || !(error instanceof Error)) return error;
  // What zlib has to say about its input has codes of its own: Z_DATA_ERROR, Z_BUF_ERROR.
  if (code.startsWith('Z_')) {
    return new DatasetError(
      `${archive} is damaged or cut short (${error.message}), or no .tar.gz file: delete it and fetch it again`,
      { cause: error },
    );
  }
  return error;
}
