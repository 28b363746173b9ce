import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { GeneratorState, RandomOp } from '../../../src/backend/backend.js';
import { Generator } from '../../../src/tensor/generator.js';
import { assertClose, assertNumbers, backend, contiguousStrides, empty, fixture } from './views.js';
import type { Stored } from './views.js';

interface Run {
  seed: number;
  steps: {
    op: RandomOp | 'bernoulliFrom';
    memoryShape: number[];
    order: number[] | null;
    a: number;
    b: number;
    result: Stored;
  }[];
}

function stateOf(seed: number): GeneratorState {
  return new Generator().manualSeed(seed).state;
}

function linearProbabilities(count: number, dtype: 'float32' | 'float64') {
  const probabilities = empty(dtype, [count]);
  backend.arange(probabilities, 0, 1 / (count - 1));
  return probabilities;
}

for (const { seed, steps } of fixture<Run[]>('random')) {
  test(`the numbers of seed ${seed} are PyTorch's`, () => {
    const state = stateOf(seed);
    steps.forEach(({ op, memoryShape, order, a, b, result }, i) => {
      const memory = empty(result.dtype, memoryShape);
      const strides = contiguousStrides(memoryShape);
      const output = order
        ? { ...memory, shape: order.map((dim) => memoryShape[dim]!), strides: order.map((dim) => strides[dim]!) }
        : memory;
      if (op === 'bernoulliFrom') {
        backend.bernoulliFrom(output, linearProbabilities(memoryShape[0]!, a ? 'float64' : 'float32'), state);
      } else {
        backend.random(op, output, state, a, b);
      }
      // Transcendental functions may differ by a few units in the last place, float64 uniforms by one.
      const inexact = op === 'normal' || op === 'exponential';
      const tolerance = result.dtype === 'float64' ? 1e-14 : inexact ? 5e-7 : 0;
      assertClose(output, result, { tolerance, scale: 1, label: (at) => `step ${i}, ${op} at ${at}` });
    });
  });
}

test('a state that is saved after an odd number of normals continues with the cached one', () => {
  const state = stateOf(9);
  const [first, second, again] = [empty('float64', []), empty('float64', []), empty('float64', [])];
  backend.random('normal', first, state, 0, 1);
  const saved = state.slice();
  backend.random('normal', second, state, 0, 1);
  backend.random('normal', again, saved, 0, 1);
  assert.equal(backend.readScalar(again), backend.readScalar(second));
  assert.notEqual(backend.readScalar(first), backend.readScalar(second));
});

test('certain and impossible events', () => {
  const state = stateOf(1);
  const output = empty('uint8', [4]);
  backend.random('bernoulli', output, state, 1, 0);
  assertNumbers(output, [1, 1, 1, 1]);
  backend.random('bernoulli', output, state, 0, 0);
  assertNumbers(output, [0, 0, 0, 0]);
  backend.random('randint', output, state, 3, 4);
  assertNumbers(output, [3, 3, 3, 3]);
  backend.random('randperm', empty('int64', [0]), state, 0, 0);
});
