// Bytes of a file for all threads: mapped by the native backend, read by the reference.

import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { replaceBackend, backend, plainBackend } from '../../src/backend/active.js';
import { IndexError } from '../../src/errors.js';
import { openFileBytes, type FileBytes } from '../../src/io/file-bytes.js';
import { native, needsAddon, reference } from '../backend/native/pairs.js';
import { seededRandom } from './seeded-random.js';

let folder: string;
let file: string;
before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'flambeau-bytes-'));
});
after(() => fs.rm(folder, { recursive: true }));
beforeEach(async () => {
  file = path.join(await fs.mkdtemp(path.join(folder, 'case-')), 'content');
});

const content = seededRandom(5).bytes(40_000_000);

async function open(size: number): Promise<FileBytes | undefined> {
  const handle = await fs.open(file, 'r');
  try {
    return await openFileBytes(handle, size);
  } finally {
    await handle.close();
  }
}

for (const [name, chosen] of [
  ['native', native],
  ['reference', reference],
] as const) {
  suite(name, { skip: chosen === undefined ? 'the native kernels are not built' : false }, () => {
    const usual = plainBackend();
    before(() => replaceBackend(chosen!));
    after(() => replaceBackend(usual));

    test('are those of the file, from any place on', async () => {
      await fs.writeFile(file, content);
      const bytes = (await open(content.length))!;
      assert.equal(bytes.length, content.length);
      for (const [start, length] of [
        [0, 10],
        [4095, 3],
        [16_777_210, 20],
        [39_999_999, 1],
        [40_000_000, 0],
      ] as const) {
        assert.deepEqual(Buffer.from(bytes.read(start, length)), content.subarray(start, start + length));
      }
      assert.throws(() => bytes.read(39_999_999, 2), IndexError);
      assert.throws(() => bytes.read(-1, 2), IndexError);
    });

    test('stay when the file is deleted or another takes its name', async () => {
      await fs.writeFile(file, content.subarray(0, 100_000));
      const bytes = (await open(100_000))!;
      await fs.writeFile(`${file}.new`, Buffer.alloc(10));
      await fs.rename(`${file}.new`, file);
      await fs.rm(file);
      assert.deepEqual(Buffer.from(bytes.read(90_000, 10_000)), content.subarray(90_000, 100_000));
    });

    test('of a shorter file are refused', async () => {
      await fs.writeFile(file, content.subarray(0, 5000));
      assert.equal(await open(5001), undefined);
      assert.equal((await open(5000))!.length, 5000);
    });

    test('lie in memory that another thread can adopt', async () => {
      await fs.writeFile(file, content.subarray(0, 5000));
      const bytes = (await open(5000))!;
      const { storage } = (bytes as unknown as { memory: { storage: Parameters<typeof backend.share>[0] } }).memory;
      const adopted = backend.adopt(structuredClone(backend.share(storage)));
      const read = new Uint8Array(100);
      backend.read({ storage: adopted, dtype: 'uint8', shape: [100], strides: [1], offset: 4900 }, read);
      assert.deepEqual(Buffer.from(read), content.subarray(4900, 5000));
    });
  });
}

suite('the mapping', { skip: needsAddon.skip || (process.platform !== 'linux' && 'read from /proc') }, () => {
  const mapped = async (): Promise<boolean> => (await fs.readFile('/proc/self/maps', 'utf8')).includes(file);

  test('costs no memory of tensors, refuses writing, and goes when nobody can reach it', async () => {
    await fs.writeFile(file, content);
    const { allocated } = native!.memory();
    const handle = await fs.open(file, 'r');
    let storage = native!.mapFile(handle.fd, content.length);
    await handle.close();
    assert.ok(await mapped());
    assert.equal(native!.memory().allocated, allocated);
    assert.throws(() => native!.write(storage!, 0, new Uint8Array(1)), /a mapped file can't be written to/);
    const token = native!.share(storage!);
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    storage = undefined;
    for (let round = 0; round < 3; round++) {
      await sleep(1);
      collect();
    }
    assert.ok(await mapped(), 'the token keeps it');
    native!.release(native!.adopt(token));
    assert.ok(!(await mapped()));
  });
});
