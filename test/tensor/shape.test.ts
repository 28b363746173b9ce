// The algebra of shapes: broadcasting, strides, sizes that are inferred.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ShapeError } from 'flambeau';
import {
  broadcastShapes,
  broadcastStrides,
  contiguousStrides,
  elementCount,
  inferShape,
  isContiguous,
  isDense,
  resolveDim,
  resolveDims,
  viewStrides,
} from '../../src/tensor/shape.js';
import { coordinatesOf, positionOf, shapes } from '../ops/nested.js';

/** What broadcasting means, said plainly: undefined where it is refused. */
function broadcastPlainly(a: readonly number[], b: readonly number[]): number[] | undefined {
  const ndim = Math.max(a.length, b.length);
  const padded = (shape: readonly number[]): number[] => [...new Array<number>(ndim - shape.length).fill(1), ...shape];
  const [left, right] = [padded(a), padded(b)];
  const result = left.map((size, d) => (size === 1 ? right[d]! : size));
  return result.every((size, d) => (left[d] === 1 || left[d] === size) && (right[d] === 1 || right[d] === size))
    ? result
    : undefined;
}

function broadcastOr(a: readonly number[], b: readonly number[]): number[] | undefined {
  try {
    return [...broadcastShapes(a, b)];
  } catch (error) {
    assert.ok(error instanceof ShapeError);
    return undefined;
  }
}

test('broadcasting is what it is defined to be, in either order', () => {
  fc.assert(
    fc.property(shapes(), shapes(), (a, b) => {
      assert.deepEqual(broadcastOr(a, b), broadcastPlainly(a, b));
      assert.deepEqual(broadcastOr(b, a), broadcastPlainly(a, b));
    }),
  );
});

test('broadcasting three shapes does not depend on which two come first', () => {
  fc.assert(
    fc.property(shapes(3), shapes(3), shapes(3), (a, b, c) => {
      const ab = broadcastOr(a, b);
      const bc = broadcastOr(b, c);
      const left = ab && broadcastOr(ab, c);
      const right = bc && broadcastOr(a, bc);
      if (left && right) assert.deepEqual(left, right);
    }),
  );
});

test('broadcast strides read the element that is repeated', () => {
  fc.assert(
    fc.property(shapes(3), shapes(3), (shape, other) => {
      const target = broadcastOr(shape, other);
      const strides = target && broadcastStrides(shape, contiguousStrides(shape), target);
      if (!target) return;
      assert.ok(strides);
      const lead = target.length - shape.length;
      for (const at of coordinatesOf(target)) {
        const own = at.slice(lead).map((index, d) => (shape[d] === 1 ? 0 : index));
        const offset: number = at.reduce((sum, index, d) => sum + index * strides[d]!, 0);
        assert.equal(offset, positionOf(own, shape));
      }
    }),
  );
});

/** Strides of a contiguous block seen with its dims in another order and one dim stepped over. */
const strided = fc
  .tuple(shapes(4, 1), fc.infiniteStream(fc.nat(3)), fc.integer({ min: 1, max: 2 }))
  .map(([shape, choices, step]) => {
    const order = shape.map((_, d) => d);
    for (let d = order.length - 1; d > 0; d--) {
      const other = choices.next().value! % (d + 1);
      [order[d], order[other]] = [order[other]!, order[d]!];
    }
    const base = contiguousStrides(shape.map((size, d) => (d === 0 ? size * step : size)));
    const strides = base.map((stride, d) => (d === 0 ? stride * step : stride));
    return { shape: order.map((d) => shape[d]!), strides: order.map((d) => strides[d]!) };
  });

function offsets(shape: readonly number[], strides: readonly number[]): number[] {
  return coordinatesOf(shape).map((at) => at.reduce((sum, index, d) => sum + index * strides[d]!, 0));
}

/** A shape of as many elements. */
function regrouped(count: number, choices: readonly number[]): number[] {
  const result: number[] = [];
  let rest = count;
  for (const choice of choices) {
    const divisors = Array.from({ length: rest }, (_, i) => i + 1).filter((size) => rest % size === 0);
    const size = divisors[choice % divisors.length]!;
    result.push(size);
    rest /= size;
  }
  return [...result, rest];
}

test('view strides walk the same memory in the same order', () => {
  let found = 0;
  fc.assert(
    fc.property(strided, fc.array(fc.nat(20), { maxLength: 3 }), ({ shape, strides }, choices) => {
      const target = regrouped(elementCount(shape), choices);
      const result = viewStrides(shape, strides, target);
      if (result === undefined) {
        assert.ok(!isContiguous(shape, strides), 'what is contiguous can be seen in any shape');
        return;
      }
      found++;
      assert.deepEqual(offsets(target, result), offsets(shape, strides));
    }),
    { numRuns: 500 },
  );
  assert.ok(found > 50);
});

test('view strides are found wherever there are any', () => {
  fc.assert(
    fc.property(strided, fc.array(fc.nat(20), { maxLength: 2 }), ({ shape, strides }, choices) => {
      const target = regrouped(elementCount(shape), choices);
      if (viewStrides(shape, strides, target) !== undefined) return;
      // Strides can only be those that lead from the first element to its neighbour in each dim.
      const memory = offsets(shape, strides);
      const only = target.map((size, d) => (size > 1 ? memory[elementCount(target.slice(d + 1))]! - memory[0]! : 0));
      assert.notDeepEqual(
        offsets(target, only),
        memory,
        `${String(shape)} ${String(strides)} can be seen as ${String(target)}`,
      );
    }),
    { numRuns: 500 },
  );
});

test('contiguous and dense say what they mean', () => {
  fc.assert(
    fc.property(strided, ({ shape, strides }) => {
      const memory = offsets(shape, strides);
      assert.equal(
        isContiguous(shape, strides),
        memory.every((offset, i) => offset === i),
      );
      const filled = new Set(memory);
      assert.equal(isDense(shape, strides), Math.max(...memory) + 1 === memory.length && filled.size === memory.length);
    }),
  );
});

test('one size is inferred', () => {
  fc.assert(
    fc.property(shapes(4, 1), fc.nat(3), (shape, place) => {
      if (shape.length === 0) return;
      const open = shape.with(place % shape.length, -1);
      assert.deepEqual(inferShape(open, elementCount(shape)), shape);
    }),
  );
  assert.throws(() => inferShape([2, -1], 5), ShapeError);
  assert.throws(() => inferShape([-1, -1], 4), ShapeError);
  assert.throws(() => inferShape([0, -1], 0), ShapeError);
});

test('dims count from either end', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.nat(10), (ndim, dim) => {
      assert.equal(resolveDim((dim % ndim) - ndim, ndim), dim % ndim);
    }),
  );
  assert.deepEqual(resolveDims([-1, 0], 3), [2, 0]);
  assert.throws(() => resolveDims([0, -3], 3), ShapeError);
  for (const dim of [3, -4, 0.5, NaN]) assert.throws(() => resolveDim(dim, 3), { name: 'IndexError' });
});
