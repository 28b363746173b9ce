// Gradients of windows on expanded tensors, whose elements are one in memory, and indexed changes of tensors without dims. The
// numbers are PyTorch's.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meshgrid, ones, tensor, zeros } from 'flambeau';

test('unfold of an expanded tensor counts each element as often as a window holds it', () => {
  const x = tensor([2], { requiresGrad: true });
  x.expand([7]).unfold(0, 3, 2).sum().backward();
  assert.deepEqual(x.grad!.toArray(), [9]);
});

test('overlapping windows add up', () => {
  const x = zeros([5, 2], { requiresGrad: true });
  x.unfold(0, 3, 1).sum().backward();
  assert.deepEqual(x.grad!.toArray(), [[1, 1], [2, 2], [3, 3], [2, 2], [1, 1]]); // prettier-ignore
});

test('asStrided of an expanded tensor', () => {
  const x = tensor([2], { requiresGrad: true });
  x.expand([4]).asStrided([4], [0]).sum().backward();
  assert.deepEqual(x.grad!.toArray(), [4]);
});

test('a tensor without dims takes indexed changes', () => {
  const zero = tensor([0n]);
  assert.equal(
    tensor(1)
      .indexAdd(0, zero, tensor([2]))
      .item(),
    3,
  );
  assert.equal(
    tensor(1)
      .indexCopy(0, zero, tensor([2]))
      .item(),
    2,
  );
  assert.equal(tensor(1).indexFill(0, zero, 5).item(), 5);
});

test('a grid of two dtypes, and a size that a tensor without dims has not, are refused', () => {
  assert.throws(
    () => meshgrid([ones([2]), tensor([1n])]),
    /meshgrid: expected vectors of one dtype, got float32 and int64/,
  );
  assert.throws(() => tensor(1).size(0), /size: dim 0 of a 0-d tensor/);
});
