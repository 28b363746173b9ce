// Sounds at another number of samples per second.

import { DTypeError, ShapeError, ValueError } from '../errors.js';
import '../ops/methods.js';
import { fromTypedArray } from '../tensor/create.js';
import { show } from '../tensor/shape.js';
import { Tensor } from '../tensor/tensor.js';
import { SampleTransform } from './transform.js';

/** The window over the sinc function: a squared cosine, or Kaiser's. */
export type ResamplingMethod = 'sinc_interpolation' | 'kaiser_window';

/** Options of `Resample`. */
export interface ResampleOptions {
  /** Default `sinc_interpolation`. */
  readonly resamplingMethod?: ResamplingMethod;
  /** How many zeros of the sinc function lie on each side; more is sharper and slower. Default 6. */
  readonly lowpassFilterWidth?: number;
  /** Where the filter cuts off, as a part of half the lower rate; default 0.99. */
  readonly rolloff?: number;
  /** The shape of Kaiser's window; default 14.769656459379492. */
  readonly beta?: number;
}

/** Rates with hardly a common divisor would need a filter of gigabytes. */
const mostWeights = 2 ** 26;

/**
 * Changes the rate of a sound by bandlimited interpolation (Smith, "Digital audio resampling",
 * https://ccrma.stanford.edu/~jos/resample/).
 * https://pytorch.org/audio/0.13.0/generated/torchaudio.transforms.Resample.html
 *
 * ```ts
 * const slower = new Resample(44_100, 16_000).forward(waveform);
 * ```
 */
export class Resample extends SampleTransform<Tensor, Tensor> {
  static readonly moduleUrl = import.meta.url;
  /** Both rates without their common divisor: `from` samples become `to`. */
  private readonly from: number;
  private readonly to: number;
  private readonly width: number;
  /** For each of `to` samples what it is made of: `[to, from + 2 * width]`; null when nothing is to be done. */
  private readonly kernel: Tensor | null;

  /**
   * @param origFreq samples per second of what comes in
   * @param newFreq and of what comes out
   * @throws ValueError for rates that are no whole numbers, or have so small a common divisor that the filter would be huge
   */
  constructor(
    readonly origFreq: number,
    readonly newFreq: number,
    options: ResampleOptions = {},
  ) {
    super();
    const { resamplingMethod = 'sinc_interpolation', lowpassFilterWidth = 6, rolloff = 0.99 } = options;
    const { beta = 14.769656459379492 } = options;
    if (![origFreq, newFreq].every((rate) => Number.isInteger(rate) && rate > 0)) {
      throw new ValueError(`Resample: rates must be positive whole numbers, got ${origFreq} and ${newFreq}`);
    }
    if (!(Number.isInteger(lowpassFilterWidth) && lowpassFilterWidth > 0)) {
      throw new ValueError(`Resample: lowpassFilterWidth must be a positive whole number, got ${lowpassFilterWidth}`);
    }
    if (!(rolloff > 0 && rolloff <= 1)) throw new ValueError(`Resample: rolloff must be in (0, 1], got ${rolloff}`);
    if (resamplingMethod !== 'sinc_interpolation' && resamplingMethod !== 'kaiser_window') {
      throw new ValueError(
        `Resample: resamplingMethod must be sinc_interpolation or kaiser_window, got '${String(resamplingMethod)}'`,
      );
    }
    const divisor = greatestCommonDivisor(origFreq, newFreq);
    this.from = origFreq / divisor;
    this.to = newFreq / divisor;
    const cutoff = Math.min(this.from, this.to) * rolloff;
    this.width = Math.ceil((lowpassFilterWidth * this.from) / cutoff);
    const weights = this.to * (this.from + 2 * this.width);
    if (weights > mostWeights) {
      throw new ValueError(
        `Resample: from ${origFreq} to ${newFreq} takes a filter of ${weights} weights: choose rates with a larger common ` +
          'divisor, or go by one in between',
      );
    }
    const window = resamplingMethod === 'kaiser_window' ? kaiserWindow(beta) : squaredCosine;
    this.kernel = origFreq === newFreq ? null : this.makeKernel(cutoff, lowpassFilterWidth, window);
  }

  /**
   * @param sound float32 `[..., time]`
   * @returns `[..., ceil(time * newFreq / origFreq)]`
   */
  override forward(sound: Tensor): Tensor {
    if (!(sound instanceof Tensor) || sound.dtype !== 'float32') {
      const found = sound instanceof Tensor ? sound.dtype : typeof sound;
      throw new DTypeError(`expected a float32 tensor, got ${found}`).during('Resample');
    }
    if (sound.ndim === 0) throw new ShapeError(`expected [..., time], got ${show(sound.shape)}`).during('Resample');
    const { from, to, width, kernel } = this;
    const length = sound.shape.at(-1)!;
    if (kernel === null || length === 0) return sound;
    const outer = sound.shape.slice(0, -1);
    const padded = sound.newZeros([...outer, length + 2 * width + from]);
    padded.narrow(-1, width, length).copy_(sound);
    const resampled = padded.unfold(-1, from + 2 * width, from).matmul(kernel.t());
    return resampled
      .flatten(-2)
      .narrow(-1, 0, Math.ceil((to * length) / from))
      .contiguous();
  }

  private makeKernel(cutoff: number, zeros: number, window: (place: number) => number): Tensor {
    const { from, to, width } = this;
    const length = from + 2 * width;
    const kernel = new Float32Array(to * length);
    for (let phase = 0; phase < to; phase++) {
      // Rounded as torchaudio rounds it, which is to be seen in the weights.
      const shift = Math.fround(-phase / to);
      for (let i = 0; i < length; i++) {
        const place = Math.max(-zeros, Math.min(zeros, (shift + (i - width) / from) * cutoff));
        const angle = place * Math.PI;
        const sinc = angle === 0 ? 1 : Math.sin(angle) / angle;
        kernel[phase * length + i] = (sinc * window(place / zeros) * cutoff) / from;
      }
    }
    return fromTypedArray(kernel, [to, length]);
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

// Windows over places from -1 to 1.

function squaredCosine(place: number): number {
  return Math.cos((place * Math.PI) / 2) ** 2;
}

function kaiserWindow(beta: number): (place: number) => number {
  const whole = besselI0(beta);
  return (place) => besselI0(beta * Math.sqrt(Math.max(0, 1 - place * place))) / whole;
}

/** The modified Bessel function of the first kind of order 0, by its power series (Abramowitz and Stegun 9.6.12). */
function besselI0(x: number): number {
  const quarter = (x * x) / 4;
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= quarter / (k * k);
    sum += term;
  }
  return sum;
}
