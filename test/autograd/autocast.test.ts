// Mixed precision against PyTorch's: which operation computes in what, its values to a rounding of bfloat16, gradients in
// float32; and how far a region reaches. The fixture is written by scripts/oracle/autocast.py.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import {
  addbmm,
  addmm,
  addmv,
  autocast,
  baddbmm,
  DTypeError,
  einsum,
  isAutocastEnabled,
  manualSeed,
  nn,
  optim,
  outer,
  randn,
  tensor,
  tensordot,
  type Tensor,
} from 'flambeau';

const F = nn.functional;

interface Numbers {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

interface Fixture {
  readonly operations: Readonly<Record<string, Numbers>>;
  readonly models: Readonly<
    Record<string, { output: Numbers; loss: Numbers; gradients: Readonly<Record<string, Numbers>> }>
  >;
}

const fixture = JSON.parse(readFileSync(new URL('autocast.json', import.meta.url), 'utf8')) as Fixture;

/** Half a unit in the last place, relative to a number that begins a binade. */
const ROUNDING = 2 ** -8;

/** `relative`: the bound on an error, relative to the number and, for sums that cancel, to a part of the largest one. */
function checkNumbers(actual: Tensor, expected: Numbers, relative: number, what: string, cancelling = 0.05): void {
  assert.equal(actual.dtype, expected.dtype, `${what}: dtype`);
  assert.deepEqual(actual.shape, expected.shape, `${what}: shape`);
  const largest = Math.max(...expected.values.map(Math.abs));
  const found = [...(actual.detach().float().data() as Float32Array)];
  found.forEach((value, i) => {
    const wanted = expected.values[i]!;
    const bound = relative * (Math.abs(wanted) + cancelling * largest);
    assert.ok(Math.abs(value - wanted) <= bound, `${what}, element ${i}: expected ${wanted}, got ${value}`);
  });
}

test('every operation has the dtype it has in PyTorch, and its values', () => {
  manualSeed(0);
  const [a, b, v] = [randn([5, 5]), randn([5, 5]), randn([5])];
  const [wide, tall, row] = [randn([3, 64]), randn([64, 30]), randn([30])];
  const batch = randn([3, 12, 12]);
  const [image, kernel] = [randn([2, 4, 7, 7]), randn([4, 4, 3, 3])];
  const half = a.to('bfloat16');
  const target = tensor([0n, 1n, 2n, 3n, 4n]);
  const operations: Record<string, () => Tensor> = {
    mm: () => a.mm(b),
    matmul: () => a.matmul(b),
    'matmul of a vector': () => a.matmul(v),
    mv: () => a.mv(v),
    dot: () => v.dot(v),
    bmm: () => batch.bmm(batch),
    addmm: () => addmm(row, wide, tall),
    baddbmm: () => baddbmm(batch, batch, batch),
    addbmm: () => addbmm(row.expand([3, 30]), wide.unsqueeze(0), tall.unsqueeze(0)),
    addmv: () => addmv(v, a, v),
    outer: () => outer(v, v),
    einsum: () => einsum('ij,jk->ik', [a, b]),
    tensordot: () => tensordot(a, b, 1),
    linear: () => F.linear(a, b, v),
    conv1d: () => F.conv1d(image.select(2, 0), kernel.select(2, 0)),
    conv2d: () => F.conv2d(image, kernel, undefined, { padding: 1 }),
    convTranspose2d: () => F.convTranspose2d(image, kernel),
    'matmul, float64': () => a.double().matmul(b.double()),
    'relu, bfloat16': () => half.relu(),
    'exp, bfloat16': () => half.exp(),
    'softmax, bfloat16': () => half.softmax(1),
    'sum, bfloat16': () => half.sum(),
    'mean, bfloat16': () => half.mean(),
    'prod, bfloat16': () => half.prod(),
    'trace, bfloat16': () => half.trace(),
    'add, bfloat16 and float32': () => half.add(b),
    'mseLoss, bfloat16': () => F.mseLoss(half, half.mul(2)),
    'l1Loss, bfloat16': () => F.l1Loss(half, half.mul(2)),
    'crossEntropy, bfloat16': () => F.crossEntropy(half, target),
    'bceWithLogits, bfloat16': () => F.binaryCrossEntropyWithLogits(half, half.sigmoid()),
    'maxPool2d, bfloat16': () => F.maxPool2d(image.to('bfloat16'), 2),
    'avgPool2d, bfloat16': () => F.avgPool2d(image.to('bfloat16'), 2),
  };
  assert.deepEqual(Object.keys(operations).sort(), Object.keys(fixture.operations).sort());
  for (const [name, expected] of Object.entries(fixture.operations)) {
    checkNumbers(autocast(operations[name]!), expected, expected.dtype === 'bfloat16' ? 2 * ROUNDING : 1e-5, name);
  }
});

const models: Record<string, () => [model: nn.Sequential, x: Tensor]> = {
  mlp: () => [new nn.Sequential(new nn.Linear(12, 16), new nn.ReLU(), new nn.Linear(16, 4)), randn([6, 12])],
  cnn: () => {
    const model = new nn.Sequential(
      new nn.Conv2d(1, 4, 3, { padding: 1 }),
      new nn.BatchNorm2d(4),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
      new nn.Flatten(),
      new nn.Linear(64, 4),
    );
    return [model, randn([6, 1, 8, 8])];
  },
};

for (const [name, make] of Object.entries(models)) {
  test(`a training step of the ${name} computes what PyTorch computes; gradients of parameters are float32`, () => {
    manualSeed(1);
    const [model, x] = make();
    const { output, loss, gradients } = fixture.models[name]!;
    const [found, lost] = autocast(() => {
      const result = model(x);
      return [result, F.crossEntropy(result, tensor([0n, 1n, 2n, 3n, 0n, 1n]))] as const;
    });
    checkNumbers(found, output, 4 * ROUNDING, 'output');
    checkNumbers(lost, loss, 4 * ROUNDING, 'loss');
    lost.backward();
    const parameters = new Map(model.namedParameters());
    assert.deepEqual([...parameters.keys()], Object.keys(gradients));
    for (const [parameter, expected] of Object.entries(gradients)) {
      // A bias before batch norm has no gradient but what rounding leaves.
      if (name === 'cnn' && parameter === '0.bias') {
        const largest = Math.max(...(parameters.get(parameter)!.grad!.abs().data() as Float32Array));
        assert.ok(largest < 0.05, `0.bias: ${largest}`);
      } else
        checkNumbers(parameters.get(parameter)!.grad!, expected, (name === 'cnn' ? 8 : 4) * ROUNDING, parameter, 0.5);
    }
  });
}

test('training in a region brings the loss down as without one', () => {
  const losses = (run: (fn: () => Tensor) => Tensor): number[] => {
    manualSeed(0);
    const model = new nn.Sequential(new nn.Linear(8, 32), new nn.Tanh(), new nn.Linear(32, 1));
    const [x, y] = [randn([64, 8]), randn([64, 1])];
    const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
    return Array.from({ length: 40 }, () => {
      optimizer.zeroGrad();
      const loss = run(() => F.mseLoss(model(x), y));
      loss.backward();
      optimizer.step();
      return loss.item();
    });
  };
  const exact = losses((fn) => fn());
  const mixed = losses((fn) => autocast(fn));
  assert.ok(exact.at(-1)! < 0.2 * exact[0]!, `without: ${exact[0]} to ${exact.at(-1)}`);
  mixed.forEach((loss, step) => {
    assert.ok(Math.abs(loss - exact[step]!) < 0.01 * exact[0]!, `step ${step}: ${loss} against ${exact[step]}`);
  });
});

test('an encoder layer runs in a region, to a rounding of what it gives without', () => {
  manualSeed(0);
  const layer = new nn.TransformerEncoderLayer(16, 2, { dimFeedforward: 32, dropout: 0, batchFirst: true });
  const x = randn([2, 5, 16]);
  const exact = layer(x);
  const mixed = autocast(() => layer(x));
  assert.ok(mixed.float().sub(exact).abs().max().item() < 0.05);
  mixed.float().square().mean().backward();
  for (const [name, parameter] of layer.namedParameters()) assert.equal(parameter.grad!.dtype, 'float32', name);
});

test('a region ends with its function, also with an error', () => {
  assert.equal(isAutocastEnabled(), false);
  assert.equal(
    autocast(() => isAutocastEnabled()),
    true,
  );
  assert.throws(() =>
    autocast(() => {
      throw new Error('inside');
    }),
  );
  assert.equal(isAutocastEnabled(), false);
});

test('enabled: false switches off inside a region', () => {
  const a = randn([2, 2]);
  const inner = autocast(() => autocast({ enabled: false }, () => a.matmul(a).dtype));
  assert.equal(inner, 'float32');
  assert.equal(
    autocast({ dtype: 'bfloat16' }, () => a.matmul(a).dtype),
    'bfloat16',
  );
  assert.throws(() => autocast({ dtype: 'float16' as 'bfloat16' }, () => 0), DTypeError);
});

test('a region holds across awaits and does not leak into what runs beside it', async () => {
  const a = randn([2, 2]);
  const inside = autocast(async () => {
    await pause(5);
    return a.matmul(a).dtype;
  });
  const beside = (async () => {
    await pause(1);
    return a.matmul(a).dtype;
  })();
  assert.equal(a.matmul(a).dtype, 'float32');
  assert.deepEqual(await Promise.all([inside, beside]), ['bfloat16', 'float32']);
  assert.equal(isAutocastEnabled(), false);
});

test('gradients are computed in the dtypes that were recorded, even inside a region', () => {
  const a = randn([3, 3]).requiresGrad_();
  const product = a.matmul(a);
  const exact = product.sum();
  autocast(() => exact.backward());
  assert.equal(a.grad!.dtype, 'float32');
  const ones = tensor([
    [1, 1, 1],
    [1, 1, 1],
    [1, 1, 1],
  ]);
  const expected = ones.matmul(a.detach().t()).add(a.detach().t().matmul(ones));
  assert.ok(a.grad!.sub(expected).abs().max().item() < 1e-5);
});
