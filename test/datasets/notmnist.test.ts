import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, afterEach, before, beforeEach, mock, test } from 'node:test';
import { DataLoader } from 'flambeau/data';
import { NotMNIST, type NotMNISTOptions } from 'flambeau/datasets';
import { Compose, Normalize, ToTensor, type Image } from 'flambeau/transforms';
import { pack } from '../../src/data/workers/pack.js';
import { unpack } from '../../src/data/workers/unpack.js';
import { DatasetError, IndexError, ValueError } from '../../src/errors.js';
import { decodePng } from '../../src/io/png.js';
import { Tensor } from '../../src/tensor/tensor.js';
import { closedPort, serve, status, file as serveFile, type ScriptedServer } from '../io/scripted-server.js';
import { letterArchive, picture } from './letter-fixture.js';

// Whatever terminal the tests are run from, if any.
process.env.TERM = 'xterm';

let folder: string;
let root: string;
let archive: string;
const servers: ScriptedServer[] = [];
const letters = letterArchive(20, [
  { name: 'notMNIST_small/A/RGVtb2NyYXRpY2FCb2xkT2xkc3R5bGUgQm9sZC50dGY=.png' },
  { name: 'notMNIST_small/B/renamed.png', content: 'this is a text' },
]);

before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'flambeau-notmnist-'));
});
after(() => fs.rm(folder, { recursive: true }));
beforeEach(async () => {
  const own = await fs.mkdtemp(path.join(folder, 'case-'));
  root = path.join(own, 'data');
  archive = path.join(own, 'mine.tar.gz');
  await fs.writeFile(archive, letters);
});
afterEach(async () => {
  mock.restoreAll();
  for (const server of servers.splice(0)) await server.close();
});

function options(more: Partial<NotMNISTOptions> = {}): NotMNISTOptions {
  return { root, archive, progress: 'none', ...more };
}

test('a sample is a float tensor [1, 28, 28] from 0 to 1 and the number of its letter', async () => {
  const all = await NotMNIST.load(options({ split: 'all' }));
  assert.equal(all.length, 200);
  assert.deepEqual(all.classes, [...'ABCDEFGHIJ']);
  const { image, label } = all.getItem(25);
  assert.equal(all.nameOf(25), 'B/font-13.png');
  assert.equal(label, 1);
  assert.ok(image instanceof Tensor);
  assert.equal(image.dtype, 'float32');
  assert.deepEqual(image.shape, [1, 28, 28]);
  const { data } = decodePng(picture(113), 'expected');
  assert.deepEqual(
    [...image.data()],
    Array.from(data, (byte) => Math.fround(byte / 255)),
  );
  assert.deepEqual(
    [...all.targets],
    Array.from({ length: 200 }, (_, i) => Math.floor(i / 20)),
  );
});

test('train and test part the letters between them and stay the same from run to run', async () => {
  const load = (split: 'train' | 'test' | 'all'): Promise<NotMNIST> => NotMNIST.load(options({ split }));
  const namesOf = (dataset: NotMNIST): string[] => Array.from({ length: dataset.length }, (_, i) => dataset.nameOf(i));
  const [train, testing, all] = await Promise.all([load('train'), load('test'), load('all')]);
  assert.ok(testing.length > 0 && testing.length < train.length);
  assert.deepEqual([...namesOf(train), ...namesOf(testing)].sort(), namesOf(all).sort());
  assert.deepEqual(namesOf(await load('test')), namesOf(testing));
  assert.equal((await NotMNIST.load(options())).length, train.length, 'train is the default');
});

test('files that can not be read are left out and listed', async () => {
  const dataset = await NotMNIST.load(options());
  const expected = [
    { file: 'A/RGVtb2NyYXRpY2FCb2xkT2xkc3R5bGUgQm9sZC50dGY=.png', reason: 'the file is empty' },
    { file: 'B/renamed.png', reason: 'it does not begin as a PNG file does' },
  ];
  assert.deepEqual(dataset.skipped, expected);
  assert.deepEqual((await NotMNIST.load(options())).skipped, expected, 'opened again');
});

test('transforms get the decoded image and the number, and decide what a sample is', async () => {
  const seen: Image[] = [];
  const functions = await NotMNIST.load({
    ...options(),
    transform: (image: Image) => {
      seen.push(image);
      return image.width * image.height;
    },
    targetTransform: (label: number) => 'ABCDEFGHIJ'[label]!,
  });
  const sample: { image: number; label: string } = functions.getItem(0);
  assert.deepEqual(sample, { image: 784, label: 'A' });
  assert.deepEqual(Object.keys(seen[0]!).sort(), ['channels', 'data', 'height', 'width']);
  const composed = await NotMNIST.load({
    ...options(),
    transform: new Compose([new ToTensor(), new Normalize([0.5], [0.5])]),
  });
  const image: Tensor = composed.getItem(0).image;
  const plain = (await NotMNIST.load(options())).getItem(0).image;
  assert.deepEqual(
    [...image.data()],
    [...plain.data()].map((value) => Math.fround((Number(value) - 0.5) / 0.5)),
  );
});

test('an index beyond the end names the range', async () => {
  const dataset = await NotMNIST.load(options({ split: 'all' }));
  for (const index of [200, -1, 0.5, NaN]) {
    assert.throws(
      () => dataset.getItem(index),
      (error: Error) => {
        assert.ok(error instanceof IndexError);
        assert.match(error.message, /out of range for 200 letters \(0 to 199\)/);
        return true;
      },
    );
  }
});

test('calls itself by what it is', async () => {
  const dataset = await NotMNIST.load(options({ split: 'test' }));
  assert.match(dataset.source, /^the archive mine\.tar\.gz, sha256 [0-9a-f]{12}; not a published notMNIST archive$/);
  assert.match(String(dataset), /^NotMNIST \(the archive mine\.tar\.gz.*\), test: \d+ letters$/);
});

test('opens again without the archive being read, and anew when the archive has changed', async () => {
  await NotMNIST.load(options());
  const past = new Date(2020, 1, 1);
  const [packFolder] = await fs.readdir(path.join(root, 'NotMNIST'));
  const pack = path.join(root, 'NotMNIST', packFolder!, 'letters.pack');
  await fs.utimes(pack, past, past);
  await NotMNIST.load(options());
  assert.equal((await fs.stat(pack)).mtimeMs, past.getTime(), 'nothing was written');
  await fs.utimes(archive, past, past);
  await NotMNIST.load(options());
  assert.equal((await fs.stat(pack)).mtimeMs, past.getTime(), 'a touched archive is still the same');
  await fs.writeFile(archive, letterArchive(3));
  assert.equal((await NotMNIST.load(options({ split: 'all' }))).length, 30);
});

test('archives of the same name in different places do not replace each other', async () => {
  const other = path.join(path.dirname(archive), 'other', 'mine.tar.gz');
  await fs.mkdir(path.dirname(other));
  await fs.writeFile(other, letterArchive(2));
  const lengths = [archive, other, archive].map(
    async (file) => (await NotMNIST.load(options({ archive: file, split: 'all' }))).length,
  );
  assert.deepEqual(await Promise.all(lengths), [200, 20, 200]);
});

test('loads at once share one preparation', async () => {
  const loaded = await Promise.all([1, 2, 3, 4].map(() => NotMNIST.load(options({ split: 'all' }))));
  assert.deepEqual(
    loaded.map(({ length }) => length),
    [200, 200, 200, 200],
  );
  assert.equal((await fs.readdir(path.join(root, 'NotMNIST'))).length, 1, 'no lock and no second pack is left');
});

test('prepared data that was damaged is made anew, or named in the error when it is met later', async () => {
  await NotMNIST.load(options());
  const [packFolder] = await fs.readdir(path.join(root, 'NotMNIST'));
  const inFolder = (name: string): string => path.join(root, 'NotMNIST', packFolder!, name);
  const whole = await fs.readFile(inFolder('letters.pack'));
  for (const [name, content] of [
    ['letters.pack', whole.subarray(0, -10)],
    ['letters.pack', Buffer.concat([whole.subarray(0, -1), Buffer.of(whole.at(-1)! ^ 1)])],
    ['letters.pack', undefined],
    ['manifest.json', Buffer.from('{"format": 1}')],
    ['manifest.json', Buffer.from('no JSON')],
    ['manifest.json', undefined],
  ] as const) {
    if (content === undefined) await fs.rm(inFolder(name));
    else await fs.writeFile(inFolder(name), content);
    assert.equal((await NotMNIST.load(options({ split: 'all' }))).length, 200);
    assert.deepEqual(await fs.readFile(inFolder('letters.pack')), whole);
  }
  const flipped = Buffer.from(whole);
  flipped[200] = flipped[200]! ^ 1;
  await fs.writeFile(inFolder('letters.pack'), flipped);
  const dataset = await NotMNIST.load(options({ split: 'all' }));
  assert.throws(
    () => {
      for (let i = 0; i < dataset.length; i++) dataset.getItem(i);
    },
    (error: Error) => {
      assert.ok(error instanceof DatasetError);
      assert.match(error.message, /A\/font-\d+\.png can't be read/);
      assert.ok(error.message.includes(`delete ${path.join(root, 'NotMNIST', packFolder!)} and load it again`));
      return true;
    },
  );
});

test('without permission nothing is fetched; the error says what to do', async () => {
  const { url, requests } = await start(serveFile(letters));
  await assert.rejects(NotMNIST.load({ root, mirrors: [url] }), (error: Error) => {
    assert.ok(error instanceof DatasetError);
    assert.match(error.message, /NotMNIST is not in .*: pass download: true to fetch 8\.46 MB from 127\.0\.0\.1/);
    assert.match(error.message, /pass its path as 'archive'/);
    return true;
  });
  assert.equal(requests.length, 0);
});

async function start(...behaviours: Parameters<typeof serve>): Promise<ScriptedServer> {
  const server = await serve(...behaviours);
  servers.push(server);
  return server;
}

/** Every address but the test's own goes to a port where nobody listens, so that the original server is never asked. */
async function withoutNetwork<T>(work: () => Promise<T>): Promise<T> {
  process.env.HTTP_PROXY = await closedPort();
  process.env.NO_PROXY = '127.0.0.1';
  try {
    return await work();
  } finally {
    delete process.env.HTTP_PROXY;
    delete process.env.NO_PROXY;
  }
}

test('shows a bar on a terminal, and elsewhere nothing but which images are left out', async () => {
  const shown = async (isTTY: boolean, more: Partial<NotMNISTOptions>): Promise<string> => {
    let text = '';
    mock.method(process.stderr, 'write', (part: string) => (text += part) !== '');
    const before = process.stderr.isTTY;
    process.stderr.isTTY = isTTY;
    try {
      await NotMNIST.load({ root: await fs.mkdtemp(path.join(folder, 'shown-')), archive, ...more });
    } finally {
      process.stderr.isTTY = before;
      mock.restoreAll();
    }
    return text;
  };
  const skipped =
    "skipped 2 of 202 images that can't be read: A/RGVtb2NyYXRpY2FCb2xkT2xkc3R5bGUgQm9sZC50dGY=.png (the file is empty), " +
    'B/renamed.png (it does not begin as a PNG file does)';
  assert.equal(await shown(false, {}), `${skipped}\n`);
  assert.match(await shown(false, { progress: 'lines' }), /^skipped 2 [^]*\npreparing mine\.tar\.gz  100%  [^\r]*\n$/);
  assert.equal(await shown(false, { progress: 'none' }), '');
  assert.equal(await shown(true, { progress: () => undefined }), '');
  const bar = await shown(true, {});
  assert.match(bar, /\rpreparing mine\.tar\.gz  100%  \[#{24}\]/);
  assert.ok(bar.includes(skipped));
});

test('mirrors are asked before the original, and what they give is compared with the published checksum', async () => {
  const missing = await start(status(404));
  const wrong = await start(serveFile(randomBytes(8_458_043)));
  const events: number[] = [];
  await withoutNetwork(() =>
    assert.rejects(
      NotMNIST.load({
        root,
        download: true,
        mirrors: [missing.url, `${wrong.url}/`],
        retries: 0,
        progress: ({ received }) => events.push(received),
      }),
      (error: Error) => {
        assert.ok(error instanceof DatasetError);
        assert.match(error.message, /notMNIST_small\.tar\.gz: the server answered 404/);
        assert.match(error.message, /wrong checksum .* expected 76b2ef7ccc56/);
        assert.match(
          error.message,
          /yaroslavvb\.com\/upload\/notMNIST\/notMNIST_small\.tar\.gz: the host can't be reached/,
        );
        return true;
      },
    ),
  );
  assert.deepEqual(
    [...missing.requests, ...wrong.requests].map(({ url }) => url),
    ['/notMNIST_small.tar.gz', '/notMNIST_small.tar.gz'],
  );
  assert.equal(events.at(-1), 8_458_043);
  assert.deepEqual((await fs.readdir(path.join(root, 'NotMNIST'))).sort(), ['small'], 'nothing that could be trusted');
});

test('an archive that is no letter archive leaves nothing behind; the next load starts clean', async () => {
  const mistakes: [Buffer, RegExp][] = [
    [letters.subarray(0, letters.length >> 1), /damaged or cut short/],
    [letterArchive(1, [{ name: '../../evil.png', content: picture(1) }]), /outside of its folder/],
    [letterArchive(0), /class folder 'A' is empty/],
    [Buffer.from('<html>'), /no \.tar\.gz file/],
  ];
  for (const [bytes, message] of mistakes) {
    await fs.writeFile(archive, bytes);
    await assert.rejects(NotMNIST.load(options()), message);
    const [packFolder] = await fs.readdir(path.join(root, 'NotMNIST'));
    assert.deepEqual(await fs.readdir(path.join(root, 'NotMNIST', packFolder!)), []);
  }
  await fs.writeFile(archive, letters);
  assert.equal((await NotMNIST.load(options({ split: 'all' }))).length, 200);
});

test('a full disk is a clear error, and the next load starts clean', async () => {
  const open = fs.open.bind(fs);
  mock.method(fs, 'open', async (name: string, flags: string) => {
    const handle = await open(name, flags);
    if (!name.includes('letters.pack')) return handle;
    return Object.assign(handle, {
      write: () => Promise.reject(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })),
    });
  });
  await assert.rejects(NotMNIST.load(options()), (error: Error) => {
    assert.ok(error instanceof DatasetError);
    assert.match(error.message, /can't prepare the letters in .*: the disk is full/);
    return true;
  });
  mock.restoreAll();
  assert.equal((await NotMNIST.load(options({ split: 'all' }))).length, 200);
});

test('an abort ends the preparation, and the next load starts clean', async () => {
  const reason = new Error('enough');
  await assert.rejects(NotMNIST.load(options({ signal: AbortSignal.abort(reason) })), (error) => error === reason);
  assert.equal((await NotMNIST.load(options({ split: 'all' }))).length, 200);
});

test('mistaken options are named', async () => {
  await assert.rejects(NotMNIST.load({ ...options(), split: 'valid' as 'test' }), ValueError);
  await assert.rejects(
    NotMNIST.load({ root, variant: 'medium' as 'small' }),
    /variant must be 'small', 'large' or 'letters'/,
  );
  await assert.rejects(NotMNIST.load({} as NotMNISTOptions), /root must be a folder/);
  await assert.rejects(
    NotMNIST.load(options({ archive: path.join(folder, 'none.tar.gz') })),
    /there is no archive .*none/,
  );
  await fs.writeFile(path.join(folder, 'file'), '');
  await assert.rejects(NotMNIST.load(options({ root: path.join(folder, 'file') })), DatasetError);
});

test('workers read the letters, also when the prepared file is gone meanwhile', async () => {
  const all = await NotMNIST.load(options({ split: 'all' }));
  await fs.rm(all.folder, { recursive: true });
  let next = 0;
  for await (const { image, label } of new DataLoader(all, { batchSize: 64, numWorkers: 2 })) {
    for (const [i, picture] of [...image].entries()) {
      const expected = all.getItem(next++);
      assert.ok(picture.equal(expected.image));
      assert.equal(label.index(i).item(), expected.label);
    }
  }
  assert.equal(next, all.length);
});

test('consists of plain fields and shared memory, as what travels to a worker must', async () => {
  const dataset = await NotMNIST.load(options({ split: 'test' }));
  assert.match(NotMNIST.moduleUrl, /notmnist\.[jt]s$/);
  const parcel = (await pack({ dataset })).parcel();
  const { dataset: arrived } = await unpack(structuredClone(parcel));
  const rebuilt = arrived as NotMNIST;
  assert.ok(rebuilt instanceof NotMNIST);
  assert.equal(rebuilt.length, dataset.length);
  assert.deepEqual([...rebuilt.getItem(3).image.data()], [...dataset.getItem(3).image.data()]);
  // The pictures lie in one storage; all that is long beside them is shared memory.
  assert.equal(parcel.tokens.length, 1);
  for (const entry of parcel.entries) {
    if (entry.kind !== 'clone' || !ArrayBuffer.isView(entry.value)) continue;
    assert.ok(entry.value.buffer instanceof SharedArrayBuffer);
  }
});

test('the letters that come with the package need no network and do not pass for notMNIST', async () => {
  const load = (split: 'train' | 'test'): Promise<NotMNIST> =>
    NotMNIST.load({ root, variant: 'letters', split, progress: 'none' });
  const [train, testing] = await Promise.all([load('train'), load('test')]);
  assert.equal(train.source, "flambeau's own letters, drawn from openly licensed fonts; not notMNIST");
  assert.deepEqual(train.skipped, []);
  for (const dataset of [train, testing]) assert.equal(new Set(dataset.targets).size, 10);
  assert.ok(train.length > 4 * testing.length && testing.length >= 1000);
  const families = (dataset: NotMNIST): Set<string> =>
    new Set(Array.from({ length: dataset.length }, (_, i) => /\/(.*)-\d+-\w+\.png$/.exec(dataset.nameOf(i))![1]!));
  const trained = families(train);
  assert.deepEqual(
    [...families(testing)].filter((family) => trained.has(family)),
    [],
  );
});
