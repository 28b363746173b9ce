import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { DatasetError } from '../../src/errors.js';
import { readIdx } from '../../src/io/idx.js';
import { idx } from './idx-builder.js';

let folder: string;
before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'flambeau-idx-'));
});
after(() => fs.rm(folder, { recursive: true }));

async function file(content: Uint8Array): Promise<string> {
  const name = path.join(await fs.mkdtemp(path.join(folder, 'case-')), 'file.gz');
  await fs.writeFile(name, content);
  return name;
}

test('shape and bytes come back', async () => {
  const data = Uint8Array.of(1, 2, 3, 4, 5, 255);
  const read = await readIdx(await file(idx([2, 3], data)), { ndim: 2 });
  assert.deepEqual(read.shape, [2, 3]);
  assert.deepEqual([...read.data], [...data]);
  assert.deepEqual((await readIdx(await file(idx([0], Uint8Array.of())), { ndim: 1 })).shape, [0]);
});

test('what is damaged or something else is refused with its name and the reason', async () => {
  const good = idx([2, 2], Uint8Array.of(1, 2, 3, 4));
  const flipped = Buffer.from(good);
  flipped[flipped.length - 6] = flipped[flipped.length - 6]! ^ 1;
  const cases: [Uint8Array, RegExp][] = [
    [good.subarray(0, -3), /damaged or cut short/],
    [flipped, /damaged or cut short/],
    [Buffer.from('no gzip'), /damaged or cut short/],
    [gzipSync(Buffer.alloc(3)), /does not begin as one does/],
    [gzipSync(Buffer.from('a text of some length')), /does not begin as one does/],
    [idx([2, 2], Uint8Array.of(1, 2, 3)), /shape \[2, 2\] needs 4 bytes, 3 are there/],
    [idx([2, 2], new Uint8Array(5)), /needs 4 bytes, 5 are there/],
    [idx([4], new Uint8Array(4)), /has 1 dims, expected 2/],
    [idx([1, 1], new Uint8Array(1), 0x0d), /elements are of type 0xd, not bytes/],
    // Dims whose product is beyond all memory.
    [idx([2 ** 32 - 1, 2 ** 32 - 1], new Uint8Array(4)), /needs 18446744065119617000 bytes, 4 are there/],
  ];
  for (const [content, reason] of cases) {
    const name = await file(content);
    await assert.rejects(readIdx(name, { ndim: 2 }), (error: Error) => {
      assert.ok(error instanceof DatasetError);
      assert.ok(error.message.startsWith(name), error.message);
      assert.match(error.message, reason);
      return true;
    });
  }
  await assert.rejects(readIdx(path.join(folder, 'none.gz'), { ndim: 1 }), /no such file/);
});

test('a file that unpacks beyond the limit is refused without being unpacked', async () => {
  const bomb = await file(gzipSync(Buffer.alloc(1 << 26)));
  await assert.rejects(readIdx(bomb, { ndim: 3, bytes: 1 << 20 }), /unpacks to more than 1048576 bytes/);
});
