// Writes PNG files of every kind the specification allows, and broken ones, chunk by chunk.

import { deflateSync } from 'node:zlib';
import { crc32 } from '../../src/io/crc32.js';

export interface PngRecipe {
  readonly width: number;
  readonly height: number;
  readonly bitDepth?: number;
  readonly colourType?: number;
  /** Samples in rows, the channels of a pixel side by side, each of `bitDepth` bits. */
  readonly samples: readonly number[];
  /** The filter of each row, in turn; only for eight bits. */
  readonly filters?: readonly number[];
  readonly interlaced?: boolean;
  readonly palette?: readonly number[];
  readonly transparency?: readonly number[];
  /** Into how many IDAT chunks the pixels are cut. */
  readonly pieces?: number;
}

const channels: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

export function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

export function header(width: number, height: number, bitDepth = 8, colourType = 0, interlace = 0): Buffer {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  data.set([bitDepth, colourType, 0, 0, interlace], 8);
  return chunk('IHDR', data);
}

export function pngFile(...chunks: Buffer[]): Buffer {
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), ...chunks]);
}

export function png(recipe: PngRecipe): Buffer {
  const { width, height, bitDepth = 8, colourType = 0, interlaced = false, palette, transparency, pieces = 1 } = recipe;
  const compressed = deflateSync(interlaced ? interlacedRows(recipe) : rows(recipe));
  const step = Math.ceil(compressed.length / pieces);
  return pngFile(
    header(width, height, bitDepth, colourType, interlaced ? 1 : 0),
    ...(palette ? [chunk('PLTE', Buffer.from(palette))] : []),
    ...(transparency ? [chunk('tRNS', Buffer.from(transparency))] : []),
    ...Array.from({ length: pieces }, (_, i) => chunk('IDAT', compressed.subarray(i * step, (i + 1) * step))),
    chunk('IEND', Buffer.alloc(0)),
  );
}

function rows({ width, height, bitDepth = 8, colourType = 0, samples, filters = [0] }: PngRecipe): Buffer {
  const perRow = width * channels[colourType]!;
  const packed = Array.from({ length: height }, (_, row) =>
    pack(samples.slice(row * perRow, (row + 1) * perRow), bitDepth),
  );
  const filtered = packed.map((bytes, row) => {
    const filter = filters[row % filters.length]!;
    const above = packed[row - 1] ?? Buffer.alloc(bytes.length);
    return Buffer.concat([Buffer.from([filter]), applyFilter(filter, bytes, above, channels[colourType]!)]);
  });
  return Buffer.concat(filtered);
}

function interlacedRows(recipe: PngRecipe): Buffer {
  const { width, height, colourType = 0, samples } = recipe;
  const depth = channels[colourType]!;
  const passes = adam7.map(([x0, y0, dx, dy]) => {
    const picked: number[] = [];
    const across = Math.max(0, Math.ceil((width - x0) / dx));
    const down = across === 0 ? 0 : Math.max(0, Math.ceil((height - y0) / dy));
    for (let y = 0; y < down; y++) {
      for (let x = 0; x < across; x++) {
        const at = ((y0 + y * dy) * width + x0 + x * dx) * depth;
        picked.push(...samples.slice(at, at + depth));
      }
    }
    return rows({ ...recipe, width: across, height: down, samples: picked });
  });
  return Buffer.concat(passes);
}

function pack(samples: readonly number[], bitDepth: number): Buffer {
  if (bitDepth === 8) return Buffer.from(samples);
  if (bitDepth === 16) return Buffer.from(samples.flatMap((sample) => [sample >> 8, sample & 0xff]));
  const perByte = 8 / bitDepth;
  const bytes = Buffer.alloc(Math.ceil(samples.length / perByte));
  samples.forEach((sample, i) => {
    const at = Math.floor(i / perByte);
    bytes[at] = bytes[at]! | (sample << (8 - bitDepth * ((i % perByte) + 1)));
  });
  return bytes;
}

/** The filters as the specification's formulas give them, sample by sample. */
function applyFilter(filter: number, bytes: Buffer, above: Buffer, bytesPerPixel: number): Buffer {
  return Buffer.from(
    bytes.map((value, i) => {
      const a = bytes[i - bytesPerPixel] ?? 0;
      const b = above[i]!;
      const c = above[i - bytesPerPixel] ?? 0;
      const p = a + b - c;
      const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)] as const;
      const paeth = pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
      return value - [0, a, b, Math.floor((a + b) / 2), paeth][filter]!;
    }),
  );
}
