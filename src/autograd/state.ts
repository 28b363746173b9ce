// What autograd remembers of one tensor, and where a gradient goes from it.

import type { Tensor } from '../tensor/tensor.js';
import type { Node } from './node.js';

/** Where a gradient is sent: one of the results of a node. */
export class Edge {
  constructor(
    readonly node: Node,
    /** Which of the node's results the gradient belongs to. */
    readonly index: number,
  ) {}
}

/** Sees a gradient pass and may replace it by what it returns. */
export type TensorHook = (grad: Tensor) => Tensor | void;

export class AutogradState {
  grad: Tensor | null = null;
  /** For a view: the storage's version at which `edge` was right. */
  viewVersion = 0;

  constructor(
    public requiresGrad: boolean,
    /** The node that made the tensor; for a leaf the one that collects its gradient, made when first needed. */
    public edge: Edge | null,
    public isLeaf: boolean,
  ) {}
}
