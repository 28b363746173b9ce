// The end of a gradient's way at a leaf: it is stored in `grad`, or added to what is there.

import { sameShape } from '../tensor/shape.js';
import { allocateLike, type Tensor } from '../tensor/tensor.js';
import { isGradEnabled } from './mode.js';
import { Node, type Gradient } from './node.js';
import { keep, solelyHeld } from './ownership.js';

export class AccumulateGrad extends Node {
  readonly name = 'AccumulateGrad';

  constructor(readonly leaf: Tensor) {
    super([]);
  }

  backward([grad]: readonly Gradient[]): Gradient[] {
    if (!grad) return [];
    const state = this.leaf.autograd!;
    if (state.grad === null) state.grad = keep(this.canKeep(grad) ? grad : this.copied(grad));
    else if (isGradEnabled()) state.grad = state.grad.add(grad);
    else state.grad.add_(grad);
    return [];
  }

  /** Whether the gradient can become `grad` as it is: a block that nobody else holds, laid out as the leaf is. */
  private canKeep(grad: Tensor): boolean {
    return solelyHeld(grad) && sameShape(grad.strides, this.leaf.strides);
  }

  /** A copy, laid out as the leaf is. */
  private copied(grad: Tensor): Tensor {
    return isGradEnabled() ? grad.clone() : allocateLike(this.leaf, grad.dtype).copy_(grad);
  }
}
