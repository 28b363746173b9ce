// Every schedule against PyTorch: the learning rates, and momenta where they are cycled, of 60 steps.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { tensor, zeros } from 'flambeau';
import * as optim from 'flambeau/optim';

import { assertClose, fixture } from '../prescribed.ts';

const { lrScheduler } = optim;
type Stepping = optim.lrScheduler.SteppingScheduler | optim.lrScheduler.ReduceLROnPlateau;

interface Case {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly options: Record<string, unknown>;
  readonly optimizer: 'SGD' | 'Adam' | 'AdamW' | 'Adagrad';
  readonly lr: readonly (readonly number[])[];
  readonly momentum?: readonly (readonly number[])[];
}

interface Fixture {
  readonly metrics: readonly number[];
  readonly cases: readonly Case[];
  readonly byEpoch: {
    readonly epochs: readonly number[];
    readonly cases: readonly { t0: number; tMult: number; lr: readonly number[] }[];
  };
  readonly resumed: readonly { name: string; args: readonly unknown[]; lr: readonly number[] }[];
}

const pytorch = fixture<Fixture>('schedulers');

const functions: Readonly<Record<string, (epoch: number) => number>> = {
  inverse: (epoch) => 1 / (1 + 0.1 * epoch),
  halving: (epoch) => 0.5 ** Math.floor(epoch / 10),
  nearly: (epoch) => 0.99 - 0.001 * epoch,
};

function withFunctions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withFunctions);
  return typeof value === 'string' ? (functions[value] ?? value) : value;
}

function combined(name: string, optimizer: optim.Optimizer): Stepping {
  switch (name) {
    case 'Sequential:warmup-cosine':
      return new lrScheduler.SequentialLR(
        optimizer,
        [
          new lrScheduler.LinearLR(optimizer, { startFactor: 0.1, totalIters: 8 }),
          new lrScheduler.CosineAnnealingLR(optimizer, 40, { etaMin: 0.001 }),
        ],
        [8],
      );
    case 'Sequential:constant-step-exponential':
      return new lrScheduler.SequentialLR(
        optimizer,
        [
          new lrScheduler.ConstantLR(optimizer, { factor: 0.2, totalIters: 20 }),
          new lrScheduler.StepLR(optimizer, 6, { gamma: 0.7 }),
          new lrScheduler.ExponentialLR(optimizer, 0.9),
        ],
        [10, 35],
      );
    case 'Sequential:lambda-restarts':
      return new lrScheduler.SequentialLR(
        optimizer,
        [
          new lrScheduler.LambdaLR(optimizer, functions['inverse']!),
          new lrScheduler.CosineAnnealingWarmRestarts(optimizer, 6, { tMult: 2 }),
          new lrScheduler.PolynomialLR(optimizer, { totalIters: 20, power: 2 }),
        ],
        [7, 40],
      );
    case 'Chained:linear-exponential':
      return new lrScheduler.ChainedScheduler([
        new lrScheduler.LinearLR(optimizer, { startFactor: 0.2, totalIters: 10 }),
        new lrScheduler.ExponentialLR(optimizer, 0.95),
      ]);
    default:
      return new lrScheduler.ChainedScheduler([
        new lrScheduler.StepLR(optimizer, 12, { gamma: 0.5 }),
        new lrScheduler.MultiplicativeLR(optimizer, functions['nearly']!),
      ]);
  }
}

type AnyScheduler = new (optimizer: optim.Optimizer, ...args: unknown[]) => Stepping;

function make({ name, args, options, optimizer: optimizerName, lr }: Case): [optim.Optimizer, Stepping] {
  const groups = lr[0]!.map((_, i) => ({ params: [zeros([1]).requiresGrad_()], lr: 0.1 / (i + 1) }));
  const optimizer: optim.Optimizer =
    optimizerName === 'SGD' ? new optim.SGD(groups, { lr: 0.1, momentum: 0.6 }) : new optim[optimizerName](groups);
  if (name.includes(':')) return [optimizer, combined(name, optimizer)];
  const Scheduler = lrScheduler[name as 'StepLR'] as unknown as AnyScheduler;
  return [optimizer, new Scheduler(optimizer, ...args.map(withFunctions), options)];
}

function advance(optimizer: optim.Optimizer, scheduler: Stepping, step: number): void {
  optimizer.step();
  if (scheduler instanceof lrScheduler.ReduceLROnPlateau) scheduler.step(pytorch.metrics[step]!);
  else scheduler.step();
}

/** The learning rates of all groups, or their momenta. */
function rates(optimizer: optim.Optimizer): number[] {
  return optimizer.paramGroups.map((group) => group.lr);
}

function momenta(optimizer: optim.Optimizer): number[] {
  const groups: readonly { lr: number; momentum?: number; betas?: readonly number[] }[] = optimizer.paramGroups;
  return groups.map((group) => group.momentum ?? group.betas![0]!);
}

for (const each of pytorch.cases) {
  const title = `${each.name} ${JSON.stringify([...each.args, each.options])} on ${each.optimizer}`;

  test(`${title}: 60 learning rates as in PyTorch`, () => {
    const [optimizer, scheduler] = make(each);
    each.lr.forEach((expected, step) => {
      assertClose(rates(optimizer), expected, 1e-12, `learning rates of step ${step}`, 1e-6);
      if (each.momentum) assertClose(momenta(optimizer), each.momentum[step], 1e-12, `momenta of step ${step}`);
      if (step > 0) assert.deepEqual(scheduler.getLastLr(), rates(optimizer));
      advance(optimizer, scheduler, step);
    });
  });

  test(`${title}: continues from state dicts, as JSON too`, () => {
    const [optimizer, scheduler] = make(each);
    for (let step = 0; step < 23; step++) advance(optimizer, scheduler, step);
    // Infinity, which the best metric is before the first, isn't JSON; after a step it is gone.
    const saved = JSON.parse(JSON.stringify([optimizer.stateDict(), scheduler.stateDict()])) as [
      optim.OptimizerStateDict,
      optim.lrScheduler.SchedulerStateDict,
    ];
    const [other, resumed] = make(each);
    other.loadStateDict(saved[0]);
    resumed.loadStateDict(saved[1]);
    assert.deepEqual(resumed.getLastLr(), scheduler.getLastLr());
    for (let step = 23; step < 60; step++) {
      advance(optimizer, scheduler, step);
      advance(other, resumed, step);
      assert.deepEqual(rates(other), rates(optimizer), `learning rates of step ${step + 1}`);
      if (each.momentum) assert.deepEqual(momenta(other), momenta(optimizer), `momenta of step ${step + 1}`);
    }
    assert.deepEqual(resumed.stateDict(), scheduler.stateDict());
  });
}

for (const { t0, tMult, lr } of pytorch.byEpoch.cases) {
  test(`CosineAnnealingWarmRestarts ${t0}, ${tMult}: steps to fractions of epochs, and on from there`, () => {
    const optimizer = new optim.SGD([zeros([1])], { lr: 0.1 });
    const scheduler = new lrScheduler.CosineAnnealingWarmRestarts(optimizer, t0, { tMult, etaMin: 0.01 });
    lr.forEach((expected, i) => {
      const epoch = pytorch.byEpoch.epochs[i];
      if (epoch === undefined) scheduler.step();
      else scheduler.step(epoch);
      assertClose(scheduler.getLastLr(), [expected], 1e-12, `step ${i}`);
    });
    assert.throws(() => scheduler.step(-1), /CosineAnnealingWarmRestarts: expected an epoch >= 0, got -1/);
  });
}

for (const { name, args, lr } of pytorch.resumed) {
  test(`${name}: continues at a given lastEpoch`, () => {
    const optimizer = new optim.SGD([{ params: [zeros([1])], lr: 0.04, initialLr: 0.1 }]);
    const Scheduler = lrScheduler[name as 'StepLR'] as unknown as AnyScheduler;
    const scheduler = new Scheduler(optimizer, ...args.map(withFunctions), { lastEpoch: 12 });
    lr.forEach((expected, step) => {
      assertClose(rates(optimizer), [expected], 1e-12, `step ${step}`);
      advance(optimizer, scheduler, step);
    });
  });
}

test('ReduceLROnPlateau takes its metric as a tensor too', () => {
  const optimizer = new optim.SGD([zeros([1])], { lr: 1 });
  const scheduler = new lrScheduler.ReduceLROnPlateau(optimizer, { patience: 0, factor: 0.5 });
  scheduler.step(tensor(2));
  scheduler.step(tensor([3]));
  assert.deepEqual(scheduler.getLastLr(), [0.5]);
  assert.equal(scheduler.lastEpoch, 2);
});

test('a step before the optimiser has taken one is warned of', (context) => {
  const optimizer = new optim.SGD([zeros([1])], { lr: 1 });
  const scheduler = new lrScheduler.ExponentialLR(optimizer, 0.5);
  const warn = context.mock.method(console, 'warn', () => undefined);
  scheduler.step();
  scheduler.step();
  assert.equal(warn.mock.callCount(), 1);
  assert.match(String(warn.mock.calls[0]!.arguments[0]), /ExponentialLR: step\(\) was called before the optimizer/);
});

test('what a schedule is made from is checked', () => {
  const optimizer = new optim.SGD([zeros([1])], { lr: 0.1 });
  const adagrad = new optim.Adagrad([zeros([1])]);
  const refused = (make: () => unknown, message: RegExp): void => assert.throws(make, message);
  refused(() => new lrScheduler.StepLR(optimizer, 0), /invalid stepSize 0: expected a whole number >= 1/);
  refused(() => new lrScheduler.StepLR({} as optim.Optimizer, 3), /expected an optimiser/);
  refused(
    () => new lrScheduler.LambdaLR(optimizer, [() => 1, () => 1]),
    /expected 1 values for lrLambda, one for each parameter group, got 2/,
  );
  refused(() => new lrScheduler.ConstantLR(optimizer, { factor: 1.5 }), /ConstantLR: invalid factor 1.5/);
  refused(() => new lrScheduler.LinearLR(optimizer, { startFactor: 0 }), /LinearLR: invalid startFactor 0/);
  refused(() => new lrScheduler.LinearLR(optimizer, { endFactor: -1 }), /LinearLR: invalid endFactor -1/);
  refused(() => new lrScheduler.OneCycleLR(optimizer, 0.1), /OneCycleLR: give either totalSteps or both/);
  refused(() => new lrScheduler.OneCycleLR(optimizer, 0.1, { totalSteps: 2.5 }), /OneCycleLR: invalid totalSteps 2.5/);
  refused(() => new lrScheduler.OneCycleLR(optimizer, 0.1, { totalSteps: 9, pctStart: 30 }), /invalid pctStart 30/);
  refused(
    () => new lrScheduler.OneCycleLR(adagrad, 0.1, { totalSteps: 9 }),
    /OneCycleLR: Adagrad has no momentum to cycle: give cycleMomentum: false/,
  );
  refused(() => new lrScheduler.CyclicLR(adagrad, 0.1, 0.2), /CyclicLR: Adagrad has no momentum to cycle/);
  refused(
    () => new lrScheduler.CyclicLR(optimizer, 0.1, 0.2, { mode: 'square' as 'triangular' }),
    /CyclicLR: unknown mode square/,
  );
  refused(() => new lrScheduler.CosineAnnealingWarmRestarts(optimizer, 0), /invalid t0 0/);
  refused(() => new lrScheduler.ReduceLROnPlateau(optimizer, { factor: 1 }), /ReduceLROnPlateau: invalid factor 1/);
  refused(() => new lrScheduler.ReduceLROnPlateau(optimizer, { mode: 'low' as 'min' }), /unknown mode low/);
  refused(() => new lrScheduler.ChainedScheduler([]), /ChainedScheduler: expected one or more schedulers/);
  const first = new lrScheduler.StepLR(optimizer, 1);
  refused(() => new lrScheduler.SequentialLR(adagrad, [first], []), /SequentialLR: scheduler 0 belongs to another/);
  refused(() => new lrScheduler.SequentialLR(optimizer, [first], [3]), /got 1 for 1 schedulers/);
  refused(
    () => new lrScheduler.StepLR(new optim.Adam([zeros([1])]), 1, { lastEpoch: 3 }),
    /StepLR: parameter group 0 has no initialLr to continue from/,
  );
  refused(() => first.loadStateDict({ gamma: 3 }), /StepLR: expected a state dict with base_lrs/);
});

test('OneCycleLR ends', () => {
  const optimizer = new optim.SGD([zeros([1])], { lr: 0.1 });
  const scheduler = new lrScheduler.OneCycleLR(optimizer, 0.1, { totalSteps: 3 });
  for (let step = 0; step < 3; step++) advance(optimizer, scheduler, step);
  assert.throws(() => scheduler.step(), /OneCycleLR: step 5 of a cycle of 3 steps: it has ended/);
});

test('a schedule of a user: only getLr', () => {
  class EveryOther extends lrScheduler.LRScheduler {
    protected getLr(): number[] {
      return this.baseLrs.map((lr) => (this.lastEpoch % 2 === 0 ? lr : 0));
    }
  }
  const optimizer = new optim.SGD([zeros([1])], { lr: 0.1 });
  const scheduler = new EveryOther(optimizer);
  const seen: number[] = [];
  for (let step = 0; step < 4; step++) {
    seen.push(...rates(optimizer));
    advance(optimizer, scheduler, step);
  }
  assert.deepEqual(seen, [0.1, 0, 0.1, 0]);
});
