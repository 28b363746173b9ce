// Values taken apart and put together again, as they travel between threads: what arrives, and what is refused.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Generator, rand, tensor, zeros, type Tensor } from 'flambeau';
import { Compose, Normalize, ToTensor } from 'flambeau/transforms';
import { ConcatDataset, fromModule, Subset, TensorDataset, WeightedRandomSampler } from 'flambeau/data';
import { backend } from '../../../src/backend/active.js';
import { pack } from '../../../src/data/workers/pack.js';
import type { Parcel } from '../../../src/data/workers/parcel.js';
import { discard, unpack } from '../../../src/data/workers/unpack.js';
import {
  double,
  Heir,
  hidden,
  holder,
  Holding,
  MyMap,
  NoModule,
  Point,
  Scaled,
  unmarked,
  WithSetter,
} from '../fixtures/travellers.js';
import { Numbers } from '../fixtures/numbers.js';

/** There and back through structured cloning. */
async function travel<T>(value: T): Promise<T> {
  const packed = await pack({ value });
  const arrived = await unpack(structuredClone(packed.parcel()));
  return arrived.value as T;
}

suite('what travels', () => {
  test('primitives and plain values', async () => {
    const value = {
      a: 1,
      b: 'x',
      c: true,
      d: 5n,
      e: null,
      f: undefined,
      g: NaN,
      h: [1, 'y', null],
      i: [[1], [2]],
      j: {},
    };
    assert.deepEqual(await travel(value), value);
    const bare = Object.assign(Object.create(null) as object, { x: 1 });
    assert.equal(Object.getPrototypeOf(await travel(bare)), null);
  });

  test('dates, expressions, errors, maps, sets, URLs', async () => {
    const value = {
      date: new Date(5),
      expression: /a+/gi,
      error: new RangeError('x'),
      map: new Map<unknown, unknown>([['k', { deep: new Set([1, 2]) }], [{ key: 1 }, 2]]),
      url: new URL('file:///a?b#c'),
    }; // prettier-ignore
    assert.deepEqual(await travel(value), value);
  });

  test('typed arrays and buffers, copied', async () => {
    const value = {
      a: Float32Array.of(1, 2),
      b: BigUint64Array.of(7n),
      c: Buffer.from('héllo'),
      d: new DataView(new ArrayBuffer(4)),
    };
    const arrived = await travel(value);
    assert.deepEqual(arrived, value);
    assert.ok(Buffer.isBuffer(arrived.c));
    arrived.a[0] = 9;
    assert.equal(value.a[0], 1);
  });

  test('shared memory, shared', async () => {
    const value = { bytes: new Uint8Array(new SharedArrayBuffer(4)), block: new SharedArrayBuffer(8) };
    const arrived = await travel(value);
    arrived.bytes[2] = 7;
    assert.equal(value.bytes[2], 7);
    new Uint8Array(arrived.block)[1] = 3;
    assert.equal(new Uint8Array(value.block)[1], 3);
  });

  test('tensors, sharing their memory, their layout kept', async () => {
    const matrix = rand([3, 4]);
    const value = {
      matrix,
      turned: matrix.t(),
      row: matrix.select(0, 1),
      flags: tensor([true, false]),
      scalar: tensor(3n),
    };
    const arrived = await travel(value);
    for (const key of ['matrix', 'turned', 'row', 'flags', 'scalar'] as const) {
      assert.deepEqual(arrived[key].toArray(), value[key].toArray());
      assert.equal(arrived[key].dtype, value[key].dtype);
      assert.deepEqual(arrived[key].stride(), value[key].stride());
    }
    arrived.row.fill_(5);
    assert.deepEqual(matrix.toArray(), value.matrix.toArray());
    assert.deepEqual(matrix.select(0, 1).toArray(), [5, 5, 5, 5]);
    assert.equal(arrived.matrix.storage, arrived.row.storage);
  });

  test('leaves that want gradients', async () => {
    const weight = tensor([1, 2], { requiresGrad: true });
    assert.equal((await travel(weight)).requiresGrad, true);
    assert.equal((await travel(tensor([1]))).requiresGrad, false);
  });

  test('generators, with their state', async () => {
    const generator = new Generator().manualSeed(5);
    generator.random();
    const arrived = await travel(generator);
    assert.equal(arrived.initialSeed(), 5);
    assert.equal(arrived.random(), generator.random());
  });

  test('instances of classes, nested, without running code of theirs', async () => {
    const arrived = await travel({ point: new Point(3, 4), list: [new Point(1, 0)] });
    assert.ok(arrived.point instanceof Point);
    assert.equal(arrived.point.norm, 5);
    assert.ok(arrived.list[0] instanceof Point);
    const odd = Object.defineProperty(new WithSetter(), 'value', { value: 3, enumerable: true });
    assert.equal((await travel(odd)).value, 3);
  });

  test('functions and classes that a module exports', async () => {
    const arrived = await travel({ double, Point });
    assert.equal(arrived.double, double);
    assert.equal(arrived.Point, Point);
  });

  test('classes and functions that a test runner has compiled in a way of its own', async () => {
    // As Node loads the module, and as a runner has compiled it: other words, the same form.
    const source =
      'export class Cell { static moduleUrl = import.meta.url; get(i) { return i**2 } }; export function twice(a, b) { return [a,b] }';
    const home = `data:text/javascript,${encodeURIComponent(source)}`;
    class Cell {
      static readonly moduleUrl = home;
      get(i: number): number {
        return Math.pow(i, 2);
      }
    }
    const twice = fromModule(home, function twice(a: number, b: number) {
      return [a, b] as const;
    });
    const arrived = await travel({ cell: new Cell(), twice });
    assert.notEqual(arrived.cell.constructor, Cell);
    assert.equal(arrived.cell.get(3), 9);
    assert.deepEqual(arrived.twice(1, 2), [1, 2]);
    // Something else of that name is not taken for it.
    const other = fromModule(home, function twice(a: number) {
      return a;
    });
    await assert.rejects(travel({ other }), /doesn't export 'twice'/);
  });

  test('a function without a name of a module that is still being imported', async () => {
    const source =
      'globalThis.late = (() => (x) => x + 1)(); await new Promise((resolve) => setTimeout(resolve, 300)); export const found = late;';
    const home = `data:text/javascript,${encodeURIComponent(source)}`;
    const importing = import(home);
    const context = globalThis as { late?: (x: number) => number };
    while (context.late === undefined) await new Promise(setImmediate);
    assert.equal(context.late.name, '');
    const arrived = await travel(fromModule(home, context.late));
    assert.equal(arrived(1), 2);
    await importing;
  });

  test('shared objects and circles', async () => {
    const shared = { n: 1 };
    const value: { a: object; b: object; self?: object; map: Map<unknown, unknown> } = {
      a: shared,
      b: shared,
      map: new Map(),
    };
    value.self = value;
    value.map.set(shared, value);
    const arrived = await travel(value);
    assert.equal(arrived.a, arrived.b);
    assert.equal(arrived.self, arrived);
    assert.equal(arrived.map.get(arrived.a), arrived);
  });

  test('a chain of a hundred thousand links', async () => {
    let chain: { next?: object } = {};
    for (let i = 0; i < 100_000; i++) chain = { next: chain };
    let arrived: { next?: object } | undefined = await travel(chain);
    let links = 0;
    while ((arrived = arrived?.next)) links++;
    assert.equal(links, 100_000);
  });

  test('data sets and transforms of this library', async () => {
    const images = new TensorDataset(rand([6, 2]), tensor([1, 2, 3, 4, 5, 6]));
    const arrived = await travel({
      data: new Subset(new ConcatDataset([images, images]), [7, 0]),
      transform: new Compose([new ToTensor(), new Normalize([0.5], [0.25])]),
      sampler: new WeightedRandomSampler([1, 2], 3),
    });
    assert.equal((arrived.data.getItem(0) as [Tensor, Tensor])[1].item(), 2);
    assert.ok(arrived.transform.transforms[1] instanceof Normalize);
    assert.deepEqual(arrived.sampler.weights.toArray(), [1, 2]);
  });
});

suite('what is refused, with its path and what to do', () => {
  const refused = async (content: unknown, message: RegExp): Promise<void> => {
    await assert.rejects(async () => pack({ dataset: new Holding(content) }), { name: 'DataLoaderError', message });
  };

  test('functions without a module', async () => {
    await refused(
      () => 1,
      /^dataset\.content is a function \('?[^)]*\), which can't travel to a worker: export it from a module and mark it there, fromModule/,
    );
    await refused(
      { transforms: [double, { f: unmarked }] },
      /^dataset\.content\.transforms\[1\]\.f is a function \('unmarked'\)/,
    );
  });

  test('marked functions and classes that their module does not export', async () => {
    await refused(
      holder,
      /^dataset\.content\.notExported: file:.*travellers\.ts doesn't export 'notExported'.*add `export` to it/,
    );
    await refused(hidden, /^dataset\.content: file:.*travellers\.ts doesn't export 'Hidden'/);
    const local = fromModule(new URL('../fixtures/travellers.ts', import.meta.url).href, (x: number) => x + 1);
    await refused(local, /doesn't export this function.*a test runner .* only functions with a name are found/);
  });

  test("instances of classes that name no module, or only their parent's", async () => {
    await refused(
      new Map([['key', new NoModule()]]),
      /^dataset\.content\.get\('key'\) is an instance of NoModule, whose class names no module.*static readonly moduleUrl = import\.meta\.url/,
    );
    await refused(
      new Heir(1, 2),
      /is an instance of Heir, whose class names no module .*\(the one it inherits names its parent\)/,
    );
  });

  test('what is of one thread only', async () => {
    await refused(Promise.resolve(1), /is an instance of Promise, which can't travel to a worker: await it before/);
    await refused(new WeakMap(), /is an instance of WeakMap.*it would be empty there/);
    await refused(new MyMap(), /is an instance of MyMap.*only Map itself can, so keep a Map in a field/);
    await refused(Symbol('s'), /^dataset\.content is a symbol/);
    await refused({ [Symbol('s')]: 1 }, /^dataset\.content has a field named by a symbol/);
    await refused([[Symbol('s')]], /^dataset\.content\[0\]\[0\] is a symbol/);
    await refused(new AbortController().signal, /is an instance of AbortSignal, whose class names no module/);
    await refused(process.stdout, /whose class names no module.*opened in the worker when first used/);
  });

  test('tensors with a graph', async () => {
    const weight = tensor([1], { requiresGrad: true });
    await refused({ loss: weight.mul(2) }, /^dataset\.content\.loss is a tensor with a graph.*detach\(\)/);
  });
});

suite('memory', () => {
  const packedNow = async (value: unknown): Promise<() => Parcel> => {
    const packed = await pack({ value });
    return () => packed.parcel();
  };

  test('a parcel per receiver has tokens of its own', async () => {
    const x = rand([1000]);
    const parcel = await packedNow(x);
    const [first, second] = [await unpack(parcel()), await unpack(parcel())];
    (first.value as Tensor).fill_(1);
    assert.equal((second.value as Tensor).sum().item(), 1000);
    assert.equal(x.sum().item(), 1000);
  });

  test('a discarded parcel leaves nothing behind, also when it was unpacked', async () => {
    const parcel = await packedNow(new Scaled(zeros([1000, 100]), double));
    const before = backend.memory().allocated;
    for (let i = 0; i < 5; i++) discard(parcel());
    const adopted = parcel();
    const { value } = await unpack(adopted);
    backend.release((value as Scaled).rows.storage);
    discard(adopted);
    assert.ok(backend.memory().allocated <= before);
  });

  test('the original outlives what was made of it', async () => {
    const x = rand([5000]);
    const sum = x.sum().item();
    const parcel = (await packedNow(x))();
    discard(parcel);
    assert.equal(x.sum().item(), sum);
    assert.equal(new Numbers(3).length, 3);
  });
});
