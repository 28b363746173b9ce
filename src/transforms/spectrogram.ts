// How loud a sound is at each frequency, piece by piece.

import { DTypeError, ShapeError, ValueError } from '../errors.js';
import '../ops/methods.js';
import { show } from '../tensor/shape.js';
import { Tensor } from '../tensor/tensor.js';
import { fourierBasis, padSound, windowValues, type SoundPadding, type WindowName } from './fourier.js';
import { SampleTransform } from './transform.js';

/** Options of `Spectrogram`. */
export interface SpectrogramOptions {
  /** Samples of a piece; gives `nFft / 2 + 1` frequencies. Default 400. */
  readonly nFft?: number;
  /** Samples of the window in the middle of a piece; default `nFft`. */
  readonly winLength?: number;
  /** Samples from piece to piece; default half of `winLength`. */
  readonly hopLength?: number;
  /** Silent samples put before and behind; default 0. */
  readonly pad?: number;
  /** The window by its name (default `hann`), or as a tensor `[winLength]`. */
  readonly window?: WindowName | Tensor;
  /** 2 (default) for power, 1 for amplitude, another exponent, or null for complex numbers: see `forward`. */
  readonly power?: number | null;
  /** Whether to divide by the window's energy (`window`, true) or the root of its length (`frameLength`); default false. */
  readonly normalized?: boolean | 'window' | 'frameLength';
  /** Whether piece t has its middle at sample `t * hopLength`; default true. */
  readonly center?: boolean;
  /** How the sound goes on at its ends for that; default `reflect`. */
  readonly padMode?: SoundPadding;
  /** Whether only frequencies up to half the rate are given, the others being their mirror image; default true. */
  readonly onesided?: boolean;
}

const padModes: readonly SoundPadding[] = ['reflect', 'constant', 'replicate', 'circular'];

/**
 * The spectrogram of a sound.
 * https://pytorch.org/audio/0.13.0/generated/torchaudio.transforms.Spectrogram.html
 */
export class Spectrogram extends SampleTransform<Tensor, Tensor> {
  static readonly moduleUrl = import.meta.url;
  readonly nFft: number;
  readonly hopLength: number;
  readonly power: number | null;
  /** How many frequencies there are. */
  readonly bins: number;
  private readonly silence: number;
  private readonly center: boolean;
  private readonly padMode: SoundPadding;
  private readonly basis: Tensor;

  /** @throws ValueError for sizes that make no sense */
  constructor(options: SpectrogramOptions = {}) {
    super();
    const { nFft = 400, winLength = nFft, hopLength = winLength >> 1, pad = 0, window = 'hann', power = 2 } = options;
    const { normalized = false, center = true, padMode = 'reflect', onesided = true } = options;
    checkCount('nFft', nFft, 1);
    checkCount('winLength', winLength, 1);
    checkCount('hopLength', hopLength, 1);
    checkCount('pad', pad, 0);
    if (winLength > nFft) throw new ValueError(`Spectrogram: winLength ${winLength} is more than nFft ${nFft}`);
    if (power !== null && !(power > 0))
      throw new ValueError(`Spectrogram: power must be positive or null, got ${power}`);
    if (!padModes.includes(padMode)) {
      throw new ValueError(`Spectrogram: padMode must be ${padModes.join(', ')}, got '${String(padMode)}'`);
    }
    this.nFft = nFft;
    this.hopLength = hopLength;
    this.power = power;
    this.bins = onesided ? (nFft >> 1) + 1 : nFft;
    this.silence = pad;
    this.center = center;
    this.padMode = padMode;
    const values = windowValues(window, winLength, 'Spectrogram');
    this.basis = fourierBasis(nFft, this.bins, values, scaleFor(normalized, values, nFft));
  }

  /**
   * @param sound float32 `[..., time]`
   * @returns `[..., bins, pieces]`; with `power: null` `[..., bins, pieces, 2]`, real and imaginary parts
   * @throws DTypeError when it is not float32, ShapeError when it is shorter than a piece
   */
  override forward(sound: Tensor): Tensor {
    if (!(sound instanceof Tensor) || sound.dtype !== 'float32') {
      const found = sound instanceof Tensor ? sound.dtype : typeof sound;
      throw new DTypeError(`expected a float32 tensor, got ${found}`).during('Spectrogram');
    }
    if (sound.ndim === 0) throw new ShapeError(`expected [..., time], got ${show(sound.shape)}`).during('Spectrogram');
    const { nFft, bins, power } = this;
    const quiet = this.silence > 0 ? padSound(sound, this.silence, 'constant', 'Spectrogram') : sound;
    const whole = this.center ? padSound(quiet, nFft >> 1, this.padMode, 'Spectrogram') : quiet;
    const length = whole.shape.at(-1)!;
    if (length < nFft) {
      throw new ShapeError(`a sound of ${length} samples is shorter than a piece of nFft ${nFft}`).during(
        'Spectrogram',
      );
    }
    const spectrum = whole.unfold(-1, nFft, this.hopLength).matmul(this.basis);
    const real = spectrum.narrow(-1, 0, bins);
    const imaginary = spectrum.narrow(-1, bins, bins);
    if (power === null) {
      const dims = spectrum.ndim;
      const parts = spectrum.unflatten(-1, [2, bins]);
      return parts.permute([...Array(dims - 2).keys(), dims, dims - 2, dims - 1]).contiguous();
    }
    const squared = real.square().add(imaginary.square());
    const loudness = power === 2 ? squared : power === 1 ? squared.sqrt() : squared.pow(power / 2);
    return loudness.transpose(-1, -2).contiguous();
  }
}

function checkCount(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new ValueError(`Spectrogram: ${name} must be a whole number of ${least} or more, got ${value}`);
}

function scaleFor(normalized: boolean | 'window' | 'frameLength', window: Float64Array, nFft: number): number {
  if (normalized === false) return 1;
  if (normalized === 'frameLength') return 1 / Math.sqrt(nFft);
  if (normalized !== true && normalized !== 'window') {
    throw new ValueError(
      `Spectrogram: normalized must be true, false, window or frameLength, got '${String(normalized)}'`,
    );
  }
  return 1 / Math.sqrt(window.reduce((sum, value) => sum + value * value, 0));
}
