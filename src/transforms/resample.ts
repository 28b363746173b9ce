// The weights with which pixels are mixed when a picture changes its size, and the mixing of images in eight bits.
// For images these are Pillow's (filters widened when shrinking, sums in 22-bit fixed point, first along rows, then along
// columns, each result rounded to a byte); for tensors PyTorch's `interpolate`, with or without antialiasing.

import type { Image } from '../io/image.js';
import type { Size } from './picture.js';

/** How pixels are mixed; the last three only in images. */
export type Interpolation = 'nearest' | SmoothInterpolation;

/** Those that mix as many pixels as a pixel of the result covers. */
export type SmoothInterpolation = 'bilinear' | 'bicubic' | 'box' | 'hamming' | 'lanczos';

/** The source pixels that one pixel of the result is made of: `weights[i]` belongs to pixel `first + i`. */
export interface Mix {
  readonly first: number;
  readonly weights: readonly number[];
}

/** A filter: how much a pixel counts at a distance, which is 0 from `support` on. */
interface Filter {
  readonly support: number;
  readonly at: (distance: number) => number;
}

/** Keys, "Cubic convolution interpolation for digital image processing", IEEE TASSP 29 (1981); `a` is his parameter. */
function cubic(a: number): (distance: number) => number {
  return (distance) => {
    const x = Math.abs(distance);
    if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
  };
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
}

const filters: Readonly<Record<SmoothInterpolation, Filter>> = {
  bilinear: { support: 1, at: (distance) => Math.max(0, 1 - Math.abs(distance)) },
  bicubic: { support: 2, at: cubic(-0.5) },
  box: { support: 0.5, at: (distance) => (distance > -0.5 && distance <= 0.5 ? 1 : 0) },
  // A sinc under a window: Hamming's, and the sinc's own main lobe.
  hamming: {
    support: 1,
    at: (distance) => (Math.abs(distance) < 1 ? sinc(distance) * (0.54 + 0.46 * Math.cos(distance * Math.PI)) : 0),
  },
  lanczos: { support: 3, at: (distance) => (Math.abs(distance) < 3 ? sinc(distance) * sinc(distance / 3) : 0) },
};

/** Whether there is an interpolation of that name. */
export function isInterpolation(name: string): name is Interpolation {
  return name === 'nearest' || Object.hasOwn(filters, name);
}

/** For each of `to` pixels what it is mixed from; the filter grows with the pixels it has to cover. */
export function antialiasedMixes(from: number, to: number, interpolation: SmoothInterpolation): Mix[] {
  const { support, at } = filters[interpolation];
  const scale = from / to;
  const widening = Math.max(scale, 1);
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support * widening + 0.5));
    const end = Math.min(from, Math.trunc(centre + support * widening + 0.5));
    const raw = Array.from({ length: end - first }, (_, k) => at((first + k - centre + 0.5) / widening));
    const total = raw.reduce((sum, weight) => sum + weight, 0);
    return { first, weights: raw.map((weight) => weight / total) };
  });
}

/** The same without widening: at most two or four neighbours count, those beyond the edge as the edge. */
export function plainMixes(from: number, to: number, interpolation: 'nearest' | 'bilinear' | 'bicubic'): Mix[] {
  const scale = from / to;
  const last = from - 1;
  const gather = (pairs: readonly (readonly [number, number])[]): Mix => {
    const weights = new Map<number, number>();
    for (const [place, weight] of pairs) {
      const inside = Math.min(last, Math.max(0, place));
      weights.set(inside, (weights.get(inside) ?? 0) + weight);
    }
    const first = Math.min(...weights.keys());
    const length = Math.max(...weights.keys()) - first + 1;
    return { first, weights: Array.from({ length }, (_, k) => weights.get(first + k) ?? 0) };
  };
  return Array.from({ length: to }, (_, i) => {
    if (interpolation === 'nearest') return gather([[Math.floor(i * scale), 1]]);
    const place = (i + 0.5) * scale - 0.5;
    if (interpolation === 'bilinear') {
      const source = Math.max(0, place);
      const below = Math.floor(source);
      return gather([
        [below, 1 - (source - below)],
        [below + 1, source - below],
      ]);
    }
    const below = Math.floor(place);
    const weight = cubic(-0.75);
    return gather([-1, 0, 1, 2].map((k) => [below + k, weight(place - below - k)] as const));
  });
}

const fractionBits = 22;

/** Resizes an image as Pillow does. */
export function resizeImage(image: Image, [height, width]: Size, interpolation: Interpolation): Image {
  if (interpolation === 'nearest') return pickNearest(image, height, width);
  const hasAlpha = image.channels === 2 || image.channels === 4;
  let result = hasAlpha ? weighByAlpha(image) : image;
  if (width !== image.width) result = mixRows(result, width, antialiasedMixes(image.width, width, interpolation));
  if (height !== image.height)
    result = mixColumns(result, height, antialiasedMixes(image.height, height, interpolation));
  return hasAlpha ? unweighByAlpha(result) : result;
}

function pickNearest(image: Image, height: number, width: number): Image {
  const { channels } = image;
  const data = new Uint8Array(height * width * channels);
  const columns = nearestPlaces(image.width, width);
  let to = 0;
  for (const row of nearestPlaces(image.height, height)) {
    for (const column of columns) {
      const from = (row * image.width + column) * channels;
      for (let channel = 0; channel < channels; channel++) data[to++] = image.data[from + channel]!;
    }
  }
  return { data, width, height, channels };
}

/** Added up step by step, as Pillow does, so that places on a border between two pixels fall to the same side. */
function nearestPlaces(from: number, to: number): number[] {
  const scale = from / to;
  let place = scale * 0.5;
  return Array.from({ length: to }, () => {
    const current = Math.min(from - 1, Math.floor(place));
    place += scale;
    return current;
  });
}

function fixedPoint({ weights }: Mix): number[] {
  return weights.map((weight) => Math.trunc(weight * 2 ** fractionBits + (weight < 0 ? -0.5 : 0.5)));
}

function toByte(sum: number): number {
  const value = sum >> fractionBits;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

function mixRows(image: Image, width: number, mixes: readonly Mix[]): Image {
  const { height, channels } = image;
  const data = new Uint8Array(height * width * channels);
  mixes.forEach((mix, column) => {
    const weights = fixedPoint(mix);
    for (let row = 0; row < height; row++) {
      const from = (row * image.width + mix.first) * channels;
      for (let channel = 0; channel < channels; channel++) {
        let sum = 2 ** (fractionBits - 1);
        for (let k = 0; k < weights.length; k++) sum += weights[k]! * image.data[from + k * channels + channel]!;
        data[(row * width + column) * channels + channel] = toByte(sum);
      }
    }
  });
  return { data, width, height, channels };
}

function mixColumns(image: Image, height: number, mixes: readonly Mix[]): Image {
  const { width, channels } = image;
  const stride = width * channels;
  const data = new Uint8Array(height * stride);
  mixes.forEach((mix, row) => {
    const weights = fixedPoint(mix);
    for (let i = 0; i < stride; i++) {
      let sum = 2 ** (fractionBits - 1);
      for (let k = 0; k < weights.length; k++) sum += weights[k]! * image.data[(mix.first + k) * stride + i]!;
      data[row * stride + i] = toByte(sum);
    }
  });
  return { data, width, height, channels };
}

/** Colours times alpha, so that what is invisible doesn't colour its neighbours. */
export function weighByAlpha(image: Image): Image {
  return mapColours(image, (colour, alpha) => {
    const product = colour * alpha + 128;
    return ((product >> 8) + product) >> 8;
  });
}

export function unweighByAlpha(image: Image): Image {
  return mapColours(image, (colour, alpha) => {
    if (alpha === 0 || alpha === 255) return colour;
    return Math.min(255, Math.floor((255 * colour) / alpha));
  });
}

function mapColours(image: Image, change: (colour: number, alpha: number) => number): Image {
  const { channels } = image;
  const data = image.data.slice();
  for (let at = 0; at < data.length; at += channels) {
    const alpha = data[at + channels - 1]!;
    for (let channel = 0; channel < channels - 1; channel++) data[at + channel] = change(data[at + channel]!, alpha);
  }
  return { ...image, data };
}
