// PNG files to images and back. The plain kind (eight bits a channel, no palette, not interlaced), which data sets consist
// of, is decoded here over Node's zlib; the others go to `pngjs`, which takes twice as long. Both are behind the same
// checks: checksums, dimensions, and never more memory than the header's dimensions account for.

import { inflateSync } from 'node:zlib';
import { DatasetError } from '../errors.js';
import type { Image } from './image.js';
import { pngjs } from './late-modules.js';
import { readPngContainer, type PngContents, type PngHeader, type PngLimits } from './png-container.js';
import { unfilterRows } from './png-scanlines.js';

export { hasPngSignature, type PngLimits } from './png-container.js';

const channelsOf: Readonly<Record<number, Image['channels']>> = { 0: 1, 2: 3, 3: 3, 4: 2, 6: 4 };

/**
 * Decodes a PNG file to eight bits a channel. A grey image stays one channel; a palette becomes RGB, or RGB with alpha
 * where its colours have one; that one grey or colour is declared transparent is passed over; sixteen bits are rounded
 * to eight.
 * @param name what the image is called in errors; a function is only called when there is one
 * @throws DatasetError naming the image when it is damaged, cut short, too large, or no PNG file
 */
export function decodePng(bytes: Uint8Array, name: string | (() => string), limits: PngLimits = {}): Image {
  try {
    const contents = readPngContainer(bytes, limits);
    const { header } = contents;
    const plain = header.bitDepth === 8 && header.colourType !== 3 && !header.interlaced;
    const filtered = inflate(contents);
    return plain ? decodePlain(header, filtered) : decodeUnusual(bytes, contents);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const called = typeof name === 'function' ? name() : name;
    throw new DatasetError(`${called} can't be read as a PNG image: ${error.message}`, { cause: error });
  }
}

/** 8192x8192 pixels of four bytes and their filters; half a megabyte can unpack to twice that. */
const mostFiltered = 2 ** 28 + 8192;

/** The filtered rows, which must be exactly as many bytes as the header's dimensions ask for. */
function inflate({ header, pixels }: PngContents): Uint8Array {
  const expected = filteredSize(header);
  if (expected > mostFiltered) throw new Error(`it would unpack to ${expected} bytes, more than what is accepted`);
  let filtered: Uint8Array;
  try {
    // One byte more than expected: room in which zlib can tell that it has reached the end.
    filtered = inflateSync(pixels, {
      maxOutputLength: expected + 1,
      chunkSize: Math.min(Math.max(64, expected + 1), 1 << 20),
    });
  } catch (error) {
    throw new Error('its pixels are damaged', { cause: error });
  }
  if (filtered.length !== expected) throw new Error('it has not as many pixels as its header says');
  return filtered;
}

function filteredSize(header: PngHeader): number {
  const { width, height, bitDepth, colourType, interlaced } = header;
  const bitsPerPixel = bitDepth * (colourType === 3 ? 1 : channelsOf[colourType]!);
  const rows = (across: number, down: number): number =>
    across === 0 || down === 0 ? 0 : down * (1 + Math.ceil((across * bitsPerPixel) / 8));
  if (!interlaced) return rows(width, height);
  // The seven passes of Adam7: first column and row, and the distances between them.
  const passes = [
    [0, 0, 8, 8],
    [4, 0, 8, 8],
    [0, 4, 4, 8],
    [2, 0, 4, 4],
    [0, 2, 2, 4],
    [1, 0, 2, 2],
    [0, 1, 1, 2],
  ] as const;
  return passes.reduce(
    (sum, [x, y, dx, dy]) =>
      sum + rows(Math.max(0, Math.ceil((width - x) / dx)), Math.max(0, Math.ceil((height - y) / dy))),
    0,
  );
}

function decodePlain({ width, height, colourType }: PngHeader, filtered: Uint8Array): Image {
  const channels = channelsOf[colourType]!;
  return { data: unfilterRows(filtered, width * channels, height, channels), width, height, channels };
}

function decodeUnusual(bytes: Uint8Array, { header, transparency }: PngContents): Image {
  const { width, height, colourType } = header;
  const palette = colourType === 3;
  const read = transparency === undefined || palette ? Buffer.from(bytes) : withoutRange(bytes, transparency);
  const { data: rgba } = pngjs().PNG.sync.read(read);
  const channels = palette && transparency !== undefined ? 4 : channelsOf[colourType]!;
  if (rgba.length !== width * height * 4) throw new Error('it has not as many pixels as its header says');
  return { data: pickChannels(rgba, width * height, channels), width, height, channels };
}

function withoutRange(bytes: Uint8Array, { start, end }: { start: number; end: number }): Buffer {
  return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
}

/** Reduces RGBA to the channels wanted; grey is any of the three equal colours. */
function pickChannels(rgba: Uint8Array, pixels: number, channels: Image['channels']): Uint8Array {
  const picked = { 1: [0], 2: [0, 3], 3: [0, 1, 2], 4: [0, 1, 2, 3] }[channels];
  const data = new Uint8Array(pixels * channels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    picked.forEach((from, to) => (data[pixel * channels + to] = rgba[pixel * 4 + from]!));
  }
  return data;
}

/** Encodes an image as a PNG file. */
export function encodePng(image: Image): Uint8Array {
  const { data, width, height, channels } = image;
  if (data.length !== width * height * channels || data.length === 0) {
    throw new DatasetError(
      `encodePng: ${width}x${height} pixels with ${channels} channels need ${width * height * channels} bytes ` +
        `(more than none), got ${data.length}`,
    );
  }
  const { PNG } = pngjs();
  const png = new PNG({ width, height });
  png.data = Buffer.from(expandToRgba(image));
  return PNG.sync.write(png, { colorType: ({ 1: 0, 2: 4, 3: 2, 4: 6 } as const)[channels] });
}

function expandToRgba({ data, width, height, channels }: Image): Uint8Array {
  const rgba = new Uint8Array(width * height * 4);
  const colours = channels >= 3;
  for (let pixel = 0; pixel < width * height; pixel++) {
    const at = pixel * channels;
    rgba[pixel * 4] = data[at]!;
    rgba[pixel * 4 + 1] = data[colours ? at + 1 : at]!;
    rgba[pixel * 4 + 2] = data[colours ? at + 2 : at]!;
    rgba[pixel * 4 + 3] = channels === 2 || channels === 4 ? data[at + channels - 1]! : 255;
  }
  return rgba;
}
