// Elementwise kernels of the native backend: what each writes to the message page. See backend.ts for what they compute.

import type { Backend, Operand, StridedView } from '../backend.js';
import { FlambeauError } from '../../errors.js';
import { elementCount } from '../shape.js';
import type { Addon } from './addon.js';
import { begin, handleOf, put, putDType, putFlag, putInt64, putOperand, putRun, putView } from './message.js';
import { copyBfloat16 } from './bfloat16.js';
import { binaryOps, compareOps, kernel, predicateOps, unaryOps } from './operations.js';

/** How many inputs one message carries at most. */
const INPUTS_PER_CALL = 256;

type Elementwise = Pick<
  Backend,
  | 'fill'
  | 'arange'
  | 'copy'
  | 'concatenate'
  | 'unary'
  | 'predicate'
  | 'binary'
  | 'compare'
  | 'where'
  | 'addScaled'
  | 'lerp'
>;

export function nativeElementwise(addon: Addon): Elementwise {
  /** Calls with the handles of two operands, those that are numbers left out. */
  function runWith(code: number, output: StridedView, left: Operand, right: Operand): void {
    if (typeof left === 'number') {
      if (typeof right === 'number') addon.run(code, handleOf(output));
      else addon.run(code, handleOf(output), handleOf(right));
    } else if (typeof right === 'number') addon.run(code, handleOf(output), handleOf(left));
    else addon.run(code, handleOf(output), handleOf(left), handleOf(right));
  }

  return {
    fill(output, value) {
      begin();
      putView(output);
      if (typeof value === 'bigint' && output.dtype === 'int64') {
        putInt64(value);
        addon.run(kernel.fillInt64, handleOf(output));
      } else {
        putOperand(Number(value), output);
        addon.run(kernel.fill, handleOf(output));
      }
    },

    arange(output, start, step) {
      begin();
      putView(output);
      put(start);
      put(step);
      addon.run(kernel.arange, handleOf(output));
    },

    copy(output, input) {
      if (output.dtype === 'bfloat16' || input.dtype === 'bfloat16') return copyBfloat16(addon, output, input);
      begin();
      putView(output);
      putDType(input.dtype);
      putOperand(input, output);
      addon.run(kernel.copy, handleOf(output), handleOf(input));
    },

    concatenate(output, inputs) {
      const counts = inputs.map((input) => elementCount(input.shape));
      const total = counts.reduce((sum, count) => sum + count, 0);
      if (total !== elementCount(output.shape)) {
        throw new FlambeauError(`${total} elements don't fill an output of ${elementCount(output.shape)}`);
      }
      let done = 0;
      for (let start = 0; start < inputs.length; start += INPUTS_PER_CALL) {
        const end = Math.min(start + INPUTS_PER_CALL, inputs.length);
        const handles = [handleOf(output)];
        const first = done;
        for (let i = start; i < end; i++) done += counts[i]!;
        begin();
        putDType(output.dtype);
        putRun(output, first, done - first);
        put(end - start);
        for (let i = start; i < end; i++) {
          putRun(inputs[i]!, 0, counts[i]!);
          handles.push(handleOf(inputs[i]!));
        }
        addon.runList(kernel.concatenate, ...handles);
      }
    },

    unary(op, output, input, a = 0, b = 0) {
      begin();
      put(unaryOps[op]);
      put(a);
      put(b);
      putView(output);
      putOperand(input, output);
      addon.run(kernel.unary, handleOf(output), handleOf(input));
    },

    predicate(op, output, input) {
      begin();
      put(predicateOps[op]);
      putView(output);
      putDType(input.dtype);
      putOperand(input, output);
      addon.run(kernel.predicate, handleOf(output), handleOf(input));
    },

    binary(op, output, left, right, a = 0, b = 0) {
      begin();
      put(binaryOps[op]);
      put(a);
      put(b);
      putView(output);
      putOperand(left, output);
      putOperand(right, output);
      runWith(kernel.binary, output, left, right);
    },

    compare(op, output, left, right) {
      begin();
      put(compareOps[op]);
      putView(output);
      putDType(typeof left !== 'number' ? left.dtype : typeof right !== 'number' ? right.dtype : 'float64');
      putOperand(left, output);
      putOperand(right, output);
      runWith(kernel.compare, output, left, right);
    },

    where(output, condition, left, right) {
      begin();
      putView(output);
      putOperand(condition, output);
      putOperand(left, output);
      putOperand(right, output);
      const handles = [output, condition];
      if (typeof left !== 'number') handles.push(left);
      if (typeof right !== 'number') handles.push(right);
      addon.run(kernel.where, ...handles.map(handleOf));
    },

    addScaled(mode, output, input, left, right, scale) {
      begin();
      putFlag(mode === 'div');
      put(scale);
      putView(output);
      putOperand(input, output);
      putOperand(left, output);
      putOperand(right, output);
      addon.run(kernel.addScaled, handleOf(output), handleOf(input), handleOf(left), handleOf(right));
    },

    lerp(output, start, end, weight) {
      begin();
      putView(output);
      putOperand(start, output);
      putOperand(end, output);
      putOperand(weight, output);
      if (typeof weight === 'number') addon.run(kernel.lerp, handleOf(output), handleOf(start), handleOf(end));
      else addon.run(kernel.lerp, handleOf(output), handleOf(start), handleOf(end), handleOf(weight));
    },
  };
}
