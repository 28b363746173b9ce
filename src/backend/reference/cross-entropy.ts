// Cross entropy of logits with class indices: softmax, logarithm and choice in one pass, and its gradient.

import type { Backend } from '../backend.js';
import { Cursor, readAll, writeAll } from './cursor.js';
import { logSumExpOf } from './softmax.js';

function crossEntropy(
  ...[losses, logSumExp, logits, targets, weight, ignoreIndex, labelSmoothing]: Parameters<Backend['crossEntropy']>
): number {
  const [rows, classes] = logits.shape as [number, number];
  const source = new Cursor(logits);
  const row = new Float64Array(classes);
  const wanted = readAll(targets);
  const weights = weight ? readAll(weight) : new Float64Array(classes).fill(1);
  const [rowLosses, rowSums] = [new Float64Array(rows), new Float64Array(rows)];
  let counted = 0;
  for (let r = 0; r < rows; r++) {
    const target = wanted[r]!;
    source.readFloats(row, classes);
    const total = logSumExpOf(row, 0, classes);
    rowSums[r] = total;
    if (target === ignoreIndex) continue;
    if (target < 0 || target >= classes) return -1 - r;
    counted++;
    rowLosses[r] = (1 - labelSmoothing) * weights[target]! * (total - row[target]!);
    if (labelSmoothing !== 0) {
      let smooth = 0;
      for (let c = 0; c < classes; c++) smooth += weights[c]! * (total - row[c]!);
      rowLosses[r]! += (labelSmoothing / classes) * smooth;
    }
  }
  writeAll(losses, rowLosses);
  writeAll(logSumExp, rowSums);
  return counted;
}

function crossEntropyBackward(
  ...[gradLogits, gradLosses, logSumExp, logits, targets, weight, ignoreIndex, labelSmoothing]: Parameters<
    Backend['crossEntropyBackward']
  >
): void {
  const [rows, classes] = logits.shape as [number, number];
  const [source, result] = [new Cursor(logits), new Cursor(gradLogits)];
  const row = new Float64Array(classes);
  const [wanted, grads, rowSums] = [readAll(targets), readAll(gradLosses), readAll(logSumExp)];
  const weights = weight ? readAll(weight) : new Float64Array(classes).fill(1);
  const allWeights = weights.reduce((sum, each) => sum + each, 0);
  const share = labelSmoothing / classes;
  for (let r = 0; r < rows; r++) {
    source.readFloats(row, classes);
    const target = wanted[r]!;
    if (target === ignoreIndex) {
      row.fill(0);
    } else {
      const hard = (1 - labelSmoothing) * weights[target]!;
      for (let c = 0; c < classes; c++) {
        const probability = Math.exp(row[c]! - rowSums[r]!);
        row[c] = grads[r]! * ((hard + share * allWeights) * probability - share * weights[c]!);
      }
      row[target]! -= grads[r]! * hard;
    }
    result.writeFloats(row, classes);
  }
}

export const crossEntropies = { crossEntropy, crossEntropyBackward } satisfies Partial<Backend>;
