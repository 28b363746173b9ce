// Arguments with defaults: in PyTorch's order, or as fields of an options object.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arange, einsum, manualSeed, nn, ShapeError, tensor, ValueError, zeros, type Tensor } from 'flambeau';

const x = arange(9).reshape([3, 3]).float();

function drawn(fill: (x: Tensor) => Tensor): unknown {
  manualSeed(5);
  return fill(zeros([20])).toArray();
}

test('both forms mean the same', () => {
  const pairs: readonly [Tensor, Tensor][] = [
    [x.clamp(1, 4), x.clamp({ min: 1, max: 4 })],
    [x.clamp(undefined, 4), x.clamp({ max: 4 })],
    [x.clamp(tensor([1, 2, 3])), x.clamp({ min: tensor([1, 2, 3]) })],
    [x.clone().clamp_(1, 4), x.clone().clamp_({ min: 1, max: 4 })],
    [x.tril(1), x.tril({ diagonal: 1 })],
    [x.triu(-1), x.triu({ diagonal: -1 })],
    [x.diagonal(1), x.diagonal({ offset: 1 })],
    [x.diagonal(1, 1, 0), x.diagonal({ offset: 1, dim1: 1, dim2: 0 })],
    [einsum('ij,kj->ik', x, x), einsum('ij,kj->ik', [x, x])],
  ];
  for (const [positional, named] of pairs) assert.deepEqual(named.toArray(), positional.toArray());
  assert.deepEqual(x.tril(1).toArray(), [[0, 1, 0], [3, 4, 5], [6, 7, 8]]); // prettier-ignore
  assert.deepEqual(x.diagonal(1).toArray(), [1, 5]);
});

test('random fills too', () => {
  assert.deepEqual(drawn((t) => t.uniform_({ from: -1, to: 3 })), drawn((t) => t.uniform_(-1, 3))); // prettier-ignore
  assert.deepEqual(drawn((t) => t.normal_({ std: 2 })), drawn((t) => t.normal_(0, 2))); // prettier-ignore
  assert.deepEqual(drawn((t) => t.bernoulli_({ p: 0.2 })), drawn((t) => t.bernoulli_(0.2))); // prettier-ignore
  assert.deepEqual(drawn((t) => nn.init.uniform_(t, { a: -1 })), drawn((t) => nn.init.uniform_(t, -1, 1))); // prettier-ignore
  assert.deepEqual(drawn((t) => nn.init.normal_(t, { std: 2 })), drawn((t) => nn.init.normal_(t, 0, 2))); // prettier-ignore
});

test('sizes given one by one, and what is no number, are refused', () => {
  const shapeless = x as unknown as Record<string, (...sizes: number[]) => unknown>;
  for (const name of ['view', 'reshape', 'expand', 'repeat', 'permute']) {
    assert.throws(() => shapeless[name]!(3, 3), ShapeError);
  }
  assert.throws(() => x.diagonal('1' as unknown as number), ValueError);
  assert.throws(() => x.clamp(), /clamp: expected min, max or both/);
});
