// What goes wrong when somebody's network, archive, folder or disk is bad: each ends in one error that says what to do, and
// leaves nothing half-written that a second run would trust.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs, { type FileHandle } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, afterEach, before, beforeEach, mock, test, type TestContext } from 'node:test';
import { ImageFolder, NotMNIST, type NotMNISTOptions } from 'flambeau/datasets';
import { DatasetError } from '../../src/errors.js';
import { encodePng } from '../../src/io/png.js';
import { closedPort, cutAfter, file, serve, type Behaviour, type ScriptedServer } from '../io/scripted-server.js';
import { letterArchive, picture } from './letter-fixture.js';

/** What is published of `notMNIST_small.tar.gz`. */
const publishedSize = 8_458_043;

let folder: string;
let root: string;
let archive: string;
const servers: ScriptedServer[] = [];

before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'flambeau-bad-input-'));
  // The addresses of the originals lead nowhere; those of the test's own servers are reached directly.
  process.env.HTTP_PROXY = await closedPort();
  process.env.NO_PROXY = '127.0.0.1';
});
after(async () => {
  delete process.env.HTTP_PROXY;
  delete process.env.NO_PROXY;
  await fs.rm(folder, { recursive: true });
});
beforeEach(async () => {
  const own = await fs.mkdtemp(path.join(folder, 'case-'));
  root = path.join(own, 'data');
  archive = path.join(own, 'letters.tar.gz');
});
afterEach(async () => {
  mock.restoreAll();
  for (const server of servers.splice(0)) await server.close();
});

async function mirror(...behaviours: Behaviour[]): Promise<string> {
  const server = await serve(...behaviours);
  servers.push(server);
  return server.url;
}

/** The message of the one error, with what differs from run to run named. */
async function messageOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof DatasetError, String(error));
  return error.message
    .replaceAll(path.dirname(archive), 'WORK')
    .replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, 'MIRROR')
    .replaceAll(/127\.0\.0\.1:\d+/g, 'HOST')
    .replaceAll(/archive-[0-9a-f]{12}/g, 'ARCHIVE')
    .replaceAll(/sha256 [0-9a-f]{64}/g, 'sha256 FOUND');
}

const fetching: Partial<NotMNISTOptions> = { retries: 0, download: true, progress: 'none' };

/** Loading without a network finds nothing that it takes for the data set. */
async function assertNothingTrusted(): Promise<void> {
  await assert.rejects(NotMNIST.load({ root }), /NotMNIST is not in .*: pass download: true to fetch 8\.46 MB/);
}

test('an unreachable host', async () => {
  const message = await messageOf(NotMNIST.load({ root, ...fetching, mirrors: [await closedPort()] }));
  assert.equal(
    message,
    `could not download notMNIST_small.tar.gz:
  MIRROR/notMNIST_small.tar.gz: the host can't be reached (connect ECONNREFUSED HOST)
  http://yaroslavvb.com/upload/notMNIST/notMNIST_small.tar.gz: the host can't be reached (connect ECONNREFUSED HOST)
Check the network; behind a proxy, set HTTP_PROXY and HTTPS_PROXY.
Or fetch notMNIST_small.tar.gz in another way and pass its path as 'archive'.`,
  );
  await assertNothingTrusted();
});

test('a truncated download', async () => {
  const content = randomBytes(publishedSize);
  const url = await mirror(cutAfter(1_000_000, content));
  assert.equal(
    await messageOf(NotMNIST.load({ root, ...fetching, mirrors: [url] })),
    `could not download notMNIST_small.tar.gz:
  MIRROR/notMNIST_small.tar.gz: the connection broke off after 1000000 of 8458043 bytes (aborted)
  http://yaroslavvb.com/upload/notMNIST/notMNIST_small.tar.gz: the host can't be reached (connect ECONNREFUSED HOST)
1.00 MB have arrived and are kept; running it again goes on from there.
Or fetch notMNIST_small.tar.gz in another way and pass its path as 'archive'.`,
  );
  await assertNothingTrusted();
});

test('a wrong checksum', async () => {
  const url = await mirror(file(randomBytes(publishedSize)));
  const message = await messageOf(NotMNIST.load({ root, ...fetching, mirrors: [url] }));
  assert.equal(
    message.split('\n')[1],
    '  MIRROR/notMNIST_small.tar.gz: what arrived has the wrong checksum (sha256 FOUND, expected ' +
      '76b2ef7ccc56452964780569db37b279c9cbe1bf442c3b38be784752683b3cec) and was deleted',
  );
  assert.deepEqual(await fs.readdir(path.join(root, 'NotMNIST')), ['small'], 'no part of the file is left');
  assert.deepEqual(await fs.readdir(path.join(root, 'NotMNIST', 'small')), []);
  await assertNothingTrusted();
});

/** A bad archive ends in `message` and leaves an empty folder; the good one in its place is then loaded. */
async function assertBadArchive(bytes: Buffer, message: string): Promise<void> {
  await fs.writeFile(archive, bytes);
  const load = (): Promise<NotMNIST> => NotMNIST.load({ root, archive, split: 'all', progress: 'none' });
  assert.equal(await messageOf(load()), message);
  assert.equal(await messageOf(load()), message, 'the second time too');
  const [own] = await fs.readdir(path.join(root, 'NotMNIST'));
  assert.deepEqual(await fs.readdir(path.join(root, 'NotMNIST', own!)), []);
  await fs.writeFile(archive, letterArchive(2));
  assert.equal((await load()).length, 20);
}

test('an archive with ../ paths', async () => {
  await assertBadArchive(
    letterArchive(1, [{ name: 'notMNIST_small/../../evil.png', content: picture(1) }]),
    "the archive WORK/letters.tar.gz holds 'notMNIST_small/../../evil.png', which would be written outside of its " +
      'folder; nothing of it is used. Fetch it from a source you trust.',
  );
  await assert.rejects(fs.stat(path.join(root, 'evil.png')));
});

test('an archive that is cut short', async () => {
  await assertBadArchive(
    letterArchive(40).subarray(0, -500),
    'WORK/letters.tar.gz is damaged or cut short (unexpected end of file), or no .tar.gz file: delete it and fetch it again',
  );
});

test('an empty class folder', async () => {
  await assertBadArchive(
    letterArchive(0),
    `WORK/letters.tar.gz is no complete letter archive: ${[...'ABCDEFGHIJ']
      .map((letter) => `class folder '${letter}' is empty`)
      .join('; ')}. Expected are folders A to J with PNG images.`,
  );
  const photos = path.join(root, 'photos');
  await fs.mkdir(path.join(photos, 'cat'), { recursive: true });
  await fs.mkdir(path.join(photos, 'dog'));
  await fs.writeFile(path.join(photos, 'cat', '1.png'), picture(1));
  assert.equal(
    await messageOf(ImageFolder.load({ root: photos })),
    'ImageFolder: class folder WORK/data/photos/dog has no pictures (.png, .jpg, .jpeg): it is empty. Put some into it, ' +
      'or remove it.',
  );
});

test('something that is no PNG file, but is called .png', async () => {
  // In an archive it is left out and told of.
  await fs.writeFile(archive, letterArchive(2, [{ name: 'notMNIST_small/C/font-1.png', content: 'GIF89a and so on' }]));
  const letters = await NotMNIST.load({ root, archive, split: 'all', progress: 'none' });
  assert.equal(letters.length, 19);
  assert.deepEqual(letters.skipped, [{ file: 'C/font-1.png', reason: 'it does not begin as a PNG file does' }]);
  // Where there is nothing else in its class, it is an error.
  await assertBadArchive(
    letterArchive(1, [{ name: 'notMNIST_small/C/font-0.png', content: 'GIF89a and so on' }]),
    "WORK/letters.tar.gz is no complete letter archive: of the 1 files in class folder 'C' none can be read as a letter. " +
      'Expected are folders A to J with PNG images.',
  );
  // In a folder of one's own it is an error when it is met.
  const photos = path.join(root, 'photos');
  await fs.mkdir(path.join(photos, 'cat'), { recursive: true });
  const image = encodePng({ data: new Uint8Array(4), width: 2, height: 2, channels: 1 });
  for (const [name, content, reason] of [
    ['1.png', 'GIF89a and so on', 'as an image: it is neither PNG nor JPEG'],
    ['2.png', image.subarray(0, 40), 'as a PNG image: the file is cut short'],
    ['3.png', '', 'as an image: the file is empty'],
  ] as const) {
    await fs.writeFile(path.join(photos, 'cat', name), content);
    const dataset = await ImageFolder.load({ root: photos });
    assert.equal(
      await messageOf(dataset.getItem(0)),
      `WORK/data/photos/cat/${name} can't be read ${reason}. Replace the file, or remove it from its folder.`,
    );
    await fs.rm(path.join(photos, 'cat', name));
  }
});

/** A file system of 64 kB where this process may mount one; elsewhere writes beyond that fail as they would there. */
async function fillDisk(t: TestContext, place: string): Promise<void> {
  await fs.mkdir(place, { recursive: true });
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', place]).status === 0;
  t.diagnostic(mounted ? 'a full tmpfs' : 'a full disk, simulated');
  if (mounted) {
    t.after(() => void spawnSync('umount', [place]));
    return;
  }
  const open = fs.open.bind(fs);
  let room = 65_536;
  mock.method(fs, 'open', async (name: string, flags?: string) => {
    const handle: FileHandle = await open(name, flags);
    const write = handle.write.bind(handle) as (bytes: Uint8Array, ...more: unknown[]) => Promise<unknown>;
    const limited = (bytes: Uint8Array, ...more: unknown[]): Promise<unknown> => {
      room -= bytes.byteLength;
      return room < 0
        ? Promise.reject(Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }))
        : write(bytes, ...more);
    };
    return name.startsWith(place) ? Object.assign(handle, { write: limited }) : handle;
  });
}

test('a full disk, while letters are prepared', async (t) => {
  await fillDisk(t, root);
  await fs.writeFile(archive, letterArchive(60));
  const load = (place: string): Promise<NotMNIST> =>
    NotMNIST.load({ root: place, archive, split: 'all', progress: 'none' });
  const message =
    "can't prepare the letters in WORK/data/NotMNIST/ARCHIVE: the disk is full: free some space or choose another folder " +
    '(ENOSPC)';
  assert.equal(await messageOf(load(root)), message);
  const left = await fs.readdir(root, { recursive: true, withFileTypes: true });
  assert.deepEqual(
    left.filter((entry) => entry.isFile()),
    [],
    'what was written is gone, and the room with it free',
  );
  assert.equal((await load(path.join(path.dirname(root), 'other'))).length, 600, 'another folder');
});

test('a full disk, while an archive is fetched', async (t) => {
  await fillDisk(t, root);
  const statfs = fs.statfs.bind(fs);
  const url = await mirror(file(randomBytes(publishedSize)));
  const load = (): Promise<NotMNIST> => NotMNIST.load({ root, ...fetching, mirrors: [url] });
  if ((await statfs(root)).bavail * 4096 < publishedSize) {
    assert.match(
      await messageOf(load()),
      /^not enough room in WORK\/data\/NotMNIST for notMNIST_small\.tar\.gz: 8\.46 MB needed, .* free; free some space or/,
    );
  }
  // It may also be filled meanwhile.
  mock.method(fs, 'statfs', () => Promise.resolve({ blocks: 1e6, bavail: 1e6, bsize: 4096 }));
  assert.equal(
    await messageOf(load()),
    "can't write WORK/data/NotMNIST/notMNIST_small.tar.gz: the disk is full: free some space or choose another folder " +
      '(ENOSPC)',
  );
  assert.deepEqual(await fs.readdir(path.join(root, 'NotMNIST')), ['small']);
  assert.deepEqual(await fs.readdir(path.join(root, 'NotMNIST', 'small')), []);
  await assertNothingTrusted();
});
