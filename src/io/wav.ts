// WAV files to sounds: whole numbers of 8, 16, 24 and 32 bits and floats of 32 and 64, as RIFF keeps them (Microsoft's
// "Multimedia programming interface and data specifications 1.0", 1991, and its WAVEFORMATEXTENSIBLE). Samples are scaled as
// torchaudio scales them. Reasons for refusal are plain Errors inside; `decodeWav` adds the file's name.

import { DatasetError } from '../errors.js';
import type { Sound } from './sound.js';

/** The longest sound to decode. */
export interface WavLimits {
  /** Most samples of all channels together; default 2^28. */
  readonly samples?: number;
}

interface Format {
  readonly float: boolean;
  readonly channels: number;
  readonly sampleRate: number;
  /** Bytes of one sample. */
  readonly width: number;
}

const pcm = 1;
const ieeeFloat = 3;
const extensible = 0xfffe;

/** What other codes stand for, as far as they are met. */
const otherCodes: Readonly<Record<number, string>> = {
  2: 'ADPCM',
  6: 'A-law',
  7: 'mu-law',
  17: 'IMA ADPCM',
  49: 'GSM 6.10',
  80: 'MPEG',
  85: 'MP3',
  255: 'AAC',
};

/** What WAVEFORMATEXTENSIBLE puts behind a format's code to make it a GUID. */
const guidTail = [0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xaa, 0x00, 0x38, 0x9b, 0x71];

/** What programs write where they don't know the size, as when the file goes into a pipe. */
const unknownSize = 0xffffffff;

/**
 * Decodes a WAV file.
 * @param name what the sound is called in errors; a function is only called when there is one
 * @throws DatasetError naming the sound when it is damaged, cut short, too long, packed, or no WAV file
 */
export function decodeWav(bytes: Uint8Array, name: string | (() => string), limits: WavLimits = {}): Sound {
  try {
    return decode(bytes, limits);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const called = typeof name === 'function' ? name() : name;
    throw new DatasetError(`${called} can't be read as a WAV sound: ${error.message}`, { cause: error });
  }
}

function decode(bytes: Uint8Array, { samples: most = 2 ** 28 }: WavLimits): Sound {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  checkSignature(bytes);
  let format: Format | undefined;
  for (let offset = 12; offset + 8 <= bytes.length;) {
    const name = tag(bytes, offset);
    const size = view.getUint32(offset + 4, true);
    const start = offset + 8;
    if (name === 'data') {
      if (format === undefined) throw new Error('its data come before their format');
      const available = bytes.length - start;
      if (size > available && size !== unknownSize) throw new Error('the file is cut short');
      return readSamples(view, start, Math.min(size, available), format, most);
    }
    if (start + size > bytes.length) throw new Error('the file is cut short');
    if (name === 'fmt ') format = readFormat(view, start, size);
    // Chunks begin at even places.
    offset = start + size + (size % 2);
  }
  throw new Error(format === undefined ? 'it has no format' : 'it has no samples');
}

function checkSignature(bytes: Uint8Array): void {
  if (bytes.length === 0) throw new Error('the file is empty');
  const form = tag(bytes, 0);
  if (form === 'RF64' || form === 'BW64') throw new Error('it is of the kind for more than 4 GiB (RF64)');
  if (form === 'RIFX') throw new Error('its bytes are in the other order (RIFX)');
  if (bytes.length < 12 || form !== 'RIFF' || tag(bytes, 8) !== 'WAVE') {
    throw new Error('it does not begin as a WAV file does');
  }
}

function tag(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

function readFormat(view: DataView, at: number, size: number): Format {
  if (size < 16) throw new Error('its format is cut short');
  const first = view.getUint16(at, true);
  const channels = view.getUint16(at + 2, true);
  const sampleRate = view.getUint32(at + 4, true);
  const frameBytes = view.getUint16(at + 12, true);
  const bits = view.getUint16(at + 14, true);
  const code = first === extensible ? extensibleCode(view, at, size) : first;
  if (code !== pcm && code !== ieeeFloat) {
    throw new Error(`its samples are packed as ${otherCodes[code] ?? `format ${code}`}: save it as plain PCM`);
  }
  if (channels === 0 || sampleRate === 0) throw new Error('it has no channels or no rate');
  const width = frameBytes / channels;
  const float = code === ieeeFloat;
  const possible = float ? [4, 8] : [1, 2, 3, 4];
  // Fewer bits than the bytes have (12, 20) are the upper ones, and so need no treatment of their own.
  if (!possible.includes(width) || bits > 8 * width || bits <= 8 * (width - 1)) {
    throw new Error(`its ${float ? 'float ' : ''}samples of ${bits} bits in ${width} bytes are of no known kind`);
  }
  return { float, channels, sampleRate, width };
}

function extensibleCode(view: DataView, at: number, size: number): number {
  if (size < 40) throw new Error('its format is cut short');
  if (guidTail.some((byte, i) => view.getUint8(at + 26 + i) !== byte))
    throw new Error('its format is of no known kind');
  return view.getUint16(at + 24, true);
}

function readSamples(view: DataView, start: number, bytes: number, format: Format, most: number): Sound {
  const { channels, sampleRate, width } = format;
  const frames = Math.floor(bytes / (channels * width));
  if (frames * channels > most) {
    throw new Error(`with ${frames * channels} samples it is longer than what is accepted (${most})`);
  }
  const read = readerFor(view, format);
  const samples = new Float32Array(channels * frames);
  for (let channel = 0; channel < channels; channel++) {
    let from = start + channel * width;
    for (let frame = 0; frame < frames; frame++, from += channels * width)
      samples[channel * frames + frame] = read(from);
  }
  return { samples, channels, frames, sampleRate };
}

function readerFor(view: DataView, { float, width }: Format): (at: number) => number {
  if (float) return width === 4 ? (at) => view.getFloat32(at, true) : (at) => view.getFloat64(at, true);
  switch (width) {
    // Only a single byte has no sign.
    case 1:
      return (at) => (view.getUint8(at) - 128) / 128;
    case 2:
      return (at) => view.getInt16(at, true) / 2 ** 15;
    case 3:
      return (at) => (view.getUint16(at, true) | (view.getInt8(at + 2) << 16)) / 2 ** 23;
    default:
      return (at) => view.getInt32(at, true) / 2 ** 31;
  }
}
