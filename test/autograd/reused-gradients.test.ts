// Kernels of gradients that write onto the gradient that came: nothing that anybody else looks at may change by it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { autograd, manualSeed, nn, randn, type Tensor } from 'flambeau';

const SHAPE = [8, 64, 40]; // large enough for blocks of their own

interface Program {
  readonly x: Tensor;
  readonly w: Tensor;
  readonly sum: Tensor;
  readonly left: Tensor;
  readonly loss: Tensor;
}

/** `relu(x)` and `tanh(w)` get one and the same gradient: twice their sum. */
function program(): Program {
  manualSeed(3);
  const [x, w] = [randn(SHAPE, { requiresGrad: true }), randn(SHAPE, { requiresGrad: true })];
  const left = x.relu();
  const sum = left.add(w.tanh());
  return { x, w, left, sum, loss: sum.square().sum() };
}

function assertEqual(actual: Tensor | null, expected: Tensor): void {
  assert.ok(actual);
  assert.deepEqual(actual.shape, expected.shape);
  const difference = actual.sub(expected).abs().max().item();
  assert.ok(difference < 1e-6, `differs by ${difference}`);
}

const whereActive = (x: Tensor): Tensor => x.detach().gt(0).float();
const slopeOfTanh = (w: Tensor): Tensor => w.detach().tanh().square().neg().add(1);

test('a gradient that goes two ways reaches both as it was', () => {
  const { x, w, sum, loss } = program();
  loss.backward();
  const shared = sum.detach().mul(2);
  assertEqual(x.grad, shared.mul(whereActive(x)));
  assertEqual(w.grad, shared.mul(slopeOfTanh(w)));
});

test('a gradient that a hook saw, that a tensor retained or that was asked for stays', () => {
  const { x, sum, left, loss } = program();
  const seen: Tensor[] = [];
  left.registerHook((gradient) => void seen.push(gradient));
  sum.retainGrad();
  loss.backward();
  const shared = sum.detach().mul(2);
  assertEqual(seen[0]!, shared);
  assertEqual(sum.grad, shared);
  assertEqual(x.grad, shared.mul(whereActive(x)));

  const again = program();
  const [ofLeft, ofX] = autograd.grad(again.loss, [again.left, again.x]) as [Tensor, Tensor];
  assertEqual(ofLeft, shared);
  assertEqual(ofX, shared.mul(whereActive(again.x)));
});

test('a second backward over the same graph gives the same', () => {
  const { x, w, loss } = program();
  loss.backward({ retainGraph: true });
  const [first, second] = [x.grad!.clone(), w.grad!.clone()];
  x.grad = w.grad = null;
  loss.backward();
  assertEqual(x.grad, first);
  assertEqual(w.grad, second);
});

test('a gradient given by the user stays', () => {
  const x = randn(SHAPE, { requiresGrad: true });
  const given = randn(SHAPE);
  const before = given.clone();
  x.relu().backward({ gradient: given });
  assertEqual(given, before);
  assertEqual(x.grad, before.mul(whereActive(x)));
});

for (const [name, norm] of [
  ['batch norm', new nn.BatchNorm2d(8)],
  ['batch norm with given statistics', new nn.BatchNorm2d(8).eval()],
  ['layer norm', new nn.LayerNorm([6, 7])],
] as const) {
  test(`${name} and what comes before it give the gradients of the composed formula`, () => {
    manualSeed(5);
    const x = randn([16, 8, 6, 7], { requiresGrad: true });
    const loss = (): Tensor => norm(x.tanh()).relu().square().sum();
    const [fused] = autograd.grad(loss(), [x]) as [Tensor];
    const [composed] = autograd.grad(loss(), [x], { createGraph: true }) as [Tensor];
    const difference = fused.sub(composed.detach()).abs().max().item();
    assert.ok(difference < 1e-4 * fused.abs().max().item(), `differs by ${difference}`);
  });
}
