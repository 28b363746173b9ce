// Modules with a gradient and an update written by hand, in the loop that is written for autograd and an optimiser.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as nn from 'flambeau/nn';

import { grad } from '../../src/autograd/backward.js';
import { noGrad } from '../../src/autograd/mode.js';
import { AutogradError } from '../../src/errors.js';
import { ones, tensor, zeros } from '../../src/tensor/create.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import { make } from './recipe.js';

class LogisticByHand extends nn.ManualModule {
  weight = new nn.Parameter(zeros([3, 1]));
  bias = new nn.Parameter(zeros([1]));
  private input: Tensor | null = null;

  override forward(x: Tensor): Tensor {
    this.input = x;
    return x.matmul(this.weight).add(this.bias);
  }

  override backward(gradOutput: Tensor): Tensor {
    this.weight.grad = this.input!.t().matmul(gradOutput);
    this.bias.grad = gradOutput.sum(0);
    return gradOutput.matmul(this.weight.t());
  }

  step(): void {
    noGrad(() => {
      for (const parameter of this.parameters()) parameter.sub_(parameter.grad!, { alpha: 0.5 });
    });
  }
}

const x = make({ shape: [8, 3] }, 1, 'float32');
const y = make({ shape: [8, 1], kind: 'bool' }, 2, 'float32').to('float32');

/** The loop that knows nothing of how gradients come about. */
function train(model: nn.Module & ((x: Tensor) => Tensor), optimizer: { zeroGrad(): void; step(): void }): number[] {
  const criterion = new nn.BCEWithLogitsLoss();
  return Array.from({ length: 20 }, () => {
    optimizer.zeroGrad();
    const loss = criterion(model(x), y);
    loss.backward();
    optimizer.step();
    return loss.item();
  });
}

test('a module that differentiates and updates itself trains in the same loop, with the same losses', () => {
  const byHand = new LogisticByHand();
  const layer = new nn.Linear(3, 1);
  noGrad(() => [...layer.parameters()].forEach((parameter) => parameter.zero_()));
  const plainDescent = {
    zeroGrad: () => layer.zeroGrad(),
    step: () =>
      noGrad(() => [...layer.parameters()].forEach((parameter) => parameter.sub_(parameter.grad!, { alpha: 0.5 }))),
  };
  const losses = train(byHand, byHand);
  const expected = train(layer, plainDescent);
  losses.forEach((loss, step) => assert.ok(Math.abs(loss - expected[step]!) < 1e-6, `step ${step}`));
  assert.ok(losses.at(-1)! < losses[0]!);
});

test('its gradients agree with those autograd finds in its forward', () => {
  const model = new LogisticByHand();
  const input = x.clone().requiresGrad_();
  model(input).square().sum().backward();
  const recorded = grad(model.forward(input).square().sum(), [model.weight, model.bias, input]);
  assert.ok(model.weight.grad!.allclose(recorded[0]!));
  assert.ok(model.bias.grad!.allclose(recorded[1]!));
  assert.ok(input.grad!.allclose(recorded[2]!));
});

test('gradients add up over several calls, and flow to what comes before', () => {
  const model = new LogisticByHand();
  noGrad(() => model.weight.fill_(1));
  const before = new nn.Linear(3, 3);
  const both = new nn.Sequential(before, model);
  const total = (): Tensor => both(ones([1, 3])).sum();
  total().backward();
  const once = model.bias.grad!.clone();
  total().backward();
  assert.ok(model.bias.grad!.equal(once.mul(2)));
  assert.ok(before.weight.grad);
});

test('the backward can be called by hand as well', () => {
  const model = new LogisticByHand();
  const output = noGrad(() => model(x));
  assert.equal(output.requiresGrad, false);
  const gradInput = model.backward(ones([8, 1]));
  assert.deepEqual(gradInput.shape, [8, 3]);
  assert.deepEqual(model.bias.grad!.toArray(), [8]);
});

test('gradients of the wrong number are refused', () => {
  class Wrong extends nn.ManualModule {
    override forward(a: Tensor): Tensor {
      return a.mul(2);
    }
    override backward(gradOutput: Tensor): Tensor[] {
      return [gradOutput, gradOutput];
    }
  }
  const output = new Wrong()(tensor([1], { requiresGrad: true }));
  assert.throws(
    () => output.backward(),
    (error: unknown) => {
      return error instanceof AutogradError && /Wrong\.backward returned 2 gradients for 1 inputs/.test(error.message);
    },
  );
});

test('autograd.grad reaches its parameters', () => {
  const model = new LogisticByHand();
  const [gradBias] = grad(model(x).sum(), [model.bias]);
  assert.deepEqual(gradBias!.toArray(), [8]);
  assert.equal(model.bias.grad, null);
});
