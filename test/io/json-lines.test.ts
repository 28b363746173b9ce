import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { DatasetError } from '../../src/errors.js';
import { byteStream } from '../../src/io/byte-stream.js';
import { readJsonLines, type LineLimits } from '../../src/io/json-lines.js';

let folder: string;
let number = 0;
before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'flambeau-jsonl-'));
});
after(() => fs.rm(folder, { recursive: true }));

async function put(content: string | Uint8Array, extension = '.jsonl'): Promise<string> {
  const file = path.join(folder, `${number++}${extension}`);
  await fs.writeFile(file, content);
  return file;
}

async function read(
  content: string | Uint8Array,
  extension?: string,
  limits?: LineLimits,
): Promise<[number, object][]> {
  const found: [number, object][] = [];
  for await (const { line, parse } of readJsonLines(await put(content, extension), limits)) found.push([line, parse()]);
  return found;
}

test('an object on each line; empty lines, carriage returns, a byte order mark, no line end at the end', async () => {
  const text = '\ufeff{"a":1}\r\n\n  \t\r\n{"a":"é\\n","b":[1,null]}';
  assert.deepEqual(await read(text), [
    [1, { a: 1 }],
    [4, { a: 'é\n', b: [1, null] }],
  ]);
  assert.deepEqual(await read(gzipSync(text), '.jsonl.gz'), await read(text));
  assert.deepEqual(await read(''), []);
});

test('lines across the pieces a file is read in', async () => {
  const rows = Array.from({ length: 300 }, (_, i) => ({ i, text: 'é'.repeat(1000 + i) }));
  const found = await read(rows.map((row) => JSON.stringify(row)).join('\n'));
  assert.deepEqual(
    found,
    rows.map((row, i) => [i + 1, row]),
  );
});

test('whole numbers beyond 2^53 are not rounded', async () => {
  const [[, row]] = (await read(
    '{"id":1234567890123456789,"n":[-9007199254740993, 9007199254740991],"s":"id 1234567890123456789 \\"9007199254740993\\"",' +
      '"f":1.2345678901234567890,"e":1e30,"huge":123456789012345678901234567890}',
  )) as [[number, Record<string, unknown>]];
  assert.deepEqual(row, {
    id: 1234567890123456789n,
    n: [-9007199254740993n, 9007199254740991],
    s: 'id 1234567890123456789 "9007199254740993"',
    f: 1.2345678901234567,
    e: 1e30,
    huge: 1.2345678901234568e29,
  });
});

test('a long text beside a long number', async () => {
  const text = 'x\\"'.repeat(4_000_000);
  const [[, row]] = (await read(`{"text":"${text}","id":9007199254740993}`)) as [
    [number, { text: string; id: bigint }],
  ];
  assert.equal(row.text.length, 8_000_000);
  assert.equal(row.id, 9007199254740993n);
});

test('a bad line is named by its number', async () => {
  const cases: [string | Uint8Array, RegExp][] = [
    ['{"a":1}\n{"a":\n', /line 2: it is no JSON/],
    ['{"a":1}\n\n[1]\n', /line 3: expected an object, got an array/],
    ['7\n', /line 1: expected an object, got 7/],
    ['[{"a":1},\n{"a":2}]\n', /line 1: .*seems to be one JSON array/],
    ['{"a":1}\n{"__proto__":{}}\n', /line 2: a field is called '__proto__'/],
    [Buffer.from('{"a":1}\n{"a":"\xe9"}\n', 'latin1'), /line 2: it is no UTF-8 text/],
    ['{"a":9007199254740993}}\n', /line 1: it is no JSON/],
  ];
  for (const [text, reason] of cases) {
    await assert.rejects(read(text), (error: Error) => {
      assert.ok(error instanceof DatasetError, String(error));
      assert.match(error.message, reason);
      return true;
    });
  }
  await assert.rejects(read(`{"a":"${'x'.repeat(2000)}"}`, '.jsonl', { lineBytes: 1000 }), /longer than 1000 bytes/);
  await assert.rejects(read('{"a":1}\n', '.jsonl.gz'), /damaged, or not packed with gzip/);
});

test('a line that nobody parses may be anything', async () => {
  const lines = readJsonLines(await put('nonsense\n{"a":1}\n'));
  await lines.next();
  assert.deepEqual((await lines.next()).value?.parse(), { a: 1 });
  await lines.return();
});

test('a packed file that unpacks to far more than its size is given up', async () => {
  const file = await put(gzipSync(Buffer.alloc(1 << 22)), '.gz');
  let bytes = 0;
  await assert.rejects(async () => {
    for await (const chunk of byteStream(file, 1 << 20)) bytes += chunk.length;
  }, /unpacks to more than 1048576 bytes/);
  assert.ok(bytes <= 1 << 20);
});
