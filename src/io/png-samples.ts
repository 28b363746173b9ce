// PNG pixels of the less usual kinds to eight bits a channel: 1, 2, 4 and 16 bits, palettes, and pictures interlaced in seven
// passes (PNG specification, sections 7, 8 and 12).

import type { PngContents, PngHeader } from './png-container.js';
import { unfilterRows } from './png-scanlines.js';

/** Samples of a pixel by colour type. */
export const samplesOf: Readonly<Record<number, 1 | 2 | 3 | 4>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** A picture, or one pass of it: its size, and where its pixels lie among all. */
interface Pass {
  readonly width: number;
  readonly height: number;
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
}

/** Adam7: first column and row of each pass, and the distances between them. */
const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** The passes that have pixels. */
function passesOf({ width, height, interlaced }: PngHeader): Pass[] {
  if (!interlaced) return [{ width, height, x: 0, y: 0, dx: 1, dy: 1 }];
  return adam7
    .map(([x, y, dx, dy]) => ({
      width: Math.ceil((width - x) / dx),
      height: Math.ceil((height - y) / dy),
      x,
      y,
      dx,
      dy,
    }))
    .filter(({ width, height }) => width > 0 && height > 0);
}

function bitsPerPixel({ bitDepth, colourType }: PngHeader): number {
  return bitDepth * samplesOf[colourType]!;
}

const strideOf = (pass: Pass, header: PngHeader): number => Math.ceil((pass.width * bitsPerPixel(header)) / 8);

/** Bytes of the filtered rows of all passes. */
export function filteredSize(header: PngHeader): number {
  return passesOf(header).reduce((sum, pass) => sum + pass.height * (1 + strideOf(pass, header)), 0);
}

/** All samples in rows, as the file has them, each a number of `bitDepth` bits. */
function samplesIn(header: PngHeader, filtered: Uint8Array): Uint8Array | Uint16Array {
  const { width, height, bitDepth, colourType } = header;
  const channels = samplesOf[colourType]!;
  const samples = new (bitDepth === 16 ? Uint16Array : Uint8Array)(width * height * channels);
  let offset = 0;
  for (const pass of passesOf(header)) {
    const stride = strideOf(pass, header);
    const end = offset + pass.height * (1 + stride);
    const rows = unfilterRows(filtered.subarray(offset, end), stride, pass.height, Math.ceil(bitsPerPixel(header) / 8));
    offset = end;
    for (let row = 0; row < pass.height; row++) {
      const to = (pass.y + row * pass.dy) * width;
      for (let i = 0; i < pass.width * channels; i++) {
        const pixel = pass.x + Math.floor(i / channels) * pass.dx;
        samples[(to + pixel) * channels + (i % channels)] = sampleAt(rows, row * stride, i, bitDepth);
      }
    }
  }
  return samples;
}

/** The `i`-th sample of a row that begins at `start`; the first ones lie in a byte's high bits. */
function sampleAt(rows: Uint8Array, start: number, i: number, bitDepth: number): number {
  if (bitDepth === 8) return rows[start + i]!;
  if (bitDepth === 16) return (rows[start + 2 * i]! << 8) | rows[start + 2 * i + 1]!;
  const bit = i * bitDepth;
  return (rows[start + (bit >> 3)]! >> (8 - bitDepth - (bit & 7))) & ((1 << bitDepth) - 1);
}

/**
 * The pixels with eight bits a channel: fewer are spread over 0 to 255, more are rounded; a palette's colours are looked up.
 * @throws Error for what the file says wrongly
 */
export function unusualPixels({ header, palette, transparency }: PngContents, filtered: Uint8Array): Uint8Array {
  const samples = samplesIn(header, filtered);
  if (header.colourType === 3) return coloursOf(samples, palette!, transparency);
  const most = 2 ** header.bitDepth - 1;
  return most === 255
    ? (samples as Uint8Array)
    : Uint8Array.from(samples, (sample) => Math.round((sample * 255) / most));
}

function coloursOf(samples: ArrayLike<number>, palette: Uint8Array, transparency: Uint8Array | undefined): Uint8Array {
  if (palette.length % 3 !== 0) throw new Error('its palette is damaged');
  const channels = transparency === undefined ? 3 : 4;
  const pixels = new Uint8Array(samples.length * channels);
  for (let i = 0; i < samples.length; i++) {
    const colour = samples[i]!;
    if (3 * colour >= palette.length) throw new Error(`it uses colour ${colour}, which its palette does not have`);
    for (let c = 0; c < 3; c++) pixels[i * channels + c] = palette[3 * colour + c]!;
    if (transparency !== undefined) pixels[i * channels + 3] = transparency[colour] ?? 255;
  }
  return pixels;
}
