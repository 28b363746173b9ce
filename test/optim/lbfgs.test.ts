// L-BFGS against PyTorch, with and without the line search, on a function with a curved valley.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isGradEnabled, noGrad, tensor, type Tensor } from 'flambeau';
import * as optim from 'flambeau/optim';

import { assertClose, fixture } from './prescribed.ts';

interface Case {
  readonly options: optim.LBFGSOptions;
  readonly steps: readonly { loss: number; params: unknown; evaluations: number; iterations: number }[];
  readonly state: readonly string[];
}

const cases = fixture<Case[]>('lbfgs');

/** The function of scripts/oracle/optim: its value and gradients. */
function valley(x: readonly number[], y: readonly number[]): { loss: number; grads: number[][] } {
  let loss = 0;
  const grads = [
    [0, 0],
    [0, 0],
  ];
  for (let i = 0; i < 2; i++) {
    const across = y[i]! - x[i]! * x[i]!;
    const along = 1 - x[i]!;
    const steep = 10 + 5 * i;
    loss += steep * across * across + along * along;
    grads[0]![i] = -4 * steep * across * x[i]! - 2 * along;
    grads[1]![i] = 2 * steep * across;
  }
  return { loss, grads };
}

function start(options: optim.LBFGSOptions): { params: Tensor[]; optimizer: optim.LBFGS; closure: () => number } {
  const params = [tensor([-0.6, 0.4], { dtype: 'float64' }), tensor([0.7, -0.3], { dtype: 'float64' })];
  for (const param of params) param.requiresGrad_();
  const closure = (): number => {
    const [x, y] = params.map((param) => param.toArray() as number[]);
    const { loss, grads } = valley(x!, y!);
    params.forEach((param, i) => (param.grad = tensor(grads[i]!, { dtype: 'float64' })));
    return loss;
  };
  return { params, optimizer: new optim.LBFGS(params, options), closure };
}

for (const { options, steps, state: keys } of cases) {
  test(`LBFGS ${JSON.stringify(options)}: as in PyTorch`, () => {
    const { params, optimizer, closure } = start(options);
    steps.forEach((expected, i) => {
      const loss = optimizer.step(closure);
      // Each iteration steers by the rounding of those before it.
      assertClose(loss, expected.loss, 1e-9, `loss of step ${i}`, 1e-12);
      assertClose(params, expected.params, 1e-9, `parameters after step ${i}`);
      const state = optimizer.stateDict().state[0]!;
      assert.equal(state['n_iter'], expected.iterations, `iterations after step ${i}`);
      assert.equal(state['func_evals'], expected.evaluations, `evaluations after step ${i}`);
    });
    assert.deepEqual(Object.keys(optimizer.stateDict().state[0]!).sort(), keys);
  });

  test(`LBFGS ${JSON.stringify(options)}: continues from a state dict`, () => {
    const through = start(options);
    through.optimizer.step(through.closure);
    through.optimizer.step(through.closure);
    const resumed = start({});
    resumed.params.forEach((param, i) => param.detach().copy_(through.params[i]!.detach()));
    resumed.optimizer.loadStateDict(through.optimizer.stateDict());
    for (let step = 0; step < 3; step++) {
      assert.equal(resumed.optimizer.step(resumed.closure), through.optimizer.step(through.closure));
    }
    assertClose(resumed.params, through.params, 0, 'parameters');
  });
}

test('LBFGS with autograd: the closure runs with gradients recorded and its loss is returned', () => {
  const target = tensor([3, -2], { dtype: 'float64' });
  const x = tensor([0, 0], { dtype: 'float64', requiresGrad: true });
  const optimizer = new optim.LBFGS([x], { lineSearchFn: 'strong_wolfe' });
  const loss = noGrad(() =>
    optimizer.step(() => {
      assert.ok(isGradEnabled());
      optimizer.zeroGrad();
      const value = x.sub(target).square().sum();
      value.backward();
      return value;
    }),
  );
  assert.equal(loss.item(), 13);
  assertClose(x, [3, -2], 1e-9, 'the minimum');
});

test('LBFGS refuses to step without a closure, and more than one parameter group', () => {
  const { params, optimizer } = start({});
  assert.throws(() => optimizer.step(), /LBFGS: step needs a closure/);
  assert.throws(() => new optim.LBFGS(params.map((param) => ({ params: param }))), /LBFGS: .*one parameter group only/);
  assert.throws(() => new optim.LBFGS(params, { maxIter: 0 }), /invalid maxIter 0: expected a whole number >= 1/);
  assert.throws(
    () => new optim.LBFGS(params, { lineSearchFn: 'armijo' as 'strong_wolfe' }),
    /unknown lineSearchFn armijo: expected 'strong_wolfe' or null/,
  );
});

test('LBFGS: a parameter without a gradient stays where it is', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const idle = tensor([5], { requiresGrad: true });
  const optimizer = new optim.LBFGS([idle, x], { lr: 0.5 });
  optimizer.step(() => {
    optimizer.zeroGrad();
    const loss = x.square().sum();
    loss.backward();
    return loss;
  });
  assert.deepEqual(idle.toArray(), [5]);
  assert.ok(x.square().sum().item() < 5);
});
