// Dropout with PyTorch's arguments and its consumption of random numbers.

import { ShapeError, ValueError } from '../../errors.js';
import { dropout as drop, type GeneratorOptions } from '../../ops/random.js';
import { show } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { guarded } from '../../tensor/guarded.js';
import { signatures } from './signatures.js';

/** Options of `dropout`. */
export interface DropoutOptions extends GeneratorOptions {
  /** The probability of an element (or a channel) to be set to 0. */
  p?: number;
  training?: boolean;
  inplace?: boolean;
}

function checked(name: string, p: number): void {
  if (!(p >= 0 && p <= 1)) throw new ValueError(`${name}: expected a probability p from 0 to 1, got ${String(p)}`);
}

function dropped(input: Tensor, p: number, shape: readonly number[], options: DropoutOptions): Tensor {
  const { training = true, inplace = false, generator } = options;
  if (!training || p === 0 || input.numel() === 0) return input;
  return inplace ? input.copy_(drop(input.clone(), p, shape, { generator })) : drop(input, p, shape, { generator });
}

/** Elements set to 0 by probability p, the others divided by 1 - p. https://jmlr.org/papers/v15/srivastava14a.html */
export const dropout = guarded(signatures.dropout, (input: Tensor, options: DropoutOptions = {}): Tensor => {
  const { p = 0.5 } = options;
  checked('dropout', p);
  return dropped(input, p, input.shape, options);
});

function channelDropout(name: string, input: Tensor, batchedDims: number | null, options: DropoutOptions): Tensor {
  const { p = 0.5 } = options;
  checked(name, p);
  if (input.ndim < 2) throw new ShapeError(`expected an input [N, C, ...], got ${show(input.shape)}`).during(name);
  const unbatched = batchedDims !== null && input.ndim === batchedDims - 1;
  const kept = unbatched ? 1 : 2;
  return dropped(
    input,
    p,
    input.shape.map((size, d) => (d < kept ? size : 1)),
    options,
  );
}

/** Whole channels of [N, C, L] or [C, L] set to 0. */
export const dropout1d = guarded(signatures.dropout1d, (input: Tensor, options: DropoutOptions = {}): Tensor => {
  return channelDropout('dropout1d', input, 3, options);
});
/** Whole channels of [N, C, H, W] set to 0; three dims are taken for [N, C, L], as in PyTorch. */
export const dropout2d = guarded(signatures.dropout2d, (input: Tensor, options: DropoutOptions = {}): Tensor => {
  return channelDropout('dropout2d', input, null, options);
});
/** Whole channels of [N, C, D, H, W] or [C, D, H, W] set to 0. */
export const dropout3d = guarded(signatures.dropout3d, (input: Tensor, options: DropoutOptions = {}): Tensor => {
  return channelDropout('dropout3d', input, 5, options);
});

/** Alpha dropout by a mask of the given shape. */
function alphaDropped(input: Tensor, p: number, shape: readonly number[], options: DropoutOptions): Tensor {
  const { training = true, generator } = options;
  if (!training || p === 0 || input.numel() === 0) return input;
  if (p === 1) return input.mul(0);
  const saturation = 1.7580993408473766;
  const scale = 1 / Math.sqrt((saturation * saturation * p + 1) * (1 - p));
  const drawn = input.dtype === 'bfloat16' ? 'float32' : input.dtype;
  const kept = input
    .detach()
    .newZeros(shape, { dtype: drawn })
    .bernoulli_(1 - p, { generator })
    .to(input.dtype);
  const shift = kept
    .sub(1)
    .mul(saturation * scale)
    .add(saturation * scale * p);
  return input.mul(kept.mul(scale)).add(shift);
}

/** Dropout that keeps mean and variance of SELU's results. https://arxiv.org/abs/1706.02515 */
export const alphaDropout = guarded(signatures.alphaDropout, (input: Tensor, options: DropoutOptions = {}): Tensor => {
  const { p = 0.5 } = options;
  checked('alphaDropout', p);
  return alphaDropped(input, p, input.shape, options);
});

/** Alpha dropout of whole channels of [N, C, ...]. */
export const featureAlphaDropout = guarded(
  signatures.featureAlphaDropout,
  (input: Tensor, options: DropoutOptions = {}): Tensor => {
    const { p = 0.5 } = options;
    checked('featureAlphaDropout', p);
    const shape = input.shape.map((size, d) => (d < 2 ? size : 1));
    return alphaDropped(input, p, shape, options);
  },
);
