import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ReduceOp } from '../../../src/backend/backend.js';
import { assertNumbers, backend, empty, numbers, scattered, view } from './views.js';

const matrix = [1, -2, 3, -4, 5, 6];

test('reductions over each choice of dims', () => {
  const expected: [ReduceOp, number[], number[], number[]][] = [
    ['sum', [-3, 3, 9], [2, 7], [9]],
    ['mean', [-1.5, 1.5, 4.5], [2 / 3, 7 / 3], [1.5]],
    ['prod', [-4, -10, 18], [-6, -120], [720]],
    ['max', [1, 5, 6], [3, 6], [6]],
    ['min', [-4, -2, 3], [-2, -4], [-4]],
    ['sumOfSquares', [17, 29, 45], [14, 77], [91]],
    ['sumOfAbs', [5, 7, 9], [6, 15], [21]],
  ];
  for (const source of [view('float64', [2, 3], matrix), scattered(view('float64', [2, 3], matrix))]) {
    for (const [op, columns, rows, all] of expected) {
      for (const [shape, values] of [
        [[1, 3], columns],
        [[2, 1], rows],
        [[1, 1], all],
      ] as const) {
        const output = empty('float64', shape);
        backend.reduce(op, output, source);
        assertNumbers(output, values, `${op} to [${shape.join(', ')}]`);
      }
    }
  }
});

test('any and all of floats, integers and bool', () => {
  for (const dtype of ['float32', 'int64', 'bool'] as const) {
    const source = view(dtype, [3, 2], [0, 0, 0, 1, 1, 1]);
    const output = empty('bool', [3, 1]);
    backend.reduce('any', output, source);
    assertNumbers(output, [0, 1, 1]);
    backend.reduce('all', output, source);
    assertNumbers(output, [0, 0, 1]);
  }
  const output = empty('bool', [1]);
  backend.reduce('all', output, view('float32', [1], [NaN]));
  assertNumbers(output, [1]);
});

test('NaN is the largest and the smallest', () => {
  const output = empty('float32', [1]);
  for (const op of ['max', 'min', 'sum'] as const) {
    backend.reduce(op, output, view('float32', [3], [1, NaN, 2]));
    assertNumbers(output, [NaN], op);
  }
});

test('sums of integers are int64 and wrap around', () => {
  const output = empty('int64', [1]);
  backend.reduce('sum', output, view('bool', [4], [1, 0, 1, 1]));
  assertNumbers(output, [3]);
  backend.reduce('sum', output, view('int32', [2], [2 ** 31 - 1, 2 ** 31 - 1]));
  assertNumbers(output, [2 ** 32 - 2]);
  backend.reduce('sum', output, view('int64', [2], [2n ** 63n - 1n, 1]));
  assertNumbers(output, [-(2 ** 63)]);
  backend.reduce('prod', output, view('uint8', [3], [200, 2, 3]));
  assertNumbers(output, [1200]);
  backend.reduce('max', output, view('int64', [2], [-5, -9]));
  assertNumbers(output, [-5]);
});

test('nothing to reduce leaves the neutral element', () => {
  const nothing = empty('float32', [2, 0]);
  const output = empty('float32', [2, 1]);
  for (const [op, neutral] of [
    ['sum', 0],
    ['prod', 1],
    ['mean', NaN],
  ] as const) {
    backend.reduce(op, output, nothing);
    assertNumbers(output, [neutral, neutral], op);
  }
  const wide = empty('float32', [1, 0]);
  backend.reduce('sum', wide, nothing);
  assertNumbers(wide, []);
  const scalar = empty('float32', []);
  backend.reduce('sum', scalar, view('float32', [], [4]));
  assertNumbers(scalar, [4]);
});

test('long sums of float32 and float64 stay exact to the last digits', () => {
  const count = 1_000_000;
  for (const [dtype, tolerance] of [
    ['float32', backend.name === 'native' ? 5e-7 : 1e-7],
    ['float64', 1e-14],
  ] as const) {
    const values = empty(dtype, [count]);
    backend.fill(values, 0.1);
    const output = empty(dtype, [1]);
    backend.reduce('sum', output, values);
    const exact = count * (dtype === 'float32' ? Math.fround(0.1) : 0.1);
    assert.ok(Math.abs(numbers(output)[0]! / exact - 1) < tolerance, dtype);
  }
});

test('variance, with and without correction, and its mean', () => {
  const source = view('float64', [2, 4], [1, 2, 3, 6, 1e9 + 1, 1e9 + 2, 1e9 + 3, 1e9 + 6]);
  const [output, mean] = [empty('float64', [2, 1]), empty('float64', [2, 1])];
  backend.variance(output, mean, source, 0);
  assertNumbers(output, [3.5, 3.5]);
  assertNumbers(mean, [3, 1e9 + 3]);
  backend.variance(output, undefined, scattered(source), 1);
  assertNumbers(output, [14 / 3, 14 / 3]);
  const single = empty('float64', [1]);
  backend.variance(single, undefined, view('float64', [1], [5]), 1);
  assertNumbers(single, [NaN]);
});

test('logSumExp does not overflow', () => {
  const output = empty('float64', [4, 1]);
  const rows = [1000, 1000, -Infinity, 3, -Infinity, -Infinity, Infinity, 1];
  backend.logSumExp(output, view('float64', [4, 2], rows));
  assertNumbers(output, [1000 + Math.LN2, 3, -Infinity, Infinity]);
});
