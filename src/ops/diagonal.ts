// Diagonals taken, made and filled. The view of one is `diagonal` in view.ts.

import { autocastTo } from '../autograd/autocast.js';
import { backend } from '../backend/active.js';
import { DTypeError, ShapeError } from '../errors.js';
import { resolveDim, show } from '../tensor/shape.js';
import { allocate, type Tensor } from '../tensor/tensor.js';
import type { Op } from './operation.js';
import { operation } from './operation.js';
import { guarded } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

/** The last dim laid out as the diagonal of two new dims, zeros elsewhere. */
export const diagEmbed: Op<[input: Tensor, offset?: number, dim1?: number, dim2?: number]> = operation({
  name: 'diagEmbed',
  takes: signatures.diagEmbed,
  forward(input, offset = 0, dim1 = -2, dim2 = -1) {
    if (input.ndim === 0) throw new ShapeError('a 0-d tensor has no dim to lay out');
    const first = resolveDim(dim1, input.ndim + 1);
    const second = resolveDim(dim2, input.ndim + 1);
    if (first === second) throw new ShapeError(`the two dims of a diagonal are the same: ${dim1} and ${dim2}`);
    const size = input.shape.at(-1)! + Math.abs(offset);
    if (!Number.isSafeInteger(size)) throw new ShapeError(`expected an offset that is a whole number, got ${offset}`);
    const shape = input.shape.slice(0, -1);
    for (const dim of [first, second].sort((a, b) => a - b)) shape.splice(dim, 0, size);
    const result = allocate(shape, input.dtype).zero_();
    backend.copy(result.diagonal(offset, first, second), input);
    return result;
  },
  save: (_result, _input, offset = 0, dim1 = -2, dim2 = -1) => ({ offset, dim1, dim2 }),
  gradient: (grad, { offset, dim1, dim2 }) => [grad.diagonal(offset, dim1, dim2)],
});

/** A vector as the diagonal of a matrix, or the diagonal of a matrix as a vector, copied. */
export const diag: Op<[input: Tensor, offset?: number]> = guarded(signatures.diag, (input, offset = 0) => {
  if (input.ndim === 1) return diagEmbed(input, offset);
  if (input.ndim === 2) return input.diagonal(offset).clone();
  throw new ShapeError(`expected a vector or a matrix, got shape ${show(input.shape)}`).during('diag');
});

/** The sum of a matrix's diagonal. */
export const trace: Op<[input: Tensor]> = guarded(signatures.trace, (input) => {
  if (input.ndim !== 2) throw new ShapeError(`expected a matrix, got shape ${show(input.shape)}`).during('trace');
  if (input.dtype === 'bool') throw new DTypeError('not defined for dtype bool').during('trace');
  return autocastTo('float32', input).diagonal().sum();
});

/** Sets the elements whose indices are all equal. More than two dims must be equally long. */
export const fillDiagonal_: Op<[input: Tensor, value: number | boolean]> = guarded(
  signatures.fillDiagonal_,
  (input, value) => {
    const { shape, strides } = input;
    if (shape.length < 2 || (shape.length > 2 && shape.some((size) => size !== shape[0]))) {
      throw new ShapeError(`expected a matrix or equally long dims, got shape ${show(shape)}`).during('fillDiagonal_');
    }
    const step = strides.reduce((sum, stride) => sum + stride, 0);
    input.asStrided([Math.min(...shape)], [step], input.offset).fill_(value);
    return input;
  },
);
