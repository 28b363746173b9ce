// Views and rearrangements against plain nested data: which element stands where, what shares memory, what goes back again.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cat, ShapeError, stack } from 'flambeau';
import { computed, reader, tensors, valuesOf } from './nested.js';

const dims = fc.integer({ min: -5, max: 5 });
const bounds = fc.option(fc.integer({ min: -6, max: 6 }), { nil: undefined });

test('a slice holds every step-th element between its bounds', () => {
  fc.assert(
    fc.property(tensors(3), dims, bounds, bounds, fc.integer({ min: 1, max: 3 }), (x, d, start, end, step) => {
      if (x.ndim === 0) return;
      const dim = ((d % x.ndim) + x.ndim) % x.ndim;
      const kept = Array.from({ length: x.shape[dim]! }, (_, i) => i)
        .slice(start ?? 0, end)
        .filter((_, i) => i % step === 0);
      const found = x.slice(d < 0 ? dim - x.ndim : dim, start, end, step);
      const at = reader(x);
      assert.deepEqual(found.shape, x.shape.with(dim, kept.length));
      assert.deepEqual(
        valuesOf(found),
        computed(found.shape, (c) => at(c.with(dim, kept[c[dim]!]!))),
      );
      assert.equal(found.storage, x.storage);
    }),
  );
});

test('permute, its inverse, transpose and movedim agree', () => {
  fc.assert(
    fc.property(tensors(4), fc.infiniteStream(fc.nat(3)), (x, choices) => {
      const order = x.shape.map((_, d) => d).sort(() => choices.next().value! - 1.5);
      const permuted = x.permute(order);
      const at = reader(x);
      assert.deepEqual(
        valuesOf(permuted),
        computed(permuted.shape, (c) => at(order.map((_, d) => c[order.indexOf(d)]!))),
      );
      assert.ok(permuted.permute(order.map((_, d) => order.indexOf(d))).equal(x));
      assert.ok(
        permuted.equal(
          x.movedim(
            order,
            order.map((_, place) => place),
          ),
        ),
      );
      if (x.ndim > 1) assert.ok(x.transpose(0, -1).equal(x.movedim([0, -1], [-1, 0])));
    }),
  );
});

test('reshape keeps the order of elements; view does so without a copy or is refused', () => {
  fc.assert(
    fc.property(tensors(3, 1), fc.nat(5), (x, choice) => {
      const count = x.numel();
      const divisors = Array.from({ length: count }, (_, i) => i + 1).filter((size) => count % size === 0);
      const rows = divisors[choice % divisors.length]!;
      const reshaped = x.reshape([rows, -1]);
      assert.deepEqual(valuesOf(reshaped), valuesOf(x));
      try {
        const view = x.view([rows, -1]);
        assert.deepEqual(valuesOf(view), valuesOf(x));
        assert.equal(view.storage, x.storage);
        assert.equal(reshaped.storage, x.storage);
      } catch (error) {
        assert.ok(error instanceof ShapeError);
        assert.notEqual(reshaped.storage, x.storage);
      }
    }),
  );
});

test('what is taken apart goes together again', () => {
  fc.assert(
    fc.property(tensors(3, 1), fc.nat(2), fc.integer({ min: 1, max: 3 }), (x, d, part) => {
      if (x.ndim === 0) return;
      const dim = d % x.ndim;
      assert.ok(cat(x.split(part, dim), dim).equal(x));
      assert.ok(cat(x.chunk(part, dim), dim).equal(x));
      assert.ok(stack(x.unbind(dim), dim).equal(x));
      assert.ok(stack([...x.movedim(dim, 0)], dim).equal(x));
    }),
  );
});

test('flip, roll and rot90 go back where they came from', () => {
  fc.assert(
    fc.property(tensors(3, 1), fc.nat(2), fc.integer({ min: -5, max: 5 }), (x, d, shift) => {
      if (x.ndim === 0) return;
      const dim = d % x.ndim;
      const at = reader(x);
      const size = x.shape[dim]!;
      assert.deepEqual(
        valuesOf(x.flip(dim)),
        computed(x.shape, (c) => at(c.with(dim, size - 1 - c[dim]!))),
      );
      const rolled = computed(x.shape, (c) => at(c.with(dim, (((c[dim]! - shift) % size) + size) % size)));
      assert.deepEqual(valuesOf(x.roll(shift, dim)), rolled);
      assert.ok(x.roll(shift, dim).roll(-shift, dim).equal(x));
      if (x.ndim > 1) assert.ok(x.rot90(shift).rot90(-shift).equal(x));
    }),
  );
});

test('unfold shows windows', () => {
  fc.assert(
    fc.property(tensors(2, 1), fc.nat(1), fc.nat(3), fc.integer({ min: 1, max: 3 }), (x, d, window, step) => {
      if (x.ndim === 0) return;
      const dim = d % x.ndim;
      const size = window % (x.shape[dim]! + 1);
      const found = x.unfold(dim, size, step);
      const at = reader(x);
      const windows = Math.floor((x.shape[dim]! - size) / step) + 1;
      assert.deepEqual(found.shape, [...x.shape.with(dim, windows), size]);
      assert.deepEqual(
        valuesOf(found),
        computed(found.shape, (c) => at(c.slice(0, -1).with(dim, c[dim]! * step + c.at(-1)!))),
      );
    }),
  );
});

test('diagonal, tril and triu', () => {
  fc.assert(
    fc.property(tensors(3), fc.integer({ min: -4, max: 4 }), (x, offset) => {
      if (x.ndim < 2) return;
      const at = reader(x);
      const diagonal = x.diagonal(offset, -2, -1);
      const [down, right] = [Math.max(-offset, 0), Math.max(offset, 0)];
      assert.deepEqual(
        valuesOf(diagonal),
        computed(diagonal.shape, (c) => at([...c.slice(0, -1), c.at(-1)! + down, c.at(-1)! + right])),
      );
      const keep = (below: boolean) =>
        computed(x.shape, (c) => (c.at(-1)! - c.at(-2)! <= offset === below ? at(c) : 0));
      assert.deepEqual(valuesOf(x.tril(offset)), keep(true));
      assert.deepEqual(valuesOf(x.triu(offset + 1)), keep(false));
      assert.ok(
        x
          .tril(offset)
          .add(x.triu(offset + 1))
          .equal(x),
      );
    }),
  );
});

test('repeat and repeatInterleave', () => {
  fc.assert(
    fc.property(tensors(2, 1), fc.array(fc.nat(3), { minLength: 2, maxLength: 3 }), fc.nat(3), (x, counts, times) => {
      const found = x.repeat(counts);
      const at = reader(x);
      const lead = counts.length - x.ndim;
      assert.deepEqual(
        valuesOf(found),
        computed(found.shape, (c) => at(c.slice(lead).map((i, d) => i % x.shape[d]!))),
      );
      if (x.ndim === 0) return;
      const spread = x.repeatInterleave(times, 0);
      assert.deepEqual(
        valuesOf(spread),
        computed(spread.shape, (c) => at(c.with(0, Math.floor(c[0]! / times)))),
      );
    }),
  );
});

test('writing through a view changes exactly what the view shows', () => {
  fc.assert(
    fc.property(tensors(3, 1), fc.nat(2), fc.nat(3), fc.nat(3), (x, d, start, length) => {
      if (x.ndim === 0) return;
      const dim = d % x.ndim;
      const from = start % x.shape[dim]!;
      const count = Math.min(length, x.shape[dim]! - from);
      const before = reader(x.clone());
      const base = x.clone().contiguous();
      base.narrow(dim, from, count).mul_(-1).sub_(1);
      const inside = (index: number) => index >= from && index < from + count;
      assert.deepEqual(
        valuesOf(base),
        computed(x.shape, (c) => (inside(c[dim]!) ? -before(c) - 1 : before(c))),
      );
    }),
  );
});

test('expanded tensors compute as repeated ones', () => {
  fc.assert(
    fc.property(tensors(2, 1), fc.integer({ min: 1, max: 3 }), (x, times) => {
      const wide = x.unsqueeze(0).expand([times, ...x.shape]);
      const copied = stack(Array.from({ length: times }, () => x));
      assert.ok(wide.equal(copied));
      assert.ok(wide.sum(0).equal(copied.sum(0)));
      assert.ok(wide.add(copied).equal(copied.mul(2)));
      assert.ok(wide.reshape([-1]).equal(copied.reshape([-1])));
    }),
  );
});
