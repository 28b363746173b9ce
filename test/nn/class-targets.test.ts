// Class numbers as targets: which dtypes will do, and what is said of those that won't.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as nn from 'flambeau/nn';

import { DTypeError, IndexError, ShapeError, ValueError } from '../../src/errors.js';
import { tensor, zeros } from '../../src/tensor/create.js';
import { make } from './recipe.js';

const F = nn.functional;
const logits = make({ shape: [4, 3] }, 1, 'float32');

test('every dtype that holds whole numbers gives the same loss', () => {
  const expected = F.crossEntropy(logits, tensor([0n, 2n, 1n, 2n])).item();
  for (const dtype of ['float32', 'float64', 'int64', 'int32', 'int16', 'int8', 'uint8'] as const) {
    assert.equal(F.crossEntropy(logits, tensor([0, 2, 1, 2], { dtype })).item(), expected, dtype);
  }
});

test('bool targets stand for classes 0 and 1', () => {
  const byNumber = F.crossEntropy(logits, tensor([0n, 1n, 1n, 0n])).item();
  assert.equal(F.crossEntropy(logits, tensor([false, true, true, false])).item(), byNumber);
});

test('a fractional class number is named with its place', () => {
  assert.throws(() => F.crossEntropy(logits, tensor([0, 2, 1.5, 2])), {
    name: 'DTypeError',
    message: /crossEntropy: expected class numbers as targets, got 1\.5 at \[2\]/,
  });
  assert.throws(() => F.crossEntropy(logits, tensor([0, NaN, 1, 2])), /got NaN at \[1\]/);
  assert.throws(() => F.crossEntropy(logits, tensor([0, Infinity, 1, 2])), /got Infinity at \[1\]/);
});

test('a class out of range is named with its place', () => {
  assert.throws(() => F.crossEntropy(logits, tensor([0n, 2n, 3n, 2n])), {
    name: 'IndexError',
    message: 'crossEntropy: target 3 at [2] is out of range: expected 0 to 2 for 3 classes',
  });
  assert.throws(() => F.crossEntropy(logits, tensor([0, -1, 1, 2])), /target -1 at \[1\]/);
  const images = make({ shape: [2, 3, 2, 2] }, 1, 'float32');
  const target = zeros([2, 2, 2]);
  target.select(0, 1).select(0, 0).select(0, 1).fill_(7);
  assert.throws(() => F.crossEntropy(images, target), /target 7 at \[1, 0, 1\]/);
  assert.throws(() => F.nllLoss(logits, tensor([0n, 2n, 9n, 2n])), IndexError);
  assert.throws(() => F.multiMarginLoss(logits, tensor([0n, 2n, 9n, 2n])), /target 9 at \[2\]/);
});

test('targets of the wrong shape', () => {
  assert.throws(() => F.crossEntropy(logits, tensor([0n, 1n, 2n])), {
    name: 'ShapeError',
    message: /expected class numbers of shape \[4\] for input \[4, 3\], got \[3\]/,
  });
  assert.throws(() => F.crossEntropy(logits, tensor([[0n], [1n], [2n], [0n]])), ShapeError);
});

test('whole numbers in the shape of the input are no probabilities', () => {
  assert.throws(() => F.crossEntropy(logits, zeros([4, 3], { dtype: 'int64' })), DTypeError);
});

test('a weight of the wrong size, an unknown reduction, too much smoothing', () => {
  const target = tensor([0n, 2n, 1n, 2n]);
  assert.throws(() => F.crossEntropy(logits, target, { weight: tensor([1, 2]) }), /expected a weight per class, \[3\]/);
  assert.throws(() => F.crossEntropy(logits, target, { reduction: 'avg' as never }), ValueError);
  assert.throws(() => F.crossEntropy(logits, target, { labelSmoothing: 2 }), ValueError);
  assert.throws(() => new nn.CrossEntropyLoss({ labelSmoothing: -0.1 }), ValueError);
  assert.throws(() => new nn.MSELoss({ reduction: 'batch' as never }), ValueError);
});

test('nothing to average over is NaN, as in PyTorch', () => {
  assert.ok(Number.isNaN(F.crossEntropy(logits, tensor([-100n, -100n, -100n, -100n])).item()));
});

test('probabilities outside of 0 to 1 are refused with a hint', () => {
  assert.throws(() => F.binaryCrossEntropy(tensor([0.5, 1.5]), tensor([0, 1])), /apply sigmoid first/);
  assert.throws(() => F.binaryCrossEntropy(tensor([0.5, 0.5]), tensor([1])), ShapeError);
});

test('a target of another shape is broadcast with a warning', (t) => {
  const warn = t.mock.method(console, 'warn', () => undefined);
  F.mseLoss(zeros([4, 1]), zeros([4]));
  assert.equal(warn.mock.callCount(), 1);
  assert.match(String(warn.mock.calls[0]!.arguments[0]), /target's shape \[4\] differs from the input's \[4, 1\]/);
  F.mseLoss(zeros([4, 1]), zeros([4, 1]));
  assert.equal(warn.mock.callCount(), 1);
});
