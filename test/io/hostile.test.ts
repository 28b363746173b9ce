// Valid files with bytes changed at random, also behind right checksums, and files that promise far more than they hold: each
// ends in a clear error or in something whole, in bounded memory. Seeds are fixed; FLAMBEAU_FUZZ=50 tries fifty times as many.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { DatasetError, SerializationError } from '../../src/errors.js';
import { readArchive } from '../../src/io/archive.js';
import { crc32 } from '../../src/io/crc32.js';
import { readIdx } from '../../src/io/idx.js';
import { decodeJpeg } from '../../src/io/jpeg.js';
import { load } from '../../src/io/load.js';
import { decodePng } from '../../src/io/png.js';
import { decodeWav } from '../../src/io/wav.js';
import { paxEntry, tar, type TarEntry } from './archive-builder.js';
import { idx } from './idx-builder.js';
import { png, type PngRecipe } from './png-builder.js';
import { seededRandom, type SeededRandom } from './seeded-random.js';
import { formatChunk, riff, riffChunk, wav16 } from './wav-builder.js';

const times = Number(process.env.FLAMBEAU_FUZZ ?? 1);

let folder: string;
before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'flambeau-hostile-'));
});
after(() => fs.rm(folder, { recursive: true }));

/** A copy with some bytes changed, some of them to values that mean much in lengths, or cut short. */
function damaged(random: SeededRandom, file: Buffer, from = 0): Buffer {
  const copy = Buffer.from(file);
  for (let i = random.below(4); i >= 0; i--) {
    const at = from + random.below(copy.length - from);
    copy[at] = random.pick([0, 1, 0x7f, 0x80, 0xff, copy[at]! ^ (1 << random.below(8)), random.below(256)]);
  }
  return random.below(8) === 0 ? copy.subarray(0, random.below(copy.length)) : copy;
}

/** Runs `read` on many files; what it throws must be a DatasetError (or of `kind`) that names the file. */
async function assertBounded(
  count: number,
  make: (random: SeededRandom) => Buffer,
  read: (bytes: Buffer) => unknown,
  kind: new (...args: never[]) => Error = DatasetError,
): Promise<void> {
  let whole = 0;
  let refused = 0;
  for (let seed = 0; seed < count * times; seed++) {
    const file = make(seededRandom(seed));
    try {
      await read(file);
      whole++;
    } catch (error) {
      assert.ok(error instanceof kind, `seed ${seed}: ${error instanceof Error ? error.stack : String(error)}`);
      assert.ok(error.message.includes('hostile'), `seed ${seed}: ${error.message}`);
      refused++;
    }
  }
  assert.ok(refused > 0, 'nothing was refused');
  assert.ok(whole + refused === count * times);
}

/** Bytes that tensors' and images' memory takes more than before, at the most. */
async function assertMemory(most: number, work: () => Promise<unknown>): Promise<void> {
  const measure = (): number => process.memoryUsage().rss;
  const before = measure();
  await work();
  const grown = measure() - before;
  assert.ok(grown < most, `${grown} bytes more than before`);
}

const noise = (length: number, below: number): number[] =>
  Array.from({ length }, (_, i) => (Math.imul(i + 7, 0x9e3779b1) >>> 13) % below);

const pngs: PngRecipe[] = [
  { width: 9, height: 7, samples: noise(63, 256), filters: [0, 1, 2, 3, 4] },
  { width: 5, height: 4, colourType: 6, samples: noise(80, 256), filters: [4], pieces: 3 },
  { width: 9, height: 7, samples: noise(63, 256), interlaced: true },
  { width: 9, height: 3, bitDepth: 1, samples: noise(27, 2) },
  { width: 4, height: 3, bitDepth: 16, colourType: 2, samples: noise(36, 65536), transparency: [0, 1, 0, 2, 0, 3] },
  {
    width: 6,
    height: 5,
    bitDepth: 4,
    colourType: 3,
    samples: noise(30, 4),
    palette: noise(12, 256),
    transparency: [9, 8],
    interlaced: true,
  },
];

/** Writes the right checksum behind each chunk as far as their lengths still lead from one to the next. */
function withChecksums(file: Buffer): Buffer {
  for (let at = 8; at + 12 <= file.length;) {
    const end = at + 8 + file.readUInt32BE(at);
    if (end + 4 > file.length) break;
    file.writeUInt32BE(crc32(file, at + 4, end), end);
    at = end + 4;
  }
  return file;
}

function readPng(bytes: Buffer): void {
  const { data, width, height, channels } = decodePng(bytes, 'hostile.png');
  assert.equal(data.length, width * height * channels);
}

test('PNG files with bytes changed, with wrong checksums and with right ones', async () => {
  const files = pngs.map(png);
  await assertBounded(600, (random) => damaged(random, random.pick(files)), readPng);
  await assertMemory(256 << 20, () =>
    assertBounded(3000, (random) => withChecksums(damaged(random, random.pick(files), 8)), readPng),
  );
});

test('PNG files that declare 100000x100000 pixels cost nothing', async () => {
  for (const recipe of pngs) {
    const file = png(recipe);
    for (const [width, height] of [
      [100_000, 100_000],
      [1, 2 ** 31 - 1],
      [16_384, 4096],
    ] as const) {
      file.writeUInt32BE(width, 16);
      file.writeUInt32BE(height, 20);
      await assertMemory(256 << 20, () => assertBounded(1, () => withChecksums(Buffer.from(file)), readPng));
    }
  }
});

const { cases: pillow } = JSON.parse(readFileSync(new URL('pillow-jpeg.json', import.meta.url), 'utf8')) as {
  cases: Record<string, { file: string }>;
};
const jpegs = Object.values(pillow).map(({ file }) => Buffer.from(file, 'base64'));

async function readJpeg(bytes: Buffer): Promise<void> {
  const limits = { pixels: 1 << 16 };
  const { data, width, height, channels } = await decodeJpeg(bytes, 'hostile.jpg', limits);
  assert.equal(data.length, width * height * channels);
}

test('JPEG files with bytes changed anywhere', async () => {
  await readJpeg(jpegs[0]!);
  await assertMemory(256 << 20, () =>
    assertBounded(1500, (random) => damaged(random, random.pick(jpegs), 2), readJpeg),
  );
});

test('JPEG files cut anywhere', async () => {
  for (const file of jpegs) {
    for (let length = 0; length < file.length; length += Math.ceil(file.length / 150)) {
      await assert.rejects(readJpeg(file.subarray(0, length)), DatasetError, `cut after ${length}`);
    }
  }
});

test('WAV files with lying chunks and formats', async () => {
  const files = [
    wav16(noise(40, 30_000), { channels: 2, before: [riffChunk('LIST', Buffer.from('some text'))] }),
    riff(
      riffChunk('fmt ', Buffer.concat([formatChunk({ code: 3, bits: 32 }), Buffer.alloc(2)])),
      riffChunk('fact', Buffer.alloc(4)),
      riffChunk('data', Buffer.alloc(64)),
    ),
  ];
  for (const file of files) {
    for (let at = 4; at < 60; at++) {
      for (const size of [0, 1, 0x7fffffff, 0xfffffffe, 0xffffffff]) {
        const lying = Buffer.from(file);
        lying.writeUInt32LE(size, at);
        await assertBoundedOnce(lying);
      }
    }
  }
  await assertBounded(2000, (random) => damaged(random, random.pick(files)), readWav);
});

function readWav(bytes: Buffer): void {
  const { samples, channels, frames } = decodeWav(bytes, 'hostile.wav');
  assert.equal(samples.length, channels * frames);
  assert.ok(samples.length <= bytes.length);
}

async function assertBoundedOnce(bytes: Buffer): Promise<void> {
  await assertMemory(256 << 20, () =>
    Promise.resolve()
      .then(() => readWav(bytes))
      .catch((error: unknown) => assert.ok(error instanceof DatasetError, String(error))),
  );
}

async function asFile(name: string, bytes: Uint8Array): Promise<string> {
  const file = path.join(folder, name);
  await fs.writeFile(file, bytes);
  return file;
}

test('IDX files with lying headers', async () => {
  const { gunzipSync } = await import('node:zlib');
  const plain = gunzipSync(idx([4, 3, 3], new Uint8Array(36)));
  const read = async (bytes: Buffer): Promise<void> => {
    const { shape, data } = await readIdx(await asFile('hostile.gz', gzipSync(bytes)), { ndim: 3 });
    assert.equal(data.length, shape[0]! * shape[1]! * shape[2]!);
  };
  await assertBounded(
    300,
    (random) => {
      const copy = Buffer.from(plain);
      for (let i = random.below(3); i >= 0; i--) copy[random.below(16)] = random.pick([0, 1, 8, 0x7f, 0xff]);
      return copy;
    },
    read,
  );
});

const entries: TarEntry[] = [
  { name: 'letters/', type: '5' },
  { name: 'letters/A/a.png', content: 'first' },
  { name: 'letters/B/b.png', content: Buffer.alloc(700, 'b') },
  ...paxEntry(`letters/C/${'long'.repeat(60)}.png`, 'third'),
];

test('tar archives with bytes changed, inside and outside of their gzip', async () => {
  const plain = tar(entries);
  const packed = gzipSync(plain);
  const limits = { entries: 100, totalBytes: 1 << 20 };
  const read = async (bytes: Buffer): Promise<void> => {
    let total = 0;
    await readArchive(
      await asFile('hostile.tar.gz', bytes),
      (entry) => {
        assert.ok(!entry.path.startsWith('/') && !entry.path.split('/').includes('..'), entry.path);
        total += entry.bytes?.length ?? 0;
      },
      { limits },
    );
    assert.ok(total <= plain.length);
  };
  await assertBounded(200, (random) => damaged(random, packed), read);
  await assertBounded(500, (random) => gzipSync(withHeaderSums(damaged(random, plain), random)), read);
});

/** Mostly gives tar headers the sum their bytes now have. */
function withHeaderSums(file: Buffer, random: SeededRandom): Buffer {
  for (let at = 0; at + 512 <= file.length; at += 512) {
    if (file.toString('latin1', at + 257, at + 262) !== 'ustar' || random.below(5) === 0) continue;
    file.write('        ', at + 148, 'latin1');
    const sum = file.subarray(at, at + 512).reduce((total, byte) => total + byte, 0);
    file.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148, 'latin1');
  }
  return file;
}

test('zip archives of tensors with bytes changed', async () => {
  const file = readFileSync(new URL('fixtures/tensors.pt', import.meta.url));
  await assertBounded(
    200,
    (random) => damaged(random, file),
    async (bytes) => load(await asFile('hostile.pt', bytes)),
    SerializationError,
  );
});
