// What could go wrong when the arguments of a fused step are kept from one step to the next.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { AutogradError, DTypeError, tensor, zeros, type Tensor } from 'flambeau';
import * as optim from 'flambeau/optim';
import { adoptData } from '../../src/tensor/tensor.js';

import { assertClose } from './prescribed.ts';

function parameter(...values: number[]): Tensor {
  return tensor(values, { dtype: 'float64', requiresGrad: true });
}

function stepWith(optimizer: optim.Optimizer, params: readonly Tensor[], ...grads: (number | null)[]): void {
  params.forEach((param, i) => {
    const grad = grads[i] ?? null;
    param.grad = grad === null ? null : zeros(param.shape, { dtype: param.dtype }).fill_(grad);
  });
  optimizer.step();
}

/** Adam for one parameter alone, as a check on one among others. */
function adamAlone(start: number, grads: readonly number[]): number {
  const param = parameter(start);
  const optimizer = new optim.Adam([param], { lr: 0.1 });
  for (const grad of grads) stepWith(optimizer, [param], grad);
  return param.item();
}

test('parameters whose gradient comes and goes are updated as each would be alone', () => {
  const params = [parameter(1), parameter(2), parameter(3)];
  const optimizer = new optim.Adam(params, { lr: 0.1 });
  const rounds: (number | null)[][] = [
    [1, null, 3],
    [2, null, -1],
    [0.5, 1, null],
    [0.5, -2, null],
    [null, 1, 2],
    [1, 1, 1],
  ];
  for (const grads of rounds) stepWith(optimizer, params, ...grads);
  params.forEach((param, i) => {
    const own = rounds.flatMap((grads) => grads[i] ?? []);
    assertClose(param, [adamAlone(i + 1, own)], 1e-15, `parameter ${i}`);
    assert.equal(optimizer.state.get(param)!.step, own.length);
  });
});

test('no gradient at all: nothing happens', () => {
  const param = parameter(1);
  const optimizer = new optim.AdamW([param]);
  optimizer.step();
  assert.deepEqual(param.toArray(), [1]);
  assert.deepEqual(optimizer.stateDict().state, {});
});

test('both dtypes and more parameters than one call takes', () => {
  const params = Array.from({ length: 150 }, (_, i) =>
    tensor([i, -i], { dtype: i % 3 === 0 ? 'float64' : 'float32', requiresGrad: true }),
  );
  const optimizer = new optim.SGD(params, { lr: 0.5, momentum: 0.5 });
  for (let step = 0; step < 3; step++) stepWith(optimizer, params, ...params.map(() => 1));
  // 0.5 * (1 + 1.5 + 1.75)
  params.forEach((param, i) => assert.deepEqual(param.toArray(), [i - 2.125, -i - 2.125]));
});

test('momentum switched on in mid-run begins with the gradient of then', () => {
  const param = parameter(0);
  const optimizer = new optim.SGD([param], { lr: 1 });
  stepWith(optimizer, [param], 1);
  optimizer.paramGroups[0]!.momentum = 0.5;
  stepWith(optimizer, [param], 1);
  stepWith(optimizer, [param], 1);
  assert.deepEqual(param.toArray(), [-3.5]);
});

test('a state that was cleared begins anew', () => {
  const param = parameter(0);
  const optimizer = new optim.SGD([param], { lr: 1, momentum: 0.5 });
  stepWith(optimizer, [param], 1);
  stepWith(optimizer, [param], 1);
  assert.deepEqual(param.toArray(), [-2.5]);
  optimizer.state.clear();
  stepWith(optimizer, [param], 1);
  assert.deepEqual(param.toArray(), [-3.5]);
});

test('a parameter that becomes float64 takes its state along', () => {
  const param = tensor([1], { requiresGrad: true });
  const optimizer = new optim.Adam([param], { lr: 0.25 });
  stepWith(optimizer, [param], 1);
  adoptData(param, param.detach().double());
  stepWith(optimizer, [param], 1);
  const { state } = optimizer.stateDict();
  assert.equal((state[0]!['exp_avg'] as Tensor).dtype, 'float64');
  assert.equal(state[0]!['step'], 2);
  assertClose(param, [0.5], 1e-6, 'two steps of lr');
});

test('a gradient of another dtype is refused', () => {
  const param = parameter(1);
  const optimizer = new optim.Adam([param]);
  param.grad = tensor([1]);
  assert.throws(
    () => optimizer.step(),
    (error) => error instanceof DTypeError && /Adam: a gradient of dtype float32 for .* float64/.test(error.message),
  );
});

test('parameters and gradients that are not contiguous', () => {
  const values = [
    [1, 2, 3],
    [4, 5, 6],
  ];
  const straight = tensor(values, { requiresGrad: true });
  const turned = tensor(values).t().requiresGrad_();
  for (const [param, grad] of [
    [straight, tensor(values)],
    [turned, tensor(values).t().contiguous()],
  ] as const) {
    const optimizer = new optim.Adam([param], { lr: 0.1 });
    for (let step = 0; step < 3; step++) {
      param.grad = grad;
      optimizer.step();
    }
  }
  assert.deepEqual(turned.detach().t().toArray(), straight.toArray());
});

test('a step counts as a change in place: a backward that needs the old values fails', () => {
  const x = parameter(2);
  const loss = x.square().sum();
  loss.backward({ retainGraph: true });
  new optim.SGD([x], { lr: 0.1 }).step();
  assert.throws(() => loss.backward(), AutogradError);
});

test('a step holds on to no gradient', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const param = parameter(1);
  const optimizer = new optim.SGD([param], { lr: 1, momentum: 0.5 });
  stepWith(optimizer, [param], 1);
  const kept = new WeakRef(param.grad!);
  optimizer.zeroGrad();
  // A WeakRef holds its target until the present job has ended.
  await new Promise((resolve) => setTimeout(resolve));
  collect();
  assert.equal(kept.deref(), undefined);
});
