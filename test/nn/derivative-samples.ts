// Operations of layers and losses, with inputs at which their derivatives are compared with finite differences.

import * as nn from 'flambeau/nn';

import { lstmCell, gruCell } from '../../src/ops/recurrent.js';
import { recurrentSequence } from '../../src/ops/recurrent-sequence.js';
import { embedding } from '../../src/ops/embedding.js';
import { tensor } from '../../src/tensor/create.js';
import { Generator } from '../../src/tensor/generator.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import { make } from './recipe.js';

const F = nn.functional;

export function input(seed: number, ...shape: number[]): Tensor {
  return make({ shape, kind: 'small' }, seed, 'float64').requiresGrad_();
}

const rows = tensor([2n, 0n, 2n, 1n]);
const classes = tensor([1n, 3n, 0n]);

export const samples: Record<
  string,
  readonly [fn: (...inputs: Tensor[]) => Tensor | readonly Tensor[], inputs: Tensor[]]
> = {
  'attention in one kernel': [
    (q, k, v) => F.scaledDotProductAttention(q, k, v),
    [input(1, 2, 2, 3, 4), input(2, 2, 2, 5, 4), input(3, 2, 2, 5, 4)],
  ],
  'causal attention': [
    (q, k, v) => F.scaledDotProductAttention(q, k, v, { isCausal: true, scale: 0.7 }),
    [input(1, 1, 2, 3, 2), input(2, 1, 2, 3, 2), input(3, 1, 2, 3, 2)],
  ],
  'attention with a mask that is trained': [
    (q, k, v, mask) => F.scaledDotProductAttention(q, k, v, { attnMask: mask }),
    [input(1, 1, 3, 2), input(2, 1, 4, 2), input(3, 1, 4, 2), input(4, 3, 4)],
  ],
  'LSTM step': [
    (gates, cell) => {
      const next = lstmCell(gates, cell);
      return [next.hidden, next.cell];
    },
    [input(1, 2, 8), input(2, 2, 2)],
  ],
  'cell state of an LSTM step alone': [(gates, cell) => lstmCell(gates, cell).cell, [input(1, 2, 8), input(2, 2, 2)]],
  'GRU step': [
    (fromInput, fromHidden, hidden) => gruCell(fromInput, fromHidden, hidden),
    [input(1, 2, 6), input(2, 2, 6), input(3, 2, 2)],
  ],
  ...Object.fromEntries(
    (['lstm', 'gru', 'tanh', 'relu'] as const).flatMap((kind) =>
      [false, true].map((reverse) => {
        const gates = { lstm: 4, gru: 3, tanh: 1, relu: 1 }[kind];
        const fn = (x: Tensor, h: Tensor, c: Tensor, w: Tensor, b: Tensor): Tensor[] => {
          const start = kind === 'lstm' ? [h, c] : [h];
          const [output, last] = recurrentSequence(kind, x, start, w, b, [3, 2, 1], reverse);
          return [output, ...last];
        };
        // A state that is computed from the weight must not count the weight twice.
        const tied = (x: Tensor, h: Tensor, c: Tensor, w: Tensor, b: Tensor): Tensor[] =>
          fn(x.add(h.sum()), h.add(w.narrow(0, 0, 1)), c, w, b);
        const used = kind === 'lstm' ? tied : (x: Tensor, h: Tensor, w: Tensor, b: Tensor) => tied(x, h, h, w, b);
        const states = kind === 'lstm' ? [input(2, 3, 2), input(3, 3, 2)] : [input(2, 3, 2)];
        const inputs = [input(1, 6, gates * 2), ...states, input(4, gates * 2, 2), input(5, gates * 2)];
        return [`${kind} over sequences${reverse ? ', backwards' : ''}`, [used, inputs]] as const;
      }),
    ),
  ),
  embedding: [(weight) => embedding(weight, rows, -1, false).square(), [input(1, 3, 2)]],
  'embedding, gradients by frequency': [(weight) => F.embedding(rows, weight).square().mul(2), [input(1, 3, 2)]],
  'bags of embeddings': [
    (weight, factors) =>
      F.embeddingBag(rows, weight, { offsets: tensor([0n, 3n]), mode: 'sum', perSampleWeights: factors }),
    [input(1, 3, 2), input(2, 4)],
  ],
  'padding with a number': [(x) => F.pad(x, [1, -1, 0, 2], { value: 3 }).square(), [input(1, 2, 3, 3)]],
  'padding by reflection': [(x) => F.pad(x, [1, 2], { mode: 'reflect' }).square(), [input(1, 2, 4)]],
  'bicubic resampling': [
    (x) => F.interpolate(x, { scaleFactor: 1.5, mode: 'bicubic' }).square(),
    [input(1, 1, 1, 3, 4)],
  ],
  'cross entropy': [(x) => F.crossEntropy(x, classes, { labelSmoothing: 0.1 }), [input(1, 3, 4)]],
  'negative log likelihood': [(x) => F.nllLoss(F.logSoftmax(x, 1), classes), [input(1, 3, 4)]],
  'binary cross entropy of logits': [
    (x) => F.binaryCrossEntropyWithLogits(x, make({ shape: [3, 4], kind: 'unit' }, 5, 'float64')),
    [input(1, 3, 4)],
  ],
  CTC: [
    (x) =>
      F.ctcLoss(
        F.logSoftmax(x, 2),
        tensor([
          [1n, 2n],
          [2n, 2n],
        ]),
        [4, 4],
        [2, 1],
      ),
    [input(1, 4, 2, 3)],
  ],
  'batch norm': [
    (x, w, b) => F.batchNorm(x, undefined, undefined, w, b, { training: true }),
    [input(1, 4, 2), input(2, 2), input(3, 2)],
  ],
  'layer norm': [(x, w, b) => F.layerNorm(x, [3], w, b), [input(1, 4, 3), input(2, 3), input(3, 3)]],
  'group norm': [(x, w, b) => F.groupNorm(x, 2, w, b), [input(1, 2, 4, 2), input(2, 4), input(3, 4)]],
  convolution: [
    (x, w, b) => F.conv2d(x, w, b, { stride: 2, padding: 1 }),
    [input(1, 1, 2, 4, 4), input(2, 2, 2, 3, 3), input(3, 2)],
  ],
  'transposed convolution': [
    (x, w, b) => F.convTranspose2d(x, w, b, { stride: 2 }),
    [input(1, 1, 2, 2, 2), input(2, 2, 1, 2, 2), input(3, 1)],
  ],
  'maximum pooling': [(x) => F.maxPool2d(x, 2, { stride: 1, padding: 1 }).square(), [input(1, 1, 2, 3, 4)]],
  'average pooling': [(x) => F.avgPool2d(x, 2, { stride: 1, padding: 1 }).square(), [input(1, 1, 2, 3, 4)]],
  'adaptive average pooling': [(x) => F.adaptiveAvgPool2d(x, [2, 3]).square(), [input(1, 1, 2, 3, 4)]],
  'adaptive maximum pooling': [(x) => F.adaptiveMaxPool2d(x, [2, 3]).square(), [input(1, 1, 2, 3, 4)]],
  'dropout of the same elements each time': [
    (x) => F.dropout(x, { p: 0.5, generator: new Generator().manualSeed(1) }).square(),
    [input(1, 3, 4)],
  ],
};
