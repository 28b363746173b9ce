import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Tensor } from 'flambeau';
import {
  data,
  defaultGenerator,
  load,
  loadCheckpoint,
  manualSeed,
  nn,
  optim,
  randn,
  save,
  saveCheckpoint,
  SerializationError,
  tensor,
} from 'flambeau';

let folder: string;
let file: string;

before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'flambeau-checkpoint-'));
  file = path.join(folder, 'checkpoint.safetensors');
});
after(() => fs.rm(folder, { recursive: true }));

test('nested values come back as they were', async () => {
  const values = {
    epoch: 5,
    rates: [0.1, 1e-300, 5e-324, -0, NaN, Infinity, -Infinity, 2 ** 53],
    large: -(2n ** 70n),
    texts: ['größer', '', '$tensor', 'a\u0000b'],
    flags: { yes: true, no: false, nothing: null },
    empty: [[], {}],
    bytes: { words: Uint32Array.of(0, 2 ** 32 - 1), part: new Float64Array([1, 2, 3]).subarray(1, 2) },
    $number: 1,
    inner: { $tensor: 'no tensor', ['__proto__']: 1 },
    0: 'a whole number as key',
  };
  await saveCheckpoint({ ...values, left: undefined }, file);
  assert.deepStrictEqual(await loadCheckpoint(file), values);
});

test('tensors keep dtype, shape and numbers; one that stands in two places is one again', async () => {
  const shared = tensor([[1, 2]]);
  const turned = tensor([[1, 2, 3]]).t();
  await saveCheckpoint({ a: { b: shared, list: [tensor([1n]), turned] }, again: shared, 'a.b': tensor(true) }, file);
  const loaded = await loadCheckpoint<{ a: { b: Tensor; list: Tensor[] }; again: Tensor; 'a.b': Tensor }>(file);
  const described = [loaded.a.b, ...loaded.a.list, loaded['a.b']].map(({ dtype, shape }) => [dtype, shape]);
  assert.deepEqual(described, [
    ['float32', [1, 2]],
    ['int64', [1]],
    ['float32', [3, 1]],
    ['bool', []],
  ]);
  assert.deepEqual(loaded.a.list[1]!.toArray(), [[1], [2], [3]]);
  assert.equal(loaded.a.b, loaded.again);
  // To other programs it is a file of tensors by their paths.
  assert.deepEqual(Object.keys(await load(file)), ['a.b', 'a.list.0', 'a.list.1', 'a.b#2']);
});

test('a file of tensors alone is a checkpoint too', async () => {
  await save({ 'fc.weight': tensor([1]) }, file);
  assert.deepEqual(Object.keys(await loadCheckpoint<object>(file)), ['fc.weight']);
});

test('what can not be kept is refused with its path, and nothing is written', async () => {
  const refused = async (value: object, message: RegExp): Promise<void> => {
    const target = path.join(folder, 'refused.safetensors');
    await assert.rejects(saveCheckpoint(value, target), (error: Error) => {
      assert.ok(error instanceof SerializationError, String(error));
      assert.match(error.message, message);
      return true;
    });
    await assert.rejects(fs.stat(target));
  };
  await refused({ model: new nn.Linear(1, 1) }, /'model' is a function/);
  await refused({ a: [{ when: new Date(0) }] }, /'a\.0\.when' is a Date: only tensors, plain objects/);
  await refused({ map: new Map() }, /'map' is a Map/);
  await refused({ list: [undefined] }, /'list\.0' is a undefined/);
  const round: Record<string, unknown> = {};
  round['self'] = round;
  await refused(round, /'self\.self\.self\.self\.\.\.' nests deeper than 64 levels, or holds itself/);
});

test('damaged values are refused', async () => {
  const refused = async (text: string, message: RegExp): Promise<void> => {
    await save({ a: tensor([1]) }, file, { metadata: { 'flambeau.checkpoint': text } });
    await assert.rejects(loadCheckpoint(file), (error: Error) => {
      assert.ok(error instanceof SerializationError, String(error));
      assert.match(error.message, message);
      return true;
    });
  };
  await refused('{', /its values can’t be read/);
  for (const text of [
    '{"$tensor":"b"}',
    '{"$tensor":1}',
    '{"$bigint":"1e5"}',
    '{"$array":"Array","base64":""}',
    '{"$array":"Uint32Array","base64":"AAA="}',
    '{"$array":"Uint8Array"}',
    '{"$object":[["a"]]}',
    '{"$object":{}}',
    '{"$what":1}',
    '['.repeat(70) + ']'.repeat(70),
  ]) {
    await refused(text, /its values make no sense/);
  }
});

// ---- resuming

class Net extends nn.Module {
  hidden = new nn.Linear(3, 8);
  norm = new nn.BatchNorm1d(8);
  dropout = new nn.Dropout(0.3);
  output = new nn.Linear(8, 1);

  override forward(x: Tensor): Tensor {
    return this.output(this.dropout(this.norm(this.hidden(x)).tanh()));
  }
}

type MakeOptimizer = (model: nn.Module) => optim.Optimizer;

const optimizers: Readonly<Record<string, MakeOptimizer>> = {
  SGD: (m) => new optim.SGD(m.parameters(), { lr: 0.1, momentum: 0.9, nesterov: true }),
  Adam: (m) => new optim.Adam(m.parameters(), { lr: 0.01, amsgrad: true }),
  AdamW: (m) => new optim.AdamW(m.parameters(), { lr: 0.01 }),
  NAdam: (m) => new optim.NAdam(m.parameters()),
  RAdam: (m) => new optim.RAdam(m.parameters(), { lr: 0.01 }),
  Adamax: (m) => new optim.Adamax(m.parameters()),
  Adagrad: (m) => new optim.Adagrad(m.parameters()),
  Adadelta: (m) => new optim.Adadelta(m.parameters()),
  RMSprop: (m) => new optim.RMSprop(m.parameters(), { centered: true, momentum: 0.5 }),
  Rprop: (m) => new optim.Rprop(m.parameters()),
  ASGD: (m) => new optim.ASGD(m.parameters(), { t0: 2 }),
  LBFGS: (m) => new optim.LBFGS(m.parameters(), { lr: 0.1, maxIter: 3 }),
};

/** A training that can be left and taken up at any step. */
class Training {
  readonly model = new Net();
  readonly optimizer: optim.Optimizer;
  readonly scheduler: optim.lrScheduler.CosineAnnealingLR;
  readonly plateau: optim.lrScheduler.ReduceLROnPlateau;
  readonly loader: data.DataLoader<readonly [Tensor, Tensor]>;

  constructor(make: MakeOptimizer, dataset: data.Dataset<readonly [Tensor, Tensor]>) {
    this.optimizer = make(this.model);
    this.scheduler = new optim.lrScheduler.CosineAnnealingLR(this.optimizer, 20);
    this.plateau = new optim.lrScheduler.ReduceLROnPlateau(this.optimizer, { patience: 1 });
    this.loader = new data.DataLoader(dataset, { batchSize: 4, shuffle: true });
  }

  /** Calls `after` behind each step; ends when it says so. */
  async run(after: (loss: number, training: this) => Promise<boolean>): Promise<void> {
    for (;;) {
      for await (const [x, y] of this.loader) {
        const loss = this.optimizer.step(() => {
          this.optimizer.zeroGrad();
          const loss = nn.functional.mseLoss(this.model(x), y);
          loss.backward();
          return loss.item();
        });
        this.scheduler.step();
        this.plateau.step(loss);
        if (await after(loss, this)) return;
      }
    }
  }

  state(): object {
    const { model, optimizer, scheduler, plateau, loader } = this;
    return {
      model: model.stateDict(),
      optimizer: optimizer.stateDict(),
      scheduler: scheduler.stateDict(),
      plateau: plateau.stateDict(),
      loader: loader.stateDict(),
      random: defaultGenerator.getState(),
    };
  }

  restore(saved: Saved): void {
    this.model.loadStateDict(saved.model);
    this.optimizer.loadStateDict(saved.optimizer);
    this.scheduler.loadStateDict(saved.scheduler);
    this.plateau.loadStateDict(saved.plateau);
    this.loader.loadStateDict(saved.loader);
    defaultGenerator.setState(saved.random);
  }
}

interface Saved {
  model: nn.StateDict;
  optimizer: optim.OptimizerStateDict;
  scheduler: Record<string, unknown>;
  plateau: Record<string, unknown>;
  loader: data.LoaderState;
  random: Uint32Array;
}

for (const [name, make] of Object.entries(optimizers)) {
  test(`a training under ${name} goes on from a file as if it had never been left`, async () => {
    manualSeed(1);
    const x = randn([10, 3]);
    const dataset = new data.TensorDataset(x, x.sum(1, { keepdim: true }).sin());
    const losses: number[] = [];
    // Left in the middle of the second epoch of three batches.
    await new Training(make, dataset).run(async (loss, training) => {
      losses.push(loss);
      if (losses.length === 5) await saveCheckpoint(training.state(), file);
      return losses.length === 12;
    });
    manualSeed(99);
    const resumed = new Training(make, dataset);
    resumed.restore(await loadCheckpoint<Saved>(file));
    const later: number[] = [];
    await resumed.run((loss) => Promise.resolve(later.push(loss) === 7));
    assert.deepEqual(later, losses.slice(5));
  });
}

test('a training that PyTorch left goes on from its file', async () => {
  const fixtures = fileURLToPath(new URL('fixtures/', import.meta.url));
  class PyTorchNet extends nn.Module {
    fc = new nn.Linear(2, 3);
    bn = new nn.BatchNorm1d(3);
    head = new nn.Linear(3, 1);

    override forward(x: Tensor): Tensor {
      return this.head(this.bn(this.fc(x)).tanh());
    }
  }
  const model = new PyTorchNet();
  const optimizer = new optim.Adam(model.parameters(), { amsgrad: true });
  const scheduler = new optim.lrScheduler.StepLR(optimizer, 1);
  const saved = await loadCheckpoint<Saved>(path.join(fixtures, 'checkpoint.pt'));
  model.loadStateDict(saved.model);
  optimizer.loadStateDict(saved.optimizer);
  scheduler.loadStateDict(saved.scheduler);
  const expected = JSON.parse(await fs.readFile(path.join(fixtures, 'checkpoint.json'), 'utf8')) as {
    x: number[][];
    y: number[][];
    losses: number[];
  };
  for (const theirs of expected.losses) {
    optimizer.zeroGrad();
    const loss = nn.functional.mseLoss(model(tensor(expected.x)), tensor(expected.y));
    loss.backward();
    optimizer.step();
    scheduler.step();
    assert.ok(Math.abs(loss.item() - theirs) < 1e-5 * theirs, `${loss.item()}, in PyTorch ${theirs}`);
  }
});
