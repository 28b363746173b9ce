// Columns that hold pictures and sounds: which ones they are, and from what stands in a row to what a model can use. As in
// tables from the Hugging Face Hub, a picture is `{ bytes, path }`, bytes, or the path of a file beside the table.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { DatasetError, ValueError } from '../../errors.js';
import type { ImageDecode } from '../../io/decode-image.js';
import { explainDiskError } from '../../io/disk-error.js';
import { rgbImage, type Image } from '../../io/image.js';
import { hasJpegSignature } from '../../io/jpeg.js';
import { hasPngSignature } from '../../io/png.js';
import { decodeWav } from '../../io/wav.js';
import { fromTypedArray } from '../../tensor/create.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { Row } from './table-source.js';

export type Medium = 'image' | 'audio';

/** What is known of some columns beyond their values. Plain, so that it can travel. */
export interface Features {
  readonly media: Readonly<Record<string, Medium>>;
  /** The names of the classes, where a column's numbers stand for such. */
  readonly classes: Readonly<Record<string, readonly string[]>>;
}

/** Where a row stands: its file, and its number in it, from 0. */
export interface RowPlace {
  readonly file: string;
  readonly number: number;
}

/** A sound as a row has it after decoding. */
export interface Waveform {
  /** float32 `[channels, frames]`. */
  waveform: Tensor;
  sampleRate: number;
}

/** Columns that the options name. @throws ValueError for one that isn't there */
export function namedMedia(
  options: { readonly images?: readonly string[] | undefined; readonly audio?: readonly string[] | undefined },
  columns: readonly string[] | undefined,
  caller: string,
): Record<string, Medium> {
  const named = (names: readonly string[] = [], medium: Medium): [string, Medium][] =>
    names.map((name) => [name, medium]);
  const all = [...named(options.images, 'image'), ...named(options.audio, 'audio')];
  const missing = all.find(([name]) => columns !== undefined && !columns.includes(name));
  if (missing !== undefined)
    throw new ValueError(`${caller}: there is no column '${missing[0]}' for pictures or sounds`);
  return Object.fromEntries(all);
}

/** What the Hub's own tools note in a Parquet file about its columns; nothing where the note makes no sense. */
export function readFeatures(note: string | undefined): Features {
  const media: Record<string, Medium> = {};
  const classes: Record<string, readonly string[]> = {};
  for (const [name, feature] of Object.entries(featureNotes(note))) {
    const { _type: type, names } = (feature ?? {}) as { _type?: unknown; names?: unknown };
    if (type === 'Image') media[name] = 'image';
    if (type === 'Audio') media[name] = 'audio';
    if (type === 'ClassLabel' && Array.isArray(names) && names.every((text) => typeof text === 'string')) {
      classes[name] = names;
    }
  }
  return { media, classes };
}

function featureNotes(note: string | undefined): object {
  if (note === undefined) return {};
  try {
    const { info } = JSON.parse(note) as { info?: { features?: unknown } | null };
    const features = info?.features;
    return typeof features === 'object' && features !== null ? features : {};
  } catch {
    return {};
  }
}

/** What a row's value looks like, where nobody says: bytes that begin as a picture or a sound do, alone or with a path. */
export function guessMedium(value: unknown): Medium | undefined {
  const bytes = value instanceof Uint8Array ? value : (value as { bytes?: unknown } | null | undefined)?.bytes;
  if (!(bytes instanceof Uint8Array)) return undefined;
  if (hasPngSignature(bytes) || hasJpegSignature(bytes)) return 'image';
  const form = String.fromCharCode(...bytes.subarray(0, 4), ...bytes.subarray(8, 12));
  return form === 'RIFFWAVE' ? 'audio' : undefined;
}

/** Decodes what the columns of a row hold. The row is changed. @throws DatasetError naming the file, the row and the column */
export function decodeMedia(
  row: Row,
  { media, classes }: Features,
  { file, number }: RowPlace,
  decodeImage: ImageDecode | undefined,
): void {
  for (const [name, medium] of Object.entries(media)) {
    const value = row[name];
    if (value === null || value === undefined) continue;
    const { bytes, called } = contentOf(value, () => `${file}, row ${number}, column '${name}'`, path.dirname(file));
    row[name] = medium === 'image' ? rgbOrGrey(decodeImage!(bytes, called)) : decodeSound(bytes, called);
  }
  for (const name of Object.keys(classes)) if (typeof row[name] === 'bigint') row[name] = Number(row[name]);
}

/** Without alpha, which hardly any model takes. */
function rgbOrGrey(image: Image): Image {
  return image.channels === 1 ? image : rgbImage(image);
}

function decodeSound(bytes: Uint8Array, called: () => string): Waveform {
  const { samples, channels, frames, sampleRate } = decodeWav(bytes, called);
  return { waveform: fromTypedArray(samples, [channels, frames]), sampleRate };
}

/** The bytes of a picture or sound, and what to call it in errors. */
interface Content {
  readonly bytes: Uint8Array;
  readonly called: () => string;
}

function contentOf(value: unknown, place: () => string, folder: string): Content {
  if (value instanceof Uint8Array) return { bytes: value, called: place };
  const { bytes, path: file } =
    typeof value === 'string' ? { path: value } : (value as { bytes?: unknown; path?: unknown });
  const hasFile = typeof file === 'string' && file !== '';
  const called = (): string => (hasFile ? `${place()} (${file})` : place());
  if (bytes instanceof Uint8Array) return { bytes, called };
  // JSON has no bytes; there they are written in base64.
  if (typeof bytes === 'string') return { bytes: Buffer.from(bytes, 'base64'), called };
  if (!hasFile) throw new DatasetError(`${place()}: there are neither bytes nor the path of a file`);
  return { bytes: readBeside(file, folder, place), called };
}

/** A table from a stranger must not read what lies elsewhere on the disk. */
function readBeside(file: string, folder: string, place: () => string): Uint8Array {
  const full = path.resolve(folder, file);
  const relative = path.relative(folder, full);
  if (relative === '' || relative.startsWith('..') || path.isAbsolute(relative)) {
    throw new DatasetError(`${place()} names the file ${file}, which is not in the table's folder ${folder}`);
  }
  try {
    return readFileSync(full);
  } catch (error) {
    throw new DatasetError(`${place()} names ${full}, which can't be read: ${explainDiskError(error)}`, {
      cause: error,
    });
  }
}
