// Pooling. Where each result looks is the same in every plane, so it is listed once; what it makes of the pixels there,
// their maximum or mean, is then one loop for sliding and for adaptive windows.

import type { Backend, PoolGeometry, StridedView } from '../backend.js';
import { Cursor } from './cursor.js';
import { spatialSize, volumeOf, volumeWindow } from './volume.js';
import type { VolumeWindow } from './volume.js';

/** Result i of a plane looks at pixels[starts[i]] up to pixels[starts[i + 1] - 1], and a mean divides by divisors[i]. */
interface Windows {
  readonly starts: readonly number[];
  readonly pixels: readonly number[];
  readonly divisors: readonly number[];
}

/** The coordinates that window number `index` takes along one dim. */
type Taps = (dim: 0 | 1 | 2, index: number) => number[];

/** Every combination of the three dims' taps; `taps` may lie outside, in the padding, and then count only as divisors. */
function windowsOf(
  { input, output }: Pick<VolumeWindow, 'input' | 'output'>,
  taps: Taps,
  countPadding: boolean,
): Windows {
  const [starts, pixels, divisors]: [number[], number[], number[]] = [[0], [], []];
  const inside = (dim: 0 | 1 | 2) => (at: number) => at >= 0 && at < input[dim];
  for (let oz = 0; oz < output[0]; oz++) {
    for (let oy = 0; oy < output[1]; oy++) {
      for (let ox = 0; ox < output[2]; ox++) {
        const [zs, ys, xs] = [taps(0, oz), taps(1, oy), taps(2, ox)];
        for (const z of zs.filter(inside(0))) {
          for (const y of ys.filter(inside(1))) {
            for (const x of xs.filter(inside(2))) pixels.push((z * input[1] + y) * input[2] + x);
          }
        }
        divisors.push(countPadding ? zs.length * ys.length * xs.length : pixels.length - starts.at(-1)!);
        starts.push(pixels.length);
      }
    }
  }
  return { starts, pixels, divisors };
}

function range(from: number, to: number, step = 1): number[] {
  const values = [];
  for (let at = from; at < to; at += step) values.push(at);
  return values;
}

function slidingWindows(
  input: StridedView,
  output: StridedView,
  geometry: PoolGeometry,
  countPadding = false,
): Windows {
  const window = volumeWindow(input, output, geometry.kernel, geometry);
  const taps: Taps = (dim, index) => {
    const from = index * window.stride[dim] - window.padding[dim];
    // With ceilMode the last window may reach beyond the padding; that part isn't counted.
    const end = Math.min(from + window.kernel[dim] * window.dilation[dim], window.input[dim] + window.padding[dim]);
    return range(from, end, window.dilation[dim]);
  };
  return windowsOf(window, taps, countPadding);
}

function adaptiveWindows(input: StridedView, output: StridedView): Windows {
  const sizes = { input: spatialSize(input), output: spatialSize(output) };
  const taps: Taps = (dim, index) => {
    const ratio = (at: number) => (at * sizes.input[dim]) / sizes.output[dim];
    return range(Math.floor(ratio(index)), Math.ceil(ratio(index + 1)));
  };
  return windowsOf(sizes, taps, false);
}

/** Calls `plane` for each of the N * C planes, with buffers for its pixels and results. */
function forEachPlane(
  input: StridedView,
  output: StridedView,
  plane: (pixels: Float64Array, results: Float64Array) => void,
): void {
  const pixels = new Float64Array(volumeOf(spatialSize(input)));
  const results = new Float64Array(volumeOf(spatialSize(output)));
  for (let n = 0; n < input.shape[0]! * input.shape[1]!; n++) plane(pixels, results);
}

function maximum(output: StridedView, indices: StridedView, input: StridedView, windows: Windows): void {
  const { starts, pixels: seen } = windows;
  const [source, target, indexTarget] = [new Cursor(input), new Cursor(output), new Cursor(indices)];
  const found = new Float64Array(starts.length - 1);
  forEachPlane(input, output, (pixels, results) => {
    source.readFloats(pixels, pixels.length);
    for (let i = 0; i < results.length; i++) {
      let at = seen[starts[i]!]!;
      for (let k = starts[i]! + 1; k < starts[i + 1]! && pixels[at] === pixels[at]; k++) {
        const pixel = pixels[seen[k]!]!;
        if (pixel > pixels[at]! || pixel !== pixel) at = seen[k]!;
      }
      results[i] = pixels[at]!;
      found[i] = at;
    }
    target.writeFloats(results, results.length);
    indexTarget.writeFloats(found, found.length);
  });
}

function mean(output: StridedView, input: StridedView, { starts, pixels: seen, divisors }: Windows): void {
  const [source, target] = [new Cursor(input), new Cursor(output)];
  forEachPlane(input, output, (pixels, results) => {
    source.readFloats(pixels, pixels.length);
    for (let i = 0; i < results.length; i++) {
      let sum = 0;
      for (let k = starts[i]!; k < starts[i + 1]!; k++) sum += pixels[seen[k]!]!;
      results[i] = sum / divisors[i]!;
    }
    target.writeFloats(results, results.length);
  });
}

function meanBackward(gradInput: StridedView, gradOutput: StridedView, windows: Windows): void {
  const { starts, pixels: seen, divisors } = windows;
  const [source, target] = [new Cursor(gradOutput), new Cursor(gradInput)];
  forEachPlane(gradInput, gradOutput, (pixels, results) => {
    source.readFloats(results, results.length);
    pixels.fill(0);
    for (let i = 0; i < results.length; i++) {
      const share = results[i]! / divisors[i]!;
      for (let k = starts[i]!; k < starts[i + 1]!; k++) pixels[seen[k]!]! += share;
    }
    target.writeFloats(pixels, pixels.length);
  });
}

function maxPoolBackward(gradInput: StridedView, gradOutput: StridedView, indices: StridedView): void {
  const [source, indexSource, target] = [new Cursor(gradOutput), new Cursor(indices), new Cursor(gradInput)];
  const found = new Float64Array(volumeOf(spatialSize(indices)));
  forEachPlane(gradInput, gradOutput, (pixels, results) => {
    source.readFloats(results, results.length);
    indexSource.readFloats(found, found.length);
    pixels.fill(0);
    for (let i = 0; i < results.length; i++) pixels[found[i]!]! += results[i]!;
    target.writeFloats(pixels, pixels.length);
  });
}

export const pooling = {
  maxPool: (output, indices, input, geometry) =>
    maximum(output, indices, input, slidingWindows(input, output, geometry)),
  maxPoolBackward,
  averagePool: (output, input, geometry, countPadding) =>
    mean(output, input, slidingWindows(input, output, geometry, countPadding)),
  averagePoolBackward: (gradInput, gradOutput, geometry, countPadding) =>
    meanBackward(gradInput, gradOutput, slidingWindows(gradInput, gradOutput, geometry, countPadding)),
  adaptiveAveragePool: (output, input) => mean(output, input, adaptiveWindows(input, output)),
  adaptiveAveragePoolBackward: (gradInput, gradOutput) =>
    meanBackward(gradInput, gradOutput, adaptiveWindows(gradInput, gradOutput)),
  adaptiveMaxPool: (output, indices, input) => maximum(output, indices, input, adaptiveWindows(input, output)),
} satisfies Partial<Backend>;
