// Mixed precision: inside `autocast` products and convolutions take bfloat16 copies of their operands, and what loses too much
// that way (losses, products of many factors) takes float32 ones. Which operation does what is said in its definition.
// https://pytorch.org/docs/stable/amp.html#cpu-op-specific-behavior

import { DTypeError } from '../errors.js';
import type { Tensor } from '../tensor/tensor.js';
import { Region } from './region.js';

/** What an operation's float operands become inside `autocast`. */
export type AutocastPolicy = 'bfloat16' | 'float32';

/** Options of `autocast`. */
export interface AutocastOptions {
  /** Only bfloat16. */
  dtype?: 'bfloat16';
  /** `false` opens a region in which nothing is converted, also inside another. */
  enabled?: boolean;
}

const converting = new Region(false);

/** Whether operations convert their operands right now. */
export function isAutocastEnabled(): boolean {
  return converting.get();
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
  return converting.run(enabled, fn);
}

/** Runs a synchronous `fn` outside of any region: gradients are computed in the dtypes that were recorded. */
export function withoutAutocast<R>(fn: () => R): R {
  return isAutocastEnabled() ? converting.runSynchronous(false, fn) : fn();
}

/** An operand as `policy` wants it inside a region; anything but float32 and bfloat16 stays what it is. */
export function autocastTo(policy: AutocastPolicy, operand: Tensor): Tensor {
  const { dtype } = operand;
  if (dtype === policy || (dtype !== 'float32' && dtype !== 'bfloat16') || !isAutocastEnabled()) return operand;
  return operand.to(policy);
}
