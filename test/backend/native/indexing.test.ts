// Kernels that read and write where indices say, and random numbers and optimiser steps, of the addon against the
// reference.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { GeneratorState, RandomOp } from '../../../src/backend/backend.js';
import { isFloat, type DType } from '../../../src/backend/dtype.js';
import {
  allTypes,
  assertSame,
  floatTypes,
  layouts,
  native,
  needsAddon,
  onBoth,
  pair,
  randomStream,
  reference,
  type Layout,
} from './pairs.js';

function values(seed: number, dtype: DType): (position: number) => number {
  const random = randomStream(seed);
  if (isFloat(dtype)) return () => Math.round((random() - 0.5) * 64) / 8;
  if (dtype === 'bool') return () => Math.floor(random() * 2);
  return () => Math.floor(random() * 60) - (dtype === 'uint8' ? 0 : 30);
}

function indices(seed: number, limit: number, low = 0): () => number {
  const random = randomStream(seed);
  return () => Math.floor(random() * (limit - low)) + low;
}

function withDim(shape: readonly number[], dim: number, size: number): number[] {
  return shape.map((old, d) => (d === dim ? size : old));
}

const alongCases: readonly (readonly [shape: readonly number[], dim: number])[] = [
  [[], 0],
  [[5], 0],
  [[40, 3], 0],
  [[40, 3], 1],
  [[6, 30, 20], 0],
  [[6, 30, 20], 1],
  [[6, 30, 20], 2],
];

test('gather', needsAddon, () => {
  for (const dtype of allTypes) {
    for (const [shape, dim] of alongCases) {
      for (const layout of [...layouts, 'broadcast'] as Layout[]) {
        const picked = shape.length === 0 ? [] : withDim(shape, dim, 9);
        const input = pair(dtype, shape, { layout, value: values(1, dtype) });
        const index = pair('int64', picked, { layout: layouts[shape.length % 3]!, value: indices(2, shape[dim] ?? 1) });
        const output = pair(dtype, picked, { layout: layouts[(shape.length + 1) % 3]! });
        const bad = onBoth((backend, pick) => backend.gather(pick(output), pick(input), dim, pick(index)));
        assert.equal(bad, -1);
        assertSame(output, `gather of ${dtype} [${shape.join()}] along ${dim} ${layout}`);
      }
    }
  }
});

test('scatter, several to one place too', needsAddon, () => {
  for (const reduce of ['set', 'add', 'multiply', 'max', 'min'] as const) {
    for (const dtype of allTypes) {
      for (const [shape, dim] of alongCases) {
        const picked =
          shape.length === 0 ? [] : withDim(shape, dim, 9).map((size, d) => (d === dim ? size : Math.ceil(size / 2)));
        const small = dtype === 'bool' ? values(3, dtype) : (i: number) => (i % 3) + 1;
        for (const layout of layouts) {
          const index = pair('int64', picked, { layout, value: indices(4, shape[dim] ?? 1) });
          const source = pair(dtype, picked, { layout: layouts[shape.length % 3]!, value: small });
          for (const from of [source, 1]) {
            const output = pair(dtype, shape, { layout: layouts[(shape.length + 1) % 3]!, value: values(5, dtype) });
            onBoth((backend, pick) => {
              return backend.scatter(
                reduce,
                pick(output),
                dim,
                pick(index),
                typeof from === 'number' ? from : pick(from),
              );
            });
            assertSame(output, `scatter ${reduce} of ${dtype} [${shape.join()}] along ${dim}`, { ulp: 4 });
          }
        }
      }
    }
  }
});

test('indexSelect and indexAdd', needsAddon, () => {
  for (const dtype of allTypes) {
    for (const [shape, dim] of alongCases) {
      if (shape.length === 0) continue;
      for (const layout of layouts) {
        const picked = withDim(shape, dim, 11);
        const index = pair('int64', [11], { layout: 'stepped', value: indices(6, shape[dim]!) });
        const input = pair(dtype, shape, { layout, value: values(7, dtype) });
        const output = pair(dtype, picked, { layout: layouts[shape.length % 3]! });
        onBoth((backend, pick) => backend.indexSelect(pick(output), pick(input), dim, pick(index)));
        assertSame(output, `indexSelect of ${dtype} [${shape.join()}] along ${dim} ${layout}`);
        for (const alpha of [1, 2]) {
          const source = pair(dtype, picked, { layout: layouts[shape.length % 3]!, value: values(8, dtype) });
          const target = pair(dtype, shape, { layout, value: values(9, dtype) });
          onBoth((backend, pick) => backend.indexAdd(pick(target), dim, pick(index), pick(source), alpha));
          assertSame(target, `indexAdd of ${dtype} [${shape.join()}] along ${dim} ${layout}`, { ulp: 4 });
        }
      }
    }
  }
});

test('indexAdd of many rows, in parts', needsAddon, () => {
  const rows = 300;
  const index = pair('int64', [5000], { value: indices(10, rows) });
  const source = pair('float32', [5000, 48], { value: (i) => (i % 7) - 3 });
  const target = pair('float32', [rows, 48], { value: () => 0 });
  onBoth((backend, pick) => backend.indexAdd(pick(target), 0, pick(index), pick(source), 1));
  assertSame(target, 'sums of whole numbers');
});

test('index and indexPut with several indices, negative ones and repeated sources', needsAddon, () => {
  const cases: readonly (readonly [shape: number[], common: number[], count: number])[] = [
    [[7], [4], 1],
    [[7, 5], [3, 2], 2],
    [[7, 5, 6], [4], 1],
    [[7, 5, 6], [2, 3], 2],
    [[7, 5, 6, 300], [5], 3],
    [[4, 3], [], 2],
    [[4, 3], [0], 1],
  ];
  for (const dtype of allTypes) {
    for (const [shape, common, many] of cases) {
      for (const layout of layouts) {
        const rest = shape.slice(many);
        const index = Array.from({ length: many }, (_, d) =>
          pair('int64', common, { layout: layouts[d % 3]!, value: indices(11 + d, shape[d]!, -shape[d]!) }),
        );
        const input = pair(dtype, shape, { layout, value: values(12, dtype) });
        const output = pair(dtype, [...common, ...rest], { layout: layouts[many % 3]! });
        onBoth((backend, pick) => backend.index(pick(output), pick(input), index.map(pick)));
        assertSame(output, `index of ${dtype} [${shape.join()}]`);
        const whole = pair(dtype, [...common, ...rest], { layout: layouts[many % 3]!, value: values(13, dtype) });
        const one = pair(dtype, [], { value: () => 1 });
        for (const source of [whole, one]) {
          for (const accumulate of [false, true]) {
            const target = pair(dtype, shape, { layout, value: values(14, dtype) });
            onBoth((backend, pick) => backend.indexPut(pick(target), index.map(pick), pick(source), accumulate));
            assertSame(target, `indexPut of ${dtype} [${shape.join()}], accumulate: ${accumulate}`, { ulp: 4 });
          }
        }
      }
    }
  }
});

test('bad indices are reported by position, before anything is written', needsAddon, () => {
  const input = pair('float32', [4, 3], { value: (i) => i });
  const output = pair('float32', [4, 3]);
  const index = pair('int64', [4, 3], { value: (i) => (i === 7 ? 4 : i === 9 ? -1 : 0) });
  assert.equal(native!.gather(output.native, input.native, 0, index.native), 7);
  assert.equal(native!.scatter('add', output.native, 0, index.native, 1), 7);
  assertSame(output, 'nothing is written');
  const rows = pair('int64', [5], { value: (i) => (i === 3 ? -1 : 1) });
  const selected = pair('float32', [5, 3]);
  assert.equal(native!.indexSelect(selected.native, input.native, 0, rows.native), 3);
  assert.equal(native!.indexAdd(output.native, 0, rows.native, selected.native, 1), 3);
  const columns = pair('int64', [5], { value: (i) => (i === 2 ? 3 : 0) });
  const elements = pair('float32', [5]);
  // Position 2 of the second index comes before position 3 of the first.
  const far = pair('int64', [5], { value: (i) => (i === 3 ? -5 : 1) });
  assert.equal(native!.index(elements.native, input.native, [far.native, columns.native]), 2 * 2 + 1);
  assert.equal(native!.indexPut(output.native, [far.native, columns.native], elements.native, false), 2 * 2 + 1);
});

test('countNonzero and nonzero', needsAddon, () => {
  for (const dtype of allTypes) {
    for (const shape of [[], [0], [9], [30, 7], [3, 4, 50], [2000]]) {
      for (const layout of layouts) {
        const value = (i: number) => (i % 3 === 0 ? 0 : isFloat(dtype) && i % 5 === 0 ? NaN : 1);
        const input = pair(dtype, shape, { layout, value });
        const found = onBoth((backend, pick) => backend.countNonzero(pick(input)));
        const output = pair('int64', [found, shape.length], { layout: 'stepped' });
        onBoth((backend, pick) => backend.nonzero(pick(output), pick(input)));
        assertSame(output, `nonzero of ${dtype} [${shape.join()}]`);
      }
    }
  }
});

function seeded(): GeneratorState {
  const state = new Uint32Array(628);
  for (let i = 0, word = 5489; i < 624; i++) {
    state[i] = word;
    word = (Math.imul(1812433253, word ^ (word >>> 30)) + i + 1) >>> 0;
  }
  state[624] = 624;
  return state;
}

test('random numbers and what is left in the generator', needsAddon, () => {
  const draws: readonly (readonly [op: RandomOp, dtype: DType, a: number, b: number])[] = [
    ['uniform', 'float32', -1, 3],
    ['uniform', 'float64', -1, 3],
    ['normal', 'float32', 1, 2],
    ['normal', 'float64', 1, 2],
    ['bernoulli', 'float32', 0.3, 0],
    ['bernoulli', 'bool', 0.3, 0],
    ['exponential', 'float32', 1.5, 0],
    ['exponential', 'float64', 1.5, 0],
    ['randint', 'int64', -5, 100],
    ['randint', 'int64', -(2 ** 40), 2 ** 41],
    ['randint', 'uint8', 0, 256],
    ['randint', 'float32', 0, 10],
  ];
  for (const [op, dtype, a, b] of draws) {
    const [ours, theirs] = [seeded(), seeded()];
    for (const shape of [[3], [1], [16], [7, 100], [], [0], [1500]]) {
      for (const layout of layouts) {
        const output = pair(dtype, shape, { layout });
        native!.random(op, output.native, ours, a, b);
        reference.random(op, output.reference, theirs, a, b);
        // The logarithm and the sine in float32 differ from those in float64.
        const tolerance = dtype === 'float32' ? { ulp: 2, absolute: 2e-6 } : { ulp: 8, absolute: 1e-14 };
        assertSame(output, `${op} of ${dtype} [${shape.join()}] ${layout}`, tolerance);
        // The last bit of the normal number that waits may differ.
        const where = `the generator after ${op} of ${dtype} [${shape.join()}] ${layout}`;
        assert.deepStrictEqual(ours.slice(0, 626), theirs.slice(0, 626), where);
      }
    }
  }
});

test('permutations, and draws with probabilities of their own', needsAddon, () => {
  const [ours, theirs] = [seeded(), seeded()];
  for (const n of [0, 1, 2, 10, 3000]) {
    const output = pair('int64', [n], { layout: 'stepped' });
    native!.random('randperm', output.native, ours, 0, 0);
    reference.random('randperm', output.reference, theirs, 0, 0);
    assertSame(output, `randperm(${n})`);
  }
  for (const dtype of floatTypes) {
    for (const layout of layouts) {
      const probabilities = pair(dtype, [30, 40], { layout, value: (i) => (i % 11) / 10 });
      const output = pair('float32', [30, 40], { layout: 'transposed' });
      native!.bernoulliFrom(output.native, probabilities.native, ours);
      reference.bernoulliFrom(output.reference, probabilities.reference, theirs);
      assertSame(output, `bernoulliFrom ${dtype} ${layout}`);
    }
  }
  assert.deepStrictEqual(ours, theirs);
});

test('optimiser steps', needsAddon, () => {
  const shapes = [[3], [], [40, 50], [0], [2, 3, 4], [70_000]];
  const rules: readonly (readonly ['sgd' | 'adam' | 'adamw', states: number, scalars: number[]])[] = [
    ['sgd', 0, [0.1, 0, 0, 0, 0, 0, 1]],
    ['sgd', 0, [0.1, 0, 0, 0.01, 0, 1, 1]],
    ['sgd', 1, [0.1, 0.9, 0.2, 0.01, 0, 0, 1]],
    ['sgd', 1, [0.1, 0.9, 0.2, 0.01, 0, 0, 0]],
    ['sgd', 1, [0.1, 0.9, 0, 0, 1, 0, 0]],
    ['adam', 2, [1e-3, 0.9, 0.999, 1e-8, 0.01, 3, 0]],
    ['adam', 3, [1e-3, 0.9, 0.999, 1e-8, 0, 1, 1]],
    ['adamw', 2, [1e-3, 0.9, 0.999, 1e-8, 0.01, 7, 0]],
    ['adamw', 3, [1e-3, 0.9, 0.999, 1e-8, 0.01, 7, 0]],
  ];
  for (const [kind, states, scalars] of rules) {
    for (const dtype of floatTypes) {
      const make = (seed: number, positive = false) =>
        shapes.map((shape, i) => {
          const content = values(seed + i, dtype);
          return pair(dtype, shape, {
            layout: i === 2 ? 'transposed' : 'contiguous',
            value: (at) => (positive ? Math.abs(content(at)) + 0.01 : content(at)),
          });
        });
      const [parameters, gradients] = [make(20), make(30)];
      const state = Array.from({ length: states }, (_, s) => make(40 + s, s > 0));
      onBoth((backend, pick) =>
        backend.optimizerStep({
          kind,
          parameters: parameters.map(pick),
          gradients: gradients.map(pick),
          state: state.map((list) => list.map(pick)),
          scalars,
        }),
      );
      for (const p of [...parameters, ...state.flat()]) {
        assertSame(
          p,
          `${kind} of ${dtype} with ${states} states`,
          dtype === 'float32' ? { ulp: 8, absolute: 1e-6 } : { ulp: 64, absolute: 1e-14 },
        );
      }
    }
  }
});

test('an optimiser step over more parameters than one message holds', needsAddon, () => {
  const make = () => Array.from({ length: 230 }, (_, i) => pair('float32', [i % 5], { value: (at) => at + i }));
  const [parameters, gradients] = [make(), make()];
  onBoth((backend, pick) =>
    backend.optimizerStep({
      kind: 'sgd',
      parameters: parameters.map(pick),
      gradients: gradients.map(pick),
      state: [],
      scalars: [0.5, 0, 0, 0, 0, 0, 1],
    }),
  );
  for (const p of parameters) assertSame(p, 'sgd');
});
