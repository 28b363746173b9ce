import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { FashionMNIST, MNIST } from 'flambeau/datasets';
import { Compose, Normalize, ToTensor, type Image } from 'flambeau/transforms';
import { IdxImages, openIdx, type IdxContent, type IdxOptions, type IdxSource } from '../../src/datasets/idx-images.js';
import type { SampleTransforms } from '../../src/datasets/image-sample.js';
import { DatasetError, IndexError, ValueError } from '../../src/errors.js';
import { sha256 } from '../../src/io/checksum.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import { idx } from '../io/idx-builder.js';
import { serve, type ScriptedServer } from '../io/scripted-server.js';

const files: Record<string, Buffer> = {
  'a-images.gz': idx(
    [3, 2, 2],
    Uint8Array.from({ length: 12 }, (_, i) => i * 20),
  ),
  'a-labels.gz': idx([3], Uint8Array.of(2, 0, 1)),
  'b-images.gz': idx([1, 2, 2], Uint8Array.of(255, 0, 255, 0)),
  'b-labels.gz': idx([1], Uint8Array.of(1)),
};
let folder: string;
let root: string;
const servers: ScriptedServer[] = [];

before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'flambeau-mnist-'));
});
after(() => fs.rm(folder, { recursive: true }));
beforeEach(async () => {
  root = await fs.mkdtemp(path.join(folder, 'case-'));
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function start(content = files): Promise<ScriptedServer> {
  const server = await serve((request, response) => {
    const bytes = content[request.url!.slice(1)];
    response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
  });
  servers.push(server);
  return server;
}

function source(base: string, content = files): IdxSource {
  const published = (file: string): IdxSource['train']['images'] => {
    const bytes = content[file]!;
    return { file, size: bytes.length, sha256: sha256(bytes), bases: [base] };
  };
  return {
    name: 'Shapes',
    classes: ['round', 'square', 'none'],
    train: { images: published('a-images.gz'), labels: published('a-labels.gz') },
    test: { images: published('b-images.gz'), labels: published('b-labels.gz') },
  };
}

class Shapes<I, L> extends IdxImages<I, L> {
  static readonly moduleUrl = import.meta.url;
  constructor(content: IdxContent, transforms: SampleTransforms<I, L> = {}) {
    super(content, transforms);
  }
}

const quiet: Pick<IdxOptions, 'progress' | 'download'> = { progress: 'none', download: true };

test('fetched once, then opened without a server; samples are tensors with labels', async () => {
  const { url, requests } = await start();
  await openIdx(source(url), { root, ...quiet });
  assert.deepEqual(requests.map((request) => request.url).sort(), ['/a-images.gz', '/a-labels.gz']);
  const dataset = new Shapes<Tensor, number>(await openIdx(source(url), { root, progress: 'none' }));
  assert.equal(requests.length, 2, 'the second time nothing was asked');
  assert.equal(dataset.length, 3);
  const { image, label } = dataset.getItem(1);
  assert.equal(label, 0);
  assert.deepEqual(image.shape, [1, 2, 2]);
  assert.deepEqual(
    [...image.data()],
    [80, 100, 120, 140].map((byte) => Math.fround(byte / 255)),
  );
  assert.deepEqual([...dataset.targets], [2, 0, 1]);
  assert.equal(String(dataset), 'Shapes, train: 3 pictures');
  assert.deepEqual((await fs.readdir(path.join(root, 'Shapes', 'raw'))).filter((name) => name.endsWith('.gz')).sort(), [
    'a-images.gz',
    'a-labels.gz',
  ]);
});

test('the splits, and both together', async () => {
  const { url } = await start();
  const testing = new Shapes(await openIdx(source(url), { root, split: 'test', ...quiet }));
  assert.deepEqual([...testing.targets], [1]);
  const all = new Shapes(await openIdx(source(url), { root, split: 'all', ...quiet }));
  assert.deepEqual([...all.targets], [2, 0, 1, 1]);
  assert.deepEqual([...all.getImage(3).data], [255, 0, 255, 0]);
});

test('transforms decide what a sample is', async () => {
  const { url } = await start();
  const dataset = new Shapes(await openIdx(source(url), { root, ...quiet }), {
    transform: (image: Image) => image.data[1]!,
    targetTransform: (label: number) => ['round', 'square', 'none'][label]!,
  });
  const sample: { image: number; label: string } = dataset.getItem(0);
  assert.deepEqual(sample, { image: 20, label: 'none' });
  const normalized = new Shapes(await openIdx(source(url), { root, ...quiet }), {
    transform: new Compose([new ToTensor(), new Normalize([0.5], [0.5])]),
  });
  assert.equal(normalized.getItem(0).image.data()[0], -1);
});

test('an index beyond the end names the range', async () => {
  const { url } = await start();
  const dataset = new Shapes(await openIdx(source(url), { root, ...quiet }));
  for (const index of [3, -1, 0.5, NaN]) {
    assert.throws(() => dataset.getItem(index), IndexError);
    assert.throws(() => dataset.getImage(index), /out of range for 3 pictures \(0 to 2\)/);
  }
});

test('files that do not belong together are refused', async () => {
  const uneven = { ...files, 'a-labels.gz': idx([2], Uint8Array.of(0, 1)) };
  const { url } = await start(uneven);
  await assert.rejects(openIdx(source(url, uneven), { root, ...quiet }), (error: Error) => {
    assert.ok(error instanceof DatasetError);
    assert.match(error.message, /Shapes in .*raw makes no sense: there are 3 pictures and 2 labels/);
    return true;
  });
  await fs.rm(path.join(root, 'Shapes'), { recursive: true });
  const unknown = { ...files, 'a-labels.gz': idx([3], Uint8Array.of(0, 1, 3)) };
  const other = await start(unknown);
  await assert.rejects(
    openIdx(source(other.url, unknown), { root, ...quiet }),
    /label 2 is 3, but there are 3 classes/,
  );
});

test('pictures and labels lie in shared memory and the fields are plain, as what travels to a worker must', async () => {
  const { url } = await start();
  const dataset = new Shapes<Tensor, number>(await openIdx(source(url), { root, ...quiet }));
  const { pixels, labels } = (dataset as unknown as { content: IdxContent }).content;
  assert.ok(pixels.buffer instanceof SharedArrayBuffer && labels.buffer instanceof SharedArrayBuffer);
  const rebuilt = Object.assign(Object.create(Shapes.prototype) as typeof dataset, structuredClone({ ...dataset }));
  assert.deepEqual([...rebuilt.getItem(2).image.data()], [...dataset.getItem(2).image.data()]);
});

for (const [type, size] of [
  [MNIST, '9.91 MB'],
  [FashionMNIST, '26.4 MB'],
] as const) {
  test(`${type.name}: without permission nothing is fetched; what lies there must be the published files`, async () => {
    assert.match(type.moduleUrl, /mnist\.[jt]s$/);
    const { url, requests } = await start();
    await assert.rejects(type.load({ root, mirrors: [url] }), (error: Error) => {
      assert.ok(error instanceof DatasetError);
      assert.ok(error.message.startsWith(`${type.name} is not in ${root}: pass download: true to fetch ${size}`));
      assert.match(error.message, /put it into .*raw\.$/);
      return true;
    });
    const raw = path.join(root, type.name, 'raw');
    await fs.mkdir(raw, { recursive: true });
    await fs.writeFile(path.join(raw, 'train-images-idx3-ubyte.gz'), files['a-images.gz']!);
    await assert.rejects(type.load({ root, mirrors: [url] }), /is not in/);
    assert.equal(requests.length, 0);
    await assert.rejects(type.load({ root, split: 'valid' as 'test' }), ValueError);
    await assert.rejects(type.load({} as IdxOptions), /root must be a folder/);
  });
}
