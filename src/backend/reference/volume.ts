// What convolutions and pooling share: views and windows over one or two spatial dims seen as over three.

import type { StridedView, Window } from '../backend.js';

export type Triple = readonly [number, number, number];

/** A window sliding over a volume; one or two spatial dims have 1 in front. */
export interface VolumeWindow {
  readonly input: Triple;
  readonly output: Triple;
  readonly kernel: Triple;
  readonly stride: Triple;
  readonly padding: Triple;
  readonly dilation: Triple;
}

/** The last entries of a list of up to three, `missing` in front of them. */
function triple(values: readonly number[], missing: number): Triple {
  return [values.at(-3) ?? missing, values.at(-2) ?? missing, values.at(-1) ?? missing];
}

/** The spatial sizes of a view [N, C, ...S]. */
export function spatialSize(view: StridedView): Triple {
  return triple(view.shape.slice(2), 1);
}

export function volumeWindow(
  input: StridedView,
  output: StridedView,
  kernel: readonly number[],
  window: Window,
): VolumeWindow {
  return {
    input: spatialSize(input),
    output: spatialSize(output),
    kernel: triple(kernel, 1),
    stride: triple(window.stride, 1),
    padding: triple(window.padding, 0),
    dilation: triple(window.dilation, 1),
  };
}

export function volumeOf([depth, height, width]: Triple): number {
  return depth * height * width;
}
