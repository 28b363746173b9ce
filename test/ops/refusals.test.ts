// Calls that once went wrong in another way than by a documented error.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  arange,
  dropout,
  DTypeError,
  einsum,
  fmax,
  IndexError,
  nn,
  ones,
  ShapeError,
  softmax,
  tensor,
  tensordot,
  ValueError,
} from 'flambeau';
import { withBackend } from '../../src/backend/active.js';
import { createReferenceBackend } from '../../src/backend/reference/index.js';

const loose = <F>(fn: F): ((...args: unknown[]) => unknown) => fn as (...args: unknown[]) => unknown;

test('einsum without an equation, or of what is no tensor', () => {
  assert.throws(() => loose(einsum)(ones([2])), ValueError);
  assert.throws(() => loose(einsum)('i,i->i', 1, 2), ValueError);
});

test('two numbers where one operand must be a tensor', () => {
  assert.throws(() => fmax(1, 2), { name: 'ValueError', message: /fmax: expected a tensor/ });
});

test('adaptive pooling of integers, which was memory as it happened to be', () => {
  assert.throws(() => nn.functional.adaptiveMaxPool1d(ones([1, 4], { dtype: 'int16' }), 2), DTypeError);
  assert.throws(() => nn.functional.adaptiveAvgPool2d(ones([1, 4, 4], { dtype: 'int64' }), 2), DTypeError);
});

test('a word as an index', () => {
  assert.throws(() => ones([3]).index('first' as never), { name: 'IndexError', message: /got first/ });
  assert.throws(() => ones([3]).index([0.5]), IndexError);
});

test('more dims than kernels walk through', () => {
  assert.throws(() => ones(new Array<number>(13).fill(1)), { name: 'ShapeError', message: /13 dims: expected at most 12/ }); // prettier-ignore
  assert.throws(() => ones(new Array<number>(8).fill(1)).tile([1, 1, 1, 1, 1, 1, 1, 2]), ShapeError);
});

test('an unknown dtype names the function', () => {
  assert.throws(() => arange(3, { dtype: 'double' as never }), { message: /^arange: unknown dtype double/ });
});

test('clamp_ with a bound that needs a gradient', () => {
  const bound = tensor([0.5, 2], { requiresGrad: true });
  const x = ones([2]);
  x.clamp_({ max: bound }).sum().backward();
  assert.deepEqual(bound.grad!.toArray(), [1, 0]);
});

test('numbers that are no sizes', () => {
  assert.throws(() => ones([2]).repeatInterleave(2 ** 60), { message: /repeats are whole numbers/ });
  assert.throws(() => ones([2]).asStrided([], [], 0.5), { name: 'ShapeError', message: /whole numbers/ });
  assert.throws(() => tensordot(ones([2]), ones([2]), [0, 0] as never), /tensordot: expected a number of dims, or/);
  assert.throws(() => ones([2, 2]).triu(1e300), { message: /^triu: expected a whole number/ });
  assert.throws(() => dropout(ones([2]), 0.5, ['a'] as never), { name: 'ShapeError', message: /^dropout: / });
  assert.throws(() => tensordot(ones([2]), ones([2]), 1e300), { name: 'ShapeError', message: /^tensordot: expected/ });
});

test('a negative number beside uint8 wraps', () => {
  assert.deepEqual(tensor([1, 2, 3], { dtype: 'uint8' }).fmod(-1).toArray(), [1, 2, 3]);
});

test('softmax of an infinite logit is undefined on every backend', () => {
  const reference = createReferenceBackend();
  const share = (): unknown => softmax(tensor([Infinity, 1]), 0).toArray();
  assert.deepEqual(share(), [NaN, NaN]);
  assert.deepEqual(withBackend(reference, share), [NaN, NaN]);
});

test('takeAlongDim of a 0-d tensor', () => {
  assert.equal(tensor(5).takeAlongDim(tensor(0n), 0).item(), 5);
});
