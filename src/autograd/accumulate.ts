// The end of a gradient's way at a leaf: it is stored in `grad`, or added to what is there.

import type { Tensor } from '../tensor/tensor.js';
import { sameShape } from '../tensor/shape.js';
import { isGradEnabled } from './mode.js';
import { Node, type Gradient } from './node.js';

export class AccumulateGrad extends Node {
  readonly name = 'AccumulateGrad';

  constructor(readonly leaf: Tensor) {
    super([]);
  }

  backward([grad]: readonly Gradient[]): Gradient[] {
    if (!grad) return [];
    const state = this.leaf.autograd!;
    if (state.grad === null) state.grad = this.canKeep(grad) ? keep(grad) : grad.clone();
    else if (isGradEnabled()) state.grad = state.grad.add(grad);
    else state.grad.add_(grad);
    return [];
  }

  /** Whether the gradient can become `grad` as it is: a block that nobody else holds, laid out as the leaf is. */
  private canKeep(grad: Tensor): boolean {
    return (
      !isGradEnabled() &&
      grad.storage.inFlight === 1 &&
      grad.storage.byteLength === grad.numel() * grad.elementSize() &&
      sameShape(grad.strides, this.leaf.strides) &&
      grad.isContiguous()
    );
  }
}

/** Takes a gradient's block out of the engine's hands. */
function keep(grad: Tensor): Tensor {
  grad.storage.inFlight = -1;
  return grad;
}
