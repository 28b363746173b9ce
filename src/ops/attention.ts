// Scaled dot-product attention in one kernel, without holding the matrix of weights.

import { isGradEnabled } from '../autograd/mode.js';
import { backend } from '../backend/active.js';
import { DTypeError, ShapeError } from '../errors.js';
import { ones } from '../tensor/create.js';
import { show } from '../tensor/shape.js';
import { allocate, type Tensor } from '../tensor/tensor.js';
import { operation, type Op } from './operation.js';
import { where } from './pointwise.js';

/** Where the forward leaves the log-sum-exp of each row for the backward. */
interface Scratch {
  logSumExp?: Tensor;
}

function checkOperands(query: Tensor, key: Tensor, value: Tensor): void {
  const [batch, heads, , width] = query.shape;
  const fits = (tensor: Tensor): boolean =>
    tensor.ndim === 4 && tensor.shape[0] === batch && tensor.shape[1] === heads && tensor.shape[2] === key.shape[2];
  if (query.ndim !== 4 || !fits(key) || !fits(value) || key.shape[3] !== width) {
    throw new ShapeError(
      `expected query [B, H, L, E], key [B, H, S, E] and value [B, H, S, Ev], got ${show(query.shape)}, ${show(key.shape)}, ${show(value.shape)}`,
    );
  }
  if (!query.isFloatingPoint() || key.dtype !== query.dtype || value.dtype !== query.dtype) {
    throw new DTypeError(`expected one float dtype, got ${query.dtype}, ${key.dtype} and ${value.dtype}`);
  }
}

const attend = operation({
  name: 'scaledDotProductAttention',
  forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | undefined,
    scale: number,
    causal: boolean,
    scratch: Scratch,
  ): Tensor {
    checkOperands(query, key, value);
    const rows = query.shape.slice(0, 3);
    const output = allocate([...rows, value.shape[3]!], query.dtype);
    scratch.logSumExp = allocate(rows, query.dtype);
    backend.attention(output, scratch.logSumExp, query, key, value, mask, scale, causal);
    return output;
  },
  save: (output, query, key, value, mask, scale, causal, scratch) => ({
    query,
    key,
    value,
    mask,
    output,
    logSumExp: scratch.logSumExp!,
    scale,
    causal,
  }),
  gradient(grad, { query, key, value, mask, output, logSumExp, scale, causal }) {
    if (isGradEnabled()) return composed(grad, query, key, value, mask, scale, causal);
    const [gradQuery, gradKey, gradValue] = [query, key, value].map((tensor) =>
      allocate(tensor.shape, tensor.dtype),
    ) as [Tensor, Tensor, Tensor];
    backend.attentionBackward(
      gradQuery,
      gradKey,
      gradValue,
      grad,
      output,
      logSumExp,
      query,
      key,
      value,
      mask,
      scale,
      causal,
    );
    return [gradQuery, gradKey, gradValue];
  },
});

/** Where row i may look at column j in causal attention: j <= i. */
export function causalMask(rows: number, columns: number): Tensor {
  return ones([rows, columns], { dtype: 'bool' }).tril();
}

/** The gradients written with operations, so that they can be differentiated again. */
function composed(
  grad: Tensor,
  query: Tensor,
  key: Tensor,
  value: Tensor,
  mask: Tensor | undefined,
  scale: number,
  causal: boolean,
): Tensor[] {
  let scores = query.matmul(key.transpose(-1, -2)).mul(scale);
  if (mask) scores = scores.add(mask);
  if (causal) scores = where(causalMask(query.shape[2]!, key.shape[2]!), scores, -Infinity);
  const weights = scores.softmax(-1);
  const gradWeights = grad.matmul(value.transpose(-1, -2));
  const gradScores = weights.mul(gradWeights.sub(gradWeights.mul(weights).sum(-1, { keepdim: true }))).mul(scale);
  return [gradScores.matmul(key), gradScores.transpose(-1, -2).matmul(query), weights.transpose(-1, -2).matmul(grad)];
}

/**
 * softmax(query @ keyᵀ * scale + mask) @ value: query [B, H, L, E], key [B, H, S, E], value [B, H, S, Ev]; the mask of the same
 * dtype broadcasts to [B, H, L, S] and takes no gradient. https://arxiv.org/abs/1706.03762
 */
export const fusedAttention: Op<
  [query: Tensor, key: Tensor, value: Tensor, mask: Tensor | undefined, scale: number, causal: boolean]
> = (query, key, value, mask, scale, causal) => attend(query, key, value, mask?.detach(), scale, causal, {});
