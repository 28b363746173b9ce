// Looking for the operation that made a NaN.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { autograd, AutogradError, tensor } from 'flambeau';

afterEach(() => autograd.setDetectAnomaly(false));

test('the operation whose gradient is NaN is named, with the line that called it', () => {
  autograd.setDetectAnomaly(true);
  const x = tensor([0, 4], { requiresGrad: true });
  const root = x.mul(0).sqrt(); // the line to be named
  assert.throws(
    () => root.mul(0).sum().backward(),
    (error) =>
      error instanceof AutogradError && /SqrtBackward0/.test(error.message) && /anomaly\.test\.ts/.test(error.message),
  );
});

test('without it the NaN goes on quietly', () => {
  const x = tensor([0, 4], { requiresGrad: true });
  x.mul(0).sqrt().mul(0).sum().backward();
  assert.ok(x.grad!.isnan().any().item());
});

test('sound gradients pass', () => {
  autograd.setDetectAnomaly(true);
  const x = tensor([1, 4], { requiresGrad: true });
  x.sqrt().sum().backward();
  assert.deepEqual(x.grad!.toArray(), [0.5, 0.25]);
});

test('operations of users and of two operands are named too', () => {
  autograd.setDetectAnomaly(true);
  class Bad extends autograd.Function {
    static forward(_ctx: autograd.FunctionContext, x: ReturnType<typeof tensor>) {
      return x.mul(1);
    }
    static backward(_ctx: autograd.FunctionContext, gradOut: ReturnType<typeof tensor>) {
      return gradOut.mul(NaN);
    }
  }
  assert.throws(() => Bad.apply(tensor([1], { requiresGrad: true })).backward(), /BadBackward/);
  const x = tensor([0], { requiresGrad: true });
  assert.throws(() => x.div(x.mul(1)).mul(0).backward(), /DivBackward0/);
});
