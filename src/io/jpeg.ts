// JPEG files to images. The pixels are decoded by libjpeg-turbo, compiled to WebAssembly, and so come out as Pillow's; it is
// set up when it is first needed, once per thread. Dimensions are checked before it is given anything.

import type { JpegCodec } from '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs';
import { DatasetError } from '../errors.js';
import type { Image } from './image.js';
import { readJpegContainer, type JpegLimits } from './jpeg-container.js';

export { hasJpegSignature, type JpegLimits } from './jpeg-container.js';

/** @see decodeJpeg */
export type JpegDecode = (bytes: Uint8Array, name: string | (() => string), limits?: JpegLimits) => Image;

let codec: Promise<JpegCodec> | undefined;

/** `decodeJpeg` as a function that needs not be waited for. */
export async function jpegDecoder(): Promise<JpegDecode> {
  codec ??= import('@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs').then(({ default: create }) => create());
  const ready = await codec;
  return (bytes, name, limits = {}) => {
    try {
      return decode(ready, bytes, limits);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const called = typeof name === 'function' ? name() : name;
      throw new DatasetError(`${called} can't be read as a JPEG image: ${error.message}`, { cause: error });
    }
  };
}

/**
 * Decodes a JPEG file (baseline or progressive, grey or colour) to eight bits a channel. How the camera was held (EXIF) is
 * passed over, as torchvision does.
 * @param name what the image is called in errors; a function is only called when there is one
 * @throws DatasetError naming the image when it is damaged, cut short, too large, in CMYK, or no JPEG file
 */
export async function decodeJpeg(
  bytes: Uint8Array,
  name: string | (() => string),
  limits: JpegLimits = {},
): Promise<Image> {
  return (await jpegDecoder())(bytes, name, limits);
}

function decode({ JPEGDecoder }: JpegCodec, bytes: Uint8Array, limits: JpegLimits): Image {
  const { width, height, channels } = readJpegContainer(bytes, limits);
  const decoder = new JPEGDecoder();
  try {
    decoder.getEncodedBuffer(bytes.length).set(bytes);
    decoder.decode();
    const frame = decoder.getFrameInfo();
    const pixels = decoder.getDecodedBuffer();
    if (frame.width !== width || frame.height !== height || pixels.length !== width * height * channels) {
      throw new Error('it has not as many pixels as its header says');
    }
    return { data: Uint8Array.from(pixels), width, height, channels };
  } catch (error) {
    // What the codec throws for a bad file is a number; anything else (no memory) leaves it in a state not to be used.
    if (typeof error === 'number') throw new Error('its pixels are damaged or cut short');
    codec = undefined;
    throw error;
  } finally {
    decoder.delete();
  }
}
