// Tables in CSV and JSON Lines files, by row and as a stream.

import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { DataLoader } from 'flambeau/data';
import { fromCsv, fromJsonLines, type Row } from 'flambeau/datasets';
import { DatasetError, ValueError } from '../../src/errors.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import { picture, putFiles } from './table-fixtures.js';

let folder: string;
let root: string;
before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'flambeau-texts-'));
});
after(() => fs.rm(folder, { recursive: true }));
beforeEach(async () => {
  root = await fs.mkdtemp(path.join(folder, 'case-'));
});

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of stream) all.push(item);
  return all;
}

async function rowsOf(table: { length: number; getItem(i: number): Promise<Row> }): Promise<Row[]> {
  return Promise.all(Array.from({ length: table.length }, (_, i) => table.getItem(i)));
}

const houses = 'id,area,sold,town,code\n1,80.5,true,"Ulm, Donau",007\n2,,False,,042\n3,1e2,TRUE,Köln,100\n';

test('columns are numbers, truth values or texts; an empty field is a gap', async () => {
  await putFiles(root, { 'houses.csv': houses });
  const file = path.join(root, 'houses.csv');
  const expected = [
    { id: 1, area: 80.5, sold: true, town: 'Ulm, Donau', code: '007' },
    { id: 2, area: null, sold: false, town: '', code: '042' },
    { id: 3, area: 100, sold: true, town: 'Köln', code: '100' },
  ];
  assert.deepEqual(await rowsOf(await fromCsv(file)), expected);
  assert.deepEqual(await collect(await fromCsv(file, { streaming: true })), expected);
  const chosen = await fromCsv(file, { columns: ['town', 'id'], nulls: ['', 'Köln'], types: { id: 'string' } });
  assert.deepEqual(await rowsOf(chosen), [
    { town: 'Ulm, Donau', id: '1' },
    { town: null, id: '2' },
    { town: null, id: '3' },
  ]);
});

test('numbers of every spelling; what only looks like one is a text', async () => {
  await putFiles(root, {
    'numbers.csv': 'x,key,hex,mixed\n-1.5,9007199254740993,0x10,1\nNaN,1,2,x\n-Infinity,2,3,\n.5,3,4,5\n+7.,4,5,6\n',
  });
  const table = await fromCsv(path.join(root, 'numbers.csv'));
  assert.deepEqual(table.column('x'), [-1.5, NaN, -Infinity, 0.5, 7]);
  assert.deepEqual(table.column('key'), ['9007199254740993', '1', '2', '3', '4']);
  assert.deepEqual(table.column('hex'), ['0x10', '2', '3', '4', '5']);
  assert.deepEqual(table.column('mixed'), ['1', 'x', '', '5', '6']);
});

test('a folder with splits, packed files, files without a header, other encodings', async () => {
  await putFiles(root, {
    'train/1.csv': 'a,b\n1,2\n',
    'train/2.csv.gz': gzipSync('a,b\n3,4\n'),
    'test.tsv': 'a\tb\n5\t6\n',
    'bare/x.csv': '7;8\n',
    'latin/x.csv': Buffer.from('a\né\n', 'latin1'),
  });
  assert.deepEqual((await fromCsv(root, { split: 'train' })).column('a'), [1, 3]);
  assert.deepEqual((await fromCsv(root, { split: 'test' })).column('b'), [6]);
  const bare = await fromCsv(path.join(root, 'bare'), { header: ['u', 'v'], delimiter: ';' });
  assert.deepEqual(await rowsOf(bare), [{ u: 7, v: 8 }]);
  assert.deepEqual((await fromCsv(path.join(root, 'latin'), { encoding: 'latin1' })).column('a'), ['é']);
});

test('what is wrong is named by file, line and field', async () => {
  await putFiles(root, {
    'late.csv': `a,b\n${'1,2\n'.repeat(10_001)}1,x\n`,
    'ragged.csv': 'a,b\n1,2\n1\n',
    'twice.csv': 'a,a\n1,2\n',
    'empty.csv': '',
    '1/one.csv': 'a,b\n1,2\n',
    '1/two.csv': 'b,a\n1,2\n',
    '2/one.csv': '1,2\n',
    '2/two.csv': '1,2,3\n',
  });
  const at = (name: string): string => path.join(root, name);
  const late = /late\.csv, line 10003: field 'b' is 'x', but its column is one of type number/;
  await assert.rejects(fromCsv(at('late.csv')), late);
  await assert.rejects(collect(await fromCsv(at('late.csv'), { streaming: true })), late);
  assert.equal((await fromCsv(at('late.csv'), { types: { b: 'string' } })).length, 10_002);
  assert.equal((await fromCsv(at('late.csv'), { nulls: ['x'] })).column('b').at(-1), null);
  await assert.rejects(fromCsv(at('ragged.csv')), /ragged\.csv, line 3: a record has not as many fields/);
  await assert.rejects(fromCsv(at('twice.csv')), /the column 'a' comes twice/);
  await assert.rejects(fromCsv(at('empty.csv')), DatasetError);
  await assert.rejects(fromCsv(at('1')), /two\.csv has the columns b, a, the file before it a, b/);
  await assert.rejects(fromCsv(at('2'), { header: ['a', 'b'] }), /two\.csv, line 1: there are 3 fields for 2 names/);
  await assert.rejects(fromCsv(at('2'), { header: ['a'] }), /has 2 fields a record, but 1 names were given/);
  await assert.rejects(fromCsv(at('ragged.csv'), { types: { c: 'number' } }), DatasetError);
  await assert.rejects(fromCsv(at('1/one.csv'), { types: { c: 'number' } }), ValueError);
  await assert.rejects(
    fromCsv(at('1/one.csv'), { types: { a: 'int' as 'number' } }),
    /must be number, boolean or string/,
  );
  await assert.rejects(fromCsv(at('1/one.csv'), { columns: ['z'] }), /no column 'z', only a, b/);
  await assert.rejects(fromCsv(at('1/one.csv'), { encoding: 'klingon' }), ValueError);
});

test('thousands of rows through a DataLoader: every row once, from memory and as a stream, with workers', async () => {
  const line = (i: number): string => `${i},${i % 7}\n`;
  const numbers = Array.from({ length: 3000 }, (_, i) => i);
  await putFiles(root, {
    'one/all.csv': `n,m\n${numbers.map(line).join('')}`,
    'two/a.csv': `n,m\n${numbers.slice(0, 1500).map(line).join('')}`,
    'two/b.csv': `n,m\n${numbers.slice(1500).map(line).join('')}`,
  });
  for (const name of ['one', 'two']) {
    for (const streaming of [false, true]) {
      const location = path.join(root, name);
      const loading = { batchSize: 100, numWorkers: 2 };
      const loader = streaming
        ? new DataLoader(await fromCsv(location, { streaming }), loading)
        : new DataLoader(await fromCsv(location), loading);
      const batches = await collect<Record<string, unknown>>(loader);
      const seen = batches.flatMap((batch) => (batch.n as Tensor).toArray() as number[]);
      if (streaming) seen.sort((a, b) => a - b);
      assert.deepEqual(seen, numbers, `${name}, streaming ${streaming}`);
    }
  }
});

test('JSON Lines: nested values, gaps, large numbers, fields that come later', async () => {
  const rows = [
    { text: 'a', stars: 5, tags: ['x', 'y'], user: { name: 'n', age: null } },
    { text: null, stars: 4.5, tags: [], user: { name: 'm', age: 3 } },
    { text: 'c', stars: 1, tags: ['z'], user: null },
  ];
  await putFiles(root, {
    'reviews.jsonl': rows.map((row) => JSON.stringify(row)).join('\n'),
    'ids.jsonl': '{"id":1}\n{"id":9007199254740993}\n',
    'mixed.jsonl': '{"v":1}\n{"v":"one"}\n{"v":{"k":[true]}}\n{"w":2}\n',
  });
  const file = path.join(root, 'reviews.jsonl');
  assert.deepEqual(await rowsOf(await fromJsonLines(file)), rows);
  assert.deepEqual(await collect(await fromJsonLines(file, { streaming: true })), rows);
  const chosen = await fromJsonLines(file, { columns: ['stars', 'none'] });
  assert.deepEqual(await chosen.getItem(1), { stars: 4.5, none: null });
  const ids = await fromJsonLines(path.join(root, 'ids.jsonl'));
  assert.deepEqual(ids.column('id'), [1n, 9007199254740993n]);
  const mixed = path.join(root, 'mixed.jsonl');
  assert.deepEqual((await fromJsonLines(mixed)).column('v'), [1, 'one', { k: [true] }, null]);
  assert.deepEqual(await collect(await fromJsonLines(mixed, { streaming: true })), [
    { v: 1 },
    { v: 'one' },
    { v: { k: [true] } },
    { w: 2 },
  ]);
});

test('JSON Lines: pictures by path or in base64, a folder with splits, bad lines by number', async () => {
  const base64 = Buffer.from(picture(8)).toString('base64');
  await putFiles(root, {
    'data/train/meta.jsonl': `{"image":"a.png"}\n{"image":{"bytes":"${base64}"}}\n`,
    'data/train/a.png': picture(4),
    'data/test/meta.jsonl': '{"image":"a.png"}\n',
    'dataset_infos.json': '{}',
    'bad.ndjson': '{"a":1}\n{"a":\n',
  });
  const train = await fromJsonLines(path.join(root, 'data'), { split: 'train', images: ['image'] });
  const greys = (await rowsOf(train)).map(({ image }) => Math.round(Number((image as Tensor).mul(255).mean().item())));
  assert.deepEqual(greys, [4, 8]);
  const bad = path.join(root, 'bad.ndjson');
  await assert.rejects(fromJsonLines(bad), /bad\.ndjson, line 2: it is no JSON/);
  await assert.rejects(collect(await fromJsonLines(bad, { streaming: true })), /bad\.ndjson, line 2: it is no JSON/);
  await assert.rejects(
    fromJsonLines(path.join(root, 'data'), { split: 'test', images: ['photo'] }),
    /no column 'photo'/,
  );
});
