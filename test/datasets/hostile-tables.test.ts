// Tables made to take far more memory or time than their size: each is refused, or read within bounds.

import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { fromCsv, fromJsonLines, TextLines } from 'flambeau/datasets';
import { DatasetError } from '../../src/errors.js';

let folder: string;
before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'flambeau-hostile-tables-'));
});
after(() => fs.rm(folder, { recursive: true }));

async function put(name: string, content: string | Uint8Array): Promise<string> {
  const file = path.join(folder, name);
  await fs.writeFile(file, content);
  return file;
}

/** `open` refuses the file, naming it and the reason, without the process growing by more than 400 MB. */
async function refused(open: Promise<unknown>, file: string, reason: RegExp): Promise<void> {
  const before = process.memoryUsage().rss;
  await assert.rejects(open, (error: Error) => {
    assert.ok(error instanceof DatasetError, error.stack);
    assert.match(error.message, reason);
    assert.ok(error.message.includes(path.basename(file)), error.message);
    return true;
  });
  const grown = process.memoryUsage().rss - before;
  assert.ok(grown < 4e8, `${grown} bytes more than before`);
}

test('half a megabyte of gzip that unpacks to a thousand times as much is not unpacked', async () => {
  const packed = gzipSync(Buffer.alloc(100 << 20, `a,b\n1,${'x'.repeat(4000)}\n`));
  assert.ok(packed.length < 512 << 10);
  for (const open of [fromCsv, TextLines.load] as const) {
    const file = await put('bomb.csv.gz', packed);
    const opening = open === fromCsv ? fromCsv(file) : TextLines.load({ path: file });
    await refused(opening, file, /unpacks to more than \d+ bytes/);
  }
  const file = await put('bomb.jsonl.gz', gzipSync(Buffer.alloc(100 << 20, `{"a":"${'x'.repeat(4000)}"}\n`)));
  await refused(fromJsonLines(file), file, /unpacks to more than \d+ bytes/);
});

test('a quote that is never closed does not swallow the file', async () => {
  const file = await put('quote.csv', `a,b\n1,"${'x\n'.repeat(12e6)}`);
  await refused(fromCsv(file), file, /longer than what is accepted/);
});

test('hundreds of thousands of columns are no more work than as many rows', async () => {
  const names = Array.from({ length: 3e5 }, (_, i) => `c${i}`).join(',');
  const wide = await fromCsv(await put('wide.csv', `${names}\n`));
  assert.equal(wide.columns.length, 3e5);
  assert.equal(wide.length, 0);
});

test('of rows with large texts only the first 64 MiB are kept to tell the types of columns', async () => {
  const text = 'x'.repeat(1 << 20);
  const rows = Array.from({ length: 70 }, (_, i) => `${i},${text}\n`).join('');
  const file = await put('texts.csv', `id,text\n${rows}seventy,\n`);
  let read = 0;
  const all = async (): Promise<void> => {
    for await (const { id } of await fromCsv(file, { streaming: true })) assert.equal(id, read++);
  };
  await assert.rejects(all, /line 72: field 'id' is 'seventy', but its column is one of type number/);
});

test('rows that have no field in common', async () => {
  const lines = Array.from({ length: 20_000 }, (_, i) => `{"key${i}":${i}}\n`).join('');
  const file = await put('keys.jsonl', lines);
  await refused(
    fromJsonLines(file),
    file,
    /more than 10000 different fields up to row \d+: name those that are wanted/,
  );
  const chosen = await fromJsonLines(file, { columns: ['key7'] });
  assert.deepEqual(await chosen.getItem(7), { key7: 7 });
  assert.deepEqual(await chosen.getItem(8), { key7: null });
  let rows = 0;
  for await (const row of await fromJsonLines(file, { streaming: true })) assert.equal(row[`key${rows}`], rows++);
  assert.equal(rows, 20_000);
});

test('values nested half a million deep', async () => {
  const arrays = `{"a":${'['.repeat(5e5)}${']'.repeat(5e5)}}\n`;
  await assert.rejects(fromJsonLines(await put('arrays.jsonl', arrays)), /nested too deeply/);
  const objects = `${'{"a":'.repeat(5e5)}1${'}'.repeat(5e5)}\n`;
  await assert.rejects(fromJsonLines(await put('objects.jsonl', objects)), /nested too deeply/);
  const large = `{"a":${'['.repeat(1e5)}12345678901234567890${']'.repeat(1e5)}}\n`;
  await assert.rejects(fromJsonLines(await put('large.jsonl', large)), DatasetError);
});
