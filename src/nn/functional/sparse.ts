// Lookups in tables of vectors with PyTorch's arguments.

import { withGrad } from '../../autograd/mode.js';
import { ValueError } from '../../errors.js';
import { embedding as lookUp } from '../../ops/embedding.js';
import type { Tensor } from '../../tensor/tensor.js';

export interface EmbeddingOptions {
  /** A row that takes no gradient; may count from the end. */
  paddingIdx?: number | undefined;
  /** Rows looked up that are longer are scaled down to this norm, in the table itself. */
  maxNorm?: number | undefined;
  /** The order of that norm. */
  normType?: number;
  /** Divide each row's gradient by how often it was looked up. */
  scaleGradByFreq?: boolean;
}

/** The position of a row that may count from the end; -1 for none. */
export function paddingRow(name: string, paddingIdx: number | undefined, rows: number): number {
  if (paddingIdx === undefined) return -1;
  if (!Number.isInteger(paddingIdx) || paddingIdx < -rows || paddingIdx >= rows) {
    throw new ValueError(`${name}: expected paddingIdx from ${-rows} to ${rows - 1}, got ${paddingIdx}`);
  }
  return paddingIdx < 0 ? paddingIdx + rows : paddingIdx;
}

/** Scales rows that were looked up down to a norm, outside of the graph. */
export function renormalizeRows(weight: Tensor, indices: Tensor, maxNorm: number, normType: number): void {
  withGrad(false, () => {
    const rows = indices.to('int64').reshape([-1]);
    if (rows.numel() === 0) return;
    const found = weight.indexSelect(0, rows);
    const norms = found.norm(normType, 1, { keepdim: true });
    const factors = norms.add(1e-7).reciprocal().mul(maxNorm);
    const scaled = found.mul(factors.where(norms.gt(maxNorm), 1));
    weight.indexCopy_(0, rows, scaled);
  });
}

/** Rows of weight [rows, features] at integer `input` of any shape. https://pytorch.org/docs/stable/generated/torch.nn.functional.embedding.html */
export function embedding(
  input: Tensor,
  weight: Tensor,
  { paddingIdx, maxNorm, normType = 2, scaleGradByFreq = false }: EmbeddingOptions = {},
): Tensor {
  if (maxNorm !== undefined) renormalizeRows(weight, input, maxNorm, normType);
  return lookUp(weight, input, paddingRow('embedding', paddingIdx, weight.shape[0]!), scaleGradByFreq);
}
