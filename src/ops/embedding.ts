// Rows of a table looked up by number, and the sums, means and maxima of bags of them.

import { isGradEnabled } from '../autograd/mode.js';
import { backend } from '../backend/active.js';
import { isInteger } from '../backend/dtype.js';
import { DTypeError, IndexError, ShapeError } from '../errors.js';
import { show } from '../tensor/shape.js';
import { allocate, type Tensor } from '../tensor/tensor.js';
import { converted } from './elementwise.js';
import { operation, type Op } from './operation.js';

/** Row numbers as kernels take them: int64 [count]. */
function rowNumbers(indices: Tensor): Tensor {
  if (!isInteger(indices.dtype)) {
    throw new DTypeError(`expected row numbers of an integer dtype, got ${indices.dtype}: convert with long() first`);
  }
  return converted(indices, 'int64').detach().reshape([-1]);
}

/**
 * weight [rows, features] at `indices` of any shape: [...indices, features]. The row `paddingIdx` (-1: none) takes no
 * gradient; with `scaleByFrequency` each row's gradient is divided by how often it was looked up.
 * @throws IndexError naming a row out of range and its place
 */
export const embedding: Op<[weight: Tensor, indices: Tensor, paddingIdx: number, scaleByFrequency: boolean]> =
  operation({
    name: 'embedding',
    forward(weight, indices, _paddingIdx, _scaleByFrequency) {
      if (weight.ndim !== 2) throw new ShapeError(`expected a weight of 2 dims, got ${show(weight.shape)}`);
      const rows = rowNumbers(indices);
      const result = allocate([rows.numel(), weight.shape[1]!], weight.dtype);
      const bad = backend.indexSelect(result, weight, 0, rows);
      if (bad >= 0) {
        throw new IndexError(`row ${rows.data()[bad]} at position ${bad} is out of range for ${weight.shape[0]} rows`);
      }
      return result.reshape([...indices.shape, weight.shape[1]!]);
    },
    save: (_result, weight, indices, paddingIdx, scaleByFrequency) => ({
      indices,
      shape: weight.shape,
      paddingIdx,
      scaleByFrequency,
    }),
    gradient(grad, { indices, shape, paddingIdx, scaleByFrequency }) {
      const rows = rowNumbers(indices);
      let flat = grad.reshape([-1, shape[1]!]);
      if (scaleByFrequency) {
        const counts = allocate([shape[0]!], grad.dtype).zero_();
        const one = allocate([1], grad.dtype).fill_(1).expand([rows.numel()]);
        backend.indexAdd(counts, 0, rows, one, 1);
        flat = flat.div(counts.indexSelect(0, rows).unsqueeze(1));
      }
      const table = allocate(shape, grad.dtype).zero_();
      if (isGradEnabled()) {
        const summed = table.indexAdd(0, rows, flat);
        if (paddingIdx < 0) return [summed];
        return [summed.indexFill(0, allocate([1], 'int64').fill_(paddingIdx), 0)];
      }
      backend.indexAdd(table, 0, rows, flat, 1);
      if (paddingIdx >= 0) table.select(0, paddingIdx).zero_();
      return [table];
    },
  });
