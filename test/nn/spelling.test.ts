// Where PyTorch's programs and the rule of trailing options spell a call in different ways, both do the same.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as nn from 'flambeau/nn';

import { tensor, zeros } from '../../src/tensor/create.js';
import { manualSeed } from '../../src/tensor/generator.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import { make } from './recipe.js';

const F = nn.functional;

/** What a computation gives from one seed. */
function seeded(compute: () => Tensor): unknown {
  manualSeed(3);
  return compute().toArray();
}

const weight = make({ shape: [5, 4] }, 1, 'float32');
const query = make({ shape: [2, 3, 4] }, 2, 'float32');
const mask = tensor([
  [true, false, true],
  [true, true, false],
  [false, true, true],
]);

const pairs: readonly [what: string, one: () => Tensor, other: () => Tensor][] = [
  ['uniform_', () => nn.init.uniform_(zeros([3]), -2, 3), () => nn.init.uniform_(zeros([3]), { a: -2, b: 3 })],
  ['uniform_ with one bound', () => nn.init.uniform_(zeros([3]), -2), () => nn.init.uniform_(zeros([3]), { a: -2 })],
  ['normal_', () => nn.init.normal_(zeros([3]), 0, 0.02), () => nn.init.normal_(zeros([3]), { std: 0.02 })],
  ['Flatten', () => new nn.Flatten(0, 1)(query), () => new nn.Flatten({ startDim: 0, endDim: 1 })(query)],
  ['Dropout', () => new nn.Dropout(0.2)(query), () => new nn.Dropout({ p: 0.2 })(query)],
  ['LeakyReLU', () => new nn.LeakyReLU(0.2)(query), () => new nn.LeakyReLU({ negativeSlope: 0.2 })(query)],
  ['oneHot', () => F.oneHot(tensor([1n]), 3), () => F.oneHot(tensor([1n]), { numClasses: 3 })],
  [
    'embeddingBag',
    () => F.embeddingBag(tensor([1n, 2n, 4n]), weight, tensor([0n, 2n]), { mode: 'sum' }),
    () => F.embeddingBag(tensor([1n, 2n, 4n]), weight, { offsets: tensor([0n, 2n]), mode: 'sum' }),
  ],
  [
    'embeddingBag without offsets',
    () => F.embeddingBag(tensor([[1n, 2n]]), weight, undefined, { mode: 'max' }),
    () => F.embeddingBag(tensor([[1n, 2n]]), weight, { mode: 'max' }),
  ],
  [
    'scaledDotProductAttention',
    () => F.scaledDotProductAttention(query, query, query, mask, { scale: 0.3 }),
    () => F.scaledDotProductAttention(query, query, query, { attnMask: mask, scale: 0.3 }),
  ],
];

for (const [what, one, other] of pairs) {
  test(what, () => assert.deepEqual(seeded(one), seeded(other)));
}
