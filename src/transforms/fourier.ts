// The discrete Fourier transform of windowed pieces of a sound, as one matrix product. For the sizes spectrograms are made
// with (up to a few thousand samples) that is faster than it has to be, and its gradient comes by itself.

import { ShapeError, ValueError } from '../errors.js';
import '../ops/methods.js';
import { fromTypedArray, tensor } from '../tensor/create.js';
import { show } from '../tensor/shape.js';
import { Tensor } from '../tensor/tensor.js';

/** The shape by which pieces fade in and out; each is periodic, as PyTorch's are by default. */
export type WindowName = 'hann' | 'hamming' | 'blackman' | 'ones';

/** How a sound goes on beyond its ends. */
export type SoundPadding = 'reflect' | 'constant' | 'replicate' | 'circular';

/** Cosine series: the window at phase `p` is the sum over k of coefficient k times cos(k p). */
const cosineSeries: Readonly<Record<WindowName, readonly number[]>> = {
  hann: [0.5, -0.5],
  hamming: [0.54, -0.46],
  blackman: [0.42, -0.5, 0.08],
  ones: [1],
};

/** The values of a window of `length` samples. @throws ValueError for a name that doesn't exist */
export function windowValues(window: WindowName | Tensor, length: number, where: string): Float64Array {
  if (window instanceof Tensor) {
    if (window.ndim === 1 && window.shape[0] === length) return Float64Array.from(window.data(), Number);
    throw new ShapeError(`expected a window of shape [${length}], got ${show(window.shape)}`).during(where);
  }
  const series = Object.hasOwn(cosineSeries, window) ? cosineSeries[window] : undefined;
  if (series === undefined) {
    const names = Object.keys(cosineSeries).join(', ');
    throw new ValueError(`${where}: window must be ${names} or a tensor, got '${String(window)}'`);
  }
  return Float64Array.from({ length }, (_, i) =>
    series.reduce((sum, coefficient, k) => sum + coefficient * Math.cos((2 * Math.PI * k * i) / length), 0),
  );
}

/**
 * The matrix `[size, 2 * bins]` that takes a piece of `size` samples, windowed in its middle, to the real and then the
 * imaginary parts of its spectrum.
 */
export function fourierBasis(size: number, bins: number, window: Float64Array, scale: number): Tensor {
  const first = (size - window.length) >> 1;
  const cosines = Float64Array.from({ length: size }, (_, i) => Math.cos((2 * Math.PI * i) / size));
  const sines = Float64Array.from({ length: size }, (_, i) => Math.sin((2 * Math.PI * i) / size));
  const basis = new Float32Array(size * 2 * bins);
  window.forEach((weight, i) => {
    const sample = first + i;
    const row = sample * 2 * bins;
    for (let bin = 0; bin < bins; bin++) {
      // Angles repeat after a turn; counted in whole steps they stay exact.
      const step = (sample * bin) % size;
      basis[row + bin] = weight * scale * cosines[step]!;
      basis[row + bins + bin] = -weight * scale * sines[step]!;
    }
  });
  return fromTypedArray(basis, [size, 2 * bins]);
}

/** A sound `[..., time]` with `amount` samples more at each end. */
export function padSound(sound: Tensor, amount: number, mode: SoundPadding, where: string): Tensor {
  const length = sound.shape.at(-1)!;
  if (mode === 'constant') {
    const silence = sound.newZeros([...sound.shape.slice(0, -1), length + 2 * amount]);
    silence.narrow(-1, amount, length).copy_(sound);
    return silence;
  }
  if ((mode === 'reflect' && amount >= length) || (mode === 'circular' && amount > length) || length === 0) {
    throw new ShapeError(
      `a sound of ${length} samples is too short to go on for ${amount} by '${mode}' at each end: lengthen it, take ` +
        'a smaller nFft, or center: false',
    ).during(where);
  }
  const places = Array.from({ length: length + 2 * amount }, (_, i) => {
    const place = i - amount;
    if (place >= 0 && place < length) return place;
    if (mode === 'replicate') return place < 0 ? 0 : length - 1;
    if (mode === 'circular') return (place + length) % length;
    return place < 0 ? -place : 2 * (length - 1) - place;
  });
  return sound.indexSelect(-1, tensor(places, { dtype: 'int64' }));
}
