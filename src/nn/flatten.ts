// Layers that only change shapes.

import type { Shape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { Module } from './module.js';
import { describe } from './printing.js';

/** The dims from `startDim` to `endDim` as one; all but the batch dim unless given. */
export class Flatten extends Module {
  constructor(
    readonly startDim = 1,
    readonly endDim = -1,
  ) {
    super();
  }

  override forward(input: Tensor): Tensor {
    return input.flatten(this.startDim, this.endDim);
  }

  override extraRepr(): string {
    return describe({ startDim: this.startDim, endDim: this.endDim });
  }
}

/** One dim as several; one size may be -1. */
export class Unflatten extends Module {
  constructor(
    readonly dim: number,
    readonly unflattenedSize: Shape,
  ) {
    super();
  }

  override forward(input: Tensor): Tensor {
    return input.unflatten(this.dim, this.unflattenedSize);
  }

  override extraRepr(): string {
    return describe({ dim: this.dim, unflattenedSize: this.unflattenedSize });
  }
}
