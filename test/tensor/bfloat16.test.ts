// bfloat16 as an element type: rounding, promotion, printing, files, operations by way of float32, what is refused.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { arange, DTypeError, full, load, manualSeed, nn, ones, rand, randn, save, tensor, zeros } from 'flambeau';
import { backend, withBackend } from '../../src/backend/active.js';
import { createReferenceBackend } from '../../src/backend/reference/index.js';

const fixture = JSON.parse(readFileSync(new URL('../autograd/autocast.json', import.meta.url), 'utf8')) as {
  readonly rounded: { readonly from: readonly number[]; readonly to: readonly string[] };
  readonly printed: string;
};

test('numbers round to the nearest, ties to even, as in PyTorch', () => {
  const expected = fixture.rounded.to.map((text) => (text === 'inf' ? Infinity : Number(text)));
  const from = tensor(fixture.rounded.from);
  assert.deepEqual(from.to('bfloat16').toArray(), expected);
  assert.deepEqual(from.double().to('bfloat16').toArray(), expected);
  assert.deepEqual(tensor(fixture.rounded.from as number[], { dtype: 'bfloat16' }).toArray(), expected);
});

test('every bfloat16 survives the way through float32, whatever its layout', () => {
  const every = new Float32Array(Uint32Array.from({ length: 2 ** 16 }, (_, i) => i << 16).buffer);
  // Of the NaNs there is one.
  const all = tensor(every.map((value) => (Number.isNaN(value) ? 0 : value)));
  const back = all.to('bfloat16').float();
  assert.deepEqual(back.data(), all.data());
  const matrix = all.reshape([256, 256]).t();
  assert.deepEqual(matrix.to('bfloat16').float().contiguous().data(), matrix.contiguous().data());
  const strided = all.to('bfloat16').reshape([256, 256]).t().slice(0, 1, 255, 2);
  assert.deepEqual(strided.float().contiguous().data(), matrix.slice(0, 1, 255, 2).contiguous().data());
});

test('two bytes an element, read as float32', () => {
  const x = tensor([1.5, -2], { dtype: 'bfloat16' });
  assert.equal(x.elementSize(), 2);
  assert.ok(x.isFloatingPoint());
  assert.deepEqual(x.data(), new Float32Array([1.5, -2]));
  assert.equal(x.select(0, 0).item(), 1.5);
});

test('it prints as in PyTorch', () => {
  const x = tensor(
    [
      [1.5, 2.25],
      [3.1, -0.1],
    ],
    { dtype: 'bfloat16' },
  );
  assert.equal(String(x), fixture.printed.replace('torch.bfloat16', String(x).match(/dtype=([\w.]+)/)?.[1] ?? ''));
});

test('it promotes as in PyTorch', () => {
  const x = ones([2], { dtype: 'bfloat16' });
  assert.equal(x.add(1.5).dtype, 'bfloat16');
  assert.equal(x.add(ones([2])).dtype, 'float32');
  assert.equal(x.add(ones([2], { dtype: 'float64' })).dtype, 'float64');
  assert.equal(x.add(ones([2], { dtype: 'int64' })).dtype, 'bfloat16');
  assert.equal(x.mul(tensor(2)).dtype, 'bfloat16');
});

test('operations compute in float32 and round their result once', () => {
  manualSeed(0);
  const [a, b] = [randn([7, 5]), randn([5])];
  const [p, q] = [a.to('bfloat16'), b.to('bfloat16')];
  for (const [name, got, exact] of [
    ['add', p.add(q), p.float().add(q.float())],
    ['tanh', p.tanh(), p.float().tanh()],
    ['sum', p.sum(0), p.float().sum(0)],
    ['softmax', p.softmax(1), p.float().softmax(1)],
    ['cumsum', p.cumsum(0), p.float().cumsum(0)],
    ['sort', p.sort(0).values, p.float().sort(0).values],
    ['where', p.gt(0).float(), p.float().gt(0).float()],
  ] as const) {
    assert.deepEqual(got.float().toArray(), exact.to('bfloat16').float().toArray(), name);
  }
  const target = zeros([7, 5], { dtype: 'bfloat16' });
  target.select(0, 2).add_(q).mul_(2);
  assert.deepEqual(target.float().sum(0).toArray(), q.float().mul(2).toArray());
  assert.deepEqual(full([2], 7, { dtype: 'bfloat16' }).toArray(), [7, 7]);
  assert.deepEqual(arange(3, { dtype: 'bfloat16' }).toArray(), [0, 1, 2]);
});

test('products of all shapes and layouts agree with the reference', () => {
  const reference = createReferenceBackend();
  const products = (): number[][] => {
    manualSeed(0);
    const found: number[][] = [];
    for (const [m, k, n] of [
      [1, 1, 1],
      [3, 5, 7],
      [12, 64, 32],
      [13, 65, 33],
      [40, 1, 40],
      [25, 1030, 70],
      [5, 0, 4],
    ] as const) {
      const [a, b] = [randn([m, k]).to('bfloat16'), randn([k, n]).to('bfloat16')];
      found.push([...(a.matmul(b).data() as Float32Array)]);
      found.push([...(a.t().contiguous().t().matmul(b.t().contiguous().t()).data() as Float32Array)]);
      const bias = randn([n]).to('bfloat16');
      found.push([...(nn.functional.linear(a, b.t(), bias).data() as Float32Array)]);
    }
    const [batch, one] = [randn([3, 1, 4, 6]).to('bfloat16'), randn([2, 6, 5]).to('bfloat16')];
    found.push([...(batch.matmul(one).data() as Float32Array)]);
    return found;
  };
  const expected = withBackend(reference, products);
  products().forEach((values, i) => {
    values.forEach((value, j) => {
      // Sums in another order may fall on the other side of a rounding.
      const bound = 2 ** -7 * Math.abs(expected[i]![j]!) + 1e-4;
      assert.ok(Math.abs(value - expected[i]![j]!) <= bound, `${backend.name}, case ${i}, element ${j}`);
    });
  });
});

test('gradients of bfloat16 tensors are bfloat16', () => {
  const x = tensor([1, 2, 3], { dtype: 'bfloat16', requiresGrad: true });
  x.square().sum().backward();
  assert.equal(x.grad!.dtype, 'bfloat16');
  assert.deepEqual(x.grad!.toArray(), [2, 4, 6]);
});

test('files keep it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'flambeau-bfloat16-'));
  try {
    const path = join(folder, 'weights.safetensors');
    const weight = randn([3, 5]).to('bfloat16');
    await save({ weight, other: ones([2]) }, path);
    const loaded = await load(path);
    assert.equal(loaded.weight!.dtype, 'bfloat16');
    assert.deepEqual(loaded.weight!.data(), weight.data());
    assert.match(readFileSync(path, 'latin1'), /"BF16"/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('random numbers are not drawn in it, and it is no default', () => {
  assert.throws(() => rand([2], { dtype: 'bfloat16' }), DTypeError);
  assert.throws(() => ones([2], { dtype: 'float16' as 'bfloat16' }), DTypeError);
});
