// All parameters as one vector and back.

import { ShapeError } from '../../errors.js';
import { withGrad } from '../../autograd/mode.js';
import { cat } from '../../ops/combine.js';
import { show } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { guarded } from '../../tensor/guarded.js';
import { signatures } from '../signatures.js';

/** The elements of all parameters, one behind the other. */
export const parametersToVector = guarded(signatures.parametersToVector, (parameters: Iterable<Tensor>): Tensor => {
  return cat([...parameters].map((parameter) => parameter.reshape([-1])));
});

/** Copies a vector's elements into the parameters, one behind the other. */
export const vectorToParameters = guarded(
  signatures.vectorToParameters,
  (vector: Tensor, parameters: Iterable<Tensor>): void => {
    const list = [...parameters];
    const count = list.reduce((sum, parameter) => sum + parameter.numel(), 0);
    if (vector.ndim !== 1 || vector.numel() !== count) {
      throw new ShapeError(
        `vectorToParameters: expected a vector of ${count} elements, got shape ${show(vector.shape)}`,
      );
    }
    withGrad(false, () => {
      let start = 0;
      for (const parameter of list) {
        parameter.copy_(vector.narrow(0, start, parameter.numel()).reshape(parameter.shape));
        start += parameter.numel();
      }
    });
  },
);
