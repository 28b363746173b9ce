// Tables in Parquet files: by row and as a stream, with pictures, sounds, class labels, lists, dates and gaps.

import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { readFileSync } from 'node:fs';
import { after, before, beforeEach, test } from 'node:test';
import { DataLoader } from 'flambeau/data';
import { fromParquet, Table, type Row, type Waveform } from 'flambeau/datasets';
import { Normalize, Compose, ToTensor } from 'flambeau/transforms';
import { DatasetError, IndexError, ValueError } from '../../src/errors.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import { wav } from '../io/wav-builder.js';
import { lists, media, picture, plain, putFiles, writeParquet } from './table-fixtures.js';

let folder: string;
let root: string;
before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'flambeau-tables-'));
});
after(() => fs.rm(folder, { recursive: true }));
beforeEach(async () => {
  root = await fs.mkdtemp(path.join(folder, 'case-'));
});

interface Letter extends Row {
  image: Tensor;
  label: number;
}

const features = { image: { _type: 'Image' }, label: { _type: 'ClassLabel', names: ['a', 'b', 'c'] } };

/** Ten letters, whose pictures are as grey as their number says. */
function letters(from: number, to: number): Parameters<typeof writeParquet>[1] {
  const numbers = Array.from({ length: to - from }, (_, i) => from + i);
  return [
    media(
      'image',
      numbers.map((i) => ({ bytes: picture(i), path: `${i}.png` })),
    ),
    plain(
      'label',
      { type: 'INT64' },
      numbers.map((i) => BigInt(i % 3)),
    ),
  ];
}

async function writeLetters(): Promise<void> {
  const file = (name: string): string => path.join(root, 'data', name);
  await writeParquet(file('train-00000-of-00002.parquet'), letters(0, 6), { features });
  await writeParquet(file('train-00001-of-00002.parquet'), letters(6, 10), { features });
  await writeParquet(file('test-00000-of-00001.parquet'), letters(10, 12), { features });
  await putFiles(root, { 'README.md': 'a card', '.cache/train-00000.parquet': 'left by a download' });
}

const greyOf = (image: Tensor): number => Math.round(Number(image.mul(255).mean().item()));

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of stream) all.push(item);
  return all;
}

test('a folder of the Hub: shards of a split in order, pictures decoded, labels with their names', async () => {
  await writeLetters();
  const train = await fromParquet<Letter>(root, { split: 'train' });
  assert.equal(train.length, 10);
  assert.deepEqual(train.columns, ['image', 'label']);
  assert.deepEqual(train.classesOf('label'), ['a', 'b', 'c']);
  const { image, label } = await train.getItem(7);
  assert.deepEqual(image.shape, [1, 2, 2]);
  assert.equal(image.dtype, 'float32');
  assert.equal(greyOf(image), 7);
  assert.equal(label, 1);
  assert.deepEqual(train.column('label').slice(0, 4), [0n, 1n, 2n, 0n]);
  assert.equal((await fromParquet(root, { split: 'test' })).length, 2);
  assert.match(String(train), /Table: 10 rows of image, label/);
  await assert.rejects(async () => train.getItem(10), IndexError);
  await assert.rejects(async () => train.getItem(-1), IndexError);
  assert.throws(() => train.column('labels'), /no column 'labels', only image, label/);
});

test('which split must be said where there are several', async () => {
  await writeLetters();
  await assert.rejects(fromParquet(root), /several splits \(test, train\): choose one with 'split'/);
  await assert.rejects(fromParquet(root, { split: 'validation' }), /no file in .* is of split 'validation'/);
  const file = path.join(root, 'data', 'test-00000-of-00001.parquet');
  await assert.rejects(fromParquet(file, { split: 'test' }), ValueError);
  assert.equal((await fromParquet([file, file])).length, 4);
  await assert.rejects(fromParquet(path.join(root, 'nothing')), DatasetError);
  await fs.mkdir(path.join(root, 'empty'));
  await assert.rejects(fromParquet(path.join(root, 'empty')), /there are no files \(\.parquet\)/);
  await assert.rejects(fromParquet([]), ValueError);
});

test('columns chosen, transforms of columns and of the row', async () => {
  await writeLetters();
  const split = 'train';
  const labels = await fromParquet(root, { split, columns: ['label'] });
  assert.deepEqual(await labels.getItem(2), { label: 2 });
  const pairs = await fromParquet<[Tensor, string]>(root, {
    split,
    transforms: { image: new Compose([new ToTensor(), new Normalize([0.5], [0.5])]) },
    transform: (row) => [row.image as Tensor, 'abc'[row.label as number]!],
  });
  const [image, name] = await pairs.getItem(2);
  assert.ok(Math.abs(Number(image.mean().item()) - (2 / 255 - 0.5) / 0.5) < 1e-6);
  assert.equal(name, 'c');
  await assert.rejects(fromParquet(root, { split, columns: ['lable'] }), /no column 'lable', only image, label/);
  await assert.rejects(fromParquet(root, { split, transforms: { text: (x) => x } }), /transforms names 'text'/);
  await assert.rejects(fromParquet(root, { split, images: ['photo'] }), /no column 'photo' for pictures or sounds/);
});

test('a DataLoader with workers reads the shared table, in order', async () => {
  await writeLetters();
  const train = await fromParquet<Letter>(root, { split: 'train' });
  for (const numWorkers of [0, 2]) {
    const loader = new DataLoader(train, { batchSize: 4, numWorkers });
    const seen: number[] = [];
    for await (const { image, label } of loader) {
      for (let i = 0; i < image.shape[0]!; i++) {
        const grey = greyOf(image.select(0, i));
        seen.push(grey);
        assert.equal(label.select(0, i).item(), grey % 3);
      }
    }
    assert.deepEqual(seen, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], `${numWorkers} workers`);
  }
});

test('all of a table lies in shared memory', async () => {
  await writeLetters();
  const train = await fromParquet<Letter>(root, { split: 'train' });
  const arrays: ArrayBufferView[] = [];
  const walk = (value: unknown): void => {
    if (ArrayBuffer.isView(value)) arrays.push(value);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(walk);
  };
  walk(train);
  assert.ok(arrays.length > 6);
  for (const array of arrays) assert.ok(array.buffer instanceof SharedArrayBuffer);
});

test('as a stream: every row once, whatever the number of workers', async () => {
  await writeLetters();
  const stream = await fromParquet<Letter>(root, { split: 'train', streaming: true });
  const greys = (await collect(stream)).map(({ image }) => greyOf(image));
  assert.deepEqual(greys, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  for (const numWorkers of [0, 2, 3]) {
    const batches = await collect(new DataLoader(stream, { batchSize: 3, numWorkers }));
    const seen = batches.flatMap(({ image }) => image.mul(255).mean([1, 2, 3]).toArray() as number[]).map(Math.round);
    assert.deepEqual(
      seen.sort((a, b) => a - b),
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      `${numWorkers} workers`,
    );
  }
});

test('values of every kind, in memory and as a stream alike', async () => {
  const file = path.join(root, 'kinds.parquet');
  const day = 86_400_000;
  await writeParquet(file, [
    plain('id', { type: 'INT64' }, [1n, 2n ** 60n, null, -5n, 0n]),
    plain('small', { type: 'INT32' }, [1, null, 3, 4, 5]),
    plain('real', { type: 'DOUBLE' }, [0.5, NaN, null, -1e300, 2]),
    plain('flag', { type: 'BOOLEAN' }, [true, false, null, true, true]),
    plain('text', { type: 'BYTE_ARRAY', converted_type: 'UTF8' }, ['a', '', null, 'é"\n', 'z']),
    plain('day', { type: 'INT32', converted_type: 'DATE' }, [
      new Date(0),
      new Date(day * 19_000),
      null,
      new Date(-day),
      new Date(day),
    ]),
    plain('price', { type: 'INT32', converted_type: 'DECIMAL', scale: 2, precision: 9 }, [
      0.3,
      19.99,
      null,
      -0.07,
      100,
    ]),
    plain('raw', { type: 'BYTE_ARRAY' }, [
      Uint8Array.of(1, 2),
      new Uint8Array(0),
      null,
      Uint8Array.of(3),
      Uint8Array.of(4),
    ]),
    lists('vector', { type: 'FLOAT' }, [[0.5, 1.5], [], null, [2], [3, 4, 5]]),
    lists('gaps', { type: 'DOUBLE' }, [[1, null], [2], null, [], [3]]),
    lists('ids', { type: 'INT64' }, [[1n], [], null, [2n, 3n], [4n]]),
    lists('tags', { type: 'BYTE_ARRAY', converted_type: 'UTF8' }, [['x', 'y'], [], null, [null, 'z'], ['w']]),
  ]);
  const expected = [
    {
      ...{ id: 1n, small: 1, real: 0.5, flag: true, text: 'a', day: new Date(0), price: 0.3, raw: Uint8Array.of(1, 2) },
      ...{ vector: Float32Array.of(0.5, 1.5), gaps: [1, null], ids: BigInt64Array.of(1n), tags: ['x', 'y'] },
    },
    {
      ...{ id: 2n ** 60n, small: null, real: NaN, flag: false, text: '', day: new Date(day * 19_000), price: 19.99 },
      ...{
        raw: new Uint8Array(0),
        vector: new Float32Array(0),
        gaps: Float64Array.of(2),
        ids: new BigInt64Array(0),
        tags: [],
      },
    },
    {
      ...{ id: null, small: 3, real: null, flag: null, text: null, day: null, price: null, raw: null },
      ...{ vector: null, gaps: null, ids: null, tags: null },
    },
    {
      ...{ id: -5n, small: 4, real: -1e300, flag: true, text: 'é"\n', day: new Date(-day), price: -0.07 },
      ...{
        raw: Uint8Array.of(3),
        vector: Float32Array.of(2),
        gaps: new Float64Array(0),
        ids: BigInt64Array.of(2n, 3n),
        tags: [null, 'z'],
      },
    },
    {
      ...{ id: 0n, small: 5, real: 2, flag: true, text: 'z', day: new Date(day), price: 100, raw: Uint8Array.of(4) },
      ...{ vector: Float32Array.of(3, 4, 5), gaps: Float64Array.of(3), ids: BigInt64Array.of(4n), tags: ['w'] },
    },
  ];
  /** Bytes as arrays of their own, whatever they are views on. */
  const own = (row: Row): Row => ({ ...row, raw: row.raw === null ? null : new Uint8Array(row.raw as Uint8Array) });
  const table = await fromParquet(file);
  for (const [i, row] of expected.entries()) assert.deepEqual(own(await table.getItem(i)), row, `row ${i}`);
  const streamed = await collect(await fromParquet(file, { streaming: true }));
  assert.deepEqual(streamed.map(own), expected);
  const loader = new DataLoader(
    await fromParquet(file, {
      columns: ['id', 'price'],
      transform: ({ id, price }) => ({ id: (id ?? 0n) as bigint, price: (price ?? 0) as number }),
    }),
    { batchSize: 5 },
  );
  for await (const { id, price } of loader) {
    assert.equal(id.dtype, 'int64');
    assert.deepEqual(price.shape, [5]);
  }
  await assert.rejects(collect(new DataLoader(table, { batchSize: 5 })), /null/);
});

test('files of pyarrow, every kind of packing, through the data set', async () => {
  const { files } = JSON.parse(readFileSync(new URL('../io/pyarrow.json', import.meta.url), 'utf8')) as {
    files: Record<string, string>;
  };
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(root, `${name}.parquet`);
    await fs.writeFile(file, Buffer.from(content, 'base64'));
    const table = await fromParquet(file, { columns: ['label', 'text', 'time', 'floats', 'pairs'] });
    assert.deepEqual(table.classesOf('label'), ['no', 'yes'], name);
    assert.deepEqual(
      await table.getItem(11),
      {
        ...{ label: 1, text: 'text 11 é', time: new Date(Date.UTC(2024, 0, 1, 0, 0, 11)) },
        ...{ floats: Float32Array.of(5.5, 12), pairs: [{ a: 11n, b: '11' }] },
      },
      name,
    );
  }
});

test('sounds are decoded; pictures are found without a note, and by their path beside the table', async () => {
  const file = path.join(root, 'media.parquet');
  const sound = wav({ data: Uint8Array.of(0, 0, 0, 64, 0, 192) });
  await writeParquet(
    file,
    [
      media('sound', [{ bytes: sound, path: 'a.wav' }, null]),
      media('photo', [null, { bytes: picture(9), path: null }]),
      media('beside', [
        { bytes: null, path: 'pictures/1.png' },
        { bytes: null, path: 'pictures/1.png' },
      ]),
    ],
    { rowGroupSize: 1, features: { sound: { _type: 'Audio' } } },
  );
  await putFiles(root, { 'pictures/1.png': picture(33) });
  const options = { images: ['beside'] };
  for (const rows of [
    await collect(await fromParquet(file, { ...options, streaming: true })),
    await Promise.all([0, 1].map(async (i) => (await fromParquet(file, options)).getItem(i))),
  ]) {
    const [first, second] = rows as [Row, Row];
    const { waveform, sampleRate } = first.sound as Waveform;
    assert.deepEqual([waveform.toArray(), sampleRate], [[[0, 0.5, -0.5]], 8000]);
    assert.equal(first.photo, null);
    assert.equal(second.sound, null);
    assert.equal(greyOf(second.photo as Tensor), 9);
    assert.equal(greyOf(first.beside as Tensor), 33);
  }
});

test("what can't be decoded is named by its file, row and column", async () => {
  const file = path.join(root, 'bad.parquet');
  const good = { bytes: picture(1), path: 'good.png' };
  const bad = { bytes: picture(1).slice(0, 40), path: 'bad.png' };
  await writeParquet(file, [media('image', [good, good, good, bad, good])], { rowGroupSize: 2 });
  const place = /bad\.parquet, row 3, column 'image' \(bad\.png\) can't be read/;
  const table = await fromParquet(file);
  await table.getItem(2);
  await assert.rejects(table.getItem(3), (error: Error) => error instanceof DatasetError && place.test(error.message));
  await assert.rejects(collect(await fromParquet(file, { streaming: true })), place);
  await assert.rejects(collect(new DataLoader(table, { batchSize: 5, numWorkers: 1 })), place);
});

test('a table may not name files elsewhere on the disk', async () => {
  await putFiles(root, { 'secret.png': picture(1) });
  for (const name of ['../secret.png', path.join(root, 'secret.png'), '.']) {
    const file = path.join(root, 'table', 'sly.parquet');
    await writeParquet(file, [media('image', [{ bytes: null, path: name }])]);
    const table = await fromParquet(file, { images: ['image'] });
    await assert.rejects(
      table.getItem(0),
      /row 0, column 'image' names the file .*, which is not in the table's folder/,
    );
  }
});

test('files that do not fit together are named', async () => {
  await writeParquet(path.join(root, '1.parquet'), [plain('a', { type: 'INT32' }, [1])]);
  await writeParquet(path.join(root, '2.parquet'), [plain('b', { type: 'INT32' }, [1])]);
  await assert.rejects(fromParquet(root), /2\.parquet has no column 'a', only b/);
  await fs.writeFile(path.join(root, '2.parquet'), 'PAR1 and nothing that follows');
  await assert.rejects(fromParquet(root), /2\.parquet can't be read as a Parquet file/);
});

test('more rows than a file of its size can have are refused at once', async () => {
  const file = path.join(root, 'same.parquet');
  await writeParquet(file, [plain('a', { type: 'INT32' }, new Array(1000).fill(null))], { rowGroupSize: 100 });
  await assert.rejects(
    fromParquet(file, { limits: { rows: 999 } }),
    /it has 1000 rows, more than 999 \(limits\.rows\)/,
  );
  assert.equal((await fromParquet(file)).length, 1000);
});

test('reading can be given up', async () => {
  await writeLetters();
  await assert.rejects(fromParquet(root, { split: 'train', signal: AbortSignal.abort() }), { name: 'AbortError' });
  assert.ok((await fromParquet(root, { split: 'train' })) instanceof Table);
});
