// Borders put around tensors.

import { ShapeError, ValueError } from '../../errors.js';
import { constantPad } from '../../ops/pad.js';
import { show } from '../../tensor/shape.js';
import { fromTypedArray } from '../../tensor/create.js';
import type { Tensor } from '../../tensor/tensor.js';
import { guarded } from '../../tensor/guarded.js';
import { signatures } from './signatures.js';

/** What the border holds: a number, the mirror image without the edge, the edge itself, or the other end. */
export type PadMode = 'constant' | 'reflect' | 'replicate' | 'circular';

/** Options of `pad`. */
export interface PadOptions {
  mode?: PadMode;
  /** What 'constant' puts there; 0 unless given. */
  value?: number;
}

/** Where position `i` outside of [0, size) takes its element from. */
const source: Record<Exclude<PadMode, 'constant'>, (i: number, size: number) => number> = {
  reflect: (i, size) => (i < 0 ? -i : i >= size ? 2 * (size - 1) - i : i),
  replicate: (i, size) => Math.min(Math.max(i, 0), size - 1),
  circular: (i, size) => (i + size) % size,
};

/**
 * `amounts` elements put (or, negative, taken away) before and behind the last dims, the last one first:
 * [left, right, top, bottom, front, back]. Modes other than 'constant' pad the last one to three dims of 2 to 5.
 * https://pytorch.org/docs/stable/generated/torch.nn.functional.pad.html
 */
export const pad = guarded(
  signatures.pad,
  (input: Tensor, amounts: readonly number[], { mode = 'constant', value }: PadOptions = {}): Tensor => {
    if (mode === 'constant') return constantPad(input, amounts, value ?? 0);
    if (!Object.hasOwn(source, mode)) {
      throw new ValueError(
        `pad: expected mode 'constant', 'reflect', 'replicate' or 'circular', got '${String(mode)}'`,
      );
    }
    if (value !== undefined && value !== 0) throw new ValueError(`pad: mode '${mode}' takes no value`);
    const dims = amounts.length / 2;
    if (!Number.isInteger(dims) || dims < 1 || dims > 3 || (input.ndim !== dims + 1 && input.ndim !== dims + 2)) {
      throw new ShapeError(
        `mode '${mode}' pads the last 1 to 3 dims of [C, ...] or [N, C, ...], got amounts [${amounts.join(', ')}] for ${show(input.shape)}`,
      ).during('pad');
    }
    let result = input;
    for (let k = 0; k < dims; k++) {
      const dim = input.ndim - 1 - k;
      result = padDim(result, dim, amounts[2 * k]!, amounts[2 * k + 1]!, mode);
    }
    return result;
  },
);

function padDim(input: Tensor, dim: number, before: number, after: number, mode: Exclude<PadMode, 'constant'>): Tensor {
  if (before === 0 && after === 0) return input;
  const size = input.shape[dim]!;
  const most = mode === 'reflect' ? size - 1 : mode === 'circular' ? size : Infinity;
  if (before > most || after > most || size + before + after < 1) {
    throw new ShapeError(
      `mode '${mode}' pads a dim of size ${size} by at most ${most}, got ${before} and ${after}`,
    ).during('pad');
  }
  const positions = new BigInt64Array(size + before + after);
  for (let i = 0; i < positions.length; i++) positions[i] = BigInt(source[mode](i - before, size));
  return input.indexSelect(dim, fromTypedArray(positions, [positions.length]));
}
