// Inputs of the wrong size, for every layer that has a size: the error names the layer's path in the model, what was expected and
// what came. Targets out of range: the value and its place.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import * as nn from 'flambeau/nn';

import { tensor, zeros } from '../../src/tensor/create.js';
import type { Tensor } from '../../src/tensor/tensor.js';

test('a wrong feature count deep in a model', () => {
  class Layer extends nn.Module {
    linear1 = new nn.Linear(512, 16);
    linear2 = new nn.Linear(16, 512);
    override forward(x: Tensor): Tensor {
      return this.linear2(this.linear1(x).relu());
    }
  }
  class Encoder extends nn.Module {
    layers = new nn.ModuleList([new Layer(), new Layer()]);
    override forward(x: Tensor): Tensor {
      return [...this.layers].reduce((output, layer) => layer(output), x);
    }
  }
  class Model extends nn.Module {
    encoder = new Encoder();
    override forward(x: Tensor): Tensor {
      return this.encoder(x);
    }
  }
  assert.throws(() => new Model()(zeros([32, 64, 128])), {
    name: 'ShapeError',
    message: 'encoder.layers.0.linear1: expected 512 features, got input [32, 64, 128]',
  });
});

/** Any layer, whatever it is called with. */
type AnyLayer = nn.Module & ((...inputs: Tensor[]) => unknown);

const cases: readonly [layer: nn.Module, inputs: readonly (readonly number[])[], message: string][] = [
  [new nn.Linear(4, 2), [[3, 5]], 'expected 4 features, got input [3, 5]'],
  [new nn.Linear(4, 2), [[]], 'expected 4 features, got input []'],
  [
    new nn.Bilinear(4, 3, 2),
    [
      [5, 4],
      [5, 4],
    ],
    'expected 4 and 3 features, got inputs [5, 4] and [5, 4]',
  ],
  [new nn.Conv1d(4, 2, 3), [[2, 3, 9]], 'expected 4 channels, got input [2, 3, 9]'],
  [new nn.Conv2d(4, 2, 3), [[2, 3, 9, 9]], 'expected 4 channels, got input [2, 3, 9, 9]'],
  [new nn.Conv3d(4, 2, 3), [[2, 3, 9, 9, 9]], 'expected 4 channels, got input [2, 3, 9, 9, 9]'],
  [new nn.ConvTranspose1d(4, 2, 3), [[2, 3, 9]], 'expected 4 channels, got input [2, 3, 9]'],
  [new nn.ConvTranspose2d(4, 2, 3), [[3, 9, 9]], 'expected 4 channels, got input [3, 9, 9]'],
  [new nn.BatchNorm1d(4), [[5, 3]], 'expected 4 channels, got input [5, 3]'],
  [new nn.BatchNorm2d(4), [[5, 3, 2, 2]], 'expected 4 channels, got input [5, 3, 2, 2]'],
  [new nn.BatchNorm2d(4), [[5, 4]], 'expected an input of 4 dims, got [5, 4]'],
  [new nn.InstanceNorm2d(4, { affine: true }), [[5, 3, 2, 2]], 'expected 4 channels, got input [5, 3, 2, 2]'],
  [new nn.GroupNorm(2, 4), [[5, 6]], 'expected 4 channels, got input [5, 6]'],
  [new nn.LayerNorm(4), [[5, 3]], 'expected 4 features, got input [5, 3]'],
  [new nn.LayerNorm([2, 4]), [[5, 4, 2]], 'expected an input whose last dims are [2, 4], got [5, 4, 2]'],
  [new nn.RMSNorm(4), [[5, 3]], 'expected 4 features, got input [5, 3]'],
  [new nn.RNN(4, 2), [[5, 2, 3]], 'expected 4 features, got input [5, 2, 3]'],
  [new nn.GRU(4, 2), [[5, 3]], 'expected 4 features, got input [5, 3]'],
  [new nn.LSTM(4, 2, { batchFirst: true }), [[2, 5, 3]], 'expected 4 features, got input [2, 5, 3]'],
  [
    new nn.GRU(4, 2),
    [
      [5, 3, 4],
      [2, 3, 2],
    ],
    'expected a hidden state of shape [1, 3, 2], got [2, 3, 2]',
  ],
  [new nn.LSTMCell(4, 2), [[5, 3]], 'expected 4 features, got input [5, 3]'],
  [
    new nn.MultiheadAttention(4, 2),
    [
      [5, 2, 4],
      [5, 2, 3],
      [5, 2, 4],
    ],
    'expected 4 features, got key [5, 2, 3]',
  ],
];

describe('a wrong size names the layer', () => {
  for (const [layer, shapes, message] of cases) {
    test(`${layer.constructor.name}: ${message}`, () => {
      class Model extends nn.Module {
        blocks = new nn.ModuleDict({ first: layer });
        override forward(...inputs: Tensor[]): unknown {
          return (this.blocks.get('first') as AnyLayer)(...inputs);
        }
      }
      const inputs = shapes.map((shape) => zeros(shape));
      assert.throws(() => new Model()(...inputs), { name: 'ShapeError', message: `blocks.first: ${message}` });
    });
  }

  test('a layer inside of a layer of the library', () => {
    const model = new nn.Sequential({
      encoder: new nn.TransformerEncoder(new nn.TransformerEncoderLayer(8, 2, { dimFeedforward: 4 }), 2),
    });
    assert.throws(() => model(zeros([5, 2, 6])), {
      message: 'encoder.layers.0.self_attn: expected 8 features, got query [5, 2, 6]',
    });
  });
});

describe('targets out of range are named with their place', () => {
  const scores = zeros([2, 3]);
  const refused: readonly [loss: string, compute: () => unknown, message: RegExp][] = [
    ['CrossEntropyLoss', () => new nn.CrossEntropyLoss()(scores, tensor([1n, 3n])), /target 3 at \[1\].*0 to 2/],
    ['NLLLoss', () => new nn.NLLLoss()(scores, tensor([-1n, 0n])), /target -1 at \[0\].*0 to 2/],
    ['MultiMarginLoss', () => new nn.MultiMarginLoss()(scores, tensor([0n, 5n])), /target 5 at \[1\]/],
    [
      'MultiLabelMarginLoss',
      () =>
        new nn.MultiLabelMarginLoss()(
          scores,
          tensor([
            [0n, -1n, 9n],
            [1n, 7n, -1n],
          ]),
        ),
      /target 7 at \[1, 1\]/,
    ],
    [
      'CTCLoss, padded',
      () =>
        new nn.CTCLoss()(
          zeros([4, 2, 3]),
          tensor([
            [1n, 2n],
            [1n, 3n],
          ]),
          [4, 4],
          [2, 2],
        ),
      /labels from 0 to 2 other than blank 0, got 3 at \[1, 1\]/,
    ],
    [
      'CTCLoss, end to end',
      () => new nn.CTCLoss()(zeros([4, 2, 3]), tensor([1n, 2n, 0n]), [4, 4], [2, 1]),
      /other than blank 0, got 0 at \[2\]/,
    ],
    ['Embedding', () => new nn.Embedding(3, 2)(tensor([0n, -1n])), /row -1 at position 1 is out of range for 3 rows/],
    ['oneHot', () => nn.functional.oneHot(tensor([0n, 4n]), { numClasses: 3 }), /4/],
  ];
  for (const [loss, compute, message] of refused) test(loss, () => assert.throws(compute, message));
});
