// The outside of a JPEG file: its segments, the frame header with the dimensions, and how many scans there are (ITU-T T.81,
// annex B). Looked at before a decoder is let loose on the file. Reasons for refusal are plain Errors; `jpeg.ts` adds the
// file's name.

export interface JpegHeader {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 3 colour. */
  readonly channels: 1 | 3;
}

/** The largest JPEG picture to decode. */
export interface JpegLimits {
  /** Most pixels along one side; default 16,384. */
  readonly side?: number;
  /** Most pixels in all; default 2^26 (8192 x 8192). */
  readonly pixels?: number;
}

// Markers by their second byte; the first is 0xff.
const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const DHT = 0xc4;
const JPG = 0xc8;
const DAC = 0xcc;
const RST0 = 0xd0;
const RST7 = 0xd7;
const TEM = 0x01;

/** Each scan of a progressive image goes over all of it; a cheap file with thousands of them would take hours. */
const mostScans = 64;

/** Whether bytes begin as a JPEG file does. */
export function hasJpegSignature(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === SOI && bytes[2] === 0xff;
}

/** @throws Error saying what is wrong with the file */
export function readJpegContainer(bytes: Uint8Array, limits: JpegLimits): JpegHeader {
  if (bytes.length === 0) throw new Error('the file is empty');
  if (!hasJpegSignature(bytes)) throw new Error('it does not begin as a JPEG file does');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let header: JpegHeader | undefined;
  let scans = 0;
  for (let offset = 2; ;) {
    offset = nextMarker(bytes, offset);
    const marker = bytes[offset - 1]!;
    if (marker === EOI) break;
    if (marker === TEM || (marker >= RST0 && marker <= RST7)) continue;
    if (offset + 2 > bytes.length) throw new Error('the file is cut short');
    const length = view.getUint16(offset);
    if (length < 2 || offset + length > bytes.length) throw new Error('the file is cut short');
    if (isFrame(marker)) {
      if (header !== undefined) throw new Error('it has more than one frame');
      header = readFrame(view, offset, length, marker, limits);
    }
    if (marker === SOS && ++scans > mostScans) throw new Error(`it has more than ${mostScans} scans`);
    offset += length;
  }
  if (header === undefined) throw new Error('it has no frame header');
  if (scans === 0) throw new Error('it has no pixels');
  return header;
}

/** The place behind the next marker; entropy-coded data, stuffed and fill bytes are passed over. */
function nextMarker(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const second = bytes[at + 1];
    if (second !== undefined && second !== 0 && second !== 0xff) return at + 2;
  }
  throw new Error('the file is cut short');
}

function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== DHT && marker !== JPG && marker !== DAC;
}

function readFrame(view: DataView, at: number, length: number, marker: number, limits: JpegLimits): JpegHeader {
  const { side = 16_384, pixels = 2 ** 26 } = limits;
  // Baseline, extended and progressive with Huffman coding; the others are met in medicine and museums.
  if (marker > 0xc2) throw new Error('it is of a rare kind (lossless, hierarchical or arithmetic coding)');
  if (length < 8) throw new Error('the file is cut short');
  const bits = view.getUint8(at + 2);
  const [height, width] = [view.getUint16(at + 3), view.getUint16(at + 5)];
  const channels = view.getUint8(at + 7);
  if (bits !== 8) throw new Error(`it has ${bits} bits a channel, not 8`);
  if (width === 0 || height === 0) throw new Error('it has no width or no height');
  if (width > side || height > side || width * height > pixels) {
    throw new Error(`with ${width}x${height} pixels it is larger than what is accepted`);
  }
  if (channels === 4) throw new Error('it is in print colours (CMYK): save it as RGB');
  if (channels !== 1 && channels !== 3) throw new Error(`it has ${channels} channels`);
  return { width, height, channels };
}
