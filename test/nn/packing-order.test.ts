import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packingOrder } from '../../src/nn/packing-order.js';

/** Sequence lengths with many equal ones, and torch.sort(lengths, descending=True).indices. */
const cases: readonly { count: number; kinds: number; order: readonly number[] }[] = [
  { count: 16, kinds: 4, order: [1, 10, 12, 2, 4, 5, 6, 7, 9, 13, 15, 0, 3, 8, 11, 14] },
  { count: 17, kinds: 1, order: [8, 16, 15, 14, 13, 12, 11, 10, 9, 0, 7, 6, 5, 4, 3, 2, 1] },
  {
    count: 32,
    kinds: 10,
    order: [
      30, 3, 25, 8, 19, 14, 1, 23, 21, 10, 12, 31, 24, 20, 13, 2, 9, 15, 18, 29, 7, 26, 4, 0, 28, 27, 5, 6, 22, 11, 17,
      16,
    ],
  },
  {
    count: 40,
    kinds: 3,
    order: [
      25, 3, 4, 37, 36, 7, 8, 19, 18, 30, 29, 26, 14, 15, 23, 1, 27, 28, 32, 34, 38, 39, 21, 17, 16, 5, 12, 6, 10, 0,
      22, 2, 35, 9, 33, 31, 11, 13, 20, 24,
    ],
  },
];

test('sequences of equal length are packed in the order PyTorch packs them in, or dropout falls on others', () => {
  for (const { count, kinds, order } of cases) {
    const lengths = Array.from({ length: count }, (_, i) => (((7 * i * i) % 11) % kinds) + 1);
    assert.deepEqual(packingOrder(lengths), order, `${count} sequences`);
  }
});

test('long and already ordered lists are sorted, each sequence once', () => {
  for (const lengths of [
    Array.from({ length: 3000 }, (_, i) => (i * 7919) % 101),
    Array.from({ length: 3000 }, (_, i) => 3000 - i),
    Array.from({ length: 3000 }, (_, i) => i),
    [],
    [5],
  ]) {
    const order = packingOrder(lengths);
    assert.deepEqual(
      [...order].sort((a, b) => a - b),
      lengths.map((_, i) => i),
    );
    const sorted = order.map((i) => lengths[i]!);
    assert.ok(sorted.every((length, i) => i === 0 || length <= sorted[i - 1]!));
  }
});
