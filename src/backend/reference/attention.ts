// Scaled dot-product attention (Vaswani et al. 2017) and its gradient, head by head: the scores of one head at a time are
// all that is ever held. The backward recomputes them from the kept log-sum-exp (Dao et al. 2022).

import { elementCount } from '../shape.js';
import type { Backend, StridedView } from '../backend.js';
import { Cursor } from './cursor.js';
import { multiplyAdd, rowMajor, transposed } from './multiply.js';
import { logSumExpOf } from './softmax.js';

/** One head's matrix [rows, columns]. */
interface Head {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

function emptyHead(rows: number, columns: number): Head {
  return { rows, columns, values: new Float64Array(rows * columns) };
}

/** A view [B, H, rows, columns], held one head at a time. */
class Heads implements Head {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
  private readonly cursor: Cursor;

  /** @param shape what the view broadcasts to */
  constructor(view: StridedView, shape = view.shape) {
    [this.rows, this.columns] = shape.slice(2) as [number, number];
    this.values = new Float64Array(this.rows * this.columns);
    this.cursor = new Cursor(view, shape);
  }

  /** Reads the next head. */
  read(): void {
    this.cursor.readFloats(this.values, this.values.length);
  }

  /** Writes the next head. */
  write(): void {
    this.cursor.writeFloats(this.values, this.values.length);
  }
}

/** result = left @ right, with either transposed where asked for. */
function multiply(result: Head, left: Head, right: Head, transpose: 'none' | 'left' | 'right'): void {
  const [leftMatrix, rightMatrix] = [rowMajor(left.values, left.columns), rowMajor(right.values, right.columns)];
  result.values.fill(0);
  multiplyAdd(
    result.values,
    0,
    transpose === 'left' ? transposed(leftMatrix) : leftMatrix,
    transpose === 'right' ? transposed(rightMatrix) : rightMatrix,
    result.rows,
    result.columns,
    transpose === 'left' ? left.rows : left.columns,
  );
}

/** scores [L, S] = query @ keyᵀ * scale + mask, with -Infinity for later keys where causal. Reads the mask's next head. */
function computeScores(scores: Head, query: Head, key: Head, mask: Heads | undefined, scale: number, causal: boolean) {
  multiply(scores, query, key, 'right');
  mask?.read();
  for (let row = 0, at = 0; row < scores.rows; row++) {
    for (let column = 0; column < scores.columns; column++, at++) {
      const masked = causal && column > row ? -Infinity : (mask?.values[at] ?? 0);
      scores.values[at] = scores.values[at]! * scale + masked;
    }
  }
}

function attention(
  ...[output, logSumExp, query, key, value, mask, scale, causal]: Parameters<Backend['attention']>
): void {
  const [q, k, v, result] = [new Heads(query), new Heads(key), new Heads(value), new Heads(output)];
  const masks = mask && new Heads(mask, [...query.shape.slice(0, 3), k.rows]);
  const weights = emptyHead(q.rows, k.rows);
  const sums = new Float64Array(q.rows);
  const sumTarget = new Cursor(logSumExp);
  const heads = elementCount(query.shape.slice(0, 2));
  for (let head = 0; head < heads; head++) {
    for (const input of [q, k, v]) input.read();
    computeScores(weights, q, k, masks, scale, causal);
    for (let row = 0, at = 0; row < weights.rows; row++) {
      sums[row] = logSumExpOf(weights.values, at, weights.columns);
      for (let i = 0; i < weights.columns; i++, at++) weights.values[at] = Math.exp(weights.values[at]! - sums[row]!);
    }
    multiply(result, weights, v, 'none');
    result.write();
    sumTarget.writeFloats(sums, sums.length);
  }
}

function attentionBackward(
  ...[gradQuery, gradKey, gradValue, gradOutput, output, logSumExp, query, key, value, mask, scale, causal]: Parameters<
    Backend['attentionBackward']
  >
): void {
  const [q, k, v] = [new Heads(query), new Heads(key), new Heads(value)];
  const [result, gradResult] = [new Heads(output), new Heads(gradOutput)];
  const [gradQ, gradK, gradV] = [new Heads(gradQuery), new Heads(gradKey), new Heads(gradValue)];
  const masks = mask && new Heads(mask, [...query.shape.slice(0, 3), k.rows]);
  const [weights, gradWeights] = [emptyHead(q.rows, k.rows), emptyHead(q.rows, k.rows)];
  const sums = new Float64Array(q.rows);
  const sumSource = new Cursor(logSumExp);
  const heads = elementCount(query.shape.slice(0, 2));
  for (let head = 0; head < heads; head++) {
    for (const input of [q, k, v, result, gradResult]) input.read();
    sumSource.readFloats(sums, sums.length);
    computeScores(weights, q, k, masks, scale, causal);
    multiply(gradWeights, gradResult, v, 'right');
    for (let row = 0, at = 0; row < weights.rows; row++) {
      let dot = 0;
      for (let i = row * v.columns; i < (row + 1) * v.columns; i++) dot += result.values[i]! * gradResult.values[i]!;
      for (let i = 0; i < weights.columns; i++, at++) {
        weights.values[at] = Math.exp(weights.values[at]! - sums[row]!);
        // Through the softmax and the scale: from here on the gradient of query @ keyᵀ.
        gradWeights.values[at] = weights.values[at]! * (gradWeights.values[at]! - dot) * scale;
      }
    }
    multiply(gradV, weights, gradResult, 'left');
    multiply(gradQ, gradWeights, k, 'none');
    multiply(gradK, gradWeights, q, 'left');
    for (const gradient of [gradQ, gradK, gradV]) gradient.write();
  }
}

export const attentions = { attention, attentionBackward } satisfies Partial<Backend>;
