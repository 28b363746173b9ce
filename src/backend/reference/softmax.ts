// Softmax and its logarithm along a dim, and their gradients.

import type { Backend, StridedView } from '../backend.js';
import { Lines } from './lines.js';

/** log(sum(exp(x))) of `length` values from `from` on, shifted by the largest so that nothing overflows. */
export function logSumExpOf(values: Float64Array, from: number, length: number): number {
  let largest = -Infinity;
  for (let i = from; i < from + length; i++) largest = Math.max(largest, values[i]!);
  // Of infinities alone the largest is the result, and subtracting it would give NaN.
  if (!Number.isFinite(largest)) return largest;
  let sum = 0;
  for (let i = from; i < from + length; i++) sum += Math.exp(values[i]! - largest);
  return largest + Math.log(sum);
}

function softmax(output: StridedView, input: StridedView, dim: number, log: boolean): void {
  const [source, target] = [new Lines(input, dim), new Lines(output, dim)];
  for (let done = 0; done < source.count; done++) {
    source.read();
    const sum = logSumExpOf(source.values, 0, source.length);
    // An infinite share of an infinite sum is undefined, and with it all the others.
    const total = sum === Infinity ? NaN : sum;
    for (let i = 0; i < source.length; i++) {
      const logarithm = source.values[i]! - total;
      target.values[i] = log ? logarithm : Math.exp(logarithm);
    }
    target.write();
  }
}

function softmaxBackward(
  gradInput: StridedView,
  gradOutput: StridedView,
  output: StridedView,
  dim: number,
  log: boolean,
): void {
  const [grads, results, target] = [new Lines(gradOutput, dim), new Lines(output, dim), new Lines(gradInput, dim)];
  for (let done = 0; done < grads.count; done++) {
    grads.read();
    results.read();
    const [grad, result] = [grads.values, results.values];
    let sum = 0;
    for (let i = 0; i < grads.length; i++) sum += log ? grad[i]! : grad[i]! * result[i]!;
    for (let i = 0; i < grads.length; i++) {
      target.values[i] = log ? grad[i]! - Math.exp(result[i]!) * sum : result[i]! * (grad[i]! - sum);
    }
    target.write();
  }
}

export const softmaxes = { softmax, softmaxBackward } satisfies Partial<Backend>;
