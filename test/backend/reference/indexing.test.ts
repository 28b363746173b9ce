import assert from 'node:assert/strict';
import { test } from 'node:test';

import { kernelTypes } from '../../../src/backend/dtype.js';
import { assertNumbers, backend, empty, scattered, view } from './views.js';

const everyDType = kernelTypes;
const index = (shape: number[], values: number[]) => view('int64', shape, values);

test('gather, of every dtype and any strides', () => {
  for (const dtype of everyDType) {
    const input = scattered(view(dtype, [2, 3], [0, 1, 1, 1, 0, 0]));
    const output = scattered(empty(dtype, [2, 2]));
    assert.equal(backend.gather(output, input, 1, scattered(index([2, 2], [0, 2, 1, 0]))), -1);
    assertNumbers(output, [0, 1, 0, 1], dtype);
  }
  const input = view('float32', [2, 3], [1, 2, 3, 4, 5, 6]);
  const output = empty('float32', [1, 3]);
  assert.equal(backend.gather(output, input, 0, index([1, 3], [1, 0, 1])), -1);
  assertNumbers(output, [4, 2, 6]);
  assert.equal(backend.gather(output, input, 0, index([1, 3], [1, 2, 1])), 1);
  assert.equal(backend.gather(output, input, 0, index([1, 3], [1, 0, -1])), 2);
});

test('scatter in each of its ways', () => {
  const at = index([2, 2], [0, 0, 2, 1]);
  for (const dtype of ['float32', 'int64', 'int8'] as const) {
    const source = view(dtype, [2, 2], [5, 7, 2, 3]);
    const expected = {
      set: [7, 4, 4, 4, 3, 2],
      add: [16, 4, 4, 4, 7, 6],
      multiply: [140, 4, 4, 4, 12, 8],
      max: [7, 4, 4, 4, 4, 4],
      min: [4, 4, 4, 4, 3, 2],
    };
    for (const [reduce, values] of Object.entries(expected) as [keyof typeof expected, number[]][]) {
      const output = scattered(view(dtype, [2, 3], [4, 4, 4, 4, 4, 4]));
      assert.equal(backend.scatter(reduce, output, 1, at, source), -1);
      const wrapped = dtype === 'int8' ? values.map((value) => (value << 24) >> 24) : values;
      assertNumbers(output, wrapped, `${reduce} ${dtype}`);
    }
    const output = view(dtype, [2, 3], [4, 4, 4, 4, 4, 4]);
    backend.scatter('set', output, 1, at, 9);
    assertNumbers(output, [9, 4, 4, 4, 9, 9]);
    assert.equal(backend.scatter('add', output, 1, index([1, 1], [3]), source), 0);
  }
  const large = view('int32', [1], [2 ** 31 - 1]);
  backend.scatter('multiply', large, 0, index([1], [0]), 2 ** 31 - 1);
  assertNumbers(large, [1]);
  const flags = view('bool', [1], [1]);
  backend.scatter('add', flags, 0, index([2], [0, 0]), view('bool', [2], [1, 1]));
  assertNumbers(flags, [1]);
});

test('indexSelect along either dim', () => {
  const input = scattered(view('float32', [3, 2], [1, 2, 3, 4, 5, 6]));
  const rows = empty('float32', [4, 2]);
  assert.equal(backend.indexSelect(rows, input, 0, index([4], [2, 0, 0, 1])), -1);
  assertNumbers(rows, [5, 6, 1, 2, 1, 2, 3, 4]);
  const columns = empty('float32', [3, 1]);
  assert.equal(backend.indexSelect(columns, input, 1, index([1], [1])), -1);
  assertNumbers(columns, [2, 4, 6]);
  assert.equal(backend.indexSelect(columns, input, 1, index([1], [2])), 0);
});

test('indexAdd adds equal indices up', () => {
  for (const dtype of ['float64', 'int64', 'int32'] as const) {
    const output = view(dtype, [3, 2], [0, 0, 10, 10, 20, 20]);
    const source = view(dtype, [3, 2], [1, 2, 3, 4, 5, 6]);
    assert.equal(backend.indexAdd(output, 0, index([3], [2, 0, 2]), source, 2), -1);
    assertNumbers(output, [6, 8, 10, 10, 32, 36]);
    assert.equal(backend.indexAdd(output, 0, index([3], [2, 0, 3]), source, 2), 2);
  }
});

test('index: negative indices count from the end', () => {
  const input = scattered(view('float32', [2, 3, 2], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]));
  const pairs = empty('float32', [2, 2]);
  assert.equal(backend.index(pairs, input, [index([2], [1, -2]), index([2], [-1, 0])]), -1);
  assertNumbers(pairs, [10, 11, 0, 1]);
  const single = empty('float32', [1, 1, 3, 2]);
  assert.equal(backend.index(single, input, [index([1, 1], [1])]), -1);
  assertNumbers(single, [6, 7, 8, 9, 10, 11]);
  assert.equal(backend.index(pairs, input, [index([2], [1, 0]), index([2], [0, 3])]), 3);
  assert.equal(backend.index(pairs, input, [index([2], [-3, 0]), index([2], [0, 3])]), 0);
});

test('indexPut writes or adds, its source broadcast', () => {
  const places = [index([3], [1, 0, 1]), index([3], [0, 0, -2])];
  const output = view('int64', [2, 2], [10, 20, 30, 40]);
  assert.equal(backend.indexPut(output, places, view('int64', [1], [5]), true), -1);
  assertNumbers(output, [15, 20, 40, 40]);
  assert.equal(backend.indexPut(output, places, view('int64', [3], [1, 2, 3]), false), -1);
  assertNumbers(output, [2, 20, 3, 40]);
  const rows = view('float32', [3, 2], [0, 0, 0, 0, 0, 0]);
  assert.equal(backend.indexPut(rows, [index([2], [2, 0])], view('float32', [2], [1, 2]), true), -1);
  assertNumbers(rows, [1, 2, 0, 0, 1, 2]);
  assert.equal(backend.indexPut(rows, [index([2], [0, 3])], view('float32', [2], [1, 2]), true), 1);
  assertNumbers(rows, [1, 2, 0, 0, 1, 2]);
});

test('nonzero elements are counted and listed', () => {
  const input = view('float32', [2, 3], [0, NaN, 0, -1, 0, 2]);
  assert.equal(backend.countNonzero(input), 3);
  const output = empty('int64', [3, 2]);
  backend.nonzero(output, scattered(input));
  assertNumbers(output, [0, 1, 1, 0, 1, 2]);
  backend.nonzero(empty('int64', [1, 0]), view('bool', [], [1]));
  assert.equal(backend.countNonzero(empty('bool', [0])), 0);
});
