// Class numbers as targets of losses: any dtype will do that holds exact integers, so that float labels from a loader work.

import { DTypeError, IndexError } from '../../errors.js';
import { show, type Shape } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';

/** Where the element number `flat` of a tensor of this shape stands: `[2, 0]`. */
function placeOf(flat: number, shape: Shape): string {
  const place: number[] = [];
  let rest = flat;
  for (let d = shape.length - 1; d >= 0; d--) {
    place.unshift(rest % shape[d]!);
    rest = Math.floor(rest / shape[d]!);
  }
  return show(place);
}

/**
 * Targets as int64.
 * @throws DTypeError naming the first value that is no whole number, and its place
 */
export function classTargets(targets: Tensor): Tensor {
  if (targets.isFloatingPoint()) {
    const whole = targets.detach();
    const fractional = whole.ne(whole.trunc()).logicalOr(whole.isfinite().logicalNot());
    if (fractional.any().item() !== 0) {
      const flat = Array.from(targets.data(), Number);
      const at = flat.findIndex((value) => !Number.isInteger(value));
      throw new DTypeError(
        `expected class numbers as targets, got ${flat[at]} at ${placeOf(at, targets.shape)}` +
          ` (class probabilities have the shape of the input, got ${show(targets.shape)})`,
      );
    }
  }
  return targets.detach().to('int64');
}

/**
 * Says which class number is out of range.
 * @throws IndexError naming the value and its place, if there is one
 */
export function refuseOutOfRange(targets: Tensor, classes: number, ignoreIndex?: number): void {
  const flat = Array.from(targets.data(), Number);
  const at = flat.findIndex((value) => value !== ignoreIndex && !(value >= 0 && value < classes));
  if (at >= 0) {
    throw new IndexError(
      `target ${flat[at]} at ${placeOf(at, targets.shape)} is out of range: expected 0 to ${classes - 1} for ${classes} classes`,
    );
  }
}
