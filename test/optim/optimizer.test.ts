// What all optimisers share: groups, what is refused, gradients set back, closures, state dicts that don't fit.

import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { test } from 'node:test';

import {
  DTypeError,
  isGradEnabled,
  noGrad,
  SerializationError,
  tensor,
  ValueError,
  zeros,
  type Tensor,
} from 'flambeau';
import * as optim from 'flambeau/optim';

function parameter(...values: number[]): Tensor {
  return tensor(values, { requiresGrad: true });
}

const names = [
  'SGD',
  'Adam',
  'AdamW',
  'NAdam',
  'RAdam',
  'Adamax',
  'Adagrad',
  'Adadelta',
  'RMSprop',
  'Rprop',
  'ASGD',
  'LBFGS',
] as const;
type AnyOptimizer = new (params: Iterable<Tensor>, options: { lr: number }) => optim.Optimizer;

for (const name of names) {
  const Chosen = optim[name] as unknown as AnyOptimizer;

  test(`${name} refuses what can't be optimised`, () => {
    const refused = (make: () => unknown, message: RegExp): void => {
      assert.throws(make, (error) => {
        assert.ok(error instanceof ValueError || error instanceof DTypeError);
        assert.match(error.message, message);
        assert.ok(error.message.startsWith(`${name}: `), error.message);
        return true;
      });
    };
    refused(
      () => new Chosen([parameter(1)], { lr: -0.1 }),
      /parameter group 0: invalid lr -0.1: expected a number >= 0/,
    );
    refused(() => new Chosen([parameter(1)], { lr: NaN }), /invalid lr NaN/);
    refused(() => new Chosen([], { lr: 0.1 }), /got an empty parameter list/);
    refused(() => new Chosen(parameter(1), { lr: 0.1 }), /expected an iterable of parameters .* got a single tensor/);
    refused(() => new Chosen([parameter(1).mul(2)], { lr: 0.1 }), /params\[0\] is no leaf/);
    refused(() => new Chosen([3 as unknown as Tensor], { lr: 0.1 }), /parameter group 0: expected \{ params/);
    refused(
      () => new Chosen([parameter(1), 3 as unknown as Tensor], { lr: 0.1 }),
      /params\[1\] is no tensor but number/,
    );
    refused(() => new Chosen([tensor([1n])], { lr: 0.1 }), /params\[0\] is int64: only float tensors/);
    const twice = parameter(1);
    refused(() => new Chosen([twice, parameter(2), twice], { lr: 0.1 }), /params\[2\] is in the list twice/);
    refused(() => new Chosen([twice], { lr: 0.1, rate: 1 } as { lr: number }), /unknown option 'rate': expected lr/);
  });
}

test('options out of range are refused with their name', () => {
  const params = [parameter(1)];
  const refused = (make: () => unknown, message: RegExp): void => assert.throws(make, message);
  refused(() => new optim.SGD(params, { lr: 1, momentum: -1 }), /invalid momentum -1/);
  refused(() => new optim.SGD(params, { lr: 1, nesterov: true }), /nesterov needs a momentum > 0 and no dampening/);
  refused(() => new optim.SGD([{ params }]), /SGD: parameter group 0: gives no lr, which has no default/);
  refused(() => new optim.SGD([{ params, lr: -2 }]), /parameter group 0: invalid lr -2/);
  refused(() => new optim.Adam(params, { betas: [0.9, 1] }), /invalid betas\[1\] 1: expected a number in \[0, 1\)/);
  refused(() => new optim.Adam(params, { betas: [0.9] as unknown as [number, number] }), /expected two betas, got 1/);
  refused(() => new optim.AdamW(params, { weightDecay: -1 }), /invalid weightDecay -1/);
  refused(() => new optim.Adadelta(params, { rho: 1.5 }), /invalid rho 1.5: expected a number in \[0, 1\]/);
  refused(() => new optim.Rprop(params, { etas: [1.2, 0.5] }), /invalid etas \[1.2, 0.5\]/);
  refused(() => new optim.NAdam(params, { momentumDecay: -1 }), /invalid momentumDecay -1/);
});

test('the types know which options there are and which are needed', () => {
  const params = [parameter(1)];
  // @ts-expect-error SGD's learning rate has no default.
  assert.throws(() => new optim.SGD(params), /gives no lr/);
  // @ts-expect-error No such option.
  assert.throws(() => new optim.Adam(params, { learningRate: 1 }), /unknown option 'learningRate'/);
  // @ts-expect-error No such option of a group.
  assert.throws(() => new optim.Adam([{ params, momentum: 1 }]), /parameter group 0: unknown option 'momentum'/);
  const optimizer = new optim.RMSprop(params);
  const momentum: number = optimizer.paramGroups[0]!.momentum;
  assert.equal(momentum, 0);
  const loss: number = new optim.SGD(params, { lr: 0.1 }).step(() => 3);
  assert.equal(loss, 3);
});

test('groups take their own options, and new ones can be added; a parameter stands in one only', () => {
  const [a, b, c] = [parameter(1), parameter(2), parameter(3)];
  const optimizer = new optim.SGD([{ params: a }, { params: [b], lr: 0.5, momentum: 0.9 }], { lr: 0.1 });
  assert.deepEqual(
    optimizer.paramGroups.map(({ lr, momentum, params }) => [lr, momentum, params.length]),
    [
      [0.1, 0, 1],
      [0.5, 0.9, 1],
    ],
  );
  assert.throws(() => optimizer.addParamGroup({ params: [c, b] }), /params\[1\] is in parameter group 1 too/);
  assert.throws(() => optimizer.addParamGroup({ params: c, lr: -1 }), /parameter group 2: invalid lr -1/);
  assert.equal(optimizer.paramGroups.length, 2);
  optimizer.addParamGroup({ params: c });
  for (const param of [a, b, c]) param.grad = tensor([1]);
  optimizer.paramGroups[2]!.lr = 2;
  optimizer.step();
  assert.deepEqual(
    [a.item(), b.item(), c.item()].map((value) => value.toFixed(3)),
    ['0.900', '1.500', '1.000'],
  );
});

test('options of different groups are not shared', () => {
  const betas: [number, number] = [0.9, 0.99];
  const optimizer = new optim.Adam([{ params: parameter(1) }, { params: parameter(2) }], { betas });
  assert.notEqual(optimizer.paramGroups[0]!.betas, optimizer.paramGroups[1]!.betas);
});

test('zeroGrad takes gradients away, or fills them with zeros', () => {
  const x = parameter(1, 2);
  const optimizer = new optim.SGD([x, parameter(3)], { lr: 0.1 });
  x.square().sum().backward();
  const grad = x.grad!;
  optimizer.zeroGrad(false);
  assert.deepEqual(x.grad!.toArray(), [0, 0]);
  assert.deepEqual(grad.toArray(), [0, 0]);
  x.square().sum().backward();
  assert.deepEqual(x.grad!.toArray(), [2, 4]);
  optimizer.zeroGrad();
  assert.equal(x.grad, null);
});

test('zeroGrad(false) leaves the graph of a gradient that has one', () => {
  const x = parameter(1, 2);
  const optimizer = new optim.SGD([x], { lr: 0.1 });
  x.square().sum().backward({ createGraph: true });
  assert.ok(x.grad!.requiresGrad);
  optimizer.zeroGrad(false);
  assert.equal(x.grad!.requiresGrad, false);
  assert.deepEqual(x.grad!.toArray(), [0, 0]);
});

test('step calls the closure with gradients recorded and returns its loss', () => {
  const x = parameter(3);
  const optimizer = new optim.SGD([x], { lr: 0.1 });
  const loss = noGrad(() =>
    optimizer.step(() => {
      assert.ok(isGradEnabled());
      optimizer.zeroGrad();
      const value = x.square().sum();
      value.backward();
      return value;
    }),
  );
  assert.equal(loss.item(), 9);
  assert.ok(Math.abs(x.item() - 2.4) < 1e-6);
  assert.equal(optimizer.step(), undefined);
  assert.equal(optimizer.stepCount, 2);
});

test('a state dict that does not fit is refused and changes nothing', () => {
  const make = (...sizes: number[]): optim.Adam => {
    const params = sizes.map((size) => zeros([size]).requiresGrad_());
    for (const param of params) param.grad = param.detach().add(1);
    return new optim.Adam(params, { lr: 0.5 });
  };
  const optimizer = make(2, 3);
  optimizer.step();
  const before = inspect(optimizer.stateDict(), { depth: 5 });
  const refused = (dict: optim.OptimizerStateDict, message: RegExp): void => {
    assert.throws(
      () => optimizer.loadStateDict(dict),
      (error) => error instanceof SerializationError && message.test(error.message),
    );
    assert.equal(inspect(optimizer.stateDict(), { depth: 5 }), before);
  };
  refused({ state: {}, param_groups: [] }, /Adam: the state dict has 0 parameter groups, the optimiser 1/);
  refused(make(2).stateDict(), /parameter group 0 of the state dict has 1 parameters, the optimiser's 2/);
  const other = make(2, 4);
  other.paramGroups[0]!.lr = 7;
  other.step();
  refused(other.stateDict(), /the state of parameter 1: exp_avg: expected shape \[3\], got \[4\]/);
  const sgd = new optim.SGD([zeros([2]), zeros([3])], { lr: 1, momentum: 0.5 });
  for (const param of sgd.paramGroups[0]!.params) param.grad = param.add(1);
  sgd.step();
  refused(sgd.stateDict(), /the state of parameter 0: step: expected a number, got nothing/);
  const good = optimizer.stateDict();
  assert.throws(
    () => optimizer.loadStateDict({ ...good, param_groups: [{ ...good.param_groups[0]!, lr: -3 }] }),
    /parameter group 0 of the state dict: invalid lr -3/,
  );
  assert.equal(inspect(optimizer.stateDict(), { depth: 5 }), before);
});

test('state is loaded in the dtype of its parameter, and as a copy', () => {
  const single = parameter(1, 2);
  const from = new optim.Adam([single]);
  single.grad = tensor([1, 2]);
  from.step();
  const double = tensor([1, 2], { dtype: 'float64', requiresGrad: true });
  const to = new optim.Adam([double]);
  const dict = from.stateDict();
  to.loadStateDict(dict);
  const moment = to.stateDict().state[0]!['exp_avg'] as Tensor;
  assert.equal(moment.dtype, 'float64');
  double.grad = tensor([1, 2], { dtype: 'float64' });
  to.step();
  assert.deepEqual((dict.state[0]!['exp_avg'] as Tensor).toArray(), [0.1, 0.2].map(Math.fround));
});

test('printing shows the groups', () => {
  const optimizer = new optim.SGD([{ params: parameter(1) }, { params: parameter(2), lr: 0.5 }], { lr: 0.1 });
  const lines = (lr: number): string =>
    ['dampening: 0', `lr: ${lr}`, 'maximize: false', 'momentum: 0', 'nesterov: false', 'weightDecay: 0']
      .map((line) => `    ${line}`)
      .join('\n');
  const expected = `SGD (\nParameter Group 0\n${lines(0.1)}\n\nParameter Group 1\n${lines(0.5)}\n)`;
  assert.equal(String(optimizer), expected);
  assert.equal(inspect(optimizer), expected);
});

test("an optimiser of a user's own: one update", () => {
  interface SignOptions {
    lr?: number;
    fade?: number;
  }
  class SignDescent extends optim.PerParameterOptimizer<SignOptions, { step: number }> {
    constructor(params: optim.Params<SignOptions>, options: SignOptions = {}) {
      super(params, options, { lr: 1, fade: 0.5 });
    }
    protected checkOptions(): void {}
    protected createState(): { step: number } {
      return { step: 0 };
    }
    protected update(
      param: Tensor,
      grad: Tensor,
      state: { step: number },
      { lr, fade }: optim.ParamGroup<SignOptions>,
    ): void {
      param.add_(grad.sign(), { alpha: -lr * fade ** state.step++ });
    }
  }
  const x = parameter(4, -4);
  const optimizer = new SignDescent([x]);
  for (let step = 0; step < 3; step++) {
    x.grad = tensor([0.3, -7]);
    optimizer.step();
  }
  assert.deepEqual(x.toArray(), [2.25, -2.25]);
  assert.deepEqual(optimizer.stateDict().state, { 0: { step: 3 } });
});
