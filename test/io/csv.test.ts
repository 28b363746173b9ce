// CSV files as spreadsheets, pandas and databases write them, and files that are not well formed.

import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { DatasetError, ValueError } from '../../src/errors.js';
import { readCsv, type CsvFormat } from '../../src/io/csv.js';

let folder: string;
let number = 0;
before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'flambeau-csv-'));
});
after(() => fs.rm(folder, { recursive: true }));

async function read(
  content: string | Uint8Array,
  format?: CsvFormat,
  extension = '.csv',
): Promise<[number, readonly string[]][]> {
  const file = path.join(folder, `${number++}${extension}`);
  await fs.writeFile(file, content);
  const records: [number, readonly string[]][] = [];
  for await (const { line, fields } of readCsv(file, format)) records.push([line, fields]);
  return records;
}

test('quotes hide delimiters, line ends and quotes', async () => {
  const text = 'a,b\n"1,2","he said ""no"""\n"two\nlines",\n';
  assert.deepEqual(await read(text), [
    [1, ['a', 'b']],
    [2, ['1,2', 'he said "no"']],
    [4, ['two\nlines', '']],
  ]);
});

test('line ends of every kind, empty lines, a byte order mark, no line end at the end', async () => {
  const expected = [
    ['a', 'b'],
    ['1', 'é'],
  ];
  for (const text of ['a,b\n1,é\n', 'a,b\r\n1,é\r\n', '\ufeffa,b\r\n\r\n1,é', 'a,b\r1,é\r', '\ufeff"a",b\n1,é']) {
    assert.deepEqual(
      (await read(text)).map(([, fields]) => fields),
      expected,
      JSON.stringify(text),
    );
  }
});

test('tabs in .tsv, other delimiters and quotes when told', async () => {
  assert.deepEqual(await read('a\tb,c\n', {}, '.tsv'), [[1, ['a', 'b,c']]]);
  assert.deepEqual(await read("'a;b';c\n", { delimiter: ';', quote: "'" }), [[1, ['a;b', 'c']]]);
  assert.deepEqual(await read('say "yes",no\n', { quote: null }), [[1, ['say "yes"', 'no']]]);
});

test('other encodings when told; what is not in its encoding is refused by its line', async () => {
  const latin = Buffer.from('name\nJosé\nZoë\n', 'latin1');
  assert.deepEqual(
    (await read(latin, { encoding: 'latin1' })).map(([, [name]]) => name),
    ['name', 'José', 'Zoë'],
  );
  const wide = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('name\nJosé', 'utf16le')]);
  assert.deepEqual(
    (await read(wide, { encoding: 'utf-16le' })).map(([, [name]]) => name),
    ['name', 'José'],
  );
  await assert.rejects(read(latin), (error: Error) => {
    assert.ok(error instanceof DatasetError);
    assert.match(error.message, /\.csv, line 2: the text is not encoded in utf-8: .*encoding: 'latin1'/);
    return true;
  });
  // Beyond what is read at once, and with a character cut in two before it.
  const long = Buffer.concat([Buffer.from('é'.repeat(200_001) + '\nfine\n'.repeat(50_000)), latin]);
  await assert.rejects(read(long), /line 100002: the text is not encoded/);
  await assert.rejects(read(Buffer.from('a\nb\xc3', 'latin1')), /line 2: the text is not encoded/);
  await assert.rejects(read('a', { encoding: 'klingon' }), ValueError);
});

test('gzip, and what only says so', async () => {
  assert.deepEqual(await read(gzipSync('a,b\n1,2\n'), {}, '.csv.gz'), [
    [1, ['a', 'b']],
    [2, ['1', '2']],
  ]);
  const whole = gzipSync(Array.from({ length: 1000 }, (_, i) => `${i},${i * i}\n`).join(''));
  await assert.rejects(read(whole.subarray(0, whole.length - 200), {}, '.csv.gz'), /damaged, or not packed with gzip/);
  await assert.rejects(read('a,b\n', {}, '.csv.gz'), /damaged, or not packed with gzip/);
});

test('what is not well formed is named by its line', async () => {
  const cases: [string, RegExp][] = [
    ['a,b\n1,2\n3\n', /line 3: a record has not as many fields as the first/],
    ['a,b\n1,"2\n3,4\n', /line \d+: a quote is not closed/],
    ['a,b\n1,2"x"\n', /line 2: a quote stands in the middle of a field/],
    ['a,b\n1,"2"x\n', /line 2: something stands behind a closing quote/],
  ];
  for (const [text, reason] of cases) {
    await assert.rejects(read(text), (error: Error) => {
      assert.ok(error instanceof DatasetError);
      assert.match(error.message, reason);
      assert.match(error.message, /\.csv, line/);
      return true;
    });
  }
  await assert.rejects(read(`a\n"${'x'.repeat(5000)}`, { recordLength: 1000 }), /longer than what is accepted/);
  await assert.rejects(readCsv(path.join(folder, 'none.csv')).next(), /no such file/);
});
