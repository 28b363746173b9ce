// Picture files of either kind to images: which kind it is, the first bytes say, not the name.

import { DatasetError } from '../errors.js';
import type { Image } from './image.js';
import { hasJpegSignature, jpegDecoder, type JpegLimits } from './jpeg.js';
import { decodePng, hasPngSignature, type PngLimits } from './png.js';

/** The largest picture to decode. */
export type ImageLimits = PngLimits & JpegLimits;

/** @see decodeImage */
export type ImageDecode = (bytes: Uint8Array, name: string | (() => string), limits?: ImageLimits) => Image;

/** `decodeImage` as a function that needs not be waited for. */
export async function imageDecoder(): Promise<ImageDecode> {
  const decodeJpeg = await jpegDecoder();
  return (bytes, name, limits) => {
    if (hasPngSignature(bytes)) return decodePng(bytes, name, limits);
    if (hasJpegSignature(bytes)) return decodeJpeg(bytes, name, limits);
    const called = typeof name === 'function' ? name() : name;
    throw new DatasetError(
      `${called} can't be read as an image: ${bytes.length === 0 ? 'the file is empty' : 'it is neither PNG nor JPEG'}`,
    );
  };
}

/**
 * Decodes a PNG or JPEG file to eight bits a channel.
 * @throws DatasetError naming the image when it is damaged, cut short, too large, or of another kind
 */
export async function decodeImage(bytes: Uint8Array, name: string, limits?: ImageLimits): Promise<Image> {
  return (await imageDecoder())(bytes, name, limits);
}
