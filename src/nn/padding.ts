// Layers that put borders around the last dims.

import { ValueError } from '../errors.js';
import type { Tensor } from '../tensor/tensor.js';
import { pad, type PadMode } from './functional/pad.js';
import { Module } from './module.js';
import { describe, pythonText } from './printing.js';
import { takes } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

/** One amount for all sides, or [left, right, top, bottom, front, back] as far as there are dims. */
export type Sides = number | readonly number[];

/** What the padding layers have in common. */
export abstract class PaddingNd extends Module {
  readonly padding: readonly number[];

  protected constructor(
    dims: number,
    padding: Sides,
    private readonly mode: PadMode,
    readonly value = 0,
  ) {
    super();
    const { name } = this.constructor;
    this.padding = typeof padding === 'number' ? new Array<number>(2 * dims).fill(padding) : padding;
    if (this.padding.length !== 2 * dims || !this.padding.every(Number.isInteger)) {
      throw new ValueError(`${name}: expected one or ${2 * dims} whole numbers, got [${this.padding.join(', ')}]`);
    }
  }

  override forward(input: Tensor): Tensor {
    return pad(input, this.padding, { mode: this.mode, value: this.value });
  }

  override extraRepr(): string {
    return pythonText(this.padding);
  }
}

/** A border of one number around [..., L]. */
@takes(signatures.ConstantPad1d)
export class ConstantPad1d extends PaddingNd {
  constructor(padding: Sides, value: number) {
    super(1, padding, 'constant', value);
  }
  override extraRepr(): string {
    return describe({ padding: this.padding, value: this.value });
  }
}
/** A border of one number around [..., H, W]. */
@takes(signatures.ConstantPad2d)
export class ConstantPad2d extends PaddingNd {
  constructor(padding: Sides, value: number) {
    super(2, padding, 'constant', value);
  }
  override extraRepr(): string {
    return describe({ padding: this.padding, value: this.value });
  }
}
/** A border of one number around [..., D, H, W]. */
@takes(signatures.ConstantPad3d)
export class ConstantPad3d extends PaddingNd {
  constructor(padding: Sides, value: number) {
    super(3, padding, 'constant', value);
  }
  override extraRepr(): string {
    return describe({ padding: this.padding, value: this.value });
  }
}

/** A border of zeros around [..., L]. */
@takes(signatures.ZeroPad1d)
export class ZeroPad1d extends PaddingNd {
  constructor(padding: Sides) {
    super(1, padding, 'constant');
  }
}
/** A border of zeros around [..., H, W]. */
@takes(signatures.ZeroPad2d)
export class ZeroPad2d extends PaddingNd {
  constructor(padding: Sides) {
    super(2, padding, 'constant');
  }
}
/** A border of zeros around [..., D, H, W]. */
@takes(signatures.ZeroPad3d)
export class ZeroPad3d extends PaddingNd {
  constructor(padding: Sides) {
    super(3, padding, 'constant');
  }
}

/** A border that mirrors [N, C, L] or [C, L], the edge itself left out. */
@takes(signatures.ReflectionPad1d)
export class ReflectionPad1d extends PaddingNd {
  constructor(padding: Sides) {
    super(1, padding, 'reflect');
  }
}
/** A border that mirrors [N, C, H, W] or [C, H, W], the edge itself left out. */
@takes(signatures.ReflectionPad2d)
export class ReflectionPad2d extends PaddingNd {
  constructor(padding: Sides) {
    super(2, padding, 'reflect');
  }
}
/** A border that mirrors [N, C, D, H, W] or [C, D, H, W], the edge itself left out. */
@takes(signatures.ReflectionPad3d)
export class ReflectionPad3d extends PaddingNd {
  constructor(padding: Sides) {
    super(3, padding, 'reflect');
  }
}
/** A border that repeats the edge of [N, C, L] or [C, L]. */
@takes(signatures.ReplicationPad1d)
export class ReplicationPad1d extends PaddingNd {
  constructor(padding: Sides) {
    super(1, padding, 'replicate');
  }
}
/** A border that repeats the edge of [N, C, H, W] or [C, H, W]. */
@takes(signatures.ReplicationPad2d)
export class ReplicationPad2d extends PaddingNd {
  constructor(padding: Sides) {
    super(2, padding, 'replicate');
  }
}
/** A border that repeats the edge of [N, C, D, H, W] or [C, D, H, W]. */
@takes(signatures.ReplicationPad3d)
export class ReplicationPad3d extends PaddingNd {
  constructor(padding: Sides) {
    super(3, padding, 'replicate');
  }
}
