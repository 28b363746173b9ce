// The two kinds of tensors that belong to a module: those that are trained and those that are only kept.

import { Tensor } from '../tensor/tensor.js';

/** Options of `Parameter`. */
export interface ParameterOptions {
  /** Whether gradients are collected; true unless given. */
  requiresGrad?: boolean;
}

/** A tensor that is trained: a field of a module holding one is found by `parameters()`. It shares the given tensor's memory. */
export class Parameter extends Tensor {
  constructor(data: Tensor, { requiresGrad = true }: ParameterOptions = {}) {
    super(data.storage, data.dtype, data.shape, data.strides, data.offset);
    this.requiresGrad_(requiresGrad);
  }

  override toString(): string {
    return `Parameter containing:\n${super.toString()}`;
  }
}

/** Options of `Buffer`. */
export interface BufferOptions {
  /** Whether the buffer is part of the state dict; true unless given. */
  persistent?: boolean;
}

/** A tensor that is kept and moved with a module but not trained, such as running statistics. It shares the given tensor's memory. */
export class Buffer extends Tensor {
  readonly persistent: boolean;

  constructor(data: Tensor, { persistent = true }: BufferOptions = {}) {
    super(data.storage, data.dtype, data.shape, data.strides, data.offset);
    this.persistent = persistent;
  }
}
