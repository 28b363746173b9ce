// Constructor arguments out of range: each names the layer, the argument and what came.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as nn from 'flambeau/nn';

import { ValueError } from '../../src/errors.js';
import { zeros } from '../../src/tensor/create.js';

const refused: Record<string, [make: () => unknown, message: RegExp]> = {
  'a size that is not whole': [
    () => new nn.Linear(2.5, 1),
    /Linear: expected inFeatures to be a whole number >= 0, got 2\.5/,
  ],
  'a negative size': [() => new nn.Linear(2, -1), /Linear: expected outFeatures/],
  'no channels': [() => new nn.Conv2d(0, 1, 3), /Conv2d: expected inChannels to be a whole number >= 1, got 0/],
  'a kernel of another rank': [
    () => new nn.Conv2d(1, 1, [3, 3, 3]),
    /Conv2d: expected kernelSize to be a number or 2 numbers/,
  ],
  'a kernel of size 0': [() => new nn.Conv1d(1, 1, 0), /Conv1d: expected kernelSize/],
  'negative padding': [() => new nn.Conv2d(1, 1, 3, { padding: -1 }), /Conv2d: expected padding/],
  'an unknown padding': [
    () => new nn.Conv2d(1, 1, 3, { padding: 'full' as never }),
    /expected padding to be one of 'same', 'valid'/,
  ],
  'same padding with a stride': [
    () => new nn.Conv2d(1, 1, 3, { padding: 'same', stride: 2 }),
    /padding 'same' needs stride 1/,
  ],
  'groups that do not divide': [() => new nn.Conv2d(3, 4, 3, { groups: 2 }), /multiples of groups 2/],
  'an unknown padding mode': [() => new nn.Conv2d(1, 1, 3, { paddingMode: 'mirror' as never }), /paddingMode/],
  'pooling windows of size 0': [() => new nn.MaxPool2d(0), /MaxPool2d: expected kernelSize/],
  'a stride of 0': [() => new nn.AvgPool2d(2, { stride: 0 }), /AvgPool2d: expected stride/],
  'a probability above 1': [() => new nn.Dropout(1.5), /Dropout: expected p from 0 to 1, got 1\.5/],
  'a probability that is NaN': [() => new nn.Dropout2d({ p: NaN }), /Dropout2d: expected p/],
  'a padding row beyond the table': [
    () => new nn.Embedding(3, 2, { paddingIdx: 3 }),
    /Embedding: expected paddingIdx from -3 to 2, got 3/,
  ],
  'an empty table': [() => new nn.Embedding(0, 2), /numEmbeddings/],
  'an unknown way of making bags': [
    () => new nn.EmbeddingBag(3, 2, { mode: 'min' as never }),
    /EmbeddingBag: expected mode/,
  ],
  'no groups': [() => new nn.GroupNorm(0, 4), /numGroups/],
  'channels that fit no groups': [() => new nn.GroupNorm(3, 4), /4 channels can't be put into 3 groups/],
  'nothing to normalise': [() => new nn.LayerNorm([]), /normalizedShape/],
  'no hidden units': [() => new nn.LSTM(3, 0), /LSTM: expected hiddenSize/],
  'no layers': [() => new nn.GRU(3, 4, { numLayers: 0 }), /GRU: expected numLayers/],
  'an unknown nonlinearity': [() => new nn.RNN(3, 4, { nonlinearity: 'gelu' as never }), /nonlinearity/],
  'a projection that is no smaller': [() => new nn.LSTM(3, 4, { projSize: 4 }), /projSize smaller than hiddenSize 4/],
  'heads that do not divide': [() => new nn.MultiheadAttention(8, 3), /embedDim 8 to be a multiple of numHeads 3/],
  'an unknown activation': [() => new nn.TransformerEncoderLayer(8, 2, { activation: 'tanh' as never }), /activation/],
  'no sub-layers': [() => new nn.TransformerEncoder(new nn.TransformerEncoderLayer(8, 2), 0), /numLayers/],
  'bounds in the wrong order': [() => new nn.Hardtanh({ minVal: 1, maxVal: 0 }), /expected minVal < maxVal/],
  'no dim': [() => new nn.Softmax(undefined as never), /Softmax: expected dim to be a number, got undefined/],
  'sides of another rank': [() => new nn.ZeroPad2d([1, 2]), /ZeroPad2d: expected one or 4 whole numbers/],
  'a negative beta': [() => new nn.SmoothL1Loss({ beta: -1 }), /beta/],
  'a delta of 0': [() => new nn.HuberLoss({ delta: 0 }), /delta/],
  'a truncated normal without room': [() => nn.init.truncNormal_(zeros([2]), { a: 1, b: 1 }), /expected a < b/],
  'an unknown fan': [() => nn.init.kaimingUniform_(zeros([2, 2]), { mode: 'fan' as never }), /fanIn/],
  'an unknown gain': [() => nn.init.calculateGain('swish' as never), /unknown nonlinearity 'swish'/],
};

for (const [name, [make, message]] of Object.entries(refused)) {
  test(name, () => {
    assert.throws(make, (error: unknown) => error instanceof ValueError && message.test(error.message));
  });
}

test('fans of a vector', () => {
  assert.throws(() => nn.init.xavierUniform_(zeros([3])), {
    name: 'ShapeError',
    message: /fans need a tensor of 2 or more dims/,
  });
});

test('gains', () => {
  assert.equal(nn.init.calculateGain('relu'), Math.SQRT2);
  assert.equal(nn.init.calculateGain('tanh'), 5 / 3);
  assert.equal(nn.init.calculateGain('leakyRelu', 0.2), Math.sqrt(2 / 1.04));
  assert.equal(nn.init.calculateGain('leaky_relu', 0.2), Math.sqrt(2 / 1.04));
  assert.equal(nn.init.calculateGain('selu'), 0.75);
  assert.equal(nn.init.calculateGain('conv2d'), 1);
});

const misfits: Record<string, [run: () => unknown, message: RegExp]> = {
  'channels of a convolution': [
    () => new nn.Conv2d(3, 4, 3)(zeros([2, 4, 8, 8])),
    /expected 3 channels, got input \[2, 4, 8, 8\]/,
  ],
  'an input too small for the kernel': [
    () => new nn.Conv2d(1, 1, 5)(zeros([1, 1, 3, 3])),
    /larger than the padded input/,
  ],
  'channels of a transposed convolution': [
    () => new nn.ConvTranspose2d(3, 4, 3)(zeros([2, 4, 8, 8])),
    /expected 3 channels/,
  ],
  'dims of a batch norm': [() => new nn.BatchNorm2d(3)(zeros([2, 3])), /expected an input of 4 dims, got \[2, 3\]/],
  'a single value per channel': [() => new nn.BatchNorm1d(3)(zeros([1, 3])), /more than one value per channel/],
  'features of a layer norm': [() => new nn.LayerNorm(4)(zeros([2, 5])), /expected 4 features, got input \[2, 5\]/],
  'features of a recurrent layer': [() => new nn.GRU(3, 4)(zeros([5, 2, 4])), /expected 3 features/],
  'a hidden state': [
    () => new nn.GRU(3, 4)(zeros([5, 2, 3]), zeros([1, 3, 4])),
    /expected a hidden state of shape \[1, 2, 4\], got \[1, 3, 4\]/,
  ],
  'a cell state': [
    () => new nn.LSTM(3, 4)(zeros([5, 2, 3]), [zeros([1, 2, 4]), zeros([1, 2, 3])]),
    /expected a cell state of shape \[1, 2, 4\], got \[1, 2, 3\]/,
  ],
  'an attention mask': [
    () =>
      new nn.MultiheadAttention(4, 2)(zeros([3, 1, 4]), zeros([3, 1, 4]), zeros([3, 1, 4]), {
        attnMask: zeros([2, 3]),
      }),
    /expected attnMask of shape \[3, 3\] or \[2, 3, 3\], got \[2, 3\]/,
  ],
  'a pooling input': [() => new nn.MaxPool2d(2)(zeros([4, 4])), /expected an input of 3 dims \(no batch\) or 4 dims/],
  'an input too small to mirror': [
    () => new nn.ReflectionPad1d(3)(zeros([1, 1, 3])),
    /pads a dim of size 3 by at most 2/,
  ],
  'shapes of attention': [
    () => nn.functional.scaledDotProductAttention(zeros([1, 2, 3]), zeros([1, 2, 4]), zeros([1, 2, 4])),
    /expected query \[\.\.\., L, E\]/,
  ],
};

for (const [name, [run, message]] of Object.entries(misfits)) test(name, () => assert.throws(run, message));
