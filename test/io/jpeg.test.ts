// JPEG files against the pixels that Pillow reads from them (`scripts/oracle/jpeg.py`), and files that are not to be trusted.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { DatasetError } from '../../src/errors.js';
import { decodeImage } from '../../src/io/decode-image.js';
import { rgbImage, type Image } from '../../src/io/image.js';
import { decodeJpeg, type JpegLimits } from '../../src/io/jpeg.js';
import { encodePng } from '../../src/io/png.js';

interface Recorded {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly file: string;
  readonly data: string;
}

const { cases } = JSON.parse(readFileSync(new URL('pillow-jpeg.json', import.meta.url), 'utf8')) as {
  cases: Record<string, Recorded>;
};
const fileOf = (name: string): Buffer => Buffer.from(cases[name]!.file, 'base64');
const colour = fileOf('4:2:0');

for (const [name, { width, height, channels, data }] of Object.entries(cases)) {
  if (name === 'CMYK') continue;
  test(`${name}: the pixels are Pillow's`, async () => {
    const image = await decodeJpeg(fileOf(name), name);
    assert.deepEqual(image, { width, height, channels, data: new Uint8Array(Buffer.from(data, 'base64')) });
  });
}

async function assertRefused(file: Uint8Array, reason: RegExp, limits?: JpegLimits): Promise<void> {
  await assert.rejects(decodeJpeg(file, 'cat.jpg', limits), (error: Error) => {
    assert.ok(error instanceof DatasetError, String(error));
    assert.match(error.message, /^cat\.jpg can't be read as a JPEG image: /);
    assert.match(error.message, reason);
    return true;
  });
}

/** The place of a marker. */
function place(file: Buffer, marker: number): number {
  const at = file.indexOf(Buffer.of(0xff, marker));
  assert.ok(at > 0);
  return at;
}

function changed(file: Buffer, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(file);
  change(copy);
  return copy;
}

test('what is cut short or damaged is refused, wherever the cut is', async () => {
  for (let length = 1; length < colour.length; length += 7) {
    await assertRefused(colour.subarray(0, length), /cut short|does not begin|damaged/);
  }
  await assertRefused(colour.subarray(0, -2), /cut short/);
  await assertRefused(new Uint8Array(0), /the file is empty/);
  await assertRefused(Buffer.from('GIF89a'), /does not begin as a JPEG file does/);
  const scan = place(colour, 0xda);
  await assertRefused(
    changed(colour, (copy) => copy.fill(0x55, scan + 14, copy.length - 2)),
    /its pixels are damaged or cut short/,
  );
});

test('kinds that are not read are named', async () => {
  await assertRefused(fileOf('CMYK'), /print colours \(CMYK\): save it as RGB/);
  const frame = place(colour, 0xc0);
  await assertRefused(
    changed(colour, (copy) => (copy[frame + 1] = 0xc9)),
    /rare kind/,
  );
  await assertRefused(
    changed(colour, (copy) => (copy[frame + 4] = 12)),
    /12 bits a channel/,
  );
  await assertRefused(
    changed(colour, (copy) => (copy[frame + 9] = 2)),
    /2 channels/,
  );
});

test('dimensions beyond the limits are refused before anything is decoded', async () => {
  const frame = place(colour, 0xc0);
  const sized = (height: number, width: number): Buffer =>
    changed(colour, (copy) => {
      copy.writeUInt16BE(height, frame + 5);
      copy.writeUInt16BE(width, frame + 7);
    });
  await assertRefused(sized(65_535, 65_535), /with 65535x65535 pixels it is larger than what is accepted/);
  await assertRefused(sized(10_000, 10_000), /larger than what is accepted/);
  await assertRefused(sized(0, 10), /no width or no height/);
  await assertRefused(colour, /larger than what is accepted/, { side: 20 });
  await assertRefused(colour, /larger than what is accepted/, { pixels: 100 });
});

test('thousands of scans and a second frame are refused', async () => {
  const file = fileOf('progressive');
  const scan = place(file, 0xda);
  const end = file.length - 2;
  const scans = Buffer.concat([
    file.subarray(0, end),
    ...Array.from({ length: 5000 }, () => file.subarray(scan, scan + 20)),
    file.subarray(end),
  ]);
  await assertRefused(scans, /more than 64 scans/);
  const frame = place(colour, 0xc0);
  const twice = Buffer.concat([colour.subarray(0, frame), colour.subarray(frame, frame + 19), colour.subarray(frame)]);
  await assertRefused(twice, /more than one frame/);
});

test('bytes changed at random end in a picture of the right size or a clear error, and the next file is read well', async () => {
  const frame = place(colour, 0xc0);
  let state = 1;
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  let read = 0;
  for (let run = 0; run < 500; run++) {
    const file = changed(colour, (copy) => {
      for (let i = 0; i <= run % 4; i++) copy[random(copy.length)] = random(256);
      colour.copy(copy, frame + 5, frame + 5, frame + 9);
    });
    try {
      const { data, channels } = await decodeJpeg(file, 'cat.jpg');
      assert.equal(data.length, 17 * 23 * channels);
      read++;
    } catch (error) {
      assert.ok(error instanceof DatasetError, String(error));
    }
  }
  assert.ok(read > 0 && read < 500);
  const { data } = await decodeJpeg(colour, 'cat.jpg');
  assert.deepEqual(Buffer.from(data), Buffer.from(cases['4:2:0']!.data, 'base64'));
});

test('which kind a picture is, its content says', async () => {
  const grey: Image = { data: Uint8Array.of(1, 2), width: 2, height: 1, channels: 1 };
  assert.deepEqual(await decodeImage(encodePng(grey), 'a.jpg'), grey);
  assert.equal((await decodeImage(colour, 'a.png')).width, 23);
  await assert.rejects(
    decodeImage(Buffer.from('BM'), 'a.bmp'),
    /a\.bmp can't be read as an image: it is neither PNG nor/,
  );
  await assert.rejects(decodeImage(new Uint8Array(0), 'a'), /the file is empty/);
});

test('any picture in three colours', () => {
  const of = (channels: Image['channels'], ...data: number[]): Image => ({
    data: Uint8Array.from(data),
    width: 2,
    height: 1,
    channels,
  });
  const three = of(3, 1, 2, 3, 4, 5, 6);
  assert.equal(rgbImage(three), three);
  assert.deepEqual(rgbImage(of(1, 7, 8)), of(3, 7, 7, 7, 8, 8, 8));
  assert.deepEqual(rgbImage(of(2, 7, 0, 8, 255)), of(3, 7, 7, 7, 8, 8, 8));
  assert.deepEqual(rgbImage(of(4, 1, 2, 3, 0, 4, 5, 6, 9)), three);
});
