// Tensors made larger (or, with negative amounts, smaller) at the ends of their last dims.

import { backend } from '../backend/active.js';
import { ShapeError, ValueError } from '../errors.js';
import { show } from '../tensor/shape.js';
import { allocate, window, type Tensor } from '../tensor/tensor.js';
import { operation, type Op } from './operation.js';

/** How many elements are put before and behind each dim of `input`, from amounts that begin with the last dim's. */
function amountsPerDim(input: Tensor, amounts: readonly number[]): [before: number, after: number][] {
  if (amounts.length % 2 !== 0 || amounts.length > 2 * input.ndim) {
    throw new ShapeError(
      `expected two amounts for each of the last dims of ${show(input.shape)}, got [${amounts.join(', ')}]`,
    );
  }
  if (!amounts.every(Number.isInteger)) throw new ValueError(`expected whole numbers, got [${amounts.join(', ')}]`);
  return input.shape.map((_, d) => {
    const at = 2 * (input.ndim - 1 - d);
    return [amounts[at] ?? 0, amounts[at + 1] ?? 0];
  });
}

/** The part of `whole` that holds what came from a padded tensor's own elements. */
function inner(whole: Tensor, amounts: readonly [number, number][]): Tensor {
  let part = whole;
  amounts.forEach(([before, after], d) => {
    const size = part.shape[d]! - Math.max(before, 0) - Math.max(after, 0);
    part = window(part, part.shape.with(d, size), part.strides, part.offset + Math.max(before, 0) * part.strides[d]!);
  });
  return part;
}

/** Elements of `value` put around the input, `amounts` beginning with the last dim: [left, right, top, bottom, ...]. */
export const constantPad: Op<[input: Tensor, amounts: readonly number[], value: number]> = operation({
  name: 'pad',
  forward(input, amounts, value) {
    const perDim = amountsPerDim(input, amounts);
    const shape = input.shape.map((size, d) => size + perDim[d]![0] + perDim[d]![1]);
    if (shape.some((size) => size < 0)) {
      throw new ShapeError(`amounts [${amounts.join(', ')}] take away more than shape ${show(input.shape)} has`);
    }
    const result = allocate(shape, input.dtype);
    backend.fill(result, value);
    // What negative amounts cut off the input.
    const cut = perDim.map(([before, after]) => [-before, -after] as [number, number]);
    backend.copy(inner(result, perDim), inner(input, cut));
    return result;
  },
  save: (_result, _input, amounts) => amounts,
  gradient: (grad, amounts) => [
    constantPad(
      grad,
      amounts.map((amount) => -amount),
      0,
    ),
  ],
});
