// Many small image files in one: their bytes one after the other, then an index with each one's place, label, split and
// name. The images are mapped (or, without the compiled kernels, read into memory once) and the index is read into shared
// memory, so that a sample costs no system call and workers need no copy.
//
// Layout, numbers little-endian: 64 bytes of header (mark, version, count, where the index begins, SHA-256 of all that and
// the index), the files' bytes, padding to 8, and the index: starts and lengths (uint32), ends of the names (uint32), labels and
// splits (uint8), the names (UTF-8).

import fs, { type FileHandle } from 'node:fs/promises';
import { DatasetError } from '../errors.js';
import { AtomicFile } from '../io/atomic-file.js';
import { isMissing } from '../io/disk-error.js';
import { openFileBytes, type FileBytes } from '../io/file-bytes.js';
import { crypto } from '../io/late-modules.js';

/** What the index says of one image. */
export interface PackEntry {
  readonly start: number;
  readonly length: number;
  /** The file's path as errors give it. */
  readonly name: string;
  readonly label: number;
  readonly split: number;
}

/** An opened pack: the images, and an index of plain arrays in shared memory. All of it travels to workers without being copied. */
export interface ImagePack {
  readonly images: FileBytes;
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
/** One call reads at most 2 GiB. */
const largestRead = 2 ** 30;

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
  return crypto().createHash('sha256').update(header.subarray(0, digestAt)).update(index).digest('hex');
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

/** Opens a pack. Undefined when there is none or it is not the one the seal belongs to. */
export async function openPack(path: string, seal: PackSeal): Promise<ImagePack | undefined> {
  let file;
  try {
    file = await fs.open(path, 'r');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  try {
    return (await file.stat()).size === seal.size ? await readPack(file, seal) : undefined;
  } finally {
    await file.close();
  }
}

async function readPack(file: FileHandle, { size, indexSha256 }: PackSeal): Promise<ImagePack | undefined> {
  const start = await readShared(file, 0, headerBytes);
  if (start === undefined) return undefined;
  const header = Buffer.from(start);
  const count = header.readUInt32LE(12);
  const indexStart = header.readUInt32LE(16);
  if (header.toString('latin1', 0, 8) !== mark || header.readUInt32LE(8) !== version) return undefined;
  if (indexStart < headerBytes || indexStart % 8 !== 0 || indexStart + 14 * count > size) return undefined;
  const index = await readShared(file, indexStart, size - indexStart);
  if (index === undefined || digestOf(header, Buffer.from(index)) !== indexSha256) return undefined;
  const images = await openFileBytes(file, indexStart);
  if (images === undefined) return undefined;
  return {
    images,
    starts: new Uint32Array(index, 0, count),
    lengths: new Uint32Array(index, 4 * count, count),
    nameEnds: new Uint32Array(index, 8 * count, count),
    labels: new Uint8Array(index, 12 * count, count),
    splits: new Uint8Array(index, 13 * count, count),
    names: new Uint8Array(index, 14 * count),
  };
}

/** Part of a file in shared memory; undefined when the file ends before. */
async function readShared(file: FileHandle, start: number, length: number): Promise<SharedArrayBuffer | undefined> {
  const memory = new SharedArrayBuffer(length);
  const bytes = new Uint8Array(memory);
  for (let filled = 0; filled < length;) {
    const { bytesRead } = await file.read(bytes, filled, Math.min(length - filled, largestRead), start + filled);
    if (bytesRead === 0) return undefined;
    filled += bytesRead;
  }
  return memory;
}

/** The bytes of image `i`. */
export function packedBytes(pack: ImagePack, i: number): Uint8Array {
  return pack.images.read(pack.starts[i]!, pack.lengths[i]!);
}

/** The name of image `i`. */
export function packedName(pack: ImagePack, i: number): string {
  const start = i === 0 ? 0 : pack.nameEnds[i - 1]!;
  // Decoding text straight from shared memory is not allowed.
  return Buffer.from(pack.names.slice(start, pack.nameEnds[i])).toString();
}
