// Attention: the scaled dot product, and several heads of it over projected inputs.

import { requiresGrad } from '../../autograd/history.js';
import { DTypeError, FlambeauError, ShapeError, ValueError } from '../../errors.js';
import { causalMask, fusedAttention } from '../../ops/attention.js';
import { cat } from '../../ops/combine.js';
import { dropout } from '../../ops/random.js';
import { where } from '../../ops/pointwise.js';
import { zeros } from '../../tensor/create.js';
import { broadcastShapes, show, type Shape } from '../../tensor/shape.js';
import { Tensor } from '../../tensor/tensor.js';
import { guarded } from '../../tensor/guarded.js';
import { signatures } from './signatures.js';

/** Options of `scaledDotProductAttention`. */
export interface AttentionOptions {
  /** [..., L, S], broadcast: bool (true: may look) or floats that are added to the scores. */
  attnMask?: Tensor | undefined;
  /** The probability of dropout on the weights. */
  dropoutP?: number;
  /** Whether position i looks at positions up to i only. */
  isCausal?: boolean;
  /** The factor of the scores; 1 / √E unless given. */
  scale?: number | undefined;
}

/** A mask as numbers that are added to the scores. */
function additive(mask: Tensor, like: Tensor): Tensor {
  if (mask.dtype !== 'bool') {
    if (!mask.isFloatingPoint()) throw new DTypeError(`expected a mask of bool or floats, got ${mask.dtype}`);
    return mask.to(like.dtype);
  }
  return zeros(mask.shape, { dtype: like.dtype }).maskedFill(mask.logicalNot(), -Infinity);
}

/** As a tensor of 4 dims: leading dims beyond two merged, missing ones put in. */
function fourDims(tensor: Tensor, lead: Shape): Tensor {
  const wide = tensor.expand([...lead, ...tensor.shape.slice(-2)]);
  if (lead.length === 2) return wide;
  return lead.length < 2
    ? wide.reshape([...new Array<number>(2 - lead.length).fill(1), ...wide.shape])
    : wide.reshape([-1, ...wide.shape.slice(lead.length - 1)]);
}

/**
 * softmax(query @ keyᵀ * scale + mask) @ value: query [..., L, E], key [..., S, E], value [..., S, Ev]. The mask may stand before
 * the options or among them.
 * Without dropout and without a mask that is trained it runs as one kernel that never holds the [L, S] weights.
 * https://pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html
 */
export const scaledDotProductAttention = guarded(
  signatures.scaledDotProductAttention,
  (
    query: Tensor,
    key: Tensor,
    value: Tensor,
    maskOrOptions: Tensor | AttentionOptions = {},
    others: AttentionOptions = {},
  ): Tensor => {
    const name = 'scaledDotProductAttention';
    const options =
      maskOrOptions instanceof Tensor ? { ...others, attnMask: maskOrOptions } : { ...maskOrOptions, ...others };
    const { attnMask, dropoutP = 0, isCausal = false, scale } = options;
    try {
      if (attnMask && isCausal) throw new ValueError('expected attnMask or isCausal, not both');
      if (query.ndim < 2 || key.ndim < 2 || value.ndim < 2) {
        throw new ShapeError(
          `expected 2 or more dims, got query ${show(query.shape)}, key ${show(key.shape)}, value ${show(value.shape)}`,
        );
      }
      if (key.shape.at(-1) !== query.shape.at(-1) || value.shape.at(-2) !== key.shape.at(-2)) {
        throw new ShapeError(
          `expected query [..., L, E], key [..., S, E], value [..., S, Ev], got ${show(query.shape)}, ${show(key.shape)}, ${show(value.shape)}`,
        );
      }
      const factor = scale ?? 1 / Math.sqrt(query.shape.at(-1)!);
      const mask = attnMask && additive(attnMask, query);
      if (dropoutP > 0 || (mask && requiresGrad(mask))) {
        return attentionWithWeights(query, key, value, mask, isCausal, factor, dropoutP)[0];
      }
      const lead = [key, value].reduce<Shape>(
        (shape, tensor) => broadcastShapes(shape, tensor.shape.slice(0, -2)),
        query.shape.slice(0, -2),
      );
      const [q, k, v] = [query, key, value].map((tensor) => fourDims(tensor, lead)) as [Tensor, Tensor, Tensor];
      const m = mask && (mask.ndim <= lead.length + 2 && lead.length <= 2 ? mask : fourDims(mask, lead));
      const result = fusedAttention(q, k, v, m, factor, isCausal);
      return lead.length === 2 ? result : result.reshape([...lead, ...result.shape.slice(-2)]);
    } catch (error) {
      throw error instanceof FlambeauError ? error.during(name) : error;
    }
  },
);

/** The same with the weights [..., L, S] at hand, dropout applied to them: the result and the weights. */
function attentionWithWeights(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  mask: Tensor | undefined,
  causal: boolean,
  scale: number,
  dropoutP: number,
): [output: Tensor, weights: Tensor] {
  let scores = query.mul(scale).matmul(key.transpose(-1, -2));
  if (mask) scores = scores.add(mask);
  if (causal) scores = where(causalMask(query.shape.at(-2)!, key.shape.at(-2)!), scores, -Infinity);
  const weights = scores.softmax(-1);
  const dropped = dropoutP > 0 ? dropout(weights, dropoutP) : weights;
  return [dropped.matmul(value), dropped];
}

/** What several heads of attention work with, besides query, key and value. */
export interface MultiHeadAttentionWeights {
  readonly numHeads: number;
  /** Whether the batch dim comes before the steps. */
  readonly batchFirst: boolean;
  /** The projections of query, key and value, each [embedDim, its size]. */
  readonly project: (query: Tensor, key: Tensor, value: Tensor) => [Tensor, Tensor, Tensor];
  /** Learned entries put behind keys and values: [1, 1, embedDim]. */
  readonly biasK: Tensor | null;
  readonly biasV: Tensor | null;
  /** Put zeros behind keys and values. */
  readonly addZeroAttn: boolean;
  /** The probability of dropout on the weights. */
  readonly dropoutP: number;
  /** Whether to return the weights. */
  readonly needWeights: boolean;
  /** [L, S] or [N * heads, L, S], added to the scores. */
  readonly attnMask: Tensor | undefined;
  /** [N, S], added to the scores. */
  readonly keyPaddingMask: Tensor | undefined;
  readonly isCausal: boolean;
}

/** A mask of PyTorch's multi-head attention, where true means: may not look. */
export function forbidding(mask: Tensor, like: Tensor): Tensor {
  return mask.dtype === 'bool' ? additive(mask.logicalNot(), like) : additive(mask, like);
}

/**
 * Several heads over query [N, L, E], key and value [N, S, ...] (or [L, N, E] and [S, N, ...]): the joined heads in the query's
 * layout, before the last projection, and the weights [N, heads, L, S] where wanted.
 */
export function attendWithHeads(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options: MultiHeadAttentionWeights,
): [joined: Tensor, weights: Tensor | null] {
  const { numHeads, batchFirst, biasK, biasV, addZeroAttn, dropoutP, needWeights, isCausal } = options;
  const stepDim = batchFirst ? 1 : 0;
  const samples = query.shape[1 - stepDim]!;
  const projected = options.project(query, key, value);
  const q = projected[0];
  let [, k, v] = projected;
  const embedDim = q.shape[2]!;
  let { attnMask, keyPaddingMask } = options;
  const masked = Boolean(attnMask ?? keyPaddingMask ?? biasK) || addZeroAttn;
  if (isCausal && masked) {
    const causal = additive(causalMask(q.shape[stepDim]!, k.shape[stepDim]!), q);
    attnMask = attnMask ? attnMask.add(causal) : causal;
  }
  const widened = (tensor: Tensor | undefined): Tensor | undefined =>
    tensor && cat([tensor, zeros([...tensor.shape.slice(0, -1), 1], { dtype: tensor.dtype })], -1);
  const extend = (rowK: Tensor, rowV: Tensor): void => {
    const shape = [samples, samples, embedDim].with(stepDim, 1);
    k = cat([k, rowK.expand(shape)], stepDim);
    v = cat([v, rowV.expand(shape)], stepDim);
    attnMask = widened(attnMask);
    keyPaddingMask = widened(keyPaddingMask);
  };
  if (biasK && biasV) extend(biasK, biasV);
  if (addZeroAttn) {
    const row = zeros([1, 1, embedDim], { dtype: q.dtype });
    extend(row, row);
  }
  const width = embedDim / numHeads;
  const heads = (tensor: Tensor): Tensor => {
    const apart = tensor.reshape([...tensor.shape.slice(0, 2), numHeads, width]);
    return apart.permute(batchFirst ? [0, 2, 1, 3] : [1, 2, 0, 3]);
  };
  const mask = joinMasks(attnMask, keyPaddingMask, samples, numHeads);
  const [qh, kh, vh] = [heads(q), heads(k), heads(v)];
  let output: Tensor;
  let weights: Tensor | null = null;
  if (needWeights) {
    [output, weights] = attentionWithWeights(qh, kh, vh, mask, isCausal && !masked, 1 / Math.sqrt(width), dropoutP);
  } else {
    output = scaledDotProductAttention(qh, kh, vh, { attnMask: mask, dropoutP, isCausal: isCausal && !masked });
  }
  return [output.permute(batchFirst ? [0, 2, 1, 3] : [2, 0, 1, 3]).reshape(q.shape), weights];
}

/** Both masks as one that broadcasts to [N, heads, L, S]. */
function joinMasks(
  attnMask: Tensor | undefined,
  keyPaddingMask: Tensor | undefined,
  samples: number,
  numHeads: number,
): Tensor | undefined {
  const perHead = attnMask?.ndim === 3 ? attnMask.reshape([samples, numHeads, ...attnMask.shape.slice(1)]) : attnMask;
  const perKey = keyPaddingMask?.reshape([samples, 1, 1, -1]);
  return perHead && perKey ? perHead.add(perKey) : (perHead ?? perKey);
}
