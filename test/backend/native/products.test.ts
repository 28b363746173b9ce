// Products of all sizes around the borders of tiles, panels and blocks, in every orientation: whole numbers small
// enough for each sum to be exact in float32, whatever its order.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { tensor, type Tensor } from 'flambeau';
import { needsAddon } from './pairs.js';

const heights = [1, 9, 10, 14, 15, 29, 33, 65, 150];
const widths = [1, 7, 10, 16, 17, 32, 33, 300];
const depths = [1, 5, 64, 513, 1100];

const numbers = (count: number, seed: number): number[] =>
  Array.from({ length: count }, (_, i) => (((i + seed) * 7919) % 7) - 3);

function product(left: readonly number[], right: readonly number[], m: number, n: number, k: number): number[] {
  const out = new Array<number>(m * n).fill(0);
  for (let i = 0; i < m; i++) {
    for (let l = 0; l < k; l++) {
      const factor = left[i * k + l]!;
      for (let j = 0; j < n; j++) out[i * n + j]! += factor * right[l * n + j]!;
    }
  }
  return out;
}

/** The same matrix, whose columns lie in memory as its rows do in `matrix`. */
const turned = (matrix: Tensor): Tensor => matrix.t().contiguous().t();

test('products are exact in every orientation and around the borders of tiles and blocks', needsAddon, () => {
  for (const m of heights) {
    for (const n of widths) {
      for (const k of depths) {
        const left = numbers(m * k, m);
        const right = numbers(k * n, n + 3);
        const expected = product(left, right, m, n, k);
        const a = tensor(left).reshape([m, k]);
        const b = tensor(right).reshape([k, n]);
        for (const x of [a, turned(a)]) {
          for (const y of [b, turned(b)]) {
            const found = [...x.matmul(y).contiguous().data()];
            assert.deepEqual(found, expected, `${m} x ${k} by ${k} x ${n}`);
          }
        }
      }
    }
  }
});

test('so are products that are scaled, and added to a matrix or to a row', needsAddon, () => {
  for (const [m, k, n] of [
    [9, 3, 17],
    [33, 64, 300],
    [40, 513, 33],
    [150, 16, 16],
  ] as const) {
    const [left, right, more] = [numbers(m * k, 1), numbers(k * n, 2), numbers(m * n, 3)];
    const expected = product(left, right, m, n, k);
    const [a, b] = [tensor(left).reshape([m, k]), tensor(right).reshape([k, n])];
    const scaled = tensor(more).reshape([m, n]).addmm(a, b, { alpha: 2, beta: 0.5 });
    assert.deepEqual(
      [...scaled.data()],
      expected.map((each, i) => 2 * each + 0.5 * more[i]!),
    );
    const row = more.slice(0, n);
    assert.deepEqual(
      [...tensor(row).addmm(a, b).data()],
      expected.map((each, i) => each + row[i % n]!),
    );
  }
});
