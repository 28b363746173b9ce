// Spectrograms over frequencies as they are heard: evenly apart in mels.

import { ValueError } from '../errors.js';
import '../ops/methods.js';
import { fromTypedArray } from '../tensor/create.js';
import type { Tensor } from '../tensor/tensor.js';
import { Spectrogram, type SpectrogramOptions } from './spectrogram.js';
import { SampleTransform } from './transform.js';

/** How hertz become mels: O'Shaughnessy's formula (as in HTK), or Slaney's, straight up to 1000 Hz. */
export type MelScaleName = 'htk' | 'slaney';

/** Options of `MelSpectrogram`. */
export interface MelSpectrogramOptions extends Omit<SpectrogramOptions, 'power' | 'onesided'> {
  /** Samples per second; default 16,000. */
  readonly sampleRate?: number;
  /** How many bands; default 128. */
  readonly nMels?: number;
  /** The lowest and the highest frequency in hertz; default 0 and half the rate. */
  readonly fMin?: number;
  readonly fMax?: number;
  /** As in Spectrogram, but always a number; default 2. */
  readonly power?: number;
  /** `slaney` divides each band by its width; default null. */
  readonly norm?: 'slaney' | null;
  /** Default `htk`. */
  readonly melScale?: MelScaleName;
}

interface Scale {
  readonly toMels: (hertz: number) => number;
  readonly toHertz: (mels: number) => number;
}

// Slaney, "Auditory toolbox", Interval Research TR 1998-010: 15 mels for 1000 Hz, then 27 for each factor of 6.4.
const straightUpTo = 1000;
const hertzPerMel = 200 / 3;
const logStep = Math.log(6.4) / 27;

const scales: Readonly<Record<MelScaleName, Scale>> = {
  htk: {
    toMels: (hertz) => 2595 * Math.log10(1 + hertz / 700),
    toHertz: (mels) => 700 * (10 ** (mels / 2595) - 1),
  },
  slaney: {
    toMels: (hertz) => (hertz < straightUpTo ? hertz / hertzPerMel : 15 + Math.log(hertz / straightUpTo) / logStep),
    toHertz: (mels) => (mels < 15 ? mels * hertzPerMel : straightUpTo * Math.exp(logStep * (mels - 15))),
  },
};

/**
 * The mel spectrogram of a sound.
 * https://pytorch.org/audio/0.13.0/generated/torchaudio.transforms.MelSpectrogram.html
 *
 * ```ts
 * const mels = new MelSpectrogram({ sampleRate: 16_000, nFft: 512, nMels: 64 }).forward(waveform);
 * ```
 */
export class MelSpectrogram extends SampleTransform<Tensor, Tensor> {
  static readonly moduleUrl = import.meta.url;
  readonly spectrogram: Spectrogram;
  /** How much each frequency counts in each band: `[nMels, bins]`. */
  readonly filters: Tensor;

  /** @throws ValueError for options that make no sense */
  constructor(options: MelSpectrogramOptions = {}) {
    super();
    const { sampleRate = 16_000, nMels = 128, fMin = 0, norm = null, melScale = 'htk', ...rest } = options;
    const { fMax = Math.floor(sampleRate / 2), ...spectrogram } = rest;
    if (!(sampleRate > 0)) throw new ValueError(`MelSpectrogram: sampleRate must be positive, got ${sampleRate}`);
    if (!(Number.isInteger(nMels) && nMels > 0)) {
      throw new ValueError(`MelSpectrogram: nMels must be a positive whole number, got ${nMels}`);
    }
    if (!(fMin >= 0 && fMin < fMax)) {
      throw new ValueError(`MelSpectrogram: fMin must be 0 or more and below fMax, got ${fMin} and ${fMax}`);
    }
    if (norm !== null && norm !== 'slaney') {
      throw new ValueError(`MelSpectrogram: norm must be slaney or null, got '${String(norm)}'`);
    }
    if (melScale !== 'htk' && melScale !== 'slaney') {
      throw new ValueError(`MelSpectrogram: melScale must be htk or slaney, got '${String(melScale)}'`);
    }
    this.spectrogram = new Spectrogram(spectrogram);
    const { bins } = this.spectrogram;
    this.filters = melFilters(bins, nMels, Math.floor(sampleRate / 2), fMin, fMax, scales[melScale], norm);
  }

  /**
   * @param sound float32 `[..., time]`
   * @returns `[..., nMels, pieces]`
   */
  override forward(sound: Tensor): Tensor {
    return this.filters.matmul(this.spectrogram.forward(sound));
  }
}

/** Triangles: band m rises from point m to point m + 1 and falls to point m + 2. */
function melFilters(
  bins: number,
  nMels: number,
  highest: number,
  fMin: number,
  fMax: number,
  { toMels, toHertz }: Scale,
  norm: 'slaney' | null,
): Tensor {
  const [low, high] = [toMels(fMin), toMels(fMax)];
  const point = (i: number): number => toHertz(low + ((high - low) * i) / (nMels + 1));
  const points = Array.from({ length: nMels + 2 }, (_, i) => point(i));
  const filters = new Float32Array(nMels * bins);
  for (let band = 0; band < nMels; band++) {
    const [begin, peak, end] = points.slice(band, band + 3) as [number, number, number];
    const scale = norm === 'slaney' ? 2 / (end - begin) : 1;
    for (let bin = 0; bin < bins; bin++) {
      const hertz = bins === 1 ? 0 : (highest * bin) / (bins - 1);
      const weight = Math.min((hertz - begin) / (peak - begin), (end - hertz) / (end - peak));
      filters[band * bins + bin] = scale * Math.max(0, weight);
    }
  }
  return fromTypedArray(filters, [nMels, bins]);
}
