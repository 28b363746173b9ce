import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, afterEach, before, beforeEach, mock, test } from 'node:test';
import { hashName, packLetters, type PackedLetters } from '../../src/datasets/letter-archive.js';
import { openPack, packedBytes, packedName, type ImagePack } from '../../src/datasets/image-pack.js';
import { DatasetError } from '../../src/errors.js';
import { encodePng } from '../../src/io/png.js';
import { tarGz } from '../io/archive-builder.js';
import { classNames, letterArchive, letterEntries, picture } from './letter-fixture.js';

let folder: string;
let archive: string;
let target: string;

before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'flambeau-letters-'));
});
after(() => fs.rm(folder, { recursive: true }));
beforeEach(async () => {
  const own = await fs.mkdtemp(path.join(folder, 'case-'));
  archive = path.join(own, 'letters.tar.gz');
  target = path.join(own, 'letters.pack');
});
afterEach(() => mock.restoreAll());

async function pack(bytes: Buffer): Promise<{ packed: PackedLetters; opened: ImagePack }> {
  await fs.writeFile(archive, bytes);
  const packed = await packLetters(archive, target, {});
  const opened = await openPack(target, packed);
  assert.ok(opened);
  return { packed, opened };
}

async function assertRefused(bytes: Buffer, message: RegExp): Promise<void> {
  await fs.writeFile(archive, bytes);
  await assert.rejects(packLetters(archive, target, {}), (error: Error) => {
    assert.ok(error instanceof DatasetError, String(error));
    assert.match(error.message, message);
    assert.ok(error.message.includes(archive), error.message);
    return true;
  });
  assert.deepEqual(
    await fs.readdir(path.dirname(archive)),
    ['letters.tar.gz'],
    'nothing is left of a failed preparation',
  );
}

function names(opened: ImagePack, split?: number): string[] {
  const all = Array.from(opened.labels, (_, i) => packedName(opened, i));
  return split === undefined ? all : all.filter((_, i) => opened.splits[i] === split);
}

test('letters are numbered by class and name, whatever the order in the archive', async () => {
  const entries = letterEntries(3);
  const { packed, opened } = await pack(tarGz(entries));
  const { opened: reversed } = await pack(tarGz([...entries].reverse()));
  assert.equal(packed.train + packed.test, 30);
  assert.deepEqual(packed.skipped, []);
  assert.deepEqual(
    names(opened),
    classNames.flatMap((letter) => [0, 1, 2].map((i) => `${letter}/font-${i}.png`)),
  );
  assert.deepEqual(
    [...opened.labels],
    classNames.flatMap((_, label) => [label, label, label]),
  );
  assert.deepEqual(names(reversed), names(opened));
  assert.deepEqual([...reversed.splits], [...opened.splits]);
  assert.deepEqual(Buffer.from(packedBytes(opened, 4)), picture(101));
  assert.deepEqual(Buffer.from(packedBytes(reversed, 4)), picture(101));
});

test('one in seven is for testing, by the name alone: a font is in one split with all its letters', async () => {
  const { packed, opened } = await pack(letterArchive(70));
  assert.ok(packed.test >= 50 && packed.test <= 150, `${packed.test} of 700`);
  const fontsOf = (split: number): Set<string> => new Set(names(opened, split).map((name) => name.split('/')[1]!));
  const train = fontsOf(0);
  assert.equal([...fontsOf(1)].filter((font) => train.has(font)).length, 0);
  assert.equal(packed.test, [...fontsOf(1)].length * 10);
});

test('the hash is spread evenly and never changes', () => {
  assert.deepEqual(
    ['', 'a', 'Zm9udC0wMDA0Mi50dGY=.png', 'é.png'].map(hashName),
    [2872998923, 444641715, 2674238390, 307195879],
  );
  const counts = new Array<number>(7).fill(0);
  for (let i = 0; i < 70_000; i++) counts[hashName(`font-${i}.png`) % 7]!++;
  for (const count of counts) assert.ok(Math.abs(count - 10_000) < 500, counts.join(' '));
});

test("an archive's own list of test letters is followed, with or without the top folder", async () => {
  for (const prefix of ['', 'letters/']) {
    const listed = ['A/font-0.png', 'J/font-1.png'];
    const list = { name: 'letters/test.txt', content: `${listed.map((name) => prefix + name).join('\r\n')}\n\n` };
    const { packed, opened } = await pack(letterArchive(2, [list], 'letters/'));
    assert.deepEqual(names(opened, 1), listed);
    assert.equal(packed.train, 18);
  }
});

test('a list that names what is not there is an error', async () => {
  const list = { name: 'letters/test.txt', content: 'A/font-9.png\n' };
  await assertRefused(letterArchive(2, [list], 'letters/'), /test\.txt names 'A\/font-9\.png', which is not there/);
});

test('what can not be read as a letter is skipped with its reason; what is no image is passed over', async () => {
  const colour = encodePng({ data: new Uint8Array(28 * 28 * 3), width: 28, height: 28, channels: 3 });
  const broken = picture(1);
  broken[60] = broken[60]! ^ 1;
  const top = 'notMNIST_small/';
  const { packed, opened } = await pack(
    letterArchive(1, [
      { name: `${top}A/empty.png` },
      { name: `${top}B/text.png`, content: 'no image at all' },
      { name: `${top}C/large.png`, content: picture(1, 32) },
      { name: `${top}D/cut.png`, content: picture(1).subarray(0, 60) },
      { name: `${top}E/flipped.png`, content: broken },
      { name: `${top}F/colour.PNG`, content: colour },
      { name: `${top}A/._font-0.png`, content: 'a file manager was here' },
      { name: `${top}A/Thumbs.db`, content: 'and here' },
      { name: `${top}K/font-0.png`, content: picture(1) },
      { name: `${top}A/deeper/still/font-0.png`, content: picture(1) },
      { name: 'LICENSE', content: 'free' },
    ]),
  );
  assert.deepEqual(packed.skipped, [
    { file: 'A/empty.png', reason: 'the file is empty' },
    { file: 'B/text.png', reason: 'it does not begin as a PNG file does' },
    { file: 'C/large.png', reason: 'it has 32x32 pixels, not 28x28' },
    { file: 'D/cut.png', reason: 'the file is cut short' },
    { file: 'E/flipped.png', reason: 'the checksum of its IDAT chunk is wrong' },
  ]);
  assert.equal(names(opened).length, 11);
  assert.ok(names(opened).includes('F/colour.PNG'));
});

test('a class without readable letters is an error that names it and says why', async () => {
  const without = (letter: string): ReturnType<typeof letterEntries> =>
    letterEntries(1).filter(({ name }) => !name.includes(`/${letter}/font`));
  await assertRefused(tarGz(without('C')), /class folder 'C' is empty/);
  await assertRefused(
    tarGz(letterEntries(1).filter(({ name }) => !name.includes('/C/'))),
    /class folder 'C' is missing.*Expected are folders A to J/,
  );
  await assertRefused(
    letterArchive(1, [{ name: 'notMNIST_small/C/font-0.png', content: 'x' }]),
    /of the 1 files in class folder 'C' none can be read/,
  );
  await assertRefused(tarGz([{ name: 'readme.txt', content: 'nothing here' }]), /'A' is missing; .*'J' is missing/);
});

test('the same letter twice is an error', async () => {
  await assertRefused(tarGz([...letterEntries(1), ...letterEntries(1)]), /holds 'A\/font-0\.png' twice/);
});

test('a hostile or damaged archive leaves no pack', async () => {
  await assertRefused(letterArchive(1, [{ name: '../../evil.png', content: picture(1) }]), /outside of its folder/);
  await assertRefused(
    letterArchive(1, [{ name: 'notMNIST_small/A/x.png', type: '2', link: '/etc/passwd' }]),
    /is a link/,
  );
  await assertRefused(letterArchive(40).subarray(0, -200), /damaged or cut short/);
});

test('a full disk leaves no pack', async () => {
  await fs.writeFile(archive, letterArchive(2));
  const open = fs.open.bind(fs);
  mock.method(fs, 'open', async (name: string, flags: string) => {
    const handle = await open(name, flags);
    if (!name.includes('.pack')) return handle;
    const write = handle.write.bind(handle) as (...args: unknown[]) => Promise<unknown>;
    let writes = 0;
    const failing = (...args: unknown[]): Promise<unknown> =>
      ++writes > 1 ? Promise.reject(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })) : write(...args);
    return Object.assign(handle, { write: failing });
  });
  await assert.rejects(packLetters(archive, target, {}), { code: 'ENOSPC' });
  mock.restoreAll();
  assert.deepEqual(await fs.readdir(path.dirname(archive)), ['letters.tar.gz']);
});

test('a pack that was changed, cut short or belongs to another manifest does not open', async () => {
  const { packed, opened } = await pack(letterArchive(2));
  assert.ok(opened.labels.buffer instanceof SharedArrayBuffer);
  const whole = await fs.readFile(target);
  assert.equal(await openPack(target, { ...packed, indexSha256: '0'.repeat(64) }), undefined);
  assert.equal(await openPack(target, { ...packed, size: packed.size - 1 }), undefined);
  await fs.writeFile(target, whole.subarray(0, -1));
  assert.equal(await openPack(target, packed), undefined);
  for (const at of [0, 8, 12, 17, 20, whole.length - 1]) {
    const changed = Buffer.from(whole);
    changed[at] = changed[at]! ^ 1;
    await fs.writeFile(target, changed);
    assert.equal(await openPack(target, packed), undefined, `byte ${at}`);
  }
  await fs.rm(target);
  assert.equal(await openPack(target, packed), undefined);
});
