// What backward hands to the user stays the user's: the engine gives back only what nobody else holds.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { autograd, ones, randn, tensor, type Tensor } from 'flambeau';

/** Makes and drops blocks, so that memory given back too early is written over. */
function churn(): void {
  for (let i = 0; i < 50; i++)
    randn([i + 1])
      .mul(2)
      .add(1);
}

test('the gradient of a leaf that is not contiguous can be read afterwards', () => {
  const x = randn([4, 3]).t().detach().requiresGrad_();
  x.mul(ones([3, 4]))
    .sum()
    .backward();
  churn();
  assert.deepEqual(x.grad!.toArray(), ones([3, 4]).toArray());
  assert.deepEqual(x.grad!.stride(), x.stride());
});

test('the gradient of an expanded leaf can be read afterwards', () => {
  const x = randn([1, 3]).expand([2, 3]).detach().requiresGrad_();
  x.mul(2).sum().backward();
  churn();
  assert.deepEqual(x.grad!.toArray(), [
    [2, 2, 2],
    [2, 2, 2],
  ]);
});

test('a retained gradient that accumulates can be read afterwards', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const y = x.mul(2);
  y.retainGrad();
  y.sum().backward({ retainGraph: true });
  y.sum().backward();
  churn();
  assert.deepEqual(y.grad!.toArray(), [2, 2]);
});

test('a tensor seen by a hook can be read afterwards', () => {
  const seen: Tensor[] = [];
  const x = tensor([1, 2], { requiresGrad: true });
  const y = x.mul(2);
  y.registerHook((grad) => void seen.push(grad));
  y.exp().mul(y.sin()).sum().backward();
  churn();
  const expected = [2, 4].map((v) => Math.exp(v) * (Math.sin(v) + Math.cos(v)));
  (seen[0]!.toArray() as number[]).forEach((value, i) => assert.ok(Math.abs(value - expected[i]!) < 1e-3));
});

test('captured gradients can be read afterwards, also when they are one tensor', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const y = tensor([3, 4], { requiresGrad: true });
  const [gx, gy] = autograd.grad(x.add(y).sum(), [x, y]);
  churn();
  assert.deepEqual(
    [gx!.toArray(), gy!.toArray()],
    [
      [1, 1],
      [1, 1],
    ],
  );
});

test('two leaves that get one gradient do not share it', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const y = tensor([3, 4], { requiresGrad: true });
  x.add(y).exp().sum().backward();
  x.grad!.zero_();
  assert.ok((y.grad!.toArray() as number[]).every((value) => value > 0));
});

test('the gradient given to backward is not changed', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const given = tensor([10, 20]);
  x.add(x).add(x).backward({ gradient: given });
  assert.deepEqual(given.toArray(), [10, 20]);
  assert.deepEqual(x.grad!.toArray(), [30, 60]);
  x.grad!.zero_();
  assert.deepEqual(given.toArray(), [10, 20]);
});

test("a leaf's gradient is not the gradient given to backward", () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const given = tensor([10, 20]);
  x.mul(1).backward({ gradient: given });
  x.backward({ gradient: given });
  given.zero_();
  assert.deepEqual(x.grad!.toArray(), [20, 40]);
});

test('a graph of a hundred thousand operations is walked without a stack', () => {
  const x = tensor([1], { requiresGrad: true });
  let y: Tensor = x;
  for (let i = 0; i < 100_000; i++) y = y.add(1);
  y.backward();
  assert.deepEqual(x.grad!.toArray(), [1]);
});
