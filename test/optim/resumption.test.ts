// A training that PyTorch began: parameters, optimiser and schedule are read from its checkpoint, and ten steps later stand where
// PyTorch's stand.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { io, noGrad, type Tensor } from 'flambeau';
import * as optim from 'flambeau/optim';

import { assertClose, fixture, fixtureFile, initialParameters, setGradients } from './prescribed.ts';

interface Case {
  readonly name: string;
  readonly options: Record<string, unknown>;
  readonly params: readonly unknown[];
  readonly lr: readonly number[];
}

interface Saved {
  readonly params: readonly Tensor[];
  readonly optimizer: optim.OptimizerStateDict;
  readonly scheduler: optim.lrScheduler.SchedulerStateDict;
}

type AnyOptimizer = new (params: Iterable<optim.ParamGroupInput>, options: Record<string, unknown>) => optim.Optimizer;

const checkpoint = await io.loadCheckpoint<Record<string, Saved>>(fixtureFile('resumption.pt'));

for (const { name, options, params: expected, lr } of fixture<Case[]>('resumption')) {
  test(`${name} goes on from PyTorch's checkpoint`, () => {
    const saved = checkpoint[name]!;
    const params = initialParameters('float64');
    noGrad(() => params.forEach((param, i) => param.copy_(saved.params[i]!)));
    const Chosen = optim[name as 'SGD'] as unknown as AnyOptimizer;
    const optimizer = new Chosen([{ params: params.slice(0, 2) }, { params: params[2]! }], options);
    const scheduler = new optim.lrScheduler.CosineAnnealingLR(optimizer, 1);
    optimizer.loadStateDict(saved.optimizer);
    scheduler.loadStateDict(saved.scheduler);
    for (let step = 21; step <= 30; step++) {
      setGradients(params, step);
      optimizer.step();
      scheduler.step();
    }
    assertClose(params, expected, 1e-12, 'parameters', 1e-2);
    assertClose(scheduler.getLastLr(), lr, 1e-12, 'learning rates');
    assert.deepEqual(
      optimizer.paramGroups.map((group) => group.lr),
      scheduler.getLastLr(),
    );
  });
}
