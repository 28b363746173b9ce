import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, afterEach, before, beforeEach, mock, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { DatasetError } from '../../src/errors.js';
import { readArchive, unpackArchive, type ArchiveOptions } from '../../src/io/archive.js';
import { paxEntry, tar, tarGz, type TarEntry } from './archive-builder.js';

let folder: string;
let archive: string;
let target: string;

before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'flambeau-archive-'));
});
after(() => fs.rm(folder, { recursive: true }));
beforeEach(async () => {
  const own = await fs.mkdtemp(path.join(folder, 'case-'));
  archive = path.join(own, 'letters.tar.gz');
  target = path.join(own, 'letters');
});
afterEach(() => mock.restoreAll());

/** Reading and unpacking both fail with this message, and nothing remains beside the archive. */
async function assertRefused(bytes: Buffer, message: RegExp, options: ArchiveOptions = {}): Promise<void> {
  await fs.writeFile(archive, bytes);
  const check = (error: unknown): true => {
    assert.ok(error instanceof DatasetError, String(error));
    assert.match(error.message, message);
    assert.ok(error.message.includes(archive), error.message);
    return true;
  };
  await assert.rejects(
    readArchive(archive, () => undefined, options),
    check,
  );
  await assert.rejects(unpackArchive(archive, target, options), check);
  assert.deepEqual(await fs.readdir(path.dirname(archive)), ['letters.tar.gz']);
}

const good: TarEntry[] = [
  { name: './letters/', type: '5' },
  { name: './letters/A/', type: '5' },
  { name: './letters/A/a.png', content: 'first' },
  { name: 'letters/B/empty.png' },
  ...paxEntry(`letters/C/${'long'.repeat(60)}.png`, 'third'),
];

test('reads entries in order, complete, with cleaned paths', async () => {
  await fs.writeFile(archive, tarGz(good));
  const seen: [string, string | undefined][] = [];
  const progress: number[] = [];
  await readArchive(archive, ({ path, bytes }) => void seen.push([path, bytes?.toString()]), {
    progress: (read) => progress.push(read),
  });
  assert.deepEqual(seen, [
    ['letters', undefined],
    ['letters/A', undefined],
    ['letters/A/a.png', 'first'],
    ['letters/B/empty.png', ''],
    [`letters/C/${'long'.repeat(60)}.png`, 'third'],
  ]);
  assert.equal(progress.at(-1), (await fs.stat(archive)).size);
});

test('large files and many files keep their content', async () => {
  const large = Buffer.alloc(3_000_000, 'abcdefg');
  const many = Array.from({ length: 2000 }, (_, i) => ({ name: `many/${i}.txt`, content: `number ${i}` }));
  await fs.writeFile(archive, tarGz([{ name: 'large.bin', content: large }, ...many]));
  await unpackArchive(archive, target);
  assert.ok((await fs.readFile(path.join(target, 'large.bin'))).equals(large));
  assert.equal((await fs.readdir(path.join(target, 'many'))).length, 2000);
  assert.equal(await fs.readFile(path.join(target, 'many', '1999.txt'), 'utf8'), 'number 1999');
});

test('unpacks into a folder that appears only when it is complete', async () => {
  await fs.writeFile(archive, tarGz(good));
  await unpackArchive(archive, target);
  assert.equal(await fs.readFile(path.join(target, 'letters/A/a.png'), 'utf8'), 'first');
  assert.deepEqual(await fs.readdir(path.dirname(archive)), ['letters', 'letters.tar.gz']);
  await assert.rejects(unpackArchive(archive, target), /is there already/);
  assert.deepEqual(await fs.readdir(path.dirname(archive)), ['letters', 'letters.tar.gz']);
});

test('refuses paths that lead elsewhere', async () => {
  const outside = /would be written outside/;
  await assertRefused(tarGz([...good, { name: '../evil.png', content: 'x' }]), outside);
  await assertRefused(tarGz([{ name: 'letters/../../evil.png', content: 'x' }]), outside);
  await assertRefused(tarGz([{ name: '../', type: '5' }]), outside);
  await assertRefused(tarGz(paxEntry('a/../../evil.png', 'x')), outside);
  const absolute = /has an absolute path/;
  await assertRefused(tarGz([{ name: '/etc/evil', content: 'x' }]), absolute);
  await assertRefused(tarGz([{ name: 'C:/evil', content: 'x' }]), absolute);
  await assertRefused(tarGz(paxEntry('/etc/evil', 'x')), absolute);
  await assertRefused(tarGz([{ name: 'a\\..\\..\\evil', content: 'x' }]), /no path should have/);
  await assertRefused(tarGz([{ name: `${'d/'.repeat(33)}x`, content: 'x' }]), /too deep or too long/);
});

test('refuses links, devices and kinds it does not know', async () => {
  await assertRefused(tarGz([{ name: 'letters/A', type: '2', link: '/etc' }]), /'letters\/A', which is a link/);
  await assertRefused(tarGz([{ name: 'letters/A', type: '1', link: 'letters/B' }]), /is a link/);
  await assertRefused(tarGz([{ name: 'null', type: '3' }]), /is a CharacterDevice/);
  await assertRefused(tarGz([{ name: 'disk', type: '4' }]), /is a BlockDevice/);
  await assertRefused(tarGz([{ name: 'pipe', type: '6' }]), /is a FIFO/);
  await assertRefused(tarGz([{ name: 'odd', type: 'Z', content: 'x' }]), /of an unknown kind/);
});

test('refuses bombs before they go off', async () => {
  const zeros = { name: 'zeros', content: Buffer.alloc(40 << 20) };
  await assertRefused(tarGz([zeros]), /more than 200 times its size/);
  await assertRefused(tarGz([zeros]), /unpacks to more than 1000000 bytes/, { limits: { totalBytes: 1e6 } });
  await assertRefused(tarGz([zeros]), /has 41943040 bytes, more than the 1000 accepted/, {
    limits: { entryBytes: 1e3 },
  });
  await assertRefused(tarGz([{ name: 'huge', size: 2 ** 33 - 1 }]), /has 8589934591 bytes, more than/);
  const many = Array.from({ length: 11 }, (_, i) => ({ name: `${i}` }));
  await assertRefused(tarGz(many), /one more than the 10 entries/, { limits: { entries: 10 } });
  await assertRefused(gzipSync(gzipSync(tar([zeros]))), /holds another packed file/);
});

test('refuses sizes that lie, in headers and in what stands before them', async () => {
  const sized = (...bytes: number[]): Buffer => {
    const file = tar([{ name: 'a/x', content: 'hello' }]);
    file.fill(0, 124, 136);
    Buffer.from(bytes).copy(file, 124);
    file.write('        ', 148);
    const sum = file.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    file.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return gzipSync(file);
  };
  await assertRefused(sized(0x80, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0), /safe integer range/);
  await assertRefused(sized(...Array.from({ length: 12 }, () => 0xff)), /is damaged/);
  const record = (text: string): TarEntry => ({ name: 'PaxHeader/x', type: 'x', content: text });
  await assertRefused(tarGz([record('20 size=99999999999\n'), { name: 'a', content: 'x' }]), /99999999999 bytes, more/);
  await assertRefused(tarGz([{ ...record('x'), size: 2 ** 33 - 1 }]), /of an unknown kind/);
  await assertRefused(tarGz([record('\0'.repeat(8 << 20)), { name: 'a' }]), /of an unknown kind/);
  const long = (content: string): TarEntry => ({ name: '././@LongLink', type: 'L', content });
  await assertRefused(tarGz([long(`${'../'.repeat(50)}evil\0`), { name: 'a', content: 'x' }]), /nothing of it is used/);
  await assertRefused(tarGz([long('a'.repeat(14 << 20)), { name: 'a', content: 'x' }]), /of an unknown kind/);
  await assertRefused(tarGz([{ name: 'a', type: 'S', content: 'x' }]), /of an unknown kind/);
});

test('refuses a file that goes through a link, or whose folder is a file', async () => {
  const through = [
    { name: 'a/link', type: '2', link: '../..' },
    { name: 'a/link/evil', content: 'x' },
  ];
  await assertRefused(tarGz(through), /'a\/link', which is a link/);
  await fs.writeFile(
    archive,
    tarGz([
      { name: 'a', content: 'x' },
      { name: 'a/b', content: 'y' },
    ]),
  );
  await assert.rejects(unpackArchive(archive, target), DatasetError);
  assert.deepEqual(await fs.readdir(path.dirname(archive)), ['letters.tar.gz']);
});

test('refuses what gzip says of its content when it is not so, and what follows it', async () => {
  const whole = tarGz(good);
  for (const at of [whole.length - 8, whole.length - 1]) {
    const changed = Buffer.from(whole);
    changed[at] = changed[at]! ^ 1;
    await assertRefused(changed, /incorrect (data|length) check/);
  }
  await assertRefused(Buffer.concat([whole, Buffer.from('and more')]), /fetch it again/);
});

test('refuses a name that comes twice', async () => {
  await fs.writeFile(archive, tarGz([...good, { name: 'letters/A/a.png', content: 'other' }]));
  await assert.rejects(unpackArchive(archive, target), DatasetError);
  assert.deepEqual(await fs.readdir(path.dirname(archive)), ['letters.tar.gz']);
});

test('what is cut short, damaged or no archive at all is an error that says what to do', async () => {
  const whole = tarGz([...good, { name: 'noise', content: randomBytes(5000) }]);
  const again = /fetch it again/;
  for (const length of [0, 1, 20, whole.length >> 1, whole.length - 9, whole.length - 1]) {
    await assertRefused(whole.subarray(0, length), again);
  }
  const flipped = Buffer.from(whole);
  flipped[whole.length >> 1] = flipped[whole.length >> 1]! ^ 0xff;
  await assertRefused(flipped, again);
  await assertRefused(Buffer.from('<html>not found</html>'), again);
  await assertRefused(gzipSync('<html>not found</html>'), again);
  const header = tar(good);
  header[1] = header[1]! ^ 0xff;
  await assertRefused(gzipSync(header), again);
  await assertRefused(gzipSync(tar(good).subarray(0, 1500)), again);
});

test('an archive that is not there or a folder is an error', async () => {
  await assert.rejects(
    readArchive(archive, () => undefined),
    /no such file/,
  );
  await assert.rejects(
    readArchive(folder, () => undefined),
    /it is not a file/,
  );
});

test('a full disk removes what was unpacked', async () => {
  await fs.writeFile(archive, tarGz(good));
  const writeFile = fs.writeFile.bind(fs);
  mock.method(fs, 'writeFile', (name: string, bytes: Buffer, options: object) =>
    name.includes('empty')
      ? Promise.reject(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }))
      : writeFile(name, bytes, options),
  );
  await assert.rejects(unpackArchive(archive, target), (error: Error) => {
    assert.ok(error instanceof DatasetError);
    assert.match(error.message, /the disk is full/);
    return true;
  });
  mock.restoreAll();
  assert.deepEqual(await fs.readdir(path.dirname(archive)), ['letters.tar.gz']);
});

test('an abort and an error of the visitor end the reading', async () => {
  await fs.writeFile(archive, tarGz(good));
  const reason = new Error('enough');
  await assert.rejects(unpackArchive(archive, target, { signal: AbortSignal.abort(reason) }), (e) => e === reason);
  const own = new RangeError('mine');
  await assert.rejects(
    readArchive(archive, () => Promise.reject(own)),
    (error) => error === own,
  );
  assert.deepEqual(await fs.readdir(path.dirname(archive)), ['letters.tar.gz']);
});
