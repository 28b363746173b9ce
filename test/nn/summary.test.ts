// The table of a model's modules.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as nn from 'flambeau/nn';

import { manualSeed } from '../../src/tensor/generator.js';

const model = (): nn.Sequential =>
  new nn.Sequential({
    features: new nn.Sequential(new nn.Conv2d(1, 4, 3, { padding: 1 }), new nn.BatchNorm2d(4), new nn.MaxPool2d(2)),
    flat: new nn.Flatten(),
    classifier: new nn.Linear(4 * 4 * 4, 10),
  });

test('shapes, parameters and multiply-adds, layer by layer', () => {
  assert.equal(
    model().summary([2, 1, 8, 8]),
    [
      'Module                  Output shape  Parameters  Multiply-adds',
      '---------------------------------------------------------------',
      'Sequential              [2, 10]                -              -',
      '  features: Sequential  [2, 4, 4, 4]           -              -',
      '    0: Conv2d           [2, 4, 8, 8]          40          4,608',
      '    1: BatchNorm2d      [2, 4, 8, 8]           8              -',
      '    2: MaxPool2d        [2, 4, 4, 4]           -              -',
      '  flat: Flatten         [2, 64]                -              -',
      '  classifier: Linear    [2, 10]              650          1,280',
      '---------------------------------------------------------------',
      'Parameters: 698, of them trained: 698',
      'Multiply-adds: 5,888',
    ].join('\n'),
  );
});

test('leaves the model as it was: mode, statistics, hooks', () => {
  const net = model();
  net.eval();
  net.get(0).train();
  const before = net.stateDict()['features.1.running_mean']!.clone();
  net.summary([2, 1, 8, 8]);
  assert.ok(net.stateDict()['features.1.running_mean']!.equal(before));
  assert.ok(!net.training && net.get(0).training);
});

test('inputs of other dtypes, several inputs, frozen and shared parameters', () => {
  manualSeed(0);
  const embedding = new nn.Embedding(10, 4);
  embedding.requiresGrad_(false);
  const text = new nn.Sequential(embedding, new nn.Flatten(), new nn.Linear(12, 2));
  const table = text.summary([5, 3], { dtype: 'int64' });
  assert.match(table, /0: Embedding +\[5, 3, 4\] +40/);
  assert.match(table, /Parameters: 66, of them trained: 26/);
  assert.match(
    new nn.Bilinear(2, 3, 4).summary([
      [5, 2],
      [5, 3],
    ]),
    /Bilinear +\[5, 4\] +28 +120/,
  );
  const shared = new nn.Linear(3, 3);
  const twice = new nn.Sequential(shared, shared).summary([1, 3]);
  assert.match(twice, /Parameters: 12,/);
  assert.match(twice, /Multiply-adds: 18$/);
});

test('recurrent layers and attention', () => {
  // 5 steps of 2 sequences, 4 gates of (3 + 4) * 4 products each.
  assert.match(new nn.LSTM(3, 4).summary([5, 2, 3]), /Multiply-adds: 1,120$/);
  // Projections 3 * 5 * 8 * 8, scores and sums 2 * 5 * 5 * 8, the last projection 5 * 8 * 8.
  const attention = new nn.MultiheadAttention(8, 2);
  assert.match(
    attention.summary([
      [5, 1, 8],
      [5, 1, 8],
      [5, 1, 8],
    ]),
    /Multiply-adds: 1,680$/,
  );
});
