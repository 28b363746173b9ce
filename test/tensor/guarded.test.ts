// Arguments that can't be meant are refused, with the function and the argument named, by every public function and layer.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as flambeau from 'flambeau';
import { nn, ones, ShapeError, ValueError } from 'flambeau';

const { functional: F } = nn;
const x = ones([2, 3]);
/** Without types, as JavaScript calls. */
type Loose = (...args: unknown[]) => unknown;
const method = (name: string, ...args: unknown[]): unknown => (x as unknown as Record<string, Loose>)[name]!(...args);
const root = flambeau as unknown as Record<string, Loose>;
const functional = F as unknown as Record<string, Loose>;
const layer = (name: string, ...args: unknown[]): unknown =>
  new (nn as unknown as Record<string, new (...args: unknown[]) => unknown>)[name]!(...args);

const refused: readonly [call: () => unknown, message: string][] = [
  // A number or a boolean where options stand.
  [() => method('sum', 1, true), 'sum: expected options to be options { dtype, keepdim }, got true'],
  [() => root.sum!(x, 1, true), 'sum: expected options to be options { dtype, keepdim }, got true'],
  [() => method('sort', 1, true), 'sort: expected options to be options { descending, stable }, got true'],
  [
    () => functional.leakyRelu!(x, 0.1),
    'leakyRelu: expected options to be options { inplace, negativeSlope }, got 0.1',
  ],
  [
    () => functional.dropout!(x, 0.1),
    'dropout: expected options to be options { generator, inplace, p, training }, got 0.1',
  ],
  [() => layer('ReLU', true), 'ReLU: expected options to be options { inplace }, got true'],
  [() => layer('Linear', 2, 3, false), 'Linear: expected options to be options { bias, dtype }, got false'],
  [
    () => layer('Conv2d', 1, 2, 3, 1, 1),
    'Conv2d: expected options to be options { bias, dilation, dtype, groups, padding, paddingMode, stride }, got 1',
  ],
  // An option that nobody knows, or of another kind.
  [() => method('sum', 1, { keepDim: true }), 'sum: unknown option keepDim: expected dtype, keepdim'],
  [() => method('sum', 1, { keepdim: 1 }), 'sum: expected the option keepdim to be true or false, got 1'],
  [() => method('var', 1, { biased: true }), 'var: unknown option biased: expected correction, keepdim, unbiased'],
  [
    () => layer('CrossEntropyLoss', { label_smoothing: 0.1 }),
    'CrossEntropyLoss: unknown option label_smoothing: expected ignoreIndex, labelSmoothing, reduction, weight',
  ],
  [() => layer('BatchNorm2d', 3, { epsilon: 1 }), 'BatchNorm2d: unknown option epsilon: expected affine, dtype, eps, momentum, trackRunningStats'], // prettier-ignore
  [() => functional.gelu!(x, { approx: 'tanh' }), 'gelu: unknown option approx: expected approximate'],
  [() => root.zeros!([2], { dType: 'int64' }), 'zeros: unknown option dType: expected dtype, requiresGrad'],
  [() => root.arange!(3, { type: 'int64' }), 'arange: unknown option type: expected dtype, requiresGrad'],
  [() => nn.init.kaimingUniform_(x, { slope: 1 } as never), 'kaimingUniform_: unknown option slope: expected a, generator, mode, nonlinearity'], // prettier-ignore
  // An argument too many.
  [() => method('relu', true), 'relu: one argument too many, true: expected input'],
  [() => method('mul', 2, 3), 'mul: one argument too many, 3: expected left, right'],
  [() => layer('Tanh', 1), 'Tanh: one argument too many, 1: expected no arguments'],
  // No tensor.
  [() => root.matmul!(x), 'matmul: expected other to be a tensor, got undefined'],
  [() => method('add', '2'), "add: expected other to be a tensor, a bigint, true or false or a number, got '2'"],
  [() => method('add', null), 'add: expected other to be a tensor, a bigint, true or false or a number, got null'],
  [() => functional.relu!([1, 2]), 'relu: expected input to be a tensor, got [1, 2]'],
  [() => root.cat!([x, 1]), 'cat: expected tensors to be an array of tensors, got an array'],
  [() => root.cat!([x, [1]]), 'cat: expected tensors to be an array of tensors, got an array that holds arrays'],
];

for (const [call, message] of refused) {
  test(message, () => {
    assert.throws(call, (error: unknown) => error instanceof ValueError && error.message === message);
  });
}

test('sizes one by one are a ShapeError', () => {
  assert.throws(() => method('view', 3, 2), ShapeError);
  assert.throws(() => root.zeros!(2, 3), { name: 'ShapeError', message: /zeros: expected shape to be an array such as \[2, 3\], got 2/ }); // prettier-ignore
});

test('a field that says nothing is no option', () => {
  assert.deepEqual(x.sum(1, { keepdim: undefined as never }).shape, [2]);
});

test('a guarded class is the class it was', () => {
  class Mine extends nn.Linear {
    extra = 3;
  }
  const mine = new Mine(2, 3, { bias: false });
  assert.ok(mine instanceof nn.Linear && mine instanceof Mine && mine.extra === 3 && mine.bias === null);
  assert.equal(new nn.Linear(2, 3).constructor, nn.Linear);
  assert.equal(nn.Linear.name, 'Linear');
  assert.throws(() => new Mine(2, 3, { biass: false } as never), /Linear: unknown option biass/);
});

test('a tensor without elements may be the first of a process', async () => {
  const { execFileSync } = await import('node:child_process');
  const program = "const { zeros } = await import('flambeau'); console.log(String(zeros([0])))";
  const flags = ['--conditions=flambeau-source', '--import', 'tsx', '--input-type=module', '-e', program];
  assert.equal(execFileSync(process.execPath, flags, { encoding: 'utf8' }), 'tensor([])\n');
});
