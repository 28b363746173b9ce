// Parquet files as pyarrow writes them (`scripts/oracle/parquet.py`), and files that are not to be trusted.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { DatasetError } from '../../src/errors.js';
import { ParquetFile, type ParquetLimits, type ParquetRow } from '../../src/io/parquet.js';

const { files } = JSON.parse(readFileSync(new URL('pyarrow.json', import.meta.url), 'utf8')) as {
  files: Record<string, string>;
};
const contentOf = (name: string): Buffer => Buffer.from(files[name]!, 'base64');

let folder: string;
let number = 0;
before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'flambeau-parquet-'));
});
after(() => fs.rm(folder, { recursive: true }));

async function readAll(content: Uint8Array, limits?: ParquetLimits, columns?: string[]): Promise<ParquetRow[]> {
  const name = path.join(folder, `${number++}.parquet`);
  await fs.writeFile(name, content);
  const file = await ParquetFile.open(name, limits);
  try {
    const rows: ParquetRow[] = [];
    const names = columns ?? file.columns.map((column) => column.name);
    for (let group = 0; group < file.groupRows.length; group++) rows.push(...(await file.readGroup(group, names)));
    return rows;
  } finally {
    await file.close();
  }
}

function expectedRow(i: number): ParquetRow {
  return {
    label: BigInt(i % 2),
    text: i % 5 === 4 ? null : `text ${i} é`,
    float: i / 4,
    small: i - 3,
    flag: i === 1 ? null : i % 3 === 0,
    time: new Date(Date.UTC(2024, 0, 1, 0, 0, i)),
    floats: [i / 2, i + 1],
    ids: i === 2 ? null : Array.from({ length: i % 4 }, (_, k) => BigInt(k)),
    pairs: [{ a: BigInt(i), b: String(i) }],
    photo: { bytes: Uint8Array.of(i, i + 1), path: `${i}.png` },
  };
}

for (const name of Object.keys(files)) {
  test(`${name}: the rows are those that were written`, async () => {
    const rows = await readAll(contentOf(name));
    assert.equal(rows.length, 12);
    rows.forEach((row, i) => assert.deepEqual(plain(row), expectedRow(i)));
  });
}

/** Bytes as arrays of their own, whatever buffer they are views on. */
function plain(row: ParquetRow): ParquetRow {
  const photo = row.photo as { bytes: Uint8Array; path: string };
  return { ...row, photo: { bytes: new Uint8Array(photo.bytes), path: photo.path } };
}

test('what a file says of itself', async () => {
  const name = path.join(folder, 'described.parquet');
  await fs.writeFile(name, contentOf('snappy'));
  const file = await ParquetFile.open(name);
  assert.deepEqual(file.groupRows, [5, 5, 2]);
  assert.deepEqual(
    file.columns.filter(({ listOf }) => listOf !== undefined).map((column) => [column.name, column.listOf]),
    [
      ['floats', 'float32'],
      ['ids', 'int64'],
    ],
  );
  assert.deepEqual(file.columns.at(-1), {
    name: 'photo',
    listOf: undefined,
    fields: ['bytes', 'path'],
    decimals: undefined,
  });
  assert.match(file.notes.get('huggingface')!, /ClassLabel/);
  assert.deepEqual(Object.keys((await file.readGroup(2, ['float']))[0]!), ['float']);
  await file.close();
});

async function assertRefused(content: Uint8Array, reason: RegExp, limits?: ParquetLimits): Promise<void> {
  await assert.rejects(readAll(content, limits), (error: Error) => {
    assert.ok(error instanceof DatasetError, String(error));
    assert.match(error.message, /\.parquet can't be read as a Parquet file: /);
    assert.match(error.message, reason);
    return true;
  });
}

test('what is cut short, or no Parquet file, is refused', async () => {
  const whole = contentOf('none');
  for (const length of [0, 4, 12, 100, whole.length >> 1, whole.length - 1]) {
    await assertRefused(whole.subarray(0, length), /./);
  }
  // The end is whole, the beginning is not.
  await assertRefused(whole.subarray(200), /./);
  await assertRefused(Buffer.from('a text that is no table at all, PAR0'), /./);
  await assert.rejects(ParquetFile.open(path.join(folder, 'none')), /no such file/);
});

test('a page with a wrong checksum is refused', async () => {
  const file = contentOf('checksums');
  const at = file.indexOf('text 1');
  file[at] = file[at]! ^ 1;
  await assertRefused(file, /the checksum of a page of column 'text' is wrong/);
});

test('more values and bytes than are accepted are refused before they are unpacked', async () => {
  await assertRefused(contentOf('snappy'), /has 5 values in one row group, more than 4/, { values: 4 });
  await assertRefused(contentOf('snappy'), /unpacks to more than 20 bytes/, { bytes: 20 });
});

test('bytes changed at random end in rows or a clear error, within bounds, and nothing is left hanging', async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', note);
  let state = 5;
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const counts = { read: 0, refused: 0 };
  for (let run = 0; run < 400; run++) {
    const content = contentOf(['none', 'snappy', 'second version', 'delta'][run % 4]!);
    const footer = content.length - 8 - content.readUInt32LE(content.length - 8);
    // The description is small; half of the changes go there.
    const from = run % 8 < 4 ? 0 : footer;
    for (let i = 0; i <= run % 3; i++) content[from + random(content.length - from)] = random(256);
    try {
      assert.ok((await readAll(content)).length <= 1000);
      counts.read++;
    } catch (error) {
      assert.ok(error instanceof DatasetError, String(error));
      counts.refused++;
    }
  }
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', note);
  assert.deepEqual(unhandled, []);
  assert.ok(counts.read > 20 && counts.refused > 100, JSON.stringify(counts));
});
