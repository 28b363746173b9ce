import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { BinaryOp, CompareOp, UnaryOp } from '../../../src/backend/backend.js';
import type { DType } from '../../../src/backend/dtype.js';
import { assertClose, assertNumbers, backend, empty, fixture, numbers, restored, scattered, view } from './views.js';
import type { Closeness, Stored } from './views.js';

interface Fixture {
  x: Stored;
  unary: Record<string, Stored>;
  left: Stored;
  right: Stored;
  binary: Record<string, Stored>;
  finite: Stored;
  backward: Record<string, Stored>;
  a: Stored;
  b: Stored;
  integer: Record<string, Stored>;
}
const stored = fixture<Fixture>('elementwise');
const parameters: Record<string, [number, number]> = {
  leakyRelu: [0.01, 0],
  elu: [1.5, 1.25],
  softplus: [2, 20],
  clamp: [-0.5, 1.2],
};

// PyTorch's digamma is good to about twelve digits. The others it computes with a cancellation where the result is much
// smaller than 1: 1 + erf(x), 1 + tanh(x), exp(x) - 1, the logarithm of a gamma function near 1.
const looser: Record<string, Closeness> = {
  digamma: { tolerance: 1e-12 },
  lgamma: { scale: 1 },
  elu: { scale: 1 },
  gelu: { scale: 1 },
  geluTanh: { scale: 1 },
  geluBackward: { scale: 1 },
  geluTanhBackward: { scale: 1 },
};

for (const [op, expected] of Object.entries(stored.unary)) {
  test(`unary ${op}`, () => {
    const x = restored(stored.x);
    const label = (at: number) => `${op}(${stored.x.data[at]})`;
    for (const input of [x, scattered(x)]) {
      const output = empty('float64', x.shape);
      backend.unary(op as UnaryOp, output, input, ...(parameters[op] ?? []));
      assertClose(output, expected, { label, ...looser[op] });
    }
  });
}

for (const [op, expected] of Object.entries(stored.binary)) {
  test(`binary ${op}`, () => {
    const output = empty('float64', stored.left.shape);
    backend.binary(op as BinaryOp, output, restored(stored.left), restored(stored.right));
    assertClose(output, expected, { label: (at) => `${op}(${stored.left.data[at]}, ${stored.right.data[at]})` });
  });
}

for (const [op, expected] of Object.entries(stored.backward)) {
  test(`binary ${op}`, () => {
    const output = empty('float64', stored.finite.shape);
    backend.binary(op as BinaryOp, output, 0.7, restored(stored.finite), ...(parameters[op.slice(0, -8)] ?? []));
    assertClose(output, expected, { label: (at) => `${op}(${stored.finite.data[at]})`, ...looser[op] });
  });
}

for (const [op, expected] of Object.entries(stored.integer)) {
  test(`binary ${op} of int64`, () => {
    const output = empty('int64', stored.a.shape);
    backend.binary(op as BinaryOp, output, restored(stored.a), restored(stored.b));
    assertClose(output, expected, { label: (at) => `${op}(${stored.a.data[at]}, ${stored.b.data[at]})`, tolerance: 0 });
  });
}

test('sigmoidBackward and tanhBackward start from the result', () => {
  const output = empty('float64', [2]);
  const result = view('float64', [2], [0.5, -0.25]);
  backend.binary('sigmoidBackward', output, view('float64', [2], [2, 1]), result);
  assertNumbers(output, [0.5, -0.3125]);
  backend.binary('tanhBackward', output, view('float64', [2], [2, 1]), result);
  assertNumbers(output, [1.5, 0.9375]);
});

test('operands broadcast from any strides, numbers take part, and an input may be the result', () => {
  const matrix = view('float32', [2, 3], [1, 2, 3, 4, 5, 6]);
  const column = view('float32', [2, 1], [10, 20]);
  const row = view('float32', [3], [100, 200, 300]);
  const output = empty('float32', [2, 3]);
  backend.binary('add', output, column, row);
  assertNumbers(output, [110, 210, 310, 120, 220, 320]);
  const target = scattered(output);
  backend.binary('sub', target, 1, scattered(matrix));
  assertNumbers(target, [0, -1, -2, -3, -4, -5]);
  backend.binary('mul', matrix, matrix, matrix);
  assertNumbers(matrix, [1, 4, 9, 16, 25, 36]);
  const spread = { ...view('float32', [1], [2]), shape: [2, 3], strides: [0, 0] };
  backend.binary('div', output, matrix, spread);
  assertNumbers(output, [0.5, 2, 4.5, 8, 12.5, 18]);
});

test('long tensors, empty ones and those of no dims', () => {
  const long = empty('float32', [3, 2001]);
  backend.arange(long, 0, 1);
  backend.unary('square', long, long);
  assertNumbers(
    long,
    Array.from({ length: 6003 }, (_, i) => Math.fround(i * i)),
  );
  const none = empty('float32', [0, 3]);
  backend.binary('add', none, none, 1);
  assertNumbers(none, []);
  const single = view('float32', [], [3]);
  backend.unary('neg', single, single);
  assertNumbers(single, [-3]);
});

test('float32 results are rounded once, and parameters count as float32', () => {
  const x = view('float32', [3], [0.1, 1e30, 16777217]);
  const output = empty('float32', [3]);
  backend.binary('mul', output, x, x);
  assertNumbers(output, [Math.fround(Math.fround(0.1) ** 2), Infinity, 2 ** 48]);
  backend.binary('add', output, x, 0.1);
  assert.equal(numbers(output)[0], Math.fround(2 * Math.fround(0.1)));
  // 0.1 as float32 is a little more than 0.1, and still passes a bound of 0.1.
  backend.binary('clampBackward', output, 1, x, -Infinity, 0.1);
  assertNumbers(output, [1, 0, 0]);
});

test('integers wrap around', () => {
  const cases: [DType, bigint, BinaryOp, bigint, bigint][] = [
    ['int64', 2n ** 63n - 1n, 'add', 1n, -(2n ** 63n)],
    ['int64', 2n ** 62n + 1n, 'mul', 4n, 4n],
    ['int64', 3n, 'pow', 41n, BigInt.asIntN(64, 3n ** 41n)],
    ['int32', 2n ** 31n - 1n, 'mul', 2n ** 31n - 1n, 1n],
    ['int16', 32767n, 'add', 1n, -32768n],
    ['int8', -128n, 'sub', 1n, 127n],
    ['uint8', 3n, 'sub', 5n, 254n],
    ['bool', 1n, 'add', 1n, 1n],
    ['int64', 7n, 'floorDiv', 0n, 0n],
    ['int64', 7n, 'remainder', 0n, 0n],
    ['int64', -9n, 'rightShift', 1n, -5n],
    ['int32', 1n, 'leftShift', 31n, -(2n ** 31n)],
    ['int64', 1n, 'leftShift', 64n, 0n],
  ];
  for (const [dtype, left, op, right, expected] of cases) {
    const output = empty(dtype, [1]);
    backend.binary(op, output, view(dtype, [1], [left]), view(dtype, [1], [right]));
    const exact = new BigInt64Array(1);
    const wide = empty('int64', [1]);
    backend.copy(wide, output);
    backend.read(wide, exact);
    assert.equal(exact[0], expected, `${left} ${op} ${right} of ${dtype}`);
  }
});

test('unary functions of integers and bool', () => {
  const x = view('int8', [5], [-128, -3, 0, 2, 127]);
  const output = empty('int8', [5]);
  const expected: [UnaryOp, number[]][] = [
    ['neg', [-128, 3, 0, -2, -127]],
    ['abs', [-128, 3, 0, 2, 127]],
    ['sign', [-1, -1, 0, 1, 1]],
    ['square', [0, 9, 0, 4, 1]],
    ['bitwiseNot', [127, 2, -1, -3, -128]],
    ['round', [-128, -3, 0, 2, 127]],
    ['relu', [0, 0, 0, 2, 127]],
  ];
  for (const [op, values] of expected) {
    backend.unary(op, output, x);
    assertNumbers(output, values, op);
  }
  backend.unary('clamp', output, x, -Infinity, 1);
  assertNumbers(output, [-128, -3, 0, 1, 1]);
  const flags = empty('bool', [2]);
  backend.unary('bitwiseNot', flags, view('bool', [2], [0, 1]));
  assertNumbers(flags, [1, 0]);
});

test('predicates', () => {
  const x = view('float32', [5], [NaN, Infinity, -Infinity, 0, 2]);
  const output = empty('bool', [5]);
  backend.predicate('isnan', output, x);
  assertNumbers(output, [1, 0, 0, 0, 0]);
  backend.predicate('isinf', output, x);
  assertNumbers(output, [0, 1, 1, 0, 0]);
  backend.predicate('isfinite', output, x);
  assertNumbers(output, [0, 0, 0, 1, 1]);
  backend.predicate('logicalNot', output, x);
  assertNumbers(output, [0, 0, 0, 1, 0]);
});

test('comparisons: NaN is unequal to all, int64 keeps every bit', () => {
  const output = empty('bool', [3]);
  const expected: [CompareOp, number[], number[]][] = [
    ['eq', [0, 0, 1], [0, 0, 1]],
    ['ne', [1, 1, 0], [1, 1, 0]],
    ['lt', [0, 1, 0], [0, 1, 0]],
    ['le', [0, 1, 1], [0, 1, 1]],
    ['gt', [0, 0, 0], [1, 0, 0]],
    ['ge', [0, 0, 1], [1, 0, 1]],
    ['logicalAnd', [1, 0, 1], [1, 0, 1]],
    ['logicalOr', [1, 1, 1], [1, 1, 1]],
    ['logicalXor', [0, 1, 0], [0, 1, 0]],
  ];
  for (const [op, ofFloats, ofIntegers] of expected) {
    backend.compare(op, output, view('float32', [3], [NaN, 0, 2]), view('float32', [3], [1, 3, 2]));
    assertNumbers(output, ofFloats, op);
    backend.compare(op, output, view('int64', [3], [2n ** 53n + 1n, 0, 2]), view('int64', [3], [2n ** 53n, 3, 2]));
    assertNumbers(output, ofIntegers, op);
  }
  backend.compare('gt', output, 2, view('int8', [3], [1, 2, 3]));
  assertNumbers(output, [1, 0, 0]);
  // The number is one of the other operand's dtype.
  backend.compare('eq', output, view('float32', [3], [0.1, 0.2, 0.3]), 0.1);
  assertNumbers(output, [1, 0, 0]);
});

test('where', () => {
  const condition = view('bool', [2, 1], [1, 0]);
  for (const dtype of ['float32', 'int64', 'uint8'] as const) {
    const output = empty(dtype, [2, 2]);
    backend.where(output, condition, view(dtype, [2], [5, 6]), 9);
    assertNumbers(output, [5, 6, 9, 9]);
  }
});

test('addScaled and lerp', () => {
  for (const dtype of ['float64', 'int32'] as const) {
    const output = empty(dtype, [2]);
    const [input, left, right] = [view(dtype, [1], [10]), view(dtype, [2], [3, -6]), view(dtype, [2], [2, 4])] as const;
    backend.addScaled('mul', output, input, left, right, 2);
    assertNumbers(output, [22, -38]);
    backend.addScaled('div', output, input, left, right, 2);
    assertNumbers(output, [13, 7]);
  }
  const output = empty('float64', [2]);
  const [start, end] = [view('float64', [2], [1, -2]), view('float64', [2], [3, 6])];
  backend.lerp(output, start, end, view('float64', [2], [0.25, 0.75]));
  assertNumbers(output, [1.5, 4]);
  backend.lerp(output, start, end, 1);
  assertNumbers(output, [3, 6]);
});
