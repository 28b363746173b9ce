// Many small image files in one: their bytes one after the other, then an index with each one's place, label, split and
// name. The whole is read into shared memory once, so that a sample costs no system call and workers need no copy. It is not
// mapped: Node has no mmap, and of memory that an addon maps Node-API makes ArrayBuffers only, which workers would be sent
// copies of. A SharedArrayBuffer is one piece for all threads, for the price of reading the file once in a process.
//
// Layout, numbers little-endian: 64 bytes of header (mark, version, count, where the index begins, SHA-256 of all that and
// the index), the files' bytes, padding to 8, and the index: starts and lengths (uint32), ends of the names (uint32), labels and
// splits (uint8), the names (UTF-8).

import fs from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { DatasetError } from '../errors.js';
import { AtomicFile } from '../io/atomic-file.js';
import { isMissing } from '../io/disk-error.js';

/** What the index says of one image. */
export interface PackEntry {
  readonly start: number;
  readonly length: number;
  /** The file's path as errors give it. */
  readonly name: string;
  readonly label: number;
  readonly split: number;
}

/** An opened pack: plain arrays on one piece of shared memory, which travel to workers without being copied. */
export interface ImagePack {
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
  readonly lengths: Uint32Array;
  readonly nameEnds: Uint32Array;
  readonly labels: Uint8Array;
  readonly splits: Uint8Array;
  readonly names: Uint8Array;
}

/** What a manifest keeps of a pack, by which it is recognised. */
export interface PackSeal {
  readonly size: number;
  readonly indexSha256: string;
}

const mark = 'FLMBPACK';
const version = 1;
const headerBytes = 64;
const digestAt = 32;
const writeBuffer = 1 << 20;

/** Writes a pack file; nothing stands under its name before `finish`. */
export class PackWriter {
  private pending: Uint8Array[] = [];
  private pendingBytes = 0;
  private position = headerBytes;

  private constructor(private readonly file: AtomicFile) {}

  static async create(path: string): Promise<PackWriter> {
    const file = await AtomicFile.create(path);
    try {
      await file.write(new Uint8Array(headerBytes));
    } catch (error) {
      await file.discard();
      throw error;
    }
    return new PackWriter(file);
  }

  /** Adds the bytes of one image and says where they lie. */
  async add(bytes: Uint8Array): Promise<{ start: number; length: number }> {
    const start = this.position;
    this.position += bytes.length;
    if (this.position >= 2 ** 32) throw new DatasetError('the images are more than the 4 GiB one pack can hold');
    this.pending.push(bytes);
    this.pendingBytes += bytes.length;
    if (this.pendingBytes >= writeBuffer) await this.flush();
    return { start, length: bytes.length };
  }

  /** Writes the index, in the order in which the samples are to be numbered, and gives the file its name. */
  async finish(entries: readonly PackEntry[]): Promise<PackSeal> {
    const padding = (8 - (this.position % 8)) % 8;
    this.pending.push(new Uint8Array(padding));
    const indexStart = this.position + padding;
    const index = encodeIndex(entries);
    this.pending.push(index);
    await this.flush();
    const header = Buffer.alloc(headerBytes);
    header.write(mark, 0, 'latin1');
    header.writeUInt32LE(version, 8);
    header.writeUInt32LE(entries.length, 12);
    header.writeUInt32LE(indexStart, 16);
    const indexSha256 = digestOf(header, index);
    header.write(indexSha256, digestAt, 'hex');
    await this.file.write(header, 0);
    await this.file.commit();
    return { size: indexStart + index.length, indexSha256 };
  }

  async discard(): Promise<void> {
    await this.file.discard();
  }

  private async flush(): Promise<void> {
    const bytes = Buffer.concat(this.pending);
    this.pending = [];
    this.pendingBytes = 0;
    await this.file.write(bytes);
  }
}

/** The seal of everything but the images, each of which has checksums of its own. */
function digestOf(header: Uint8Array, index: Uint8Array): string {
  return createHash('sha256').update(header.subarray(0, digestAt)).update(index).digest('hex');
}

function encodeIndex(entries: readonly PackEntry[]): Buffer {
  const count = entries.length;
  const names = entries.map(({ name }) => Buffer.from(name));
  const nameBytes = names.reduce((sum, name) => sum + name.length, 0);
  const index = Buffer.alloc(14 * count + nameBytes);
  let nameEnd = 0;
  entries.forEach(({ start, length, label, split }, i) => {
    const name = names[i]!;
    index.writeUInt32LE(start, 4 * i);
    index.writeUInt32LE(length, 4 * (count + i));
    name.copy(index, 14 * count + nameEnd);
    nameEnd += name.length;
    index.writeUInt32LE(nameEnd, 4 * (2 * count + i));
    index.writeUInt8(label, 12 * count + i);
    index.writeUInt8(split, 13 * count + i);
  });
  return index;
}

/** Reads a pack into shared memory. Undefined when there is none or it is not the one the seal belongs to. */
export async function openPack(path: string, seal: PackSeal): Promise<ImagePack | undefined> {
  const memory = await readShared(path, seal.size);
  if (memory === undefined || memory.byteLength < headerBytes) return undefined;
  const header = Buffer.from(memory, 0, headerBytes);
  const count = header.readUInt32LE(12);
  const indexStart = header.readUInt32LE(16);
  if (header.toString('latin1', 0, 8) !== mark || header.readUInt32LE(8) !== version) return undefined;
  if (indexStart % 8 !== 0 || indexStart + 14 * count > memory.byteLength) return undefined;
  if (digestOf(header, Buffer.from(memory, indexStart)) !== seal.indexSha256) return undefined;
  const after = (bytesPerImage: number): number => indexStart + bytesPerImage * count;
  return {
    bytes: new Uint8Array(memory),
    starts: new Uint32Array(memory, indexStart, count),
    lengths: new Uint32Array(memory, after(4), count),
    nameEnds: new Uint32Array(memory, after(8), count),
    labels: new Uint8Array(memory, after(12), count),
    splits: new Uint8Array(memory, after(13), count),
    names: new Uint8Array(memory, after(14)),
  };
}

/** The whole file; undefined when it is missing or has another size. */
async function readShared(path: string, size: number): Promise<SharedArrayBuffer | undefined> {
  let handle;
  try {
    handle = await fs.open(path, 'r');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  try {
    if ((await handle.stat()).size !== size) return undefined;
    const memory = new SharedArrayBuffer(size);
    const bytes = new Uint8Array(memory);
    let filled = 0;
    while (filled < size) {
      // One call reads at most 2 GiB.
      const { bytesRead } = await handle.read(bytes, filled, Math.min(size - filled, 2 ** 30), filled);
      if (bytesRead === 0) return undefined;
      filled += bytesRead;
    }
    return memory;
  } finally {
    await handle.close();
  }
}

/** The bytes of image `i`, a view on the pack. */
export function packedBytes(pack: ImagePack, i: number): Uint8Array {
  const start = pack.starts[i]!;
  return pack.bytes.subarray(start, start + pack.lengths[i]!);
}

/** The name of image `i`. */
export function packedName(pack: ImagePack, i: number): string {
  const start = i === 0 ? 0 : pack.nameEnds[i - 1]!;
  // Decoding text straight from shared memory is not allowed.
  return Buffer.from(pack.names.slice(start, pack.nameEnds[i])).toString();
}
