import assert from 'node:assert/strict';
import { test } from 'node:test';

import { dtypes, kernelTypes } from '../../../src/backend/dtype.js';
import type { DType } from '../../../src/backend/dtype.js';
import { assertClose, assertNumbers, backend, empty, fixture, numbers, restored, scattered, view } from './views.js';
import type { Cell, Stored } from './views.js';

const stored = fixture<{ float: Stored; fromFloat: Stored[]; wide: Cell[]; fromInt64: Stored[] }>('elementwise');
const everyDType = kernelTypes;

test('read and write, from an offset and in row-major order', () => {
  for (const dtype of everyDType) {
    const matrix = view(dtype, [2, 3], [0, 1, 1, 0, 0, 1]);
    const transposed = { ...matrix, shape: [3, 2], strides: [1, 3] };
    const target = new dtypes[dtype].array(6);
    backend.read(transposed, target);
    assert.deepStrictEqual([...target].map(Number), [0, 0, 1, 0, 1, 1], dtype);
    backend.write(matrix.storage, 4, target.slice(0, 2));
    assertNumbers(matrix, [0, 1, 1, 0, 0, 0]);
  }
});

test('read into a part of a larger buffer', () => {
  const whole = new Float32Array(7);
  backend.read(view('float32', [2], [5, 6]), whole.subarray(3, 5));
  assert.deepStrictEqual([...whole], [0, 0, 0, 5, 6, 0, 0]);
});

test('readScalar', () => {
  assert.equal(backend.readScalar(view('float32', [], [0.1])), Math.fround(0.1));
  assert.equal(backend.readScalar(view('int64', [1], [-5])), -5);
  assert.equal(backend.readScalar(view('int64', [1], [2n ** 53n + 1n])), 2 ** 53);
  assert.equal(backend.readScalar({ ...view('bool', [2], [0, 1]), shape: [], strides: [], offset: 1 }), 1);
});

test('fill converts its number', () => {
  const expected: [DType, number | bigint, number][] = [
    ['float32', 0.1, Math.fround(0.1)],
    ['float64', -Infinity, -Infinity],
    ['int64', 2n ** 60n, 2 ** 60],
    ['uint8', 255, 255],
    ['bool', 3, 1],
    ['float32', 7n, 7],
  ];
  for (const [dtype, value, result] of expected) {
    const target = empty(dtype, [2, 2]);
    backend.fill({ ...target, shape: [2], strides: [2] }, value);
    assertNumbers({ ...target, shape: [2], strides: [2] }, [result, result]);
  }
  const left = view('float32', [2, 2], [1, 2, 3, 4]);
  backend.fill({ ...left, shape: [2, 1] }, 0);
  assertNumbers(left, [0, 2, 0, 4]);
});

test('arange', () => {
  const floats = empty('float32', [4]);
  backend.arange(floats, 1, -0.1);
  assertNumbers(
    floats,
    [0, 1, 2, 3].map((i) => Math.fround(1 + i * -0.1)),
  );
  const integers = scattered(empty('int16', [2, 3]));
  backend.arange(integers, -2, 3);
  assertNumbers(integers, [-2, 1, 4, 7, 10, 13]);
});

test('copies of floats convert as the processor does', () => {
  for (const expected of stored.fromFloat) {
    const output = empty(expected.dtype, expected.shape);
    backend.copy(output, restored(stored.float));
    assertClose(output, expected, { tolerance: 0, label: (at) => `${expected.dtype} at ${at}` });
  }
});

test('copies of int64 keep the low bits', () => {
  for (const expected of stored.fromInt64) {
    const output = empty(expected.dtype, expected.shape);
    backend.copy(output, view('int64', expected.shape, stored.wide));
    assertClose(output, expected, { tolerance: 0, label: (at) => `${expected.dtype} at ${at}` });
  }
  const same = empty('int64', [1]);
  backend.copy(same, view('int64', [1], [2n ** 62n + 3n]));
  const target = new BigInt64Array(1);
  backend.read(same, target);
  assert.equal(target[0], 2n ** 62n + 3n);
});

test('copies between every two dtypes, any strides, broadcast', () => {
  for (const from of everyDType) {
    for (const to of everyDType) {
      const source = view(from, [2, 3], [0, 1, 0, 1, 1, 0]);
      const output = scattered(empty(to, [2, 3]));
      backend.copy(output, source);
      assertNumbers(output, [0, 1, 0, 1, 1, 0], `${from} to ${to}`);
    }
  }
  const output = empty('float32', [2, 2]);
  backend.copy(output, view('int32', [2, 1], [3, 4]));
  assertNumbers(output, [3, 3, 4, 4]);
  const long = empty('float32', [5000]);
  backend.arange(long, 0, 1);
  assert.deepStrictEqual(numbers(scattered(long)), numbers(long));
});
