// What becomes of samples in a batch, and what is said of those that don't fit.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { tensor, zeros, type Tensor } from 'flambeau';
import { bytes, defaultCollate, defaultConvert, registerCollate } from 'flambeau/data';

const described = (value: Tensor): [string, unknown] => [value.dtype, value.toArray()];

suite('defaultCollate', () => {
  test('numbers become float32, whatever their values', () => {
    assert.deepEqual(described(defaultCollate([1, 2])), ['float32', [1, 2]]);
    assert.deepEqual(described(defaultCollate([1.5, 2])), ['float32', [1.5, 2]]);
    assert.deepEqual(described(defaultCollate([NaN, -Infinity])), ['float32', [NaN, -Infinity]]);
  });

  test('bigints become int64, booleans bool', () => {
    assert.deepEqual(described(defaultCollate([1n, -(2n ** 53n)])), ['int64', [1, -(2 ** 53)]]);
    assert.equal(defaultCollate([2n ** 63n - 1n]).data()[0], 2n ** 63n - 1n);
    assert.deepEqual(described(defaultCollate([true, false])), ['bool', [true, false]]);
  });

  test('tensors are stacked', () => {
    const batch = defaultCollate([tensor([[1, 2]]), tensor([[3, 4]])]);
    assert.deepEqual(batch.shape, [2, 1, 2]);
    assert.deepEqual(batch.toArray(), [[[1, 2]], [[3, 4]]]);
    assert.deepEqual(defaultCollate([tensor(1n), tensor(2n)]).toArray(), [1, 2]);
    assert.deepEqual(defaultCollate([zeros([0, 3]), zeros([0, 3])]).shape, [2, 0, 3]);
  });

  test('tensors that are views are stacked by their elements', () => {
    const matrix = tensor([
      [1, 2],
      [3, 4],
    ]);
    assert.deepEqual(defaultCollate([matrix.t(), matrix]).toArray(), [
      [
        [1, 3],
        [2, 4],
      ],
      [
        [1, 2],
        [3, 4],
      ],
    ]);
    assert.deepEqual(defaultCollate([matrix.select(1, 0), matrix.select(1, 1)]).toArray(), [
      [1, 3],
      [2, 4],
    ]);
  });

  test('tensors of several dtypes are promoted, tensors with gradients keep them', () => {
    assert.equal(defaultCollate([tensor([1n]), tensor([0.5])]).dtype, 'float32');
    const weight = tensor([2, 3], { requiresGrad: true });
    const batch = defaultCollate([weight, weight.mul(2)]);
    batch.sum().backward();
    assert.deepEqual(weight.grad!.toArray(), [3, 3]);
  });

  test('typed arrays are stacked, each with its dtype', () => {
    assert.deepEqual(described(defaultCollate([Float64Array.of(1, 2), Float64Array.of(3, 4)])), ['float64', [[1, 2], [3, 4]]]); // prettier-ignore
    assert.deepEqual(described(defaultCollate([Uint8Array.of(255)])), ['uint8', [[255]]]);
    assert.deepEqual(described(defaultCollate([Buffer.from([7, 8])])), ['uint8', [[7, 8]]]);
    assert.deepEqual(described(defaultCollate([BigInt64Array.of(-1n)])), ['int64', [[-1]]]);
    assert.deepEqual(described(defaultCollate([Int16Array.of(5, 6, 7).subarray(1)])), ['int16', [[6, 7]]]);
  });

  test('strings, dates and bytes become lists', () => {
    assert.deepEqual(defaultCollate(['a', '']), ['a', '']);
    assert.deepEqual(defaultCollate([new Date(1), new Date(2)]), [new Date(1), new Date(2)]);
    assert.deepEqual(defaultCollate([bytes(Uint8Array.of(1)), bytes(Uint8Array.of(2, 3))]), [
      Uint8Array.of(1),
      Uint8Array.of(2, 3),
    ]);
  });

  test("plain objects are collated field by field over the first one's keys", () => {
    const batch = defaultCollate([
      { a: 1, nested: { b: 'x' } },
      { a: 2, nested: { b: 'y' }, more: 3 },
    ]);
    assert.deepEqual(Object.keys(batch), ['a', 'nested']);
    assert.deepEqual(batch.a.toArray(), [1, 2]);
    assert.deepEqual(batch.nested, { b: ['x', 'y'] });
    const bare = Object.assign(Object.create(null) as { a: number }, { a: 1 });
    assert.deepEqual(defaultCollate([bare]).a.toArray(), [1]);
  });

  test('arrays are collated position by position', () => {
    const [x, name] = defaultCollate([[1, 'a'] as const, [2, 'b'] as const]);
    assert.deepEqual(x.toArray(), [1, 2]);
    assert.deepEqual(name, ['a', 'b']);
    assert.deepEqual(defaultCollate([[], []]), []);
  });
});

suite('defaultCollate says what does not fit', () => {
  const cases: readonly [string, readonly unknown[], RegExp][] = [
    ['no samples', [], /a batch without samples has no form/],
    ['null', [{ image: null }], /\[0\]\.image is null, which can't be collated: give a tensor/],
    ['undefined', [[undefined]], /\[0\]\[0\] is undefined/],
    ['a function', [{ f: () => 1 }], /\[0\]\.f is a function/],
    ['an instance of a class', [{ m: new Map() }], /\[0\]\.m is an instance of Map/],
    ['a promise', [Promise.resolve(1)], /\[0\] is an instance of Promise/],
    ['an array type without dtype', [{ a: Uint16Array.of(1) }], /\[0\]\.a is an instance of Uint16Array/],
    [
      'null further on',
      [{ image: tensor([1]) }, { image: null }],
      /\[0\]\.image is an instance of Tensor, \[1\]\.image is null/,
    ],
    ['a string among numbers', [1, 2, 'x'], /must be of one type: \[0\] is a number, \[2\] is a string/],
    ['a number among strings', ['x', 1], /\[0\] is a string, \[1\] is a number/],
    ['a number among bigints', [{ a: { b: 1n } }, { a: { b: 1 } }], /\[0\]\.a\.b is a bigint, \[1\]\.a\.b is a number/],
    ['a number among booleans', [true, 1], /\[0\] is a boolean, \[1\] is a number/],
    ['an array among objects', [{ a: 1 }, [1]], /\[0\] is an instance of Object, \[1\] is an instance of Array/],
    [
      'an array of another type',
      [Float32Array.of(1), Float64Array.of(1)],
      /Float32Array, \[1\] is an instance of Float64Array/,
    ],
    ['a missing field', [{ a: 1, b: 2 }, { a: 1, b: 2 }, { a: 1 }], /\[2\] has no field 'b', which \[0\] has/],
    ['a missing nested field', [{ a: { b: 1 } }, { a: {} }], /\[1\]\.a has no field 'b'/],
    ['arrays of other lengths', [{ a: [1] }, { a: [1, 2] }], /\[0\]\.a has 1 entries, \[1\]\.a has 2/],
    ['a bigint beyond int64', [1n, 2n ** 63n], /\[1\] is 9223372036854775808, which int64 can't hold/],
    [
      'shapes that do not stack',
      [{ image: zeros([2, 3]) }, { image: zeros([2, 3]) }, { image: zeros([2, 4]) }],
      /\[0\]\.image has shape \[2, 3\], \[2\]\.image has shape \[2, 4\]: make them equal/,
    ],
    [
      'typed arrays of other lengths',
      [[new Int8Array(2)], [new Int8Array(3)]],
      /\[0\]\[0\] has shape \[2\], \[1\]\[0\] has shape \[3\]/,
    ],
  ];
  for (const [name, samples, message] of cases) {
    test(name, () => {
      assert.throws(() => defaultCollate(samples), { name: 'DataLoaderError', message });
    });
  }
});

suite('the table of types', () => {
  class Span {
    constructor(readonly from: number) {}
  }
  class LongSpan extends Span {}

  test('takes further classes, the last one added first', () => {
    registerCollate(Span, (spans) => ({ spans: spans.map(({ from }) => from) }));
    assert.deepEqual(defaultCollate([{ s: new Span(1) }, { s: new LongSpan(2) }]), { s: { spans: [1, 2] } });
    registerCollate(LongSpan, (spans) => spans.length);
    assert.deepEqual(defaultCollate([[new LongSpan(1)], [new LongSpan(2)]]), [2]);
    assert.throws(
      () => defaultCollate([new LongSpan(1), new Span(2)]),
      /\[0\] is an instance of LongSpan, \[1\] is an instance of Span/,
    );
  });
});

suite('defaultConvert', () => {
  test('makes tensors of typed arrays and leaves the rest', () => {
    const map = new Map();
    const converted = defaultConvert({
      a: Float32Array.of(1, 2),
      b: [1, 'x', Uint8Array.of(3)],
      c: null,
      map,
      d: new Date(5),
    });
    assert.deepEqual(described(converted.a), ['float32', [1, 2]]);
    assert.equal(converted.b[0], 1);
    assert.deepEqual(described(converted.b[2] as Tensor), ['uint8', [3]]);
    assert.equal(converted.c, null);
    assert.equal(converted.map, map);
    assert.deepEqual(converted.d, new Date(5));
  });

  test('keeps tensors and numbers as they are, and unwraps bytes', () => {
    const x = tensor([1]);
    assert.equal(defaultConvert(x), x);
    assert.equal(defaultConvert(3), 3);
    assert.deepEqual(defaultConvert([bytes(Uint8Array.of(1))]), [Uint8Array.of(1)]);
  });
});
