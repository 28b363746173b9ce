// Layers that only change shapes.

import type { Shape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { Module } from './module.js';
import { describe } from './printing.js';
import { takes } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

/** Options of `Flatten`. */
export interface FlattenOptions {
  /** The first dim that becomes part of the one; 1 unless given. */
  startDim?: number;
  /** The last; -1 unless given. */
  endDim?: number;
}

/** The dims from `startDim` to `endDim` as one, all but the batch dim unless given: `new nn.Flatten(0)` or with options. */
@takes(signatures.Flatten)
export class Flatten extends Module {
  readonly startDim: number;
  readonly endDim: number;

  constructor(startDim: number | FlattenOptions = {}, endDim?: number) {
    super();
    const chosen = typeof startDim === 'number' ? { startDim, endDim } : startDim;
    this.startDim = chosen.startDim ?? 1;
    this.endDim = chosen.endDim ?? -1;
  }

  override forward(input: Tensor): Tensor {
    return input.flatten(this.startDim, this.endDim);
  }

  override extraRepr(): string {
    return describe({ startDim: this.startDim, endDim: this.endDim });
  }
}

/** One dim as several; one size may be -1. */
@takes(signatures.Unflatten)
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
