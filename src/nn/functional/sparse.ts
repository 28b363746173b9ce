// Lookups in tables of vectors with PyTorch's arguments.

import { withGrad } from '../../autograd/mode.js';
import { ShapeError, ValueError } from '../../errors.js';
import { stack } from '../../ops/combine.js';
import { embedding as lookUp } from '../../ops/embedding.js';
import { fromTypedArray } from '../../tensor/create.js';
import { sameShape, show } from '../../tensor/shape.js';
import { Tensor } from '../../tensor/tensor.js';
import { guarded } from '../../tensor/guarded.js';
import { signatures } from './signatures.js';

/** Options of `embedding`. */
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
export const embedding = guarded(
  signatures.embedding,
  (
    input: Tensor,
    weight: Tensor,
    { paddingIdx, maxNorm, normType = 2, scaleGradByFreq = false }: EmbeddingOptions = {},
  ): Tensor => {
    if (maxNorm !== undefined) renormalizeRows(weight, input, maxNorm, normType);
    return lookUp(weight, input, paddingRow('embedding', paddingIdx, weight.shape[0]!), scaleGradByFreq);
  },
);

/** How the rows of a bag become one. */
export type BagMode = 'sum' | 'mean' | 'max';

/** Options of `embeddingBag`. */
export interface EmbeddingBagOptions extends EmbeddingOptions {
  /** Where each bag of an input [n] begins. An input [bags, size] needs none. */
  offsets?: Tensor | undefined;
  mode?: BagMode;
  /** A factor for each row looked up, in the input's shape; mode 'sum' only. */
  perSampleWeights?: Tensor | undefined;
  /** Whether the last offset is the end of the last bag rather than the beginning of one. */
  includeLastOffset?: boolean;
}

/** Bags of positions in the flattened input: where each begins, and how many there are. */
function bagStarts(input: Tensor, offsets: Tensor | undefined, includeLastOffset: boolean): number[] {
  if (input.ndim === 2) {
    if (offsets) throw new ValueError('embeddingBag: an input of 2 dims takes no offsets: each row is a bag');
    return Array.from({ length: input.shape[0]! }, (_, bag) => bag * input.shape[1]!);
  }
  if (input.ndim !== 1) {
    throw new ShapeError(`expected an input of 1 or 2 dims, got ${show(input.shape)}`).during('embeddingBag');
  }
  if (!offsets) throw new ValueError('embeddingBag: an input of 1 dim needs offsets');
  const starts = Array.from(offsets.data(), Number);
  if (includeLastOffset) {
    if (starts.pop() !== input.shape[0])
      throw new ValueError("embeddingBag: the last offset must be the input's length");
  }
  if (starts.length > 0 && starts[0] !== 0)
    throw new ValueError(`embeddingBag: expected offsets from 0, got ${starts[0]}`);
  starts.forEach((start, bag) => {
    if (start < (starts[bag - 1] ?? 0) || start > input.shape[0]!) {
      throw new ValueError(
        `embeddingBag: offset ${start} of bag ${bag} is out of order or beyond ${input.shape[0]} rows`,
      );
    }
  });
  return starts;
}

/**
 * Sums, means or maxima of bags of rows of weight [rows, features]: [bags, features]. A bag without rows gives zeros. `offsets`
 * may stand before the options or among them.
 * `scaleGradByFreq` divides by how often a row was looked up, as PyTorch documents it; PyTorch 1.13 counts another row there.
 * https://pytorch.org/docs/stable/generated/torch.nn.functional.embedding_bag.html
 */
export const embeddingBag = guarded(
  signatures.embeddingBag,
  (
    input: Tensor,
    weight: Tensor,
    offsetsOrOptions: Tensor | EmbeddingBagOptions = {},
    others: EmbeddingBagOptions = {},
  ): Tensor => {
    const options =
      offsetsOrOptions instanceof Tensor
        ? { ...others, offsets: offsetsOrOptions }
        : { ...offsetsOrOptions, ...others };
    const { offsets, mode = 'mean', perSampleWeights, includeLastOffset = false } = options;
    const { paddingIdx, maxNorm, normType = 2, scaleGradByFreq = false } = options;
    if (perSampleWeights && (mode !== 'sum' || !sameShape(perSampleWeights.shape, input.shape))) {
      throw new ValueError(
        `embeddingBag: perSampleWeights need mode 'sum' and the input's shape ${show(input.shape)}, got mode '${mode}' and ${show(perSampleWeights.shape)}`,
      );
    }
    if (!['sum', 'mean', 'max'].includes(mode)) {
      throw new ValueError(`embeddingBag: expected mode 'sum', 'mean' or 'max', got '${mode}'`);
    }
    const starts = bagStarts(input, offsets, includeLastOffset);
    if (maxNorm !== undefined) renormalizeRows(weight, input, maxNorm, normType);
    const padding = paddingRow('embeddingBag', paddingIdx, weight.shape[0]!);
    if (input.ndim === 2 && padding < 0 && input.shape[1]! > 0) {
      const found = lookUp(weight, input, -1, scaleGradByFreq);
      if (mode === 'max') return found.max(1).values;
      if (mode === 'mean') return found.mean(1);
      return (perSampleWeights ? found.mul(perSampleWeights.unsqueeze(-1)) : found).sum(1);
    }
    const numbers = Array.from(input.data(), Number);
    // The rows that count, and the bag of each.
    const kept: number[] = [];
    const bagOf: number[] = [];
    starts.forEach((start, bag) => {
      for (let i = start; i < (starts[bag + 1] ?? numbers.length); i++) {
        if (numbers[i] === padding) continue;
        kept.push(i);
        bagOf.push(bag);
      }
    });
    const at = positions(kept);
    const rows = lookUp(weight, input.reshape([-1]).indexSelect(0, at), -1, scaleGradByFreq);
    const features = weight.shape[1]!;
    if (mode === 'max') return bagMaxima(rows, bagOf, starts.length, features);
    const weighted = perSampleWeights ? rows.mul(perSampleWeights.reshape([-1]).indexSelect(0, at).unsqueeze(1)) : rows;
    const sums = weight.newZeros([starts.length, features]).indexAdd(0, positions(bagOf), weighted);
    if (mode === 'sum') return sums;
    const counts = new Float64Array(starts.length);
    for (const bag of bagOf) counts[bag]!++;
    const divisors = fromTypedArray(
      counts.map((count) => Math.max(count, 1)),
      [starts.length, 1],
      { dtype: weight.dtype },
    );
    return sums.div(divisors);
  },
);

function positions(list: readonly number[]): Tensor {
  return fromTypedArray(BigInt64Array.from(list, BigInt), [list.length]);
}

function bagMaxima(rows: Tensor, bagOf: readonly number[], bags: number, features: number): Tensor {
  if (bags === 0) return rows.newZeros([0, features]);
  let next = 0;
  const maxima = Array.from({ length: bags }, (_, bag) => {
    const first = next;
    while (next < bagOf.length && bagOf[next] === bag) next++;
    return next === first ? rows.newZeros([features]) : rows.narrow(0, first, next - first).max(0).values;
  });
  return stack(maxima);
}
