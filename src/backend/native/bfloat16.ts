// The kernels that know bfloat16: to them its views are int16, which has the same size.

import type { StridedView } from '../backend.js';
import type { Addon } from './addon.js';
import { begin, handleOf, putDType, putOperand, putOptional, putView } from './message.js';
import { kernel } from './operations.js';
import { handlesOf } from './reductions.js';

function bitsOf({ storage, shape, strides, offset }: StridedView): StridedView {
  return { storage, dtype: 'int16', shape, strides, offset };
}

/** Copies bfloat16 to bfloat16, or to or from float32. */
export function copyBfloat16(addon: Addon, output: StridedView, input: StridedView): void {
  const narrows = output.dtype === 'bfloat16';
  const code = !narrows ? kernel.widenBfloat16 : input.dtype === 'bfloat16' ? kernel.copy : kernel.narrowBfloat16;
  const to = narrows ? bitsOf(output) : output;
  const from = input.dtype === 'bfloat16' ? bitsOf(input) : input;
  begin();
  putView(to);
  putDType(from.dtype);
  putOperand(from, to);
  addon.run(code, handleOf(to), handleOf(from));
}

/** output = left @ right + bias, all of bfloat16, the sums in float32. */
export function multiplyBfloat16(
  addon: Addon,
  output: StridedView,
  left: StridedView,
  right: StridedView,
  bias: StridedView | undefined,
): void {
  const views = [bitsOf(output), bitsOf(left), bitsOf(right)];
  const bits = bias && bitsOf(bias);
  begin();
  for (const view of views) putView(view);
  putOptional(bits);
  addon.run(kernel.matmulBfloat16, ...handlesOf([...views, bits]));
}
