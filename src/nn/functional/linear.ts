// Products with weights.

import { ShapeError } from '../../errors.js';
import { einsum, linear } from '../../ops/matrix.js';
import { show } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { guarded } from '../../tensor/guarded.js';
import { signatures } from './signatures.js';

export { linear };

/** y[..., o] = x1[..., i] * weight[o, i, j] * x2[..., j] + bias[o] */
export const bilinear = guarded(
  signatures.bilinear,
  (input1: Tensor, input2: Tensor, weight: Tensor, bias?: Tensor): Tensor => {
    if (weight.ndim !== 3 || input1.shape.at(-1) !== weight.shape[1] || input2.shape.at(-1) !== weight.shape[2]) {
      throw new ShapeError(
        `inputs ${show(input1.shape)} and ${show(input2.shape)} don't fit a weight of shape ${show(weight.shape)}`,
      ).during('bilinear');
    }
    const result = einsum('...i,oij,...j->...o', [input1, weight, input2]);
    return bias ? result.add(bias) : result;
  },
);
