// Reductions, scans and sorting of the addon against the reference.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ReduceOp } from '../../../src/backend/backend.js';
import { isFloat, type DType } from '../../../src/backend/dtype.js';
import { reduceOps } from '../../../src/backend/native/operations.js';
import {
  allTypes,
  assertSame,
  count,
  elements,
  floatTypes,
  integerTypes,
  layouts,
  native,
  needsAddon,
  onBoth,
  pair,
  randomStream,
  type Layout,
} from './pairs.js';

function values(seed: number, dtype: DType): (position: number) => number {
  const random = randomStream(seed);
  if (isFloat(dtype)) return () => (random() - 0.5) * 4;
  if (dtype === 'bool') return () => Math.floor(random() * 2);
  return () => Math.floor(random() * 60) - (dtype === 'uint8' ? 0 : 30);
}

/** Shapes with the dims to reduce: rows, columns, both, few columns, few rows, all, none, and what needs the cascade. */
const cases: readonly (readonly [shape: readonly number[], dims: readonly number[]])[] = [
  [[], []],
  [[1], [0]],
  [[7], [0]],
  [[5, 0], [0]],
  [[17, 33], [1]],
  [[17, 33], [0]],
  [
    [17, 33],
    [0, 1],
  ],
  [[17, 33], []],
  [[500, 3], [0]],
  [[3, 500], [1]],
  [[1000, 20], [1]],
  [
    [2, 3, 4, 5],
    [1, 3],
  ],
  [
    [2, 3, 4, 5],
    [0, 2],
  ],
  [
    [4, 6, 90],
    [0, 2],
  ],
  [[3, 1, 4], [1]],
  [[40, 300], [0]],
  [[2100, 9], [0]],
  [[9, 2100], [1]],
];

function reducedShape(shape: readonly number[], dims: readonly number[]): number[] {
  return shape.map((size, d) => (dims.includes(d) ? 1 : size));
}

for (const op of Object.keys(reduceOps) as ReduceOp[]) {
  test(`reduce ${op}`, needsAddon, () => {
    for (const dtype of allTypes) {
      if (!isFloat(dtype) && (op === 'mean' || op === 'sumOfSquares' || op === 'sumOfAbs')) continue;
      for (const [shape, dims] of cases) {
        if (count(shape) === 0 && (op === 'max' || op === 'min')) continue;
        for (const layout of [...layouts, 'broadcast'] as Layout[]) {
          const content = values(shape.length, dtype);
          // Products near 1, so that they neither vanish nor overflow.
          const value = op === 'prod' && isFloat(dtype) ? (i: number) => 1 + content(i) / 500 : content;
          const input = pair(dtype, shape, { layout, value });
          const kept = op === 'max' || op === 'min' || isFloat(dtype) ? dtype : 'int64';
          const output = pair(op === 'any' || op === 'all' ? 'bool' : kept, reducedShape(shape, dims), {
            layout: layouts[shape.length % 3]!,
          });
          onBoth((backend, pick) => backend.reduce(op, pick(output), pick(input)));
          const absolute = dtype === 'float32' ? 2e-5 : 1e-13;
          const ulp = op === 'prod' ? 1000 : 40;
          assertSame(output, `${op} of ${dtype} [${shape.join()}] over [${dims.join()}] ${layout}`, {
            ulp,
            absolute,
          });
        }
      }
    }
  });
}

test('large sums keep their digits, by rows and by columns', needsAddon, () => {
  // 0.1 a million times: added one after the other, float32 would be off in the fourth digit.
  for (const [shape, reduced] of [
    [[1_000_003], [1]],
    [
      [250_000, 5],
      [1, 5],
    ],
    [
      [1000, 1500],
      [1, 1500],
    ],
    [
      [3, 400_000],
      [3, 1],
    ],
  ] as [number[], number[]][]) {
    const input = pair('float32', shape, { value: () => Math.fround(0.1) });
    const output = pair('float32', reduced);
    native!.reduce('sum', output.native, input.native);
    const exact = (Math.fround(0.1) * count(shape)) / count(reduced);
    for (const sum of elements(native!, output.native)) {
      assert.ok(Math.abs(Number(sum) / exact - 1) < 5e-7, `[${shape.join()}]: ${sum} instead of ${exact}`);
    }
  }
});

test('results do not depend on the number of threads', needsAddon, () => {
  const random = randomStream(4);
  const threads = native!.getNumThreads();
  try {
    for (const [shape, reduced] of [
      [[700_001], [1]],
      [
        [300_000, 3],
        [1, 3],
      ],
      [
        [2000, 300],
        [1, 300],
      ],
      [
        [300, 2000],
        [300, 1],
      ],
    ] as [number[], number[]][]) {
      const input = pair('float32', shape, { value: () => random() - 0.5 });
      const results = [1, 2, 5].map((threadCount) => {
        native!.setNumThreads(threadCount);
        const output = pair('float32', reduced);
        native!.reduce('sum', output.native, input.native);
        return elements(native!, output.native);
      });
      assert.deepStrictEqual(results[1], results[0]);
      assert.deepStrictEqual(results[2], results[0]);
    }
  } finally {
    native!.setNumThreads(threads);
  }
});

test('extremes and NaN', needsAddon, () => {
  for (const op of ['max', 'min'] as const) {
    for (const dtype of floatTypes) {
      for (const at of [0, 3, 40, 99]) {
        for (const content of [NaN, Infinity, -Infinity]) {
          const input = pair(dtype, [100], { value: (i) => (i === at ? content : i % 7) });
          const output = pair(dtype, [1]);
          const position = pair('int64', [1]);
          onBoth((backend, pick) => {
            backend.reduce(op, pick(output), pick(input));
            backend.extremum(op, undefined, pick(position), pick(input), 0);
          });
          assertSame(output, `${op} with ${content}`);
          assertSame(position, `position of ${op} with ${content}`);
        }
      }
    }
  }
});

test('variance and mean', needsAddon, () => {
  for (const dtype of floatTypes) {
    for (const [shape, dims] of cases) {
      for (const layout of layouts) {
        for (const correction of [0, 1]) {
          const content = values(3, dtype);
          const input = pair(dtype, shape, { layout, value: (i) => 100 + content(i) });
          const output = pair(dtype, reducedShape(shape, dims), { layout: 'stepped' });
          const mean = pair(dtype, reducedShape(shape, dims), { layout: 'transposed' });
          onBoth((backend, pick) => backend.variance(pick(output), pick(mean), pick(input), correction));
          const name = `${dtype} [${shape.join()}] over [${dims.join()}] ${layout}`;
          const absolute = dtype === 'float32' ? 1e-4 : 1e-11;
          assertSame(output, `variance of ${name}`, { absolute });
          assertSame(mean, `mean of ${name}`, { absolute });
        }
      }
    }
  }
});

test('logSumExp', needsAddon, () => {
  for (const dtype of floatTypes) {
    for (const [shape, dims] of cases) {
      for (const layout of layouts) {
        const content = values(5, dtype);
        for (const value of [
          content,
          (i: number) => content(i) + 500,
          () => -Infinity,
          (i: number) => (i === 2 ? Infinity : 1),
        ]) {
          const input = pair(dtype, shape, { layout, value });
          const output = pair(dtype, reducedShape(shape, dims));
          onBoth((backend, pick) => backend.logSumExp(pick(output), pick(input)));
          const tolerance = dtype === 'float32' ? { ulp: 4, absolute: 1e-6 } : { ulp: 8, absolute: 1e-14 };
          assertSame(output, `${dtype} [${shape.join()}] over [${dims.join()}] ${layout}`, tolerance);
        }
      }
    }
  }
});

const alongCases: readonly (readonly [shape: readonly number[], dim: number])[] = [
  [[], 0],
  [[1], 0],
  [[9], 0],
  [[300], 0],
  [[20, 7], 0],
  [[20, 7], 1],
  [[3, 50, 40], 1],
  [[3, 50, 40], 2],
  [[0, 4], 1],
];

function withDim(shape: readonly number[], dim: number, size: number): number[] {
  return shape.map((old, d) => (d === dim ? size : old));
}

test('extremum, its first position', needsAddon, () => {
  for (const op of ['max', 'min'] as const) {
    for (const dtype of allTypes) {
      for (const [shape, dim] of alongCases) {
        for (const layout of layouts) {
          const content = values(7, dtype);
          const value = (i: number) => (isFloat(dtype) && i % 97 === 96 ? NaN : Math.round(content(i) * 4));
          const input = pair(dtype, shape, { layout, value: dtype === 'bool' ? content : value });
          const best = pair(dtype, withDim(shape, dim, 1), { layout: 'stepped' });
          const positions = pair('int64', withDim(shape, dim, 1), { layout: 'transposed' });
          onBoth((backend, pick) => backend.extremum(op, pick(best), pick(positions), pick(input), dim));
          assertSame(best, `${op} of ${dtype} [${shape.join()}] along ${dim}`);
          assertSame(positions, `position of ${op} of ${dtype} [${shape.join()}] along ${dim}`);
        }
      }
    }
  }
});

test('extremes of long lines: of equals the first, NaN before all, zeros of either sign are equal', needsAddon, () => {
  const contents: Record<string, (i: number) => number> = {
    'few values': (i) => (i * 7919) % 31,
    rising: (i) => i,
    falling: (i) => -i,
    zeros: (i) => (i % 3 === 0 ? -0 : 0),
    'NaN late': (i) => (i % 501 === 497 ? NaN : i % 13),
    'NaN in what fills no vector': (i) => (i % 501 === 500 ? NaN : -i),
    infinities: (i) => (i % 5 === 0 ? Infinity : -Infinity),
  };
  for (const op of ['max', 'min'] as const) {
    for (const dtype of allTypes) {
      for (const [name, content] of Object.entries(contents)) {
        if (!isFloat(dtype) && /NaN|infin/.test(name)) continue;
        const input = pair(dtype, [3, 501], {
          value: dtype === 'bool' ? (i) => Number(content(i) > 5) : (i) => content(i) % 100,
        });
        const [best, positions] = [pair(dtype, [3, 1]), pair('int64', [3, 1])];
        onBoth((backend, pick) => backend.extremum(op, pick(best), pick(positions), pick(input), 1));
        assertSame(best, `${op} of ${dtype}, ${name}`);
        assertSame(positions, `position of ${op} of ${dtype}, ${name}`);
      }
    }
  }
});

test('running sums, products and extremes', needsAddon, () => {
  for (const dtype of [...floatTypes, ...integerTypes]) {
    for (const [shape, dim] of alongCases) {
      for (const layout of layouts) {
        const content = values(9, dtype);
        const input = pair(dtype, shape, { layout, value: content });
        for (const op of ['sum', 'prod'] as const) {
          const output = pair(dtype, shape, { layout: layouts[shape.length % 3]! });
          onBoth((backend, pick) => backend.cumulative(op, pick(output), pick(input), dim));
          assertSame(output, `running ${op} of ${dtype} [${shape.join()}] along ${dim}`, { ulp: 2 });
        }
        const coarse = pair(dtype, shape, {
          layout,
          value: (i) => (isFloat(dtype) && i % 41 === 40 ? NaN : Math.abs(Math.round(content(i) / 3))),
        });
        for (const op of ['max', 'min'] as const) {
          const best = pair(dtype, shape, { layout: 'stepped' });
          const positions = pair('int64', shape);
          onBoth((backend, pick) => backend.cumulativeExtremum(op, pick(best), pick(positions), pick(coarse), dim));
          assertSame(best, `running ${op} of ${dtype} [${shape.join()}] along ${dim}`);
          assertSame(positions, `position of running ${op} of ${dtype} [${shape.join()}] along ${dim}`);
        }
      }
    }
  }
});

test('sorting is stable, NaN the largest', needsAddon, () => {
  for (const dtype of allTypes) {
    for (const [shape, dim] of alongCases) {
      for (const layout of layouts) {
        const content = values(11, dtype);
        const floats = (i: number) => [NaN, -0, 0, Infinity, -Infinity][i % 53] ?? Math.round(content(i) * 3) / 2;
        const input = pair(dtype, shape, { layout, value: isFloat(dtype) ? floats : content });
        for (const descending of [false, true]) {
          const sorted = pair(dtype, shape, { layout: 'transposed' });
          const positions = pair('int64', shape, { layout: 'stepped' });
          onBoth((backend, pick) => backend.sort(pick(sorted), pick(positions), pick(input), dim, descending));
          assertSame(positions, `positions of ${dtype} [${shape.join()}] along ${dim}, descending: ${descending}`);
          assertSame(sorted, `sort of ${dtype} [${shape.join()}] along ${dim}, descending: ${descending}`);
        }
      }
    }
  }
});

test('topk', needsAddon, () => {
  for (const dtype of ['float32', 'float64', 'int64', 'int16'] as const) {
    for (const [shape, dim] of alongCases) {
      if (shape.length === 0) continue;
      for (const k of [0, 1, 3, shape[dim]!]) {
        if (k > shape[dim]!) continue;
        const input = pair(dtype, shape, { layout: 'transposed', value: values(13, dtype) });
        for (const largest of [false, true]) {
          const best = pair(dtype, withDim(shape, dim, k));
          const positions = pair('int64', withDim(shape, dim, k));
          onBoth((backend, pick) => backend.topk(pick(best), pick(positions), pick(input), dim, largest));
          assertSame(positions, `positions of ${dtype} [${shape.join()}] along ${dim}, k ${k}, largest: ${largest}`);
          assertSame(best, `topk of ${dtype} [${shape.join()}] along ${dim}, k ${k}, largest: ${largest}`);
        }
      }
    }
  }
});
