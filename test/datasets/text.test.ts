import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { DataLoader } from 'flambeau/data';
import { padCollate, TextFolder, TextLines, Vocabulary } from 'flambeau/datasets';
import { DatasetError, IndexError, ValueError } from '../../src/errors.js';
import type { Tensor } from '../../src/tensor/tensor.js';

let folder: string;
let root: string;

before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'flambeau-text-'));
});
after(() => fs.rm(folder, { recursive: true }));
beforeEach(async () => {
  root = await fs.mkdtemp(path.join(folder, 'case-'));
});

async function put(name: string, content: string | Uint8Array): Promise<string> {
  const file = path.join(root, name);
  await fs.mkdir(path.dirname(file), { recursive: true });
  await fs.writeFile(file, content);
  return file;
}

test('lines come without their ends, whatever these are; a mark at the beginning is no text', async () => {
  const file = await put('a.txt', '\ufefferste Zeile\r\n\nдва\nlast, without an end');
  const lines = await TextLines.load({ path: file });
  assert.deepEqual([...lines.texts()], ['erste Zeile', '', 'два', 'last, without an end']);
  assert.equal(lines.length, 4);
  const third: string = lines.getItem(2);
  assert.equal(third, 'два');
  assert.equal(lines.nameOf(2), 'a.txt:3');
  assert.equal(String(lines), 'TextLines a.txt: 4 lines');
});

test('several files, packed ones too, one after the other; empty lines are left out when asked', async () => {
  const files = [await put('1.txt', 'one\n \n'), await put('2.txt.gz', gzipSync('two\n\nthree\n'))];
  const lines = await TextLines.load({ path: files, skipEmpty: true, transform: (line: string) => line.length });
  const lengths: number[] = Array.from({ length: lines.length }, (_, i) => lines.getItem(i));
  assert.deepEqual(lengths, [3, 3, 5]);
  assert.equal(lines.getText(2), 'three');
  assert.equal(lines.nameOf(2), '2.txt.gz:3');
  for (const index of [3, -1, 0.5]) assert.throws(() => lines.getItem(index), IndexError);
});

test('a file in another encoding is an error that names the line, until its encoding is named', async () => {
  const latin = await put('latin.txt', Buffer.from('one\ncafé\n', 'latin1'));
  await assert.rejects(TextLines.load({ path: latin }), (error: Error) => {
    assert.ok(error instanceof DatasetError);
    assert.match(error.message, /latin\.txt is no UTF-8 text: line 2 has bytes that are none.*'latin1'/);
    return true;
  });
  assert.equal((await TextLines.load({ path: latin, encoding: 'latin1' })).getItem(1), 'café');
  const wide = await put('wide.txt', Buffer.from('\ufeffone\ntwo', 'utf16le'));
  await assert.rejects(TextLines.load({ path: wide }), /begins as UTF-16 does: pass encoding: 'utf16le'/);
  assert.deepEqual([...(await TextLines.load({ path: wide, encoding: 'utf16le' })).texts()], ['one', 'two']);
});

test('files that are missing, damaged or empty are named', async () => {
  await assert.rejects(TextLines.load({ path: path.join(root, 'none.txt') }), /none\.txt can't be read: no such file/);
  const bomb = await put('b.gz', gzipSync(Buffer.alloc(70 << 20)));
  await assert.rejects(TextLines.load({ path: bomb }), /b\.gz can't be read: it unpacks to more than 67108864 bytes/);
  const damaged = gzipSync('some text').subarray(0, -4);
  await assert.rejects(TextLines.load({ path: await put('d.gz', damaged) }), /d\.gz can't be read: it is damaged/);
  await assert.rejects(TextLines.load({ path: await put('e.txt', '') }), /there are no lines in .*e\.txt/);
  await assert.rejects(TextLines.load({ path: [] }), ValueError);
  await assert.rejects(TextLines.load({ path: 'x', encoding: 'utf7' as 'utf8' }), /encoding must be utf8/);
});

test('a text folder: classes, texts, labels', async () => {
  await put('good/2.txt', 'fine\n');
  await put('good/1.txt', 'great');
  await put('bad/1.txt', 'awful');
  const reviews = await TextFolder.load({ root });
  assert.deepEqual(reviews.classes, ['bad', 'good']);
  assert.deepEqual([...reviews.texts()], ['awful', 'great', 'fine\n']);
  assert.deepEqual(await reviews.getItem(2), { text: 'fine\n', label: 1 });
  assert.deepEqual([...reviews.targets], [0, 1, 1]);
  assert.equal(reviews.nameOf(0), 'bad/1.txt');
  assert.equal(String(reviews), `TextFolder ${root}: 3 texts of 2 classes`);
  const changed = await TextFolder.load({
    root,
    transform: (text: string) => text.length,
    targetTransform: (label: number) => label === 1,
  });
  const sample: { text: number; label: boolean } = await changed.getItem(0);
  assert.deepEqual(sample, { text: 5, label: false });
  await put('bad/1.txt', Buffer.of(0xff));
  await assert.rejects(reviews.getItem(0), /1\.txt is no UTF-8 text: line 1/);
  await assert.rejects(reviews.getItem(3), IndexError);
  await put('ugly/1.md', '');
  await assert.rejects(TextFolder.load({ root }), /class folder .*ugly has no texts \(\.txt\).*1 \.md/);
});

test('from files to padded batches, in worker threads too', async () => {
  const file = await put('a.txt', 'the cat\nthe small dog\nthe\na cat and a dog\n');
  const vocabulary = Vocabulary.build((await TextLines.load({ path: file })).texts());
  assert.deepEqual(vocabulary.tokens, ['<pad>', '<unk>', 'the', 'a', 'cat', 'dog', 'and', 'small']);
  const lines = await TextLines.load({ path: file, transform: vocabulary });
  const expected = [
    [
      [2, 4, 0],
      [2, 7, 5],
    ],
    [
      [2, 0, 0, 0, 0],
      [3, 4, 6, 3, 5],
    ],
  ];
  for (const numWorkers of [0, 2]) {
    const batches: unknown[] = [];
    for await (const batch of new DataLoader(lines, { batchSize: 2, collateFn: padCollate, numWorkers })) {
      const numbers: Tensor = batch;
      assert.equal(numbers.dtype, 'int64');
      batches.push(numbers.toArray());
    }
    assert.deepEqual(batches, expected);
  }
});

test('the text lies in shared memory, as what travels to a worker must', async () => {
  const lines = await TextLines.load({ path: await put('a.txt', 'one\ntwo\n') });
  const { files } = lines as unknown as { files: object[] };
  const memory = Object.values(files[0]!).filter((value): value is Uint8Array => ArrayBuffer.isView(value));
  assert.equal(memory.length, 3);
  assert.ok(memory.every(({ buffer }) => buffer instanceof SharedArrayBuffer));
  const rebuilt = Object.assign(Object.create(TextLines.prototype) as TextLines, structuredClone({ ...lines }));
  assert.equal(rebuilt.getItem(1), 'two');
});
