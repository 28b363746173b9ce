import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { DatasetError } from '../../src/errors.js';
import type { Image } from '../../src/io/image.js';
import { decodePng, encodePng, type PngLimits } from '../../src/io/png.js';
import { chunk, header, png, pngFile, type PngRecipe } from './png-builder.js';

/** Reproducible samples that look like noise. */
function noise(length: number, below: number): number[] {
  let state = 12345;
  return Array.from({ length }, () => (state = (state * 1103515245 + 12345) % 2 ** 31) % below);
}

function assertRefused(bytes: Uint8Array, message: RegExp, limits: PngLimits = {}): void {
  assert.throws(
    () => decodePng(bytes, 'A/letter.png', limits),
    (error: unknown) => {
      assert.ok(error instanceof DatasetError, String(error));
      assert.match(error.message, /^A\/letter\.png can't be read as a PNG image: /);
      assert.match(error.message, message);
      return true;
    },
  );
}

const end = chunk('IEND', Buffer.alloc(0));

test('plain images of each colour type, with each filter', () => {
  for (const [colourType, channels] of [
    [0, 1],
    [2, 3],
    [4, 2],
    [6, 4],
  ] as const) {
    const samples = noise(7 * 11 * channels, 256);
    for (const filters of [[0], [1], [2], [3], [4], [4, 3, 2, 1, 0], [0, 1, 2, 3, 4]]) {
      const image = decodePng(png({ width: 7, height: 11, colourType, samples, filters }), 'x');
      assert.deepEqual(image, { data: Uint8Array.from(samples), width: 7, height: 11, channels });
    }
  }
});

test('pixels cut into several chunks, and chunks that may be passed over', () => {
  const samples = noise(28 * 28, 256);
  const file = png({ width: 28, height: 28, samples, pieces: 5 });
  assert.deepEqual(decodePng(file, 'x').data, Uint8Array.from(samples));
  const afterHeader = 8 + 25;
  const commented = Buffer.concat([
    file.subarray(0, afterHeader),
    chunk('tEXt', Buffer.from('Comment\0a letter')),
    file.subarray(afterHeader),
    Buffer.from('something behind the end'),
  ]);
  assert.deepEqual(decodePng(commented, 'x').data, Uint8Array.from(samples));
});

test('grey of fewer bits is spread over 0 to 255', () => {
  for (const bitDepth of [1, 2, 4]) {
    const most = 2 ** bitDepth - 1;
    const samples = noise(9 * 5, most + 1);
    const expected = Uint8Array.from(samples.map((sample) => (sample * 255) / most));
    for (const interlaced of [false, true]) {
      const file = png({ width: 9, height: 5, bitDepth, samples, interlaced });
      assert.deepEqual(decodePng(file, 'x'), { data: expected, width: 9, height: 5, channels: 1 });
    }
  }
});

test('interlaced images, of sizes at which passes are empty too', () => {
  for (const [width, height] of [
    [1, 1],
    [3, 2],
    [5, 9],
    [16, 17],
  ] as const) {
    const samples = noise(width * height * 3, 256);
    const file = png({ width, height, colourType: 2, samples, interlaced: true });
    assert.deepEqual(decodePng(file, 'x').data, Uint8Array.from(samples), `${width}x${height}`);
  }
});

test('a palette becomes RGB, with transparency RGBA', () => {
  const palette = [255, 0, 0, 0, 255, 0, 0, 0, 255];
  const recipe: PngRecipe = { width: 3, height: 1, bitDepth: 2, colourType: 3, samples: [2, 0, 1], palette };
  assert.deepEqual(decodePng(png(recipe), 'x'), {
    data: Uint8Array.from([0, 0, 255, 255, 0, 0, 0, 255, 0]),
    width: 3,
    height: 1,
    channels: 3,
  });
  const seeThrough = decodePng(png({ ...recipe, transparency: [10, 20] }), 'x');
  assert.deepEqual([...seeThrough.data], [0, 0, 255, 255, 255, 0, 0, 10, 0, 255, 0, 20]);
});

test('one transparent grey or colour changes nothing', () => {
  const grey: PngRecipe = { width: 2, height: 1, samples: [7, 8], transparency: [0, 8] };
  const colour: PngRecipe = { ...grey, colourType: 2, samples: [1, 2, 3, 4, 5, 6], transparency: [0, 4, 0, 5, 0, 6] };
  for (const interlaced of [false, true]) {
    for (const recipe of [grey, colour]) {
      const { data } = decodePng(png({ ...recipe, interlaced }), 'x');
      assert.deepEqual(data, Uint8Array.from(recipe.samples));
    }
  }
});

test('of sixteen bits eight remain', () => {
  const image = decodePng(png({ width: 3, height: 1, bitDepth: 16, samples: [0, 0x8080, 0xffff] }), 'x');
  assert.deepEqual(image.data, Uint8Array.from([0, 0x80, 0xff]));
});

test('what is encoded decodes to the same', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom(1 as const, 2 as const, 3 as const, 4 as const),
      (w, h, c) => {
        const image: Image = {
          data: Uint8Array.from(noise(w * h * c, 256)),
          width: w,
          height: h,
          channels: c,
        };
        assert.deepEqual(decodePng(encodePng(image), 'x'), image);
      },
    ),
  );
  assert.throws(
    () => encodePng({ data: new Uint8Array(5), width: 2, height: 2, channels: 1 }),
    /need 4 bytes .* got 5/,
  );
  assert.throws(() => encodePng({ data: new Uint8Array(0), width: 0, height: 2, channels: 1 }), DatasetError);
});

test('what is no PNG file says so', () => {
  assertRefused(new Uint8Array(0), /the file is empty/);
  assertRefused(Buffer.from('GIF89a............'), /does not begin as a PNG file does/);
  assertRefused(pngFile(), /cut short/);
  assertRefused(pngFile(end), /no header/);
  assertRefused(pngFile(header(2, 2), end), /no pixels/);
  assertRefused(pngFile(header(2, 2, 8, 3), chunk('IDAT', deflateSync(Buffer.alloc(6))), end), /no palette/);
});

test('cut short at any byte or with any byte changed: an error that names the image, or the right pixels', () => {
  const samples = noise(28 * 28, 256);
  for (const recipe of [{}, { interlaced: true }, { bitDepth: 4, samples: samples.map((value) => value % 16) }]) {
    const file = png({ width: 28, height: 28, samples, ...recipe });
    const right = decodePng(file, 'x').data;
    for (let length = 0; length < file.length; length += 3) {
      assertRefused(file.subarray(0, length), /./);
    }
    for (let at = 0; at < file.length; at += 3) {
      const changed = Buffer.from(file);
      changed[at] = changed[at]! ^ 0x10;
      assertRefused(changed, /./);
    }
    assert.deepEqual(decodePng(file, 'x').data, right);
  }
});

test('damage behind a right checksum is noticed too', () => {
  const rows = (bytes: Buffer): Buffer => pngFile(header(2, 2), chunk('IDAT', bytes), end);
  assertRefused(rows(Buffer.from('no zlib stream')), /pixels are damaged/);
  assertRefused(rows(deflateSync(Buffer.alloc(6)).subarray(0, -5)), /pixels are damaged/);
  assertRefused(rows(deflateSync(Buffer.alloc(5))), /not as many pixels/);
  assertRefused(rows(deflateSync(Buffer.alloc(7))), /not as many pixels/);
  assertRefused(rows(deflateSync(Buffer.from([9, 0, 0, 0, 0, 0]))), /row filter that does not exist \(9\)/);
  assertRefused(pngFile(header(2, 2), chunk('ABCD', Buffer.alloc(1)), end), /unknown critical chunk ABCD/);
  assertRefused(png({ width: 2, height: 1, colourType: 3, samples: [0, 9], palette: [1, 2, 3] }), /./);
});

test('headers that ask for too much or for what does not exist', () => {
  const small = chunk('IDAT', deflateSync(Buffer.alloc(6)));
  assertRefused(pngFile(header(20_000, 1), small, end), /20000x1 pixels it is larger/);
  assertRefused(pngFile(header(16_000, 16_000), small, end), /larger than what is accepted/);
  assertRefused(pngFile(header(2 ** 32 - 1, 2 ** 32 - 1), small, end), /larger than what is accepted/);
  assertRefused(png({ width: 28, height: 28, samples: noise(784, 256) }), /28x28 pixels/, { side: 27 });
  assertRefused(pngFile(header(8192, 8192, 16, 6), small, end), /would unpack to 536879104 bytes/);
  assertRefused(pngFile(header(8192, 8192, 8, 6), small, end), /not as many pixels/);
  assertRefused(pngFile(header(0, 5), small, end), /no width or no height/);
  assertRefused(pngFile(header(2, 2, 3), small, end), /colour type 0 with 3 bits does not exist/);
  assertRefused(pngFile(header(2, 2, 4, 2), small, end), /colour type 2 with 4 bits does not exist/);
  assertRefused(pngFile(header(2, 2, 8, 5), small, end), /colour type 5/);
  assertRefused(pngFile(header(2, 2, 8, 0, 2), small, end), /method that does not exist/);
});

test('pixels that unpack to far more than the header accounts for are not unpacked', () => {
  const bomb = deflateSync(Buffer.alloc(50 << 20), { level: 9 });
  for (const interlace of [0, 1]) {
    const before = process.memoryUsage().arrayBuffers;
    assertRefused(pngFile(header(2, 2, 8, 0, interlace), chunk('IDAT', bomb), end), /pixels are damaged/);
    assert.ok(process.memoryUsage().arrayBuffers - before < 10 << 20);
  }
});
