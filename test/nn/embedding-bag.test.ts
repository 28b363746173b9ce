// What PyTorch 1.13 can't show of bags of rows: gradients divided by how often a row was looked up, where it counts another row.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as nn from 'flambeau/nn';

import { tensor } from '../../src/tensor/create.js';

for (const mode of ['sum', 'mean'] as const) {
  test(`scaleGradByFreq divides each row's gradient by its number of look-ups, with mode ${mode}`, () => {
    const numbers = tensor([
      [1n, 1n, 2n],
      [5n, 7n, 7n],
    ]);
    const scaled = new nn.EmbeddingBag(10, 1, { mode, scaleGradByFreq: true });
    scaled(numbers).sum().backward();
    const each = mode === 'sum' ? 1 : 1 / 3;
    const expected = [0, each, each, 0, 0, each, 0, each, 0, 0];
    const gradient = scaled.weight.grad!.flatten().toArray() as number[];
    gradient.forEach((value, row) => assert.ok(Math.abs(value - expected[row]!) < 1e-6, `row ${row}: ${value}`));
  });
}
