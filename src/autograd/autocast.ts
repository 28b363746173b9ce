// Mixed precision: inside `autocast` products and convolutions take bfloat16 copies of their operands, and what loses too much
// that way (losses, products of many factors) takes float32 ones. Which operation does what is said in its definition. A region
// holds across awaits as the modes of mode.ts do.
// https://pytorch.org/docs/stable/amp.html#cpu-op-specific-behavior

import { AsyncContext } from '#platform';
import { DTypeError } from '../errors.js';
import type { Tensor } from '../tensor/tensor.js';

/** What an operation's float operands become inside `autocast`. */
export type AutocastPolicy = 'bfloat16' | 'float32';

/** Options of `autocast`. */
export interface AutocastOptions {
  /** Only bfloat16. */
  dtype?: 'bfloat16';
  /** `false` opens a region in which nothing is converted, also inside another. */
  enabled?: boolean;
}

let current = false;
let openAsyncRegions = 0;
const context = new AsyncContext<boolean>();

/** Whether operations convert their operands right now. */
export function isAutocastEnabled(): boolean {
  return openAsyncRegions === 0 ? current : (context.get() ?? false);
}

/**
 * Runs `fn`, which may be async, with products and convolutions in bfloat16 (sums in float32), and returns what it returns.
 * Parameters stay float32 and so do their gradients. Put the forward and the loss inside, the backward outside.
 * https://pytorch.org/docs/stable/amp.html#torch.autocast
 *
 * ```ts
 * const loss = autocast(() => criterion(model(x), y));
 * loss.backward();
 * ```
 * @throws DTypeError for another dtype than bfloat16
 */
export function autocast<R>(fn: () => R): R;
export function autocast<R>(options: AutocastOptions, fn: () => R): R;
export function autocast<R>(first: AutocastOptions | (() => R), second?: () => R): R {
  const [{ dtype = 'bfloat16', enabled = true }, fn] = typeof first === 'function' ? [{}, first] : [first, second!];
  if (dtype !== 'bfloat16') throw new DTypeError(`autocast: expected dtype bfloat16, got ${String(dtype)}`);
  const previous = current;
  current = enabled;
  let result: R;
  try {
    result = context.run(enabled, fn);
  } finally {
    current = previous;
  }
  if (typeof result === 'object' && result !== null && 'then' in result && typeof result.then === 'function') {
    openAsyncRegions++;
    const close = (): void => {
      openAsyncRegions--;
    };
    (result as unknown as PromiseLike<unknown>).then(close, close);
  }
  return result;
}

/** Runs a synchronous `fn` outside of any region: gradients are computed in the dtypes that were recorded. */
export function withoutAutocast<R>(fn: () => R): R {
  if (!isAutocastEnabled()) return fn();
  const [previous, regions] = [current, openAsyncRegions];
  current = false;
  openAsyncRegions = 0;
  try {
    return fn();
  } finally {
    current = previous;
    openAsyncRegions += regions;
  }
}

/** An operand as `policy` wants it inside a region; anything but float32 and bfloat16 stays what it is. */
export function autocastTo(policy: AutocastPolicy, operand: Tensor): Tensor {
  const { dtype } = operand;
  if (dtype === policy || (dtype !== 'float32' && dtype !== 'bfloat16') || !isAutocastEnabled()) return operand;
  return operand.to(policy);
}
