// Multi-head attention as a layer.

import type { DType } from '../backend/dtype.js';
import { ShapeError, ValueError } from '../errors.js';
import { linear } from '../ops/matrix.js';
import { empty } from '../tensor/create.js';
import { show, type Shape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { requireCount, requireRange } from './arguments.js';
import { attendWithHeads, forbidding } from './functional/attention.js';
import { constant_, xavierNormal_, xavierUniform_ } from './init.js';
import { Linear } from './linear.js';
import { Module } from './module.js';
import { Parameter } from './parameter.js';
import { takes } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

/** Options of `MultiheadAttention`. */
export interface MultiheadAttentionOptions {
  /** The probability of dropout on the attention weights. */
  dropout?: number;
  /** Whether the projections have biases; true unless given. */
  bias?: boolean;
  /** Put a learned entry behind keys and values. */
  addBiasKv?: boolean;
  /** Put zeros behind keys and values. */
  addZeroAttn?: boolean;
  /** The size of keys; embedDim unless given. */
  kdim?: number | undefined;
  /** The size of values; embedDim unless given. */
  vdim?: number | undefined;
  /** Whether batches come first: [N, L, E] rather than [L, N, E]. */
  batchFirst?: boolean;
  dtype?: DType;
}

/** What a call of a `MultiheadAttention` takes besides query, key and value. */
export interface MultiheadAttentionCall {
  /** [N, S] ([S] without batch): true (or an added number) for keys that are padding. */
  keyPaddingMask?: Tensor | undefined;
  /** Whether to return the weights; without them it is faster. True unless given. */
  needWeights?: boolean;
  /** [L, S] or [N * heads, L, S]: true where position l may not look at s, or numbers added to the scores. */
  attnMask?: Tensor | undefined;
  /** Whether the returned weights are the mean over heads; true unless given. */
  averageAttnWeights?: boolean;
  /** Whether position i looks at positions up to i only. */
  isCausal?: boolean;
}

/** PyTorch's name for the last projection, so that printing agrees. */
class NonDynamicallyQuantizableLinear extends Linear {}

/**
 * Attention of several heads: query [L, N, E], key [S, N, kdim], value [S, N, vdim] (batch first, or without batch) give
 * `[output, weights]`: [L, N, E] and [N, L, S], null where weights aren't wanted.
 *
 * ```ts
 * const attention = new nn.MultiheadAttention(16, 4, { batchFirst: true });
 * const x = randn([2, 5, 16]);
 * const [output, weights] = attention(x, x, x);
 * output.shape; // [2, 5, 16]
 * weights?.shape; // [2, 5, 5]
 * ```
 * https://pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html
 */
@takes(signatures.MultiheadAttention)
export class MultiheadAttention extends Module {
  readonly embedDim: number;
  readonly kdim: number;
  readonly vdim: number;
  readonly numHeads: number;
  readonly dropout: number;
  readonly batchFirst: boolean;
  readonly addZeroAttn: boolean;
  /** The three projections one below the other [3 embedDim, embedDim]; null where keys or values have other sizes. */
  inProjWeight: Parameter | null;
  qProjWeight: Parameter | null;
  kProjWeight: Parameter | null;
  vProjWeight: Parameter | null;
  inProjBias: Parameter | null;
  biasK: Parameter | null;
  biasV: Parameter | null;
  outProj: Linear;

  constructor(embedDim: number, numHeads: number, options: MultiheadAttentionOptions = {}) {
    super();
    const { dropout = 0, bias = true, addBiasKv = false, addZeroAttn = false, kdim, vdim, ...rest } = options;
    const { batchFirst = false, ...factory } = rest;
    const name = 'MultiheadAttention';
    this.embedDim = requireCount(name, 'embedDim', embedDim);
    this.numHeads = requireCount(name, 'numHeads', numHeads);
    if (embedDim % numHeads !== 0) {
      throw new ValueError(`${name}: expected embedDim ${embedDim} to be a multiple of numHeads ${numHeads}`);
    }
    this.kdim = requireCount(name, 'kdim', kdim ?? embedDim);
    this.vdim = requireCount(name, 'vdim', vdim ?? embedDim);
    this.dropout = requireRange(name, 'dropout', dropout, 0, 1);
    this.batchFirst = batchFirst;
    this.addZeroAttn = addZeroAttn;
    const parameter = (...shape: number[]): Parameter => new Parameter(empty(shape, factory));
    const together = this.kdim === embedDim && this.vdim === embedDim;
    this.inProjWeight = together ? parameter(3 * embedDim, embedDim) : null;
    this.qProjWeight = together ? null : parameter(embedDim, embedDim);
    this.kProjWeight = together ? null : parameter(embedDim, this.kdim);
    this.vProjWeight = together ? null : parameter(embedDim, this.vdim);
    this.inProjBias = bias ? parameter(3 * embedDim) : null;
    this.outProj = new NonDynamicallyQuantizableLinear(embedDim, embedDim, { bias, ...factory });
    this.biasK = addBiasKv ? parameter(1, 1, embedDim) : null;
    this.biasV = addBiasKv ? parameter(1, 1, embedDim) : null;
    this.resetParameters();
  }

  /** Draws the projections of query, key and value anew; all biases become 0. */
  resetParameters(): void {
    for (const weight of [this.inProjWeight, this.qProjWeight, this.kProjWeight, this.vProjWeight]) {
      if (weight) xavierUniform_(weight);
    }
    if (this.inProjBias) constant_(this.inProjBias, 0);
    if (this.outProj.bias) constant_(this.outProj.bias, 0);
    if (this.biasK) xavierNormal_(this.biasK);
    if (this.biasV) xavierNormal_(this.biasV);
  }

  override forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    options: MultiheadAttentionCall = {},
  ): [output: Tensor, weights: Tensor | null] {
    const { needWeights = true, averageAttnWeights = true, isCausal = false } = options;
    const batched = this.checkShapes(query, key, value);
    // Without a batch dim the input is taken for a batch of one. The same tensor given twice stays the same.
    const widened = new Map([query, key, value].map((tensor) => [tensor, batched ? tensor : tensor.unsqueeze(0)]));
    const [q, k, v] = [widened.get(query)!, widened.get(key)!, widened.get(value)!];
    const batchFirst = this.batchFirst || !batched;
    const [batchDim, stepDim] = batchFirst ? [0, 1] : [1, 0];
    const samples = q.shape[batchDim]!;
    const [targetLength, sourceLength] = [q.shape[stepDim]!, k.shape[stepDim]!];
    const [joined, weights] = attendWithHeads(q, k, v, {
      numHeads: this.numHeads,
      batchFirst,
      project: (...inputs) => this.project(...inputs),
      biasK: this.biasK,
      biasV: this.biasV,
      addZeroAttn: this.addZeroAttn,
      dropoutP: this.training ? this.dropout : 0,
      needWeights,
      attnMask: this.checkedMask(options.attnMask, 'attnMask', q, [
        [targetLength, sourceLength],
        [samples * this.numHeads, targetLength, sourceLength],
      ]),
      keyPaddingMask: this.checkedMask(options.keyPaddingMask, 'keyPaddingMask', q, [
        batched ? [samples, sourceLength] : [sourceLength],
      ]),
      isCausal,
    });
    const projected = this.outProj(joined);
    const shown = weights && averageAttnWeights ? weights.mean(1) : weights;
    return batched ? [projected, shown] : [projected.squeeze(0), shown && shown.squeeze(0)];
  }

  private checkShapes(query: Tensor, key: Tensor, value: Tensor): boolean {
    const batched = query.ndim === 3;
    if ((query.ndim !== 2 && !batched) || key.ndim !== query.ndim || value.ndim !== query.ndim) {
      throw new ShapeError(
        `expected query, key and value of 3 dims (or 2 without batch), got ${show(query.shape)}, ${show(key.shape)}, ${show(value.shape)}`,
      );
    }
    const wanted = [this.embedDim, this.kdim, this.vdim];
    [query, key, value].forEach((tensor, i) => {
      if (tensor.shape.at(-1) !== wanted[i]) {
        const which = ['query', 'key', 'value'][i]!;
        throw new ShapeError(`expected ${wanted[i]} features, got ${which} ${show(tensor.shape)}`);
      }
    });
    const batchDim = this.batchFirst ? 0 : 1;
    const steps = batched ? 1 - batchDim : 0;
    if (key.shape[steps] !== value.shape[steps] || (batched && key.shape[batchDim] !== query.shape[batchDim])) {
      throw new ShapeError(
        `expected keys and values of one length and one batch size, got query ${show(query.shape)}, key ${show(key.shape)}, value ${show(value.shape)}`,
      );
    }
    return batched;
  }

  private checkedMask(
    mask: Tensor | undefined,
    name: string,
    like: Tensor,
    shapes: readonly Shape[],
  ): Tensor | undefined {
    if (!mask) return undefined;
    if (!shapes.some((shape) => String(shape) === String(mask.shape))) {
      throw new ShapeError(`expected ${name} of shape ${shapes.map(show).join(' or ')}, got ${show(mask.shape)}`);
    }
    return forbidding(mask, like);
  }

  private project(query: Tensor, key: Tensor, value: Tensor): [Tensor, Tensor, Tensor] {
    const { embedDim, inProjWeight } = this;
    if (inProjWeight && query === key && key === value) {
      return linear(query, inProjWeight, this.inProjBias ?? undefined).chunk(3, -1) as [Tensor, Tensor, Tensor];
    }
    const weights = inProjWeight
      ? inProjWeight.chunk(3)
      : ([this.qProjWeight, this.kProjWeight, this.vProjWeight] as Tensor[]);
    const biases = this.inProjBias?.split(embedDim, 0);
    const [q, k, v] = [query, key, value].map((input, i) => linear(input, weights[i]!, biases?.[i]));
    return [q!, k!, v!];
  }

  override multiplyAdds([query, key]: readonly unknown[]): number {
    // The three projections, the scores and the weighted sums; the last projection counts for itself.
    const q = query as Tensor;
    const k = key as Tensor;
    const { embedDim, kdim, vdim, batchFirst } = this;
    const steps = (tensor: Tensor): number => tensor.shape[tensor.ndim === 3 && batchFirst ? 1 : 0]!;
    const samples = q.ndim === 3 ? q.shape[batchFirst ? 0 : 1]! : 1;
    const projections = steps(q) * embedDim + steps(k) * (kdim + vdim);
    return samples * embedDim * (projections + 2 * steps(q) * steps(k));
  }
}
