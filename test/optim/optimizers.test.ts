// Every optimiser against PyTorch: 50 updates of three parameters in two groups with given gradients, then the state.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { DType, Tensor } from 'flambeau';
import * as optim from 'flambeau/optim';

import { assertClose, fixture, initialParameters, setGradients } from './prescribed.ts';

interface Case {
  readonly name: string;
  readonly dtype: DType;
  readonly options: Record<string, unknown>;
  readonly params: readonly unknown[];
  readonly state: Record<string, Record<string, unknown>>;
  readonly group: Record<string, unknown>;
}

interface Fixture {
  readonly secondLr: number;
  readonly checked: readonly number[];
  readonly cases: readonly Case[];
}

const pytorch = fixture<Fixture>('optimizers');

type AnyOptimizer = new (params: Iterable<optim.ParamGroupInput>, options: Record<string, unknown>) => optim.Optimizer;

function make({ name, dtype, options }: Pick<Case, 'name' | 'dtype' | 'options'>): {
  params: Tensor[];
  optimizer: optim.Optimizer;
} {
  const params = initialParameters(dtype);
  const groups = [{ params: params.slice(0, 2) }, { params: params[2]!, lr: pytorch.secondLr }];
  return { params, optimizer: new (optim[name as 'SGD'] as unknown as AnyOptimizer)(groups, options) };
}

function advance(params: Tensor[], optimizer: optim.Optimizer, from: number, to: number, sign = 1): void {
  for (let step = from; step <= to; step++) {
    setGradients(params, step, sign);
    optimizer.step();
  }
}

/** A copy of a state dict that later steps don't change. */
function frozen(dict: optim.OptimizerStateDict): optim.OptimizerStateDict {
  const state = Object.entries(dict.state).map(([number, entry]) => [
    number,
    Object.fromEntries(
      Object.entries(entry).map(([key, value]) => [key, typeof value === 'number' ? value : (value as Tensor).clone()]),
    ),
  ]);
  return { state: Object.fromEntries(state) as optim.OptimizerStateDict['state'], param_groups: dict.param_groups };
}

for (const each of pytorch.cases) {
  const title = `${each.name} ${JSON.stringify(each.options)} ${each.dtype}`;
  // An element near 0 is a difference of larger numbers: in float32 their rounding is all that can be asked for, and over 50
  // steps that adds up: PyTorch's own float32 runs lie up to 1.4e-6 from its float64 ones.
  const [tolerance, floor] = each.dtype === 'float64' ? [1e-12, 1e-2] : [2e-6, 1];

  test(`${title}: 50 updates as in PyTorch`, () => {
    const { params, optimizer } = make(each);
    let done = 0;
    pytorch.checked.forEach((step, i) => {
      advance(params, optimizer, done + 1, step);
      done = step;
      assertClose(params, each.params[i], tolerance, `after step ${step}`, floor);
    });
    const { state, param_groups: groups } = optimizer.stateDict();
    assert.deepEqual(Object.keys(state), Object.keys(each.state));
    for (const [number, expected] of Object.entries(each.state)) {
      const actual = state[Number(number)]!;
      for (const [key, value] of Object.entries(expected)) {
        assertClose(actual[key], value, tolerance, `state of parameter ${number}: ${key}`, floor);
      }
    }
    for (const [key, value] of Object.entries(each.group)) assert.deepEqual(groups[0]![key], value, key);
    assert.deepEqual(
      groups.map((group) => group.params),
      [[0, 1], [2]],
    );
  });

  test(`${title}: continues from a state dict as if nothing had happened`, () => {
    const through = make(each);
    advance(through.params, through.optimizer, 1, 20);
    const dict = frozen(through.optimizer.stateDict());
    const resumed = make({ ...each, options: { ...each.options, lr: 123 } });
    resumed.params.forEach((param, i) => param.detach().copy_(through.params[i]!.detach()));
    resumed.optimizer.loadStateDict(dict);
    advance(through.params, through.optimizer, 21, 40);
    advance(resumed.params, resumed.optimizer, 21, 40);
    assert.deepEqual(
      resumed.params.map((param) => param.toArray()),
      through.params.map((param) => param.toArray()),
    );
    assert.deepEqual(resumed.optimizer.stateDict().param_groups, through.optimizer.stateDict().param_groups);
  });
}

test("a state dict of PyTorch's is taken over, its 0-d tensors as numbers", () => {
  const each = pytorch.cases.find(({ name, dtype }) => name === 'NAdam' && dtype === 'float64')!;
  const full = make(each);
  advance(full.params, full.optimizer, 1, 50);
  const { state, param_groups: groups } = frozen(full.optimizer.stateDict());
  const asTensors = Object.fromEntries(
    Object.entries(state).map(([number, { step, mu_product: product, ...moments }]) => {
      const scalar = (value: unknown): Tensor =>
        full.params[2]!.detach()
          .clone()
          .fill_(value as number);
      return [number, { ...moments, step: scalar(step), mu_product: scalar(product) }];
    }),
  );
  const resumed = make(each);
  resumed.optimizer.loadStateDict({
    state: asTensors,
    param_groups: groups.map((group) => ({ ...group, foreach: null, capturable: false })),
  });
  assert.deepEqual(resumed.optimizer.stateDict().state[0]!['step'], 50);
  assert.ok(!('foreach' in resumed.optimizer.paramGroups[0]!));
  resumed.params.forEach((param, i) => param.detach().copy_(full.params[i]!.detach()));
  advance(full.params, full.optimizer, 51, 55);
  advance(resumed.params, resumed.optimizer, 51, 55);
  assertClose(resumed.params, full.params, 0, 'after five more steps');
});

for (const name of ['NAdam', 'RAdam'] as const) {
  test(`${name}: maximize climbs as descending with the opposite gradient does`, () => {
    const down = make({ name, dtype: 'float64', options: {} });
    const up = make({ name, dtype: 'float64', options: { maximize: true } });
    advance(down.params, down.optimizer, 1, 20, -1);
    advance(up.params, up.optimizer, 1, 20);
    assertClose(up.params, down.params, 0, 'after 20 steps');
  });

  test(`${name}: decoupled weight decay shrinks the parameters before a step without decay`, () => {
    const plain = make({ name, dtype: 'float64', options: { lr: 0.02 } });
    const decayed = make({
      name,
      dtype: 'float64',
      options: { lr: 0.02, weightDecay: 0.5, decoupledWeightDecay: true },
    });
    for (let step = 1; step <= 10; step++) {
      for (const param of plain.params) {
        const lr = param === plain.params[2] ? pytorch.secondLr : 0.02;
        if (!(param === plain.params[1] && step % 7 === 3)) param.detach().mul_(1 - lr * 0.5);
      }
      advance(plain.params, plain.optimizer, step, step);
      advance(decayed.params, decayed.optimizer, step, step);
    }
    assertClose(decayed.params, plain.params, 1e-15, 'after 10 steps');
  });
}
