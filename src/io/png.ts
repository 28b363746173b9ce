// PNG files to images and back, over Node's zlib: checksums, dimensions, and never more memory than the header's dimensions
// account for. The plain kind (eight bits a channel, no palette, not interlaced), which data sets consist of, takes the
// shortest way.

import { deflateSync, inflateSync } from 'node:zlib';
import { DatasetError } from '../errors.js';
import type { Image } from './image.js';
import { readPngContainer, writePngContainer, type PngContents, type PngLimits } from './png-container.js';
import { filteredSize, samplesOf, unusualPixels } from './png-samples.js';
import { filterRows, unfilterRows } from './png-scanlines.js';

export { hasPngSignature, type PngLimits } from './png-container.js';

/**
 * Decodes a PNG file to eight bits a channel. A grey image stays one channel; a palette becomes RGB, or RGB with alpha
 * where its colours have one; that one grey or colour is declared transparent is passed over; sixteen bits are rounded
 * to eight.
 * @param name what the image is called in errors; a function is only called when there is one
 * @throws DatasetError naming the image when it is damaged, cut short, too large, or no PNG file
 */
export function decodePng(bytes: Uint8Array, name: string | (() => string), limits: PngLimits = {}): Image {
  try {
    return decode(readPngContainer(bytes, limits));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const called = typeof name === 'function' ? name() : name;
    throw new DatasetError(`${called} can't be read as a PNG image: ${error.message}`, { cause: error });
  }
}

function decode(contents: PngContents): Image {
  const { width, height, bitDepth, colourType, interlaced } = contents.header;
  if (bitDepth === 8 && colourType !== 3 && !interlaced) {
    const channels = samplesOf[colourType]!;
    const stride = width * channels;
    const data = unfilterRows(inflate(contents, height * (1 + stride)), stride, height, channels);
    return { data, width, height, channels };
  }
  const channels = colourType !== 3 ? samplesOf[colourType]! : contents.transparency === undefined ? 3 : 4;
  const data = unusualPixels(contents, inflate(contents, filteredSize(contents.header)));
  return { data, width, height, channels };
}

/** 8192x8192 pixels of four bytes and their filters; half a megabyte can unpack to twice that. */
const mostFiltered = 2 ** 28 + 8192;

/** The filtered rows, which must be exactly as many bytes as the header's dimensions ask for. */
function inflate({ pixels }: PngContents, expected: number): Uint8Array {
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

/** Encodes an image as a PNG file. */
export function encodePng({ data, width, height, channels }: Image): Uint8Array {
  if (data.length !== width * height * channels || data.length === 0) {
    throw new DatasetError(
      `encodePng: ${width}x${height} pixels with ${channels} channels need ${width * height * channels} bytes ` +
        `(more than none), got ${data.length}`,
    );
  }
  const pixels = deflateSync(filterRows(data, width * channels, height, channels), { level: 9 });
  const colourType = ({ 1: 0, 2: 4, 3: 2, 4: 6 } as const)[channels];
  return writePngContainer({ width, height, bitDepth: 8, colourType, interlaced: false }, pixels);
}
