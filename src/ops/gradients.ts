// The part of a tensor's face that concerns differentiation.

import { AccumulateGrad } from '../autograd/accumulate.js';
import { backward as runBackward, type BackwardOptions } from '../autograd/backward.js';
import { edgeOf, requiresGrad } from '../autograd/history.js';
import { isInferenceModeEnabled } from '../autograd/mode.js';
import type { Node } from '../autograd/node.js';
import { AutogradState, type TensorHook } from '../autograd/state.js';
import { AutogradError, DTypeError, ShapeError } from '../errors.js';
import { isFloat } from '../backend/dtype.js';
import { untracked } from '../backend/storage.js';
import { sameShape, show } from '../tensor/shape.js';
import { Tensor } from '../tensor/tensor.js';

declare module '../tensor/tensor.js' {
  interface Tensor {
    /** Whether a gradient is computed for the tensor, because it asks for one or was computed from one that does. */
    requiresGrad: boolean;
    /** The gradient collected by `backward`; null before. */
    grad: Tensor | null;
    /** Whether the tensor was made by the user rather than by a recorded operation. */
    readonly isLeaf: boolean;
    /** The node that made the tensor; null for a leaf. */
    readonly gradFn: Node | null;
    /** Computes gradients of this tensor with respect to the leaves it was computed from. */
    backward(options?: BackwardOptions): void;
    /** Asks for (or, false, no longer asks for) gradients of a leaf; the tensor itself is returned. */
    requiresGrad_(value?: boolean): this;
    /** Whether the tensor's memory was made in `inferenceMode`. */
    isInference(): boolean;
    /** Keeps the gradient of a tensor that is no leaf in `grad` too. */
    retainGrad(): void;
    /** Calls `hook` with the tensor's gradient whenever it is computed; what it returns takes its place. */
    registerHook(hook: TensorHook): { remove(): void };
  }
}

let warned = false;

/** Says once what PyTorch says: the gradient of a computed tensor is not kept. */
function warnOfNoGradient(tensor: Tensor): void {
  if (warned || !requiresGrad(tensor) || edgeOf(tensor)?.node.retained?.some((entry) => entry.tensor === tensor))
    return;
  warned = true;
  console.warn(
    'grad: read of a tensor that was computed from others, which keeps no gradient: it is null. Call retainGrad() on it ' +
      'before backward(), or read the grad of the tensors it was computed from.',
  );
}

Object.defineProperties(Tensor.prototype, {
  requiresGrad: {
    get(this: Tensor): boolean {
      return requiresGrad(this);
    },
    set(this: Tensor, value: boolean) {
      this.requiresGrad_(value);
    },
  },
  isLeaf: {
    get(this: Tensor): boolean {
      return !requiresGrad(this) || (this.autograd?.isLeaf ?? false);
    },
  },
  gradFn: {
    get(this: Tensor): Node | null {
      const edge = edgeOf(this);
      return edge === null || edge.node instanceof AccumulateGrad ? null : edge.node;
    },
  },
  grad: {
    get(this: Tensor): Tensor | null {
      const state = this.autograd;
      if (state === null) return null;
      if (state.grad === null && !state.isLeaf) warnOfNoGradient(this);
      return state.grad;
    },
    set(this: Tensor, value: Tensor | null) {
      if (value === null) {
        if (this.autograd !== null) this.autograd.grad = null;
        return;
      }
      if (!sameShape(value.shape, this.shape)) {
        throw new ShapeError(`grad: expected a gradient of shape ${show(this.shape)}, got ${show(value.shape)}`);
      }
      (this.autograd ??= new AutogradState(false, null, true)).grad = value;
    },
  },
});

Tensor.prototype.backward = function (options) {
  runBackward(this, options);
};

Tensor.prototype.requiresGrad_ = function (value = true) {
  if (value && !isFloat(this.dtype)) {
    throw new DTypeError(`only float tensors can require gradients, this one is ${this.dtype}`).during('requiresGrad_');
  }
  if (value && this.isInference() && !isInferenceModeEnabled()) {
    throw new AutogradError(
      'a tensor made in inferenceMode can not come to require a gradient: use its clone()',
    ).during('requiresGrad_');
  }
  if (!this.isLeaf) {
    if (value) return this;
    throw new AutogradError(
      'requiresGrad can be turned off only for a leaf: use detach() to leave a computed tensor out of the graph',
    ).during('requiresGrad_');
  }
  if (this.autograd === null) {
    if (value) this.autograd = new AutogradState(true, null, true);
  } else {
    this.autograd.requiresGrad = value;
  }
  return this;
};

Tensor.prototype.isInference = function () {
  return this.storage.version === untracked;
};

Tensor.prototype.retainGrad = function () {
  if (!requiresGrad(this)) throw new AutogradError('the tensor requires no gradient').during('retainGrad');
  if (this.isLeaf) return;
  const { node, index } = edgeOf(this)!;
  if (!node.retained?.some((entry) => entry.tensor === this)) (node.retained ??= []).push({ index, tensor: this });
};

Tensor.prototype.registerHook = function (hook) {
  if (!requiresGrad(this)) {
    throw new AutogradError('a hook needs a tensor that requires a gradient').during('registerHook');
  }
  const { node, index } = edgeOf(this)!;
  node.hooks ??= [];
  const hooks = (node.hooks[index] ??= new Set());
  hooks.add(hook);
  return { remove: () => void hooks.delete(hook) };
};
