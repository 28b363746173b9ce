// Softmax and its logarithm.

import { backend } from '../backend/active.js';
import { isGradEnabled } from '../autograd/mode.js';
import { isFloat, type DType } from '../backend/dtype.js';
import { DTypeError } from '../errors.js';
import { resolveDim } from '../tensor/shape.js';
import { allocate, type Tensor } from '../tensor/tensor.js';
import { operation, type Op } from './operation.js';
import { guarded } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

/** Options of `softmax` and `logSoftmax`. */
export interface SoftmaxOptions {
  /** The dtype to convert to first. */
  dtype?: DType;
}

function normalizer(name: 'softmax' | 'logSoftmax'): Op<[input: Tensor, dim: number]> {
  const log = name === 'logSoftmax';
  return operation({
    name,
    forward(input: Tensor, dim: number): Tensor {
      if (!isFloat(input.dtype)) throw new DTypeError(`expected a float dtype, got ${input.dtype}`);
      const place = resolveDim(dim, input.ndim);
      const result = allocate(input.shape, input.dtype);
      if (input.ndim === 0) backend.fill(result, log ? 0 : 1);
      else backend.softmax(result, input, place, log);
      return result;
    },
    save: (result, input, dim) => ({ result, place: resolveDim(dim, input.ndim) }),
    gradient(grad, { result, place }) {
      if (isGradEnabled() || result.ndim === 0) {
        return [
          log
            ? grad.sub(result.exp().mul(grad.sum(place, { keepdim: true })))
            : result.mul(grad.sub(grad.mul(result).sum(place, { keepdim: true }))),
        ];
      }
      const gradInput = allocate(result.shape, result.dtype);
      backend.softmaxBackward(gradInput, grad, result, place, log);
      return [gradInput];
    },
  });
}

const softmaxOf = normalizer('softmax');
const logSoftmaxOf = normalizer('logSoftmax');

/** exp(x) / sum(exp(x)) along `dim`. https://pytorch.org/docs/stable/generated/torch.nn.functional.softmax.html */
export const softmax: Op<[input: Tensor, dim: number, options?: SoftmaxOptions]> = guarded(
  signatures.softmax,
  (input, dim, options) => softmaxOf(options?.dtype ? input.to(options.dtype) : input, dim),
);
/** log(softmax(x)) along `dim`, without overflow. */
export const logSoftmax: Op<[input: Tensor, dim: number, options?: SoftmaxOptions]> = guarded(
  signatures.logSoftmax,
  (input, dim, options) => logSoftmaxOf(options?.dtype ? input.to(options.dtype) : input, dim),
);
