// A tensor kept for the backward, with the version its memory had. Changing it in place afterwards is noticed when the
// backward needs it, never silently wrong.

import { untracked } from '../backend/storage.js';
import { AutogradError } from '../errors.js';
import { show } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';

export class SavedTensor {
  private readonly version: number;

  constructor(private readonly tensor: Tensor) {
    this.version = tensor.storage.version;
    if (this.version === untracked) {
      throw new AutogradError(
        `a tensor of shape ${show(tensor.shape)} made in inferenceMode can't be saved for a backward: use its clone()`,
      );
    }
  }

  /** The tensor as it was. `user` names the node that needs it. */
  unpack(user: string): Tensor {
    const tensor = this.tensor;
    if (tensor.storage.version !== this.version) {
      throw new AutogradError(
        `one of the tensors that ${user} needs for its gradient was changed in place: ${tensor.dtype} ${show(tensor.shape)}` +
          ` is at version ${tensor.storage.version}, expected version ${this.version}. ` +
          'Use the operation without the trailing underscore, or change a clone()',
      );
    }
    return tensor;
  }
}

export function freedError(user: string): AutogradError {
  return new AutogradError(
    `${user}: trying to run backward a second time through a graph whose saved tensors are already freed. ` +
      'Pass { retainGraph: true } to the first backward() to keep them',
  );
}
