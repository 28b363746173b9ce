// Products, pooling, normalisation, softmax and attention of the native backend: what each writes to the message page.

import type { Backend, StridedView } from '../backend.js';
import type { Addon } from './addon.js';
import { multiplyBfloat16 } from './bfloat16.js';
import { begin, put, putFlag, putOptional, putView, putWindow } from './message.js';
import { kernel } from './operations.js';
import { handlesOf } from './reductions.js';

type Layers = Pick<
  Backend,
  | 'matmul'
  | 'convolution'
  | 'convolutionBackwardInput'
  | 'convolutionBackwardWeight'
  | 'maxPool'
  | 'maxPoolBackward'
  | 'averagePool'
  | 'averagePoolBackward'
  | 'adaptiveAveragePool'
  | 'adaptiveAveragePoolBackward'
  | 'adaptiveMaxPool'
  | 'batchNorm'
  | 'batchNormWith'
  | 'batchNormBackward'
  | 'layerNorm'
  | 'layerNormBackward'
  | 'softmax'
  | 'softmaxBackward'
  | 'crossEntropy'
  | 'crossEntropyBackward'
  | 'attention'
  | 'attentionBackward'
>;

export function nativeLayers(addon: Addon): Layers {
  /** Writes views that must be there and calls. */
  function runWith(code: number, views: readonly StridedView[]): number | undefined {
    for (const view of views) putView(view);
    return addon.run(code, ...handlesOf(views));
  }

  return {
    matmul(output, left, right, options) {
      const bias = options?.bias;
      if (output.dtype === 'bfloat16') return multiplyBfloat16(addon, output, left, right, bias);
      begin();
      put(options?.activation === 'relu' ? 1 : 0);
      put(options?.alpha ?? 1);
      put(options?.beta ?? 0);
      putView(output);
      putView(left);
      putView(right);
      putOptional(bias);
      addon.run(kernel.matmul, ...handlesOf([output, left, right, bias]));
    },

    convolution(output, input, weight, bias, geometry, activation) {
      begin();
      put(activation === 'relu' ? 1 : 0);
      putWindow(geometry, undefined, geometry.groups);
      putView(output);
      putView(input);
      putView(weight);
      putOptional(bias);
      addon.run(kernel.convolution, ...handlesOf([output, input, weight, bias]));
    },

    convolutionBackwardInput(gradInput, gradOutput, weight, geometry) {
      begin();
      putWindow(geometry, undefined, geometry.groups);
      runWith(kernel.convolutionBackwardInput, [gradInput, gradOutput, weight]);
    },

    convolutionBackwardWeight(gradWeight, gradBias, gradOutput, input, geometry) {
      begin();
      putWindow(geometry, undefined, geometry.groups);
      putView(gradWeight);
      putOptional(gradBias);
      putView(gradOutput);
      putView(input);
      addon.run(kernel.convolutionBackwardWeight, ...handlesOf([gradWeight, gradBias, gradOutput, input]));
    },

    maxPool(output, indices, input, geometry) {
      begin();
      putWindow(geometry, geometry.kernel, undefined);
      runWith(kernel.maxPool, [output, indices, input]);
    },

    maxPoolBackward(gradInput, gradOutput, indices) {
      begin();
      runWith(kernel.maxPoolBackward, [gradInput, gradOutput, indices]);
    },

    averagePool(output, input, geometry, countPadding) {
      begin();
      putWindow(geometry, geometry.kernel, undefined);
      putFlag(countPadding);
      runWith(kernel.averagePool, [output, input]);
    },

    averagePoolBackward(gradInput, gradOutput, geometry, countPadding) {
      begin();
      putWindow(geometry, geometry.kernel, undefined);
      putFlag(countPadding);
      runWith(kernel.averagePoolBackward, [gradInput, gradOutput]);
    },

    adaptiveAveragePool(output, input) {
      begin();
      runWith(kernel.adaptiveAveragePool, [output, input]);
    },

    adaptiveAveragePoolBackward(gradInput, gradOutput) {
      begin();
      runWith(kernel.adaptiveAveragePoolBackward, [gradInput, gradOutput]);
    },

    adaptiveMaxPool(output, indices, input) {
      begin();
      runWith(kernel.adaptiveMaxPool, [output, indices, input]);
    },

    batchNorm(output, mean, rstd, input, weight, bias, running, eps) {
      begin();
      put(running?.momentum ?? 0);
      put(eps);
      putView(output);
      putView(mean);
      putView(rstd);
      putView(input);
      putOptional(weight);
      putOptional(bias);
      putOptional(running?.mean);
      putOptional(running?.variance);
      addon.run(
        kernel.batchNorm,
        ...handlesOf([output, mean, rstd, input, weight, bias, running?.mean, running?.variance]),
      );
    },

    batchNormWith(output, input, mean, rstd, weight, bias) {
      begin();
      putView(output);
      putView(input);
      putView(mean);
      putView(rstd);
      putOptional(weight);
      putOptional(bias);
      addon.run(kernel.batchNormWith, ...handlesOf([output, input, mean, rstd, weight, bias]));
    },

    batchNormBackward(gradInput, gradWeight, gradBias, gradOutput, input, mean, rstd, weight, batchStatistics) {
      begin();
      putFlag(batchStatistics);
      putOptional(gradInput);
      putOptional(gradWeight);
      putOptional(gradBias);
      putView(gradOutput);
      putView(input);
      putView(mean);
      putView(rstd);
      putOptional(weight);
      addon.run(
        kernel.batchNormBackward,
        ...handlesOf([gradInput, gradWeight, gradBias, gradOutput, input, mean, rstd, weight]),
      );
    },

    layerNorm(output, mean, rstd, input, weight, bias, eps) {
      begin();
      put(eps);
      putView(output);
      putView(mean);
      putView(rstd);
      putView(input);
      putOptional(weight);
      putOptional(bias);
      addon.run(kernel.layerNorm, ...handlesOf([output, mean, rstd, input, weight, bias]));
    },

    layerNormBackward(gradInput, gradWeight, gradBias, gradOutput, input, mean, rstd, weight) {
      begin();
      putOptional(gradInput);
      putOptional(gradWeight);
      putOptional(gradBias);
      putView(gradOutput);
      putView(input);
      putView(mean);
      putView(rstd);
      putOptional(weight);
      addon.run(
        kernel.layerNormBackward,
        ...handlesOf([gradInput, gradWeight, gradBias, gradOutput, input, mean, rstd, weight]),
      );
    },

    softmax(output, input, dim, log) {
      begin();
      putFlag(log);
      putView(output);
      putView(input);
      put(dim);
      addon.run(kernel.softmax, ...handlesOf([output, input]));
    },

    softmaxBackward(gradInput, gradOutput, output, dim, log) {
      begin();
      putFlag(log);
      putView(gradInput);
      putView(gradOutput);
      putView(output);
      put(dim);
      addon.run(kernel.softmaxBackward, ...handlesOf([gradInput, gradOutput, output]));
    },

    crossEntropy(losses, logSumExp, logits, targets, weight, ignoreIndex, labelSmoothing) {
      begin();
      put(ignoreIndex);
      put(labelSmoothing);
      putView(losses);
      putView(logSumExp);
      putView(logits);
      putView(targets);
      putOptional(weight);
      return addon.run(kernel.crossEntropy, ...handlesOf([losses, logSumExp, logits, targets, weight]))!;
    },

    crossEntropyBackward(gradLogits, gradLosses, logSumExp, logits, targets, weight, ignoreIndex, labelSmoothing) {
      begin();
      put(ignoreIndex);
      put(labelSmoothing);
      putView(gradLogits);
      putView(gradLosses);
      putView(logSumExp);
      putView(logits);
      putView(targets);
      putOptional(weight);
      addon.run(
        kernel.crossEntropyBackward,
        ...handlesOf([gradLogits, gradLosses, logSumExp, logits, targets, weight]),
      );
    },

    attention(output, logSumExp, query, key, value, mask, scale, causal) {
      begin();
      put(scale);
      putFlag(causal);
      putView(output);
      putView(logSumExp);
      putView(query);
      putView(key);
      putView(value);
      putOptional(mask);
      addon.run(kernel.attention, ...handlesOf([output, logSumExp, query, key, value, mask]));
    },

    attentionBackward(
      gradQuery,
      gradKey,
      gradValue,
      gradOutput,
      output,
      logSumExp,
      query,
      key,
      value,
      mask,
      scale,
      causal,
    ) {
      const views = [gradQuery, gradKey, gradValue, gradOutput, output, logSumExp, query, key, value];
      begin();
      put(scale);
      putFlag(causal);
      for (const view of views) putView(view);
      putOptional(mask);
      addon.run(kernel.attentionBackward, ...handlesOf([...views, mask]));
    },
  };
}
