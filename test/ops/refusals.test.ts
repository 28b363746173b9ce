// Calls that once went wrong in another way than by a documented error.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  add_,
  arange,
  diagEmbed,
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
  const many = ones(new Array<number>(8).fill(1));
  assert.throws(() => many.inner(many), ShapeError);
  assert.throws(() => ones(new Array<number>(12).fill(1)).unsqueeze(0), {
    name: 'ShapeError',
    message: /^unsqueeze: /,
  });
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

test('bounds of hardtanh that integers can not hold, which were other bounds', () => {
  const x = tensor([0, 1, 5], { dtype: 'int16' });
  for (const bound of [NaN, Infinity, 70_000]) {
    assert.throws(() => nn.functional.hardtanh(x, { maxVal: bound }), { name: 'ValueError', message: /^hardtanh: .* no bound for int16/ }); // prettier-ignore
  }
  assert.throws(() => nn.functional.hardtanh(x.to('uint8'), { minVal: -1 }), ValueError);
  assert.throws(() => nn.functional.hardtanh(x.to('uint8'), { minVal: 0, maxVal: -1 }), ValueError);
  assert.deepEqual(nn.functional.hardtanh(x.to('uint8'), { minVal: -0.5, maxVal: 2.7 }).toArray(), [0, 1, 2]);
});

test('lerp of infinities and a negative weight, which was NaN', () => {
  const lerped = (): unknown =>
    tensor([1, Infinity])
      .lerp_(tensor([Infinity, 2]), -2)
      .toArray();
  assert.deepEqual(lerped(), [-Infinity, Infinity]);
  assert.deepEqual(withBackend(createReferenceBackend(), lerped), [-Infinity, Infinity]);
});

test('maxima of an empty plane, which were none', () => {
  assert.throws(() => nn.functional.adaptiveMaxPool2d(ones([1, 1, 0]), 1), { name: 'ShapeError', message: /^adaptiveMaxPool2d: / }); // prettier-ignore
});

test('a number beyond int64 beside integers, which was another number', () => {
  const x = ones([2], { dtype: 'int8' });
  assert.throws(() => x.minimum(1e300), { name: 'ValueError', message: /^minimum: 1e\+300 / });
  assert.throws(() => add_(x, -1e300), ValueError);
  assert.deepEqual(x.add(300).toArray(), [45, 45]);
  assert.deepEqual(x.lt(1e300).toArray(), [true, true]);
});

test('more elements or parts than can be counted', () => {
  assert.throws(() => diagEmbed(ones([3]), 2 ** 53), { name: 'ShapeError', message: /^diagEmbed: / });
  assert.throws(() => arange(0, 1e300), { name: 'ShapeError', message: /^arange: / });
  assert.throws(() => ones([0]).chunk(2 ** 53), { name: 'ShapeError', message: /^chunk: / });
});

test('arange without its end', () => {
  assert.throws(() => loose(arange)(0, undefined, 5), { name: 'ValueError', message: /^arange: / });
});

test('errors name the function that was called', () => {
  const [plane, kernel] = [ones([1, 2, 2]), ones([1, 1, 3, 3])];
  const { conv2d, maxPool2d, avgPool2d, adaptiveAvgPool2d, softmax: softmaxOf } = nn.functional;
  assert.throws(() => conv2d(plane, kernel), { message: /^conv2d: a kernel/ });
  assert.throws(() => maxPool2d(plane, 3), { message: /^maxPool2d: a window/ });
  assert.throws(() => avgPool2d(plane, 3), { message: /^avgPool2d: a window/ });
  assert.throws(() => adaptiveAvgPool2d(plane.to('int8'), 1), { message: /^adaptiveAvgPool2d: expected a float/ });
  assert.throws(() => softmaxOf(plane, 1, { dtype: 'half' as never }), { message: /^\w+: unknown dtype half/ });
  assert.throws(() => plane.to('half' as never), { message: /^to: unknown dtype half/ });
});

test('sizes and offsets that are none', () => {
  assert.throws(() => ones([3]).split([3, 1e-300]), ShapeError);
  assert.throws(() => ones([0]).split([0, null as never]), ShapeError);
  assert.throws(() => diagEmbed(ones([0, 3]), 2 ** 53), ShapeError);
  assert.throws(() => ones([4]).var(undefined, { correction: NaN }), { name: 'ValueError', message: /^var: / });
  assert.throws(() => ones([1, 2]).indexPut_([tensor([1n])], 1), { name: 'IndexError', message: /^indexPut_: / });
});

test('a number beyond an integer dtype wraps in every operation, on every backend', () => {
  const values = (): unknown => {
    const x = tensor([100, 100], { dtype: 'int8' });
    return [x.floorDivide(300), x.remainder(300), x.sub(300)].map((y) => (y.toArray() as number[])[0]);
  };
  assert.deepEqual(values(), [2, 12, 56]);
  assert.deepEqual(withBackend(createReferenceBackend(), values), [2, 12, 56]);
});

test('the gradient of scatterAdd with an index of no elements', () => {
  const source = ones([0, 2]).requiresGrad_();
  ones([2, 0])
    .scatterAdd(0, tensor([], { dtype: 'int64' }).reshape([3, 0]), source)
    .sum()
    .backward();
  assert.deepEqual(source.grad!.shape, [0, 2]);
});
