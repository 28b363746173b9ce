// What the types promise: calls are typed by `forward`, wrong options and wrong arguments don't compile.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as nn from 'flambeau/nn';

import { zeros } from '../../src/tensor/create.js';
import { Tensor } from '../../src/tensor/tensor.js';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Fails to compile unless `value` has exactly the type `B`. */
function same<A, B>(value: A, equal: Equal<A, B>): void {
  assert.ok(value !== undefined && equal);
}

class Pair extends nn.Module {
  override forward(x: Tensor, times: number): { sum: Tensor; times: number } {
    return { sum: x.sum(), times };
  }
}

test('a call has the arguments and the result of forward', () => {
  const pair = new Pair();
  const result = pair(zeros([2]), 3);
  same<typeof result, { sum: Tensor; times: number }>(result, true);
  const never = (): void => {
    // @ts-expect-error -- the second argument is missing
    pair(zeros([2]));
    // @ts-expect-error -- no tensor
    new nn.Linear(2, 2)(3);
  };
  assert.equal(typeof never, 'function');
  const output = new nn.Linear(2, 2)(zeros([2]));
  same<typeof output, Tensor>(output, true);
  const [attended, weights] = new nn.MultiheadAttention(2, 1)(zeros([1, 2]), zeros([1, 2]), zeros([1, 2]));
  same<typeof attended, Tensor>(attended, true);
  same<typeof weights, Tensor | null>(weights, true);
});

test('recurrent layers return what they were given: a tensor or a packing', () => {
  const lstm = new nn.LSTM(2, 3);
  const [output, [hidden, cell]] = lstm(zeros([4, 1, 2]));
  same<typeof output, Tensor>(output, true);
  same<typeof hidden, Tensor>(hidden, true);
  same<typeof cell, Tensor>(cell, true);
  const packed = nn.utils.packPaddedSequence(zeros([4, 1, 2]), [4]);
  const [packedOutput] = lstm(packed, [hidden, cell]);
  same<typeof packedOutput, nn.utils.PackedSequence>(packedOutput, true);
  assert.ok(packedOutput instanceof nn.utils.PackedSequence);
  const [states, last] = new nn.GRU(2, 3)(zeros([4, 1, 2]), zeros([1, 1, 3]));
  same<typeof states, Tensor>(states, true);
  same<typeof last, Tensor>(last, true);
  same<typeof lstm.weightIhL0, nn.Parameter>(lstm.weightIhL0, true);
  assert.ok(states instanceof Tensor);
});

test('max pooling returns indices only where they are asked for', () => {
  const values = new nn.MaxPool2d(2, { stride: 1 })(zeros([1, 1, 4, 4]));
  same<typeof values, Tensor>(values, true);
  const pooled = new nn.MaxPool2d(2, { returnIndices: true })(zeros([1, 1, 4, 4]));
  same<typeof pooled.indices, Tensor>(pooled.indices, true);
  const adaptive = new nn.AdaptiveMaxPool1d(2, { returnIndices: true })(zeros([1, 1, 4]));
  same<typeof adaptive.values, Tensor>(adaptive.values, true);
  const sequential = new nn.Sequential(new nn.MaxPool2d(2), new nn.AdaptiveMaxPool2d(1));
  assert.deepEqual(sequential(zeros([1, 1, 4, 4])).shape, [1, 1, 1, 1]);
});

test('containers know what they hold', () => {
  const list = new nn.ModuleList([new nn.Linear(2, 3), new nn.Linear(3, 2)]);
  const first = list.get(0);
  same<typeof first, nn.Linear>(first, true);
  for (const layer of list) same<typeof layer, nn.Linear>(layer, true);
  const dict = new nn.ModuleDict({ a: new nn.LayerNorm(2) });
  const entry = dict.get('a');
  same<typeof entry, nn.LayerNorm>(entry, true);
});

test('a clone has the type of the original', () => {
  const copy = new nn.GRU(2, 3).clone();
  same<typeof copy, nn.GRU>(copy, true);
  assert.deepEqual(copy(zeros([4, 1, 2]))[0].shape, [4, 1, 3]);
});

test('options that do not exist do not compile', () => {
  const never = (): void => {
    // @ts-expect-error -- PyTorch's spelling
    new nn.LSTM(2, 3, { batch_first: true });
    // @ts-expect-error -- an option, not an argument
    new nn.MaxPool2d(2, 2);
    // @ts-expect-error -- no such reduction
    new nn.MSELoss({ reduction: 'average' });
    // @ts-expect-error -- no such mode
    nn.functional.interpolate(zeros([1, 1, 2]), { size: 2, mode: 'cubic' });
    // @ts-expect-error -- a dim is needed
    new nn.Softmax();
    // @ts-expect-error -- a plain tensor is no module
    new nn.Sequential(zeros([1]));
  };
  assert.equal(typeof never, 'function');
});
