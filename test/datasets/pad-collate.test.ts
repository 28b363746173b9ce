import assert from 'node:assert/strict';
import { test } from 'node:test';
import { padCollate, padSamples } from 'flambeau/datasets';
import { ones, tensor } from '../../src/tensor/create.js';
import type { Tensor } from '../../src/tensor/tensor.js';

test('each dim grows to the longest, filled up at its end', () => {
  const batch: Tensor = padCollate([tensor([[1, 2]]), tensor([[3], [4]])]);
  assert.deepEqual(batch.toArray(), [
    [
      [1, 2],
      [0, 0],
    ],
    [
      [3, 0],
      [4, 0],
    ],
  ]);
});

test('fields of objects and arrays are filled up each on its own; the rest is collated as ever', () => {
  const samples = [
    { text: tensor([1n, 2n]), label: 0, parts: [tensor([true])], name: 'a' },
    { text: tensor([3n]), label: 1, parts: [tensor([true, true])], name: 'b' },
  ];
  const { text, label, parts, name } = padCollate(samples);
  assert.equal(text.dtype, 'int64');
  assert.deepEqual(text.toArray(), [
    [1, 2],
    [3, 0],
  ]);
  assert.deepEqual(label.toArray(), [0, 1]);
  assert.deepEqual(parts[0]!.toArray(), [
    [true, false],
    [true, true],
  ]);
  assert.deepEqual(name, ['a', 'b']);
  assert.deepEqual(text.ne(0).sum(1).toArray(), [2, 1], 'the lengths');
});

test('another value; samples are not changed; equal ones are passed on as they are', () => {
  const short = ones([1]);
  const long = ones([3]);
  const [padded, same] = padSamples([short, long], -1);
  assert.deepEqual(padded!.toArray(), [1, -1, -1]);
  assert.equal(same, long);
  assert.deepEqual(short.shape, [1]);
  assert.deepEqual(padSamples([]), []);
});

test('what can not be filled up fails as in defaultCollate', () => {
  assert.throws(() => padCollate([ones([1]), ones([1, 1])]), /shapes that differ can't be stacked/);
  assert.throws(() => padCollate([{ a: ones([1]) }, { b: ones([2]) } as never]), /has no field 'a'/);
  assert.throws(() => padCollate([[ones([1])], [ones([2]), ones([2])]]), /must be equally long/);
});
