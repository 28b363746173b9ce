// Batch and layer normalisation. Both work on rows that share their statistics: all of a channel, or the last dims.
// Batch norm: Ioffe and Szegedy 2015; layer norm: Ba, Kiros and Hinton 2016.

import { elementCount } from '../shape.js';
import type { Backend, StridedView } from '../backend.js';
import { Cursor, permuted, readAll, writeAll } from './cursor.js';

/** [N, C, ...S] with the channels first: read in order, channel after channel. */
function byChannel(view: StridedView): StridedView {
  return permuted(view, [1, 0, ...view.shape.slice(2).map((_, i) => i + 2)]);
}

/** The mean of the values and the sum of their squared distances from it. */
function moments(values: Float64Array): { mean: number; squares: number } {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  const mean = sum / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - mean) ** 2;
  return { mean, squares };
}

function onesOr(weight: StridedView | undefined, length: number): Float64Array {
  return weight ? readAll(weight) : new Float64Array(length).fill(1);
}

function zerosOr(bias: StridedView | undefined, length: number): Float64Array {
  return bias ? readAll(bias) : new Float64Array(length);
}

function batchNorm(...[output, mean, rstd, input, weight, bias, running, eps]: Parameters<Backend['batchNorm']>): void {
  const channels = input.shape[1]!;
  const row = new Float64Array(elementCount(input.shape) / channels || 0);
  const source = new Cursor(byChannel(input));
  const means = new Float64Array(channels);
  const rstds = new Float64Array(channels);
  const runningMeans = zerosOr(running?.mean, channels);
  const runningVariances = zerosOr(running?.variance, channels);
  const momentum = running?.momentum ?? 0;
  for (let channel = 0; channel < channels; channel++) {
    source.readFloats(row, row.length);
    const { mean, squares } = moments(row);
    means[channel] = mean;
    rstds[channel] = 1 / Math.sqrt(squares / row.length + eps);
    const unbiased = squares / (row.length - 1);
    runningMeans[channel] = (1 - momentum) * runningMeans[channel]! + momentum * mean;
    runningVariances[channel] = (1 - momentum) * runningVariances[channel]! + momentum * unbiased;
  }
  writeAll(mean, means);
  writeAll(rstd, rstds);
  if (running) {
    writeAll(running.mean, runningMeans);
    writeAll(running.variance, runningVariances);
  }
  batchNormWith(output, input, mean, rstd, weight, bias);
}

function batchNormWith(...[output, input, mean, rstd, weight, bias]: Parameters<Backend['batchNormWith']>): void {
  const channels = input.shape[1]!;
  const row = new Float64Array(elementCount(input.shape) / channels || 0);
  const [source, target] = [new Cursor(byChannel(input)), new Cursor(byChannel(output))];
  const [means, rstds] = [readAll(mean), readAll(rstd)];
  const [weights, biases] = [onesOr(weight, channels), zerosOr(bias, channels)];
  for (let channel = 0; channel < channels; channel++) {
    source.readFloats(row, row.length);
    const scale = rstds[channel]! * weights[channel]!;
    for (let i = 0; i < row.length; i++) row[i] = (row[i]! - means[channel]!) * scale + biases[channel]!;
    target.writeFloats(row, row.length);
  }
}

function batchNormBackward(
  ...[gradInput, gradWeight, gradBias, gradOutput, input, mean, rstd, weight, batchStatistics]: Parameters<
    Backend['batchNormBackward']
  >
): void {
  const channels = input.shape[1]!;
  const count = elementCount(input.shape) / channels || 0;
  const [row, grad] = [new Float64Array(count), new Float64Array(count)];
  const [source, gradSource] = [new Cursor(byChannel(input)), new Cursor(byChannel(gradOutput))];
  const target = gradInput && new Cursor(byChannel(gradInput));
  const [means, rstds, weights] = [readAll(mean), readAll(rstd), onesOr(weight, channels)];
  const [weightGrads, biasGrads] = [new Float64Array(channels), new Float64Array(channels)];
  for (let channel = 0; channel < channels; channel++) {
    source.readFloats(row, count);
    gradSource.readFloats(grad, count);
    const [center, scale] = [means[channel]!, rstds[channel]!];
    let [sum, dot] = [0, 0];
    for (let i = 0; i < count; i++) {
      row[i] = (row[i]! - center) * scale;
      sum += grad[i]!;
      dot += grad[i]! * row[i]!;
    }
    biasGrads[channel] = sum;
    weightGrads[channel] = dot;
    // Through the batch's own statistics every input moves every result.
    const [sumShare, dotShare] = batchStatistics ? [sum / count, dot / count] : [0, 0];
    const factor = weights[channel]! * scale;
    for (let i = 0; i < count; i++) grad[i] = factor * (grad[i]! - sumShare - row[i]! * dotShare);
    target?.writeFloats(grad, count);
  }
  if (gradWeight) writeAll(gradWeight, weightGrads);
  if (gradBias) writeAll(gradBias, biasGrads);
}

function layerNorm(...[output, mean, rstd, input, weight, bias, eps]: Parameters<Backend['layerNorm']>): void {
  const [rows, size] = input.shape as [number, number];
  const row = new Float64Array(size);
  const [source, target] = [new Cursor(input), new Cursor(output)];
  const [weights, biases] = [onesOr(weight, size), zerosOr(bias, size)];
  const [means, rstds] = [new Float64Array(rows), new Float64Array(rows)];
  for (let r = 0; r < rows; r++) {
    source.readFloats(row, size);
    const { mean, squares } = moments(row);
    const scale = 1 / Math.sqrt(squares / size + eps);
    for (let i = 0; i < size; i++) row[i] = (row[i]! - mean) * scale * weights[i]! + biases[i]!;
    target.writeFloats(row, size);
    means[r] = mean;
    rstds[r] = scale;
  }
  writeAll(mean, means);
  writeAll(rstd, rstds);
}

function layerNormBackward(
  ...[gradInput, gradWeight, gradBias, gradOutput, input, mean, rstd, weight]: Parameters<Backend['layerNormBackward']>
): void {
  const [rows, size] = input.shape as [number, number];
  const [row, grad] = [new Float64Array(size), new Float64Array(size)];
  const [source, gradSource] = [new Cursor(input), new Cursor(gradOutput)];
  const target = gradInput && new Cursor(gradInput);
  const [means, rstds, weights] = [readAll(mean), readAll(rstd), onesOr(weight, size)];
  const [weightGrads, biasGrads] = [new Float64Array(size), new Float64Array(size)];
  for (let r = 0; r < rows; r++) {
    source.readFloats(row, size);
    gradSource.readFloats(grad, size);
    const [center, scale] = [means[r]!, rstds[r]!];
    let [sum, dot] = [0, 0];
    for (let i = 0; i < size; i++) {
      row[i] = (row[i]! - center) * scale;
      biasGrads[i]! += grad[i]!;
      weightGrads[i]! += grad[i]! * row[i]!;
      grad[i]! *= weights[i]!;
      sum += grad[i]!;
      dot += grad[i]! * row[i]!;
    }
    for (let i = 0; i < size; i++) grad[i] = scale * (grad[i]! - sum / size - row[i]! * (dot / size));
    target?.writeFloats(grad, size);
  }
  if (gradWeight) writeAll(gradWeight, weightGrads);
  if (gradBias) writeAll(gradBias, biasGrads);
}

export const normalization = {
  batchNorm,
  batchNormWith,
  batchNormBackward,
  layerNorm,
  layerNormBackward,
} satisfies Partial<Backend>;
