// The outside of a PNG file: its signature, its chunks and their checksums, its header, and the compressed pixels in one
// piece (PNG specification, third edition, sections 5 and 11). What the pixels mean is `png.ts`'s business. Reasons for
// refusal are plain Errors; `png.ts` adds the file's name.

import { crc32 } from './crc32.js';

/** What the header chunk says, checked to be one of the combinations that exist. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  readonly bitDepth: number;
  /** 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGB with alpha. */
  readonly colourType: number;
  readonly interlaced: boolean;
}

export interface PngContents {
  readonly header: PngHeader;
  /** The zlib stream with the filtered pixels. */
  readonly pixels: Uint8Array;
  /** Where the chunk lies that declares transparency, if there is one. */
  readonly transparency: { readonly start: number; readonly end: number } | undefined;
}

/** The largest PNG picture to decode. */
export interface PngLimits {
  /** Most pixels along one side; default 16,384. */
  readonly side?: number;
  /** Most pixels in all; default 2^26 (8192 x 8192). */
  readonly pixels?: number;
}

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const bitDepths: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

// Chunk types as the number their four letters are.
const IHDR = 0x49484452;
const PLTE = 0x504c5445;
const IDAT = 0x49444154;
const IEND = 0x49454e44;
const tRNS = 0x74524e53;

/** Whether bytes begin as a PNG file does. */
export function hasPngSignature(bytes: Uint8Array): boolean {
  return signature.every((byte, i) => bytes[i] === byte);
}

/** @throws Error saying what is wrong with the file */
export function readPngContainer(bytes: Uint8Array, limits: PngLimits): PngContents {
  if (bytes.length === 0) throw new Error('the file is empty');
  if (!hasPngSignature(bytes)) throw new Error('it does not begin as a PNG file does');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let header: PngHeader | undefined;
  let transparency: PngContents['transparency'];
  let palette = false;
  const pixels: Uint8Array[] = [];
  for (let offset = 8; ;) {
    if (offset + 12 > bytes.length) throw new Error('the file is cut short');
    const length = view.getUint32(offset);
    const type = view.getUint32(offset + 4);
    const end = offset + 8 + length;
    if (end + 4 > bytes.length) throw new Error('the file is cut short');
    if (crc32(bytes, offset + 4, end) !== view.getUint32(end)) {
      throw new Error(`the checksum of its ${chunkName(type)} chunk is wrong`);
    }
    if (header === undefined) {
      if (type !== IHDR || length !== 13) throw new Error('it has no header');
      header = readHeader(view, offset + 8, limits);
    } else if (type === IDAT) {
      pixels.push(bytes.subarray(offset + 8, end));
    } else if (type === PLTE) {
      palette = true;
    } else if (type === tRNS) {
      transparency = { start: offset, end: end + 4 };
    } else if (type === IEND) {
      break;
    } else if ((type & 0x20000000) === 0) {
      // An upper-case first letter marks what a decoder must understand.
      throw new Error(`it has an unknown critical chunk ${chunkName(type)}`);
    }
    offset = end + 4;
  }
  if (pixels.length === 0) throw new Error('it has no pixels');
  if (header.colourType === 3 && !palette) throw new Error('it has no palette');
  return { header, pixels: pixels.length === 1 ? pixels[0]! : concatenate(pixels), transparency };
}

function readHeader(view: DataView, at: number, limits: PngLimits): PngHeader {
  const { side = 16_384, pixels = 2 ** 26 } = limits;
  const width = view.getUint32(at);
  const height = view.getUint32(at + 4);
  const [bitDepth, colourType, compression, filter, interlace] = [8, 9, 10, 11, 12].map((i) =>
    view.getUint8(at + i),
  ) as [number, number, number, number, number];
  if (width === 0 || height === 0) throw new Error('it has no width or no height');
  if (width > side || height > side || width * height > pixels) {
    throw new Error(`with ${width}x${height} pixels it is larger than what is accepted`);
  }
  if (!bitDepths[colourType]?.includes(bitDepth)) {
    throw new Error(`its colour type ${colourType} with ${bitDepth} bits does not exist`);
  }
  if (compression !== 0 || filter !== 0 || interlace > 1) throw new Error('it uses a method that does not exist');
  return { width, height, bitDepth, colourType, interlaced: interlace === 1 };
}

function chunkName(type: number): string {
  const letters = [24, 16, 8, 0].map((shift) => String.fromCharCode((type >>> shift) & 0xff)).join('');
  return /^[A-Za-z]{4}$/.test(letters) ? letters : `0x${type.toString(16)}`;
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
