// Indexing against plain nested data: reading and writing by integers, ranges, lists and masks; gather and scatter; order.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { slice, tensor, zeros, type IndexSpec } from 'flambeau';
import {
  computed,
  coordinatesOf,
  numbered,
  positionOf,
  reader,
  tensors,
  valuesOf,
  type Coordinates,
} from './nested.js';

/** One entry of an index, in a form that is easy to make and to read. */
type Entry =
  | { readonly at: number }
  | { readonly range: readonly [number | undefined, number | undefined, number] }
  | { readonly list: readonly number[] }
  | { readonly mask: readonly boolean[] }
  | 'new'
  | 'rest';

const entries: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({ at: fc.integer({ min: -9, max: 9 }) }),
  fc.record({
    range: fc.tuple(
      fc.option(fc.integer({ min: -5, max: 5 }), { nil: undefined }),
      fc.option(fc.integer({ min: -5, max: 5 }), { nil: undefined }),
      fc.integer({ min: 1, max: 3 }),
    ),
  }),
  fc.record({ list: fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 2, maxLength: 2 }) }),
  fc.record({ mask: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }) }),
  fc.constant('new' as const),
  fc.constant('rest' as const),
);

/** An index that fits a shape: integers are brought into range, masks to length with two places set. */
function fitted(list: readonly Entry[], shape: readonly number[]): Entry[] {
  const result: Entry[] = [];
  let rest = false;
  let taken = 0;
  const consuming = list.filter((entry) => entry !== 'new' && entry !== 'rest').slice(0, shape.length).length;
  for (const entry of list) {
    if (entry === 'rest') {
      if (!rest) result.push(entry);
      rest = true;
      continue;
    }
    if (entry === 'new') {
      result.push(entry);
      continue;
    }
    if (taken === consuming) continue;
    const dim = rest ? shape.length - (consuming - taken) : taken;
    const size = shape[dim]!;
    taken++;
    const within = (index: number): number => (((index % size) + size) % size) - (index < 0 ? size : 0);
    if ('at' in entry) result.push({ at: within(entry.at) });
    else if ('list' in entry) result.push({ list: entry.list.map(within) });
    else if ('mask' in entry) result.push({ mask: Array.from({ length: size }, (_, i) => i < 2) });
    else result.push(entry);
  }
  return result;
}

function spec(entry: Entry): IndexSpec {
  if (entry === 'new') return null;
  if (entry === 'rest') return '...';
  if ('at' in entry) return entry.at;
  if ('range' in entry) return slice(...entry.range);
  return 'list' in entry ? tensor(entry.list.map(BigInt)) : tensor(entry.mask);
}

interface Answer {
  readonly shape: number[];
  readonly sources: Coordinates[];
}

interface Part {
  readonly dim: number;
  readonly positions: readonly number[];
  readonly together: boolean;
}

/** Which element of a tensor of `shape` stands where in the result, by NumPy's rules. */
function answer(list: readonly Entry[], shape: readonly number[]): Answer {
  const consuming = list.filter((entry) => entry !== 'new' && entry !== 'rest').length;
  const full: Entry[] = list.includes('rest') ? [...list] : [...list, 'rest'];
  // Per entry of the result so far: which positions of which dim it walks; lists walk together.
  const parts: ({ readonly dim: number; readonly positions: readonly number[]; readonly together: boolean } | 'one')[] =
    [];
  const fixed = new Map<number, number>();
  let dim = 0;
  const all = (size: number): number[] => Array.from({ length: size }, (_, i) => i);
  for (const entry of full) {
    if (entry === 'rest') {
      for (let k = shape.length - consuming; k > 0; k--, dim++)
        parts.push({ dim, positions: all(shape[dim]!), together: false });
    } else if (entry === 'new') {
      parts.push('one');
    } else {
      const size = shape[dim]!;
      if ('at' in entry) fixed.set(dim, (entry.at + size) % size);
      else if ('range' in entry) {
        const [start, end, step] = entry.range;
        const positions = all(size)
          .slice(start ?? 0, end)
          .filter((_, i) => i % step === 0);
        parts.push({ dim, positions, together: false });
      } else {
        const positions =
          'list' in entry ? entry.list.map((i) => (i + size) % size) : all(size).filter((i) => entry.mask[i]);
        parts.push({ dim, positions, together: true });
      }
      dim++;
    }
  }
  const lists = parts.flatMap((part, place) => (part !== 'one' && part.together ? [place] : []));
  const adjacent = lists.length > 0 && lists.at(-1)! - lists[0]! === lists.length - 1;
  const length = lists.length === 0 ? 0 : Math.max(...lists.map((place) => (parts[place] as Part).positions.length));
  const others = parts.filter((part) => part === 'one' || !part.together);
  const before = lists.length === 0 ? 0 : adjacent ? lists[0]! : 0;
  const sizes = others.map((part) => (part === 'one' ? 1 : part.positions.length));
  const result = lists.length === 0 ? sizes : sizes.toSpliced(before, 0, length);
  const sources = coordinatesOf(result).map((at) => {
    const source = new Array<number>(shape.length);
    fixed.forEach((position, d) => (source[d] = position));
    const rest = lists.length === 0 ? at : at.toSpliced(before, 1);
    others.forEach((part, i) => {
      if (part !== 'one') source[part.dim] = part.positions[rest[i]!]!;
    });
    for (const place of lists) {
      const part = parts[place] as Part;
      source[part.dim] = part.positions.length === 1 ? part.positions[0]! : part.positions[at[before]!]!;
    }
    return source;
  });
  return { shape: result, sources };
}

/** Lists and masks of one index must be equally long. */
function agrees(list: readonly Entry[]): boolean {
  const lengths = list.flatMap((entry) =>
    typeof entry === 'string'
      ? []
      : 'list' in entry
        ? [entry.list.length]
        : 'mask' in entry
          ? [entry.mask.filter(Boolean).length]
          : [],
  );
  return new Set(lengths.filter((length) => length !== 1)).size <= 1;
}

const indexed = fc
  .tuple(tensors(3, 1), fc.array(entries, { maxLength: 5 }))
  .map(([x, list]) => ({ x, list: fitted(list, x.shape) }))
  .filter(({ list }) => agrees(list));

test('index reads what NumPy reads', () => {
  fc.assert(
    fc.property(indexed, ({ x, list }) => {
      const expected = answer(list, x.shape);
      const found = x.index(...list.map(spec));
      const at = reader(x);
      assert.deepEqual([...found.shape], expected.shape);
      assert.deepEqual(valuesOf(found), expected.sources.map(at));
    }),
    { numRuns: 500 },
  );
});

test('indexPut_ writes where index reads', () => {
  fc.assert(
    fc.property(indexed, fc.boolean(), ({ x, list }, accumulate) => {
      const { shape, sources } = answer(list, x.shape);
      const expected = valuesOf(x);
      const value = numbered(shape).add(1000);
      const written = valuesOf(value);
      sources.forEach((at, i) => {
        const place = positionOf(at, x.shape);
        expected[place] = accumulate ? expected[place]! + written[i]! : written[i]!;
      });
      const target = x.clone();
      target.indexPut_(list.map(spec), value, { accumulate });
      assert.deepEqual(valuesOf(target), expected);
    }),
    { numRuns: 500 },
  );
});

/** An index tensor for `dim` of a shape, smaller or as large in the other dims, longer or shorter in this one. */
const gathered = fc
  .tuple(tensors(3, 1), fc.nat(2), fc.integer({ min: 0, max: 5 }), fc.infiniteStream(fc.nat(30)))
  .filter(([x]) => x.ndim > 0)
  .map(([x, d, length, stream]) => {
    const dim = d % x.ndim;
    const shape = x.shape.map((size, e) => (e === dim ? length : Math.max(size - (stream.next().value! % 2), 1)));
    const index = tensor(
      BigInt64Array.from(coordinatesOf(shape), () => BigInt(stream.next().value! % x.shape[dim]!)),
    ).reshape(shape);
    return { x, dim, index };
  });

test('gather reads along its dim', () => {
  fc.assert(
    fc.property(gathered, ({ x, dim, index }) => {
      const at = reader(x);
      const places = reader(index);
      assert.deepEqual(
        valuesOf(x.gather(dim, index)),
        computed(index.shape, (c) => at(c.with(dim, places(c)))),
      );
    }),
  );
});

test('scatterAdd_ is the reverse of gather', () => {
  fc.assert(
    fc.property(gathered, ({ x, dim, index }) => {
      const source = numbered(index.shape);
      const expected = valuesOf(x);
      const places = reader(index);
      const from = reader(source);
      for (const c of coordinatesOf(index.shape)) expected[positionOf(c.with(dim, places(c)), x.shape)]! += from(c);
      assert.deepEqual(valuesOf(x.clone().scatterAdd_(dim, index, source)), expected);
    }),
  );
});

test('what is scattered is gathered again', () => {
  fc.assert(
    fc.property(tensors(3, 1), fc.nat(2), (x, d) => {
      if (x.ndim === 0) return;
      const dim = d % x.ndim;
      const order = x.mul(7).fmod(3).argsort(dim);
      const spread = zeros(x.shape, { dtype: 'float64' }).scatter_(dim, order, x.contiguous());
      assert.ok(spread.gather(dim, order).equal(x));
      assert.ok(
        x.gather(dim, order).scatter(dim, order, x.gather(dim, order)).gather(dim, order).equal(x.gather(dim, order)),
      );
    }),
  );
});

test('masks: select, scatter back, fill', () => {
  fc.assert(
    fc.property(tensors(3), fc.infiniteStream(fc.boolean()), (x, stream) => {
      const bits = valuesOf(x).map(() => stream.next().value as boolean);
      const mask = tensor(bits, { dtype: 'bool' }).reshape(x.shape);
      const values = valuesOf(x);
      const taken = x.maskedSelect(mask);
      assert.deepEqual(
        valuesOf(taken),
        values.filter((_, i) => bits[i]),
      );
      assert.ok(
        zeros(x.shape, { dtype: 'float64' }).maskedScatter(mask, taken).equal(x.maskedFill(mask.logicalNot(), 0)),
      );
      assert.deepEqual(
        valuesOf(x.maskedFill(mask, -1)),
        values.map((value, i) => (bits[i] ? -1 : value)),
      );
      const where = mask.nonzero();
      assert.deepEqual(
        Array.from({ length: where.shape[0]! }, (_, i) => valuesOf(where.select(0, i))),
        coordinatesOf(x.shape).filter((_, i) => bits[i]),
      );
      if (x.ndim > 0) assert.ok(x.index(mask).equal(taken));
    }),
  );
});

/** A tensor with few different values, so that many are equal. */
const tied = fc
  .array(fc.integer({ min: -2, max: 2 }), { maxLength: 12 })
  .map((values) => tensor(Float64Array.from(values)));

test('sort is stable and says where everything came from', () => {
  fc.assert(
    fc.property(tied, fc.boolean(), (x, descending) => {
      const { values, indices } = x.sort(0, { descending });
      const order = Array.from({ length: x.numel() }, (_, i) => i);
      const original = valuesOf(x);
      order.sort((a, b) => (descending ? original[b]! - original[a]! : original[a]! - original[b]!) || a - b);
      assert.deepEqual(valuesOf(indices), order);
      assert.deepEqual(
        valuesOf(values),
        order.map((i) => original[i]!),
      );
    }),
  );
});

test('topk, kthvalue, median and mode follow from the sorted order', () => {
  fc.assert(
    fc.property(
      tied.filter((x) => x.numel() > 0),
      fc.nat(11),
      (x, choice) => {
        const sorted = valuesOf(x).sort((a, b) => a - b);
        const k = (choice % sorted.length) + 1;
        assert.deepEqual(valuesOf(x.topk(k).values), sorted.toReversed().slice(0, k));
        assert.deepEqual(valuesOf(x.topk(k, 0, { largest: false }).values), sorted.slice(0, k));
        assert.equal(x.kthvalue(k).values.item(), sorted[k - 1]);
        assert.equal(x.median().item(), sorted[(sorted.length - 1) >> 1]);
        const counts = new Map<number, number>();
        for (const value of sorted) counts.set(value, (counts.get(value) ?? 0) + 1);
        const most = Math.max(...counts.values());
        const { values, indices } = x.mode();
        assert.equal(
          values.item(),
          sorted.find((value) => counts.get(value) === most),
        );
        assert.equal(valuesOf(x)[indices.item()], values.item());
      },
    ),
  );
});

test('unique values, their places and counts rebuild the tensor', () => {
  fc.assert(
    fc.property(tied, (x) => {
      const { values, inverse, counts } = x.unique({ returnInverse: true, returnCounts: true });
      assert.deepEqual(
        valuesOf(values),
        [...new Set(valuesOf(x))].sort((a, b) => a - b),
      );
      assert.ok(values.indexSelect(0, inverse).equal(x));
      assert.equal(
        valuesOf(counts).reduce((sum, count) => sum + count, 0),
        x.numel(),
      );
      assert.ok(x.unique().equal(values));
    }),
  );
});

test('running sums, their differences, running extrema', () => {
  fc.assert(
    fc.property(tensors(3, 1), fc.nat(2), (x, d) => {
      if (x.ndim === 0) return;
      const dim = d % x.ndim;
      const sums = x.cumsum(dim);
      const at = reader(x);
      assert.deepEqual(
        valuesOf(sums),
        computed(x.shape, (c) =>
          Array.from({ length: c[dim]! + 1 }, (_, i) => at(c.with(dim, i))).reduce((a, b) => a + b, 0),
        ),
      );
      assert.ok(sums.diff(1, dim).equal(x.narrow(dim, 1, x.shape[dim]! - 1)));
      const { values, indices } = x.fmod(3).cummax(dim);
      assert.ok(x.fmod(3).gather(dim, indices).equal(values));
      assert.ok(values.select(dim, -1).equal(x.fmod(3).amax(dim)));
    }),
  );
});
