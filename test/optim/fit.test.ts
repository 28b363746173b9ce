// Small fits from beginning to end: gradients by autograd, every optimiser finds the weights that made the data.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Generator, noGrad, randn, tensor, zeros, type Tensor } from 'flambeau';
import * as optim from 'flambeau/optim';

const trueWeights = [[0.5], [-1], [2]];
const trueBias = 0.25;

interface Regression {
  readonly params: readonly Tensor[];
  readonly loss: () => Tensor;
}

/** Least squares: inputs [32, 3], targets [32, 1] made by the true weights. */
function regression(): Regression {
  const inputs = randn([32, 3], { generator: new Generator().manualSeed(3) });
  const targets = inputs.matmul(tensor(trueWeights)).add(trueBias);
  const weight = zeros([3, 1]).requiresGrad_();
  const bias = zeros([1]).requiresGrad_();
  return {
    params: [weight, bias],
    loss: () => inputs.matmul(weight).add(bias).sub(targets).square().mean(),
  };
}

function fit(optimizer: optim.Optimizer, { loss }: Regression, steps: number, after?: () => void): number {
  for (let step = 0; step < steps; step++) {
    optimizer.step(() => {
      optimizer.zeroGrad();
      const value = loss();
      value.backward();
      return value;
    });
    after?.();
  }
  return noGrad(loss).item();
}

const optimizers: Readonly<Record<string, (params: Iterable<Tensor>) => optim.Optimizer>> = {
  SGD: (params) => new optim.SGD(params, { lr: 0.1, momentum: 0.8, nesterov: true }),
  Adam: (params) => new optim.Adam(params, { lr: 0.05 }),
  AdamW: (params) => new optim.AdamW(params, { lr: 0.05, weightDecay: 0, amsgrad: true }),
  NAdam: (params) => new optim.NAdam(params, { lr: 0.05 }),
  RAdam: (params) => new optim.RAdam(params, { lr: 0.05 }),
  Adamax: (params) => new optim.Adamax(params, { lr: 0.1 }),
  Adagrad: (params) => new optim.Adagrad(params, { lr: 0.5 }),
  // Near the minimum its step is lr times the gradient: with 1, beyond what this problem's curvature bears.
  Adadelta: (params) => new optim.Adadelta(params, { lr: 0.5, eps: 1e-2 }),
  RMSprop: (params) => new optim.RMSprop(params, { lr: 0.01 }),
  Rprop: (params) => new optim.Rprop(params),
  ASGD: (params) => new optim.ASGD(params, { lr: 0.1 }),
  LBFGS: (params) => new optim.LBFGS(params, { lineSearchFn: 'strong_wolfe' }),
};

for (const [name, make] of Object.entries(optimizers)) {
  test(`${name} finds the weights of a linear model`, () => {
    const problem = regression();
    const loss = fit(make(problem.params), problem, name === 'LBFGS' ? 5 : 300);
    assert.ok(loss < 1e-3, `loss ${loss}`);
    const [weight, bias] = problem.params;
    const off = weight!.detach().sub(tensor(trueWeights)).abs().max().item();
    assert.ok(off < 0.05, `weights ${String(weight)}`);
    assert.ok(Math.abs(bias!.item() - trueBias) < 0.05, `bias ${bias!.item()}`);
  });
}

test('a schedule beside the optimiser: OneCycleLR over AdamW', () => {
  const problem = regression();
  const optimizer = new optim.AdamW(problem.params);
  const scheduler = new optim.lrScheduler.OneCycleLR(optimizer, 0.2, { totalSteps: 120 });
  const loss = fit(optimizer, problem, 120, () => scheduler.step());
  assert.ok(loss < 1e-3, `loss ${loss}`);
  assert.ok(optimizer.paramGroups[0]!.lr < 1e-4);
});
