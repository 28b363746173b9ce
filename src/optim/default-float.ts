// Numbers that PyTorch keeps in an optimiser's state as 0-d tensors of the default float type, and so rounds to float32 at
// each update. Rounded here as well, or long runs in float64 would part from PyTorch's at the seventh digit.

import { getDefaultDtype } from '../tensor/promotion.js';

/** `value` as the default float type holds it. */
export function asDefaultFloat(value: number): number {
  return getDefaultDtype() === 'float32' ? Math.fround(value) : value;
}
