// Tools around modules: bounds for gradients, parameters as a vector, sequences of different lengths, weights split in two.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import * as nn from 'flambeau/nn';

import { noGrad } from '../../src/autograd/mode.js';
import { ShapeError, ValueError } from '../../src/errors.js';
import { arange, ones, tensor, zeros } from '../../src/tensor/create.js';
import { manualSeed } from '../../src/tensor/generator.js';
import { randn } from '../../src/tensor/random.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import { make } from './recipe.js';

const { utils } = nn;

function withGradients(...gradients: Tensor[]): nn.Parameter[] {
  return gradients.map((gradient) => {
    const parameter = new nn.Parameter(zeros(gradient.shape));
    parameter.grad = gradient;
    return parameter;
  });
}

describe('clipGradNorm_', () => {
  test('scales all gradients together and returns the norm before', () => {
    const parameters = withGradients(tensor([3, 0]), tensor([[4]]));
    assert.equal(utils.clipGradNorm_(parameters, 1).item(), 5);
    assert.ok(parameters[0]!.grad!.allclose(tensor([0.6, 0]), { atol: 1e-6 }));
    assert.ok(parameters[1]!.grad!.allclose(tensor([[0.8]]), { atol: 1e-6 }));
  });

  test('leaves smaller gradients alone and passes over parameters without', () => {
    const parameters = [...withGradients(tensor([3, 4])), new nn.Parameter(zeros([2]))];
    assert.equal(utils.clipGradNorm_(parameters, 10).item(), 5);
    assert.deepEqual(parameters[0]!.grad!.toArray(), [3, 4]);
    assert.equal(utils.clipGradNorm_([new nn.Parameter(zeros([2]))], 1).item(), 0);
  });

  test('knows other norms, a single tensor, and refuses an infinite norm when asked to', () => {
    const [parameter] = withGradients(tensor([3, -4]));
    assert.equal(utils.clipGradNorm_(parameter!, 100, { normType: Infinity }).item(), 4);
    assert.equal(utils.clipGradNorm_(parameter!, 100, { normType: 1 }).item(), 7);
    const broken = withGradients(tensor([Infinity]));
    assert.throws(() => utils.clipGradNorm_(broken, 1, { errorIfNonfinite: true }), ValueError);
  });
});

test('clipGradValue_ moves every element into the bounds', () => {
  const parameters = withGradients(tensor([3, -4, 0.5]));
  utils.clipGradValue_(parameters, 1);
  assert.deepEqual(parameters[0]!.grad!.toArray(), [1, -1, 0.5]);
  assert.throws(() => utils.clipGradValue_(parameters, -1), ValueError);
});

test('parameters become a vector and come back', () => {
  const layer = new nn.Linear(2, 3);
  const vector = utils.parametersToVector(layer.parameters());
  assert.deepEqual(vector.shape, [9]);
  vector.sum().backward();
  assert.ok(layer.weight.grad!.equal(ones([3, 2])));
  utils.vectorToParameters(arange(9, { dtype: 'float32' }), layer.parameters());
  assert.deepEqual(layer.bias!.toArray(), [6, 7, 8]);
  assert.throws(() => utils.vectorToParameters(zeros([8]), layer.parameters()), ShapeError);
});

describe('sequences', () => {
  const padded = make({ shape: [4, 3, 2] }, 1, 'float32');

  test('packing keeps what the lengths cover, padding brings it back', () => {
    const packed = utils.packPaddedSequence(padded, tensor([2n, 4n, 1n]), { enforceSorted: false });
    assert.deepEqual(packed.batchSizes, [3, 2, 1, 1]);
    assert.deepEqual(packed.sortedIndices!.toArray(), [1, 0, 2]);
    assert.deepEqual(packed.unsortedIndices!.toArray(), [1, 0, 2]);
    assert.ok(packed.data.select(0, 0).equal(padded.select(0, 0).select(0, 1)));
    const [back, lengths] = utils.padPackedSequence(packed, { paddingValue: -9 });
    assert.deepEqual(lengths.toArray(), [2, 4, 1]);
    assert.ok(back.select(1, 1).equal(padded.select(1, 1)));
    assert.ok(
      back
        .select(1, 0)
        .narrow(0, 0, 2)
        .equal(padded.select(1, 0).narrow(0, 0, 2)),
    );
    assert.ok(back.select(1, 0).narrow(0, 2, 2).eq(-9).all().item());
    const [wide] = utils.padPackedSequence(packed, { batchFirst: true, totalLength: 6 });
    assert.deepEqual(wide.shape, [3, 6, 2]);
  });

  test('gradients find their way through packing and padding', () => {
    const x = padded.clone().requiresGrad_();
    const [back] = utils.padPackedSequence(utils.packPaddedSequence(x, [4, 2, 1]));
    back.sum().backward();
    assert.equal(x.grad!.sum().item(), 14);
  });

  test('what is not sorted, too long or empty is refused', () => {
    assert.throws(
      () => utils.packPaddedSequence(padded, [2, 4, 1]),
      /not falling: sort the batch, or pass \{ enforceSorted: false \}/,
    );
    assert.throws(() => utils.packPaddedSequence(padded, [5, 2, 1]), /lengths from 1 to 4, got 5/);
    assert.throws(() => utils.packPaddedSequence(padded, [4, 2, 0]), /got 0/);
    assert.throws(() => utils.packPaddedSequence(padded, [4, 2]), ShapeError);
    const packed = utils.packPaddedSequence(padded, [4, 2, 1]);
    assert.throws(() => utils.padPackedSequence(packed, { totalLength: 3 }), ValueError);
  });

  test('sequences of different lengths are padded and packed', () => {
    const sequences = [tensor([[1], [2]]), tensor([[3]]), tensor([[4], [5], [6]])];
    assert.deepEqual(utils.padSequence(sequences, { batchFirst: true, paddingValue: -1 }).squeeze(2).toArray(), [
      [1, 2, -1],
      [3, -1, -1],
      [4, 5, 6],
    ]);
    const packed = utils.packSequence(sequences, { enforceSorted: false });
    assert.deepEqual(packed.data.squeeze(1).toArray(), [4, 1, 3, 5, 2, 6]);
    assert.deepEqual(
      utils.unpackSequence(packed).map((sequence) => sequence.squeeze(1).toArray()),
      [[1, 2], [3], [4, 5, 6]],
    );
    assert.throws(() => utils.padSequence([zeros([2, 1]), zeros([2, 3])]), ShapeError);
  });

  test('a padded run and a packed one agree on what is not padding', () => {
    const gru = new nn.GRU(2, 3, { bidirectional: true });
    const [packed, hidden] = gru(utils.packPaddedSequence(padded, [3, 3, 3]));
    const [output, expected] = gru(padded.narrow(0, 0, 3));
    assert.ok(utils.padPackedSequence(packed)[0].allclose(output, { atol: 1e-6 }));
    assert.ok(hidden.allclose(expected, { atol: 1e-6 }));
  });
});

describe('weightNorm', () => {
  test('splits a weight into length and direction without changing what the layer computes', () => {
    const layer = new nn.Linear(3, 4);
    const x = make({ shape: [2, 3] }, 1, 'float32');
    const expected = layer(x).detach();
    assert.equal(utils.weightNorm(layer), layer);
    assert.deepEqual(
      Object.entries(layer.stateDict()).map(([name, { shape }]) => [name, shape]),
      [
        ['bias', [4]],
        ['weight_g', [4, 1]],
        ['weight_v', [4, 3]],
      ],
    );
    assert.ok(layer(x).allclose(expected, { atol: 1e-6 }));
    layer(x).sum().backward();
    const fields = layer as unknown as { weightG: nn.Parameter; weightV: nn.Parameter };
    assert.ok(fields.weightG.grad && fields.weightV.grad);
    // A step of the direction along itself changes nothing: its gradient is orthogonal to it.
    assert.ok(fields.weightV.grad.mul(fields.weightV).sum(1).abs().amax().item() < 1e-5);
    noGrad(() => fields.weightG.mul_(2));
    const bias = layer.bias!.detach();
    assert.ok(layer(x).sub(bias).allclose(expected.sub(bias).mul(2), { atol: 1e-5 }));
  });

  test('has the gradients that PyTorch has', () => {
    for (const [dim, gradG, gradV] of [
      [0, 3.8571794, 1.2929381],
      [1, 3.3273776, 2.3405294],
      [-1, 2.843465, 2.9093347],
      [null, 2.843465, 2.9093347],
    ] as const) {
      manualSeed(0);
      const layer = utils.weightNorm(new nn.Linear(3, 4), { dim });
      layer(randn([2, 3]))
        .square()
        .sum()
        .backward();
      const norms = ['weight_g', 'weight_v'].map((name) => layer.getParameter(name).grad!.norm().item());
      assert.ok(Math.abs(norms[0]! - gradG) < 1e-5 && Math.abs(norms[1]! - gradV) < 1e-5, `dim ${dim}`);
    }
  });

  test('knows one length for all, names of recurrent weights, and the way back', () => {
    const whole = utils.weightNorm(new nn.Linear(3, 4), { dim: null });
    assert.deepEqual(whole.stateDict()['weight_g']!.shape, []);
    const lstm = utils.weightNorm(new nn.LSTM(2, 3), { name: 'weightHhL0' });
    assert.ok('weight_hh_l0_g' in lstm.stateDict());
    const x = make({ shape: [2, 1, 2] }, 1, 'float32');
    const before = lstm(x)[0];
    utils.removeWeightNorm(lstm, { name: 'weightHhL0' });
    assert.ok('weight_hh_l0' in lstm.stateDict());
    assert.ok(lstm(x)[0].allclose(before, { atol: 1e-6 }));
    assert.throws(() => utils.removeWeightNorm(lstm), ValueError);
    assert.throws(() => utils.weightNorm(whole), /split already/);
    assert.throws(() => utils.weightNorm(new nn.ReLU()), /ReLU has no parameter 'weight'/);
  });
});
