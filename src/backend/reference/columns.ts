// Images as matrices and back: column s of [C * kernel, output positions] is what the window sees at position s. A
// convolution is then a matrix product (Chellapilla, Puri and Simard 2006).

import { volumeOf } from './volume.js';
import type { VolumeWindow } from './volume.js';

/** Calls `row` for every run of window positions along the width that lies inside the image. */
function forEachRun(
  channels: number,
  window: VolumeWindow,
  run: (column: number, pixel: number, pixelStep: number, count: number) => void,
): void {
  const { input, output, kernel, stride, padding, dilation } = window;
  const positions = volumeOf(output);
  let row = 0;
  for (let channel = 0; channel < channels; channel++) {
    for (let kz = 0; kz < kernel[0]; kz++) {
      for (let ky = 0; ky < kernel[1]; ky++) {
        for (let kx = 0; kx < kernel[2]; kx++, row++) {
          // The first and the last position whose tap at kx lies inside the width.
          const shift = kx * dilation[2] - padding[2];
          const first = Math.max(0, Math.ceil(-shift / stride[2]));
          const last = Math.min(output[2] - 1, Math.floor((input[2] - 1 - shift) / stride[2]));
          if (last < first) continue;
          for (let oz = 0; oz < output[0]; oz++) {
            const z = oz * stride[0] + kz * dilation[0] - padding[0];
            if (z < 0 || z >= input[0]) continue;
            for (let oy = 0; oy < output[1]; oy++) {
              const y = oy * stride[1] + ky * dilation[1] - padding[1];
              if (y < 0 || y >= input[1]) continue;
              const column = row * positions + (oz * output[1] + oy) * output[2] + first;
              const pixel = ((channel * input[0] + z) * input[1] + y) * input[2] + first * stride[2] + shift;
              run(column, pixel, stride[2], last - first + 1);
            }
          }
        }
      }
    }
  }
}

/** columns [channels * kernel, positions] of the image [channels, ...input] that begins at `offset`. */
export function imageToColumns(
  columns: Float64Array,
  image: Float64Array,
  offset: number,
  channels: number,
  window: VolumeWindow,
): void {
  columns.fill(0);
  forEachRun(channels, window, (column, pixel, step, count) => {
    for (let i = 0, from = offset + pixel; i < count; i++, from += step) columns[column + i] = image[from]!;
  });
}

/** The reverse, as a gradient wants it: each pixel gains the sum of all places where it was seen. */
export function addColumnsToImage(
  image: Float64Array,
  offset: number,
  columns: Float64Array,
  channels: number,
  window: VolumeWindow,
): void {
  forEachRun(channels, window, (column, pixel, step, count) => {
    for (let i = 0, to = offset + pixel; i < count; i++, to += step) image[to]! += columns[column + i]!;
  });
}
