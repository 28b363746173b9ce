// A folder of sounds, one folder for each class.

import path from 'node:path';
import { Dataset } from '../data/dataset.js';
import { DatasetError, ValueError } from '../errors.js';
import { decodeWav, type WavLimits } from '../io/wav.js';
import { fromTypedArray } from '../tensor/create.js';
import type { Tensor } from '../tensor/tensor.js';
import { Resample } from '../transforms/sound-rate.js';
import { applyTransform, type TransformLike } from '../transforms/transform.js';
import { decodeFile, fileName, scanClassFolders, type ClassFolders } from './class-folders.js';

/** One sound, how many samples of it are a second, and the number of its class. */
export interface AudioSample<W = Tensor, L = number> {
  waveform: W;
  sampleRate: number;
  label: L;
}

/** Options of `AudioFolder.load`. */
export interface AudioFolderOptions<W = Tensor, L = number> {
  /** The folder with the class folders in it. */
  readonly root: string;
  /** Samples per second that all sounds are brought to (by `Resample`); by default each keeps its own. */
  readonly sampleRate?: number | undefined;
  /** Whether channels are mixed into one; default false. */
  readonly mono?: boolean;
  /** What to make of a waveform `[channels, frames]`, such as a `MelSpectrogram`; by default it stays one. */
  readonly transform?: TransformLike<Tensor, W> | undefined;
  /** What to make of a label; by default it stays a number. */
  readonly targetTransform?: TransformLike<number, L> | undefined;
  /** The endings of files that count; default `.wav`. */
  readonly extensions?: readonly string[];
  /** The longest sound to accept; default 2^28 samples of all channels together. */
  readonly limits?: WavLimits;
  readonly signal?: AbortSignal | undefined;
}

/** Filters by the rates they are for: they are large and the same for all sounds. */
const resamplers = new Map<string, Resample>();
const mostResamplers = 8;

/**
 * Sounds (WAV) in a folder for each class: `{ waveform: float32 [channels, frames] from -1 to 1, sampleRate, label }`.
 * Sounds of different lengths need `padCollate`, or a transform that makes them equal, before they can be one batch.
 *
 * ```ts
 * // speech/yes/1.wav, speech/no/1.wav, ...
 * const transform = new MelSpectrogram({ sampleRate: 16_000, nMels: 64 });
 * const words = await AudioFolder.load({ root: 'speech', sampleRate: 16_000, mono: true, transform });
 * const loader = new DataLoader(words, { batchSize: 16, collateFn: padCollate });
 * ```
 */
export class AudioFolder<W = Tensor, L = number> extends Dataset<AudioSample<W, L>> {
  static readonly moduleUrl = import.meta.url;

  /** The names of the class folders; a label is a place in this list. */
  readonly classes: readonly string[];
  readonly root: string;
  readonly length: number;

  private constructor(
    private readonly folders: ClassFolders,
    private readonly settings: Pick<
      AudioFolderOptions<W, L>,
      'sampleRate' | 'mono' | 'transform' | 'targetTransform' | 'limits'
    >,
  ) {
    super();
    this.classes = folders.classes;
    this.root = folders.root;
    this.length = folders.labels.length;
  }

  /**
   * Lists the sounds; each is read when it is asked for.
   * @throws DatasetError when there are no classes, or a class has no sounds
   */
  static async load<W = Tensor, L = number>(options: AudioFolderOptions<W, L>): Promise<AudioFolder<W, L>> {
    const { root, sampleRate, mono = false, transform, targetTransform, limits = {}, signal } = options;
    if (sampleRate !== undefined && !(Number.isInteger(sampleRate) && sampleRate > 0)) {
      throw new ValueError(`AudioFolder: sampleRate must be a positive whole number, got ${sampleRate}`);
    }
    const extensions = options.extensions ?? ['.wav'];
    const folders = await scanClassFolders(root, 'AudioFolder', { extensions, things: 'sounds', signal });
    return new AudioFolder(folders, { sampleRate, mono, transform, targetTransform, limits });
  }

  /** The sample at `index`. @throws IndexError when there is none, DatasetError when its file can't be read */
  // eslint-disable-next-line @typescript-eslint/require-await -- a file is waited for; that it is read in one go is our affair
  async getItem(index: number): Promise<AudioSample<W, L>> {
    const { transform, targetTransform } = this.settings;
    const { waveform, sampleRate } = this.read(index);
    const label = this.folders.labels[index]!;
    return {
      // Without a transform W and L are what they default to.
      waveform: transform === undefined ? (waveform as W) : applyTransform(transform, waveform),
      sampleRate,
      label: targetTransform === undefined ? (label as L) : applyTransform(targetTransform, label),
    };
  }

  /** The file of a sample, below the root. @throws IndexError when there is none */
  nameOf(index: number): string {
    return fileName(this.folders, index, 'AudioFolder');
  }

  /** All labels, before any transform, in the order of the samples. */
  get targets(): Uint32Array {
    return this.folders.labels.slice();
  }

  override toString(): string {
    return `AudioFolder ${this.root}: ${this.length} sounds of ${this.classes.length} classes`;
  }

  private read(index: number): { waveform: Tensor; sampleRate: number } {
    const { sampleRate: wanted, mono = false, limits = {} } = this.settings;
    const name = this.nameOf(index);
    const sound = decodeFile(this.folders, name, (bytes, file) => decodeWav(bytes, file, limits));
    const { samples, channels, frames, sampleRate } = sound;
    const stored = fromTypedArray(samples, [channels, frames]);
    const mixed = mono && channels > 1 ? stored.mean(0, { keepdim: true }) : stored;
    if (wanted === undefined || wanted === sampleRate) return { waveform: mixed, sampleRate };
    try {
      return { waveform: resampler(sampleRate, wanted).forward(mixed), sampleRate: wanted };
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      const file = path.join(this.root, name);
      throw new DatasetError(`${file} can't be brought to ${wanted} samples per second: ${error.message}`, {
        cause: error,
      });
    }
  }
}

function resampler(from: number, to: number): Resample {
  const rates = `${from} ${to}`;
  const known = resamplers.get(rates) ?? new Resample(from, to);
  if (resamplers.size >= mostResamplers) resamplers.clear();
  resamplers.set(rates, known);
  return known;
}
