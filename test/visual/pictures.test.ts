// Grids of pictures, predictions and confusion matrices.

import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { arange, rand, tensor, zeros, type Tensor } from 'flambeau';
import { ConfusionMatrix, predictionGrid, showBatch } from 'flambeau/visual';
import { IndexError, ShapeError, ValueError } from '../../src/errors.js';
import { decodePng } from '../../src/io/png.js';
import type { Image } from '../../src/io/image.js';
import { assertWellFormed, textsOf } from './well-formed.js';

let folder: string;
let number = 0;
before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'flambeau-pictures-'));
});
after(() => fs.rm(folder, { recursive: true }));

type Options = Omit<Parameters<typeof showBatch>[1], 'path'>;

async function drawn(batch: unknown, ending: string, options: Options = {}): Promise<Buffer> {
  const file = path.join(folder, `${number++}.${ending}`);
  await showBatch(batch, { ...options, path: file });
  return fs.readFile(file);
}

async function svgOf(batch: unknown, options?: Options): Promise<string> {
  const svg = (await drawn(batch, 'svg', options)).toString();
  assertWellFormed(svg);
  return svg;
}

/** The pictures within a drawing. */
function imagesIn(svg: string): Image[] {
  return [...svg.matchAll(/base64,([^"]+)"/g)].map(([, data]) => decodePng(Buffer.from(data!, 'base64'), 'within'));
}

/** Two grey pictures of 2x2 pixels. */
const greys = (): Tensor => tensor([0, 51, 102, 255, 255, 204, 153, 0]).div(255).reshape([2, 1, 2, 2]);

test('every form of a batch: pictures with their labels below', async () => {
  const classes = ['cat', 'dog'];
  const labels = tensor(BigInt64Array.of(1n, 0n));
  const forms: [unknown, Options, string[]][] = [
    [{ image: greys(), label: labels }, { classes }, ['dog', 'cat']],
    [{ label: tensor([1, 0]), x: greys().squeeze(1) }, { classes }, ['dog', 'cat']],
    [[greys(), labels], {}, ['1', '0']],
    [[greys(), ['a & b', 'c']], { classes }, ['a &amp; b', 'c']],
    [greys(), {}, []],
    [greys(), { labels: [0n, 1], classes, title: 'two' }, ['two', 'cat', 'dog']],
    [{ image: greys(), label: rand([2, 5]) }, {}, []],
  ];
  for (const [batch, options, texts] of forms) assert.deepEqual(textsOf(await svgOf(batch, options)), texts);
});

test('pixels are those of the tensor, enlarged without blur', async () => {
  const [first] = imagesIn(await svgOf(greys(), { tileWidth: 4 }));
  assert.deepEqual([first!.width, first!.height, first!.channels], [4, 4, 1]);
  assert.deepEqual([...first!.data], [0, 0, 51, 51, 0, 0, 51, 51, 102, 102, 255, 255, 102, 102, 255, 255]);
});

test('a PNG has the pictures side by side', async () => {
  const grid = decodePng(await drawn(greys(), 'png'), 'grid');
  assert.deepEqual([grid.width, grid.height, grid.channels], [10, 6, 1]);
  const row = (y: number): number[] => [...grid.data.subarray(10 * y, 10 * y + 10)];
  assert.deepEqual(row(0), new Array(10).fill(255));
  assert.deepEqual(row(2), [255, 255, 0, 51, 255, 255, 255, 204, 255, 255]);
  assert.deepEqual(row(3), [255, 255, 102, 255, 255, 255, 153, 0, 255, 255]);
  const colour = decodePng(await drawn(rand([3, 3, 5, 4]), 'png', { columns: 2 }), 'grid');
  assert.deepEqual([colour.width, colour.height, colour.channels], [14, 16, 3]);
  const clear = tensor([1, 0, 0, 0]).reshape([1, 4, 1, 1]);
  assert.deepEqual([...decodePng(await drawn(clear, 'png'), 'clear').data.subarray(36, 39)], [255, 255, 255]);
});

test('bytes, truth values, normalised values and other ranges', async () => {
  const pixelsOf = async (batch: Tensor, options?: Options): Promise<number[]> =>
    imagesIn(await svgOf(batch, { tileWidth: batch.shape[3]!, ...options })).flatMap(({ data }) => [...data]);
  const bytes = tensor(Uint8Array.of(0, 7, 200, 255)).reshape([1, 1, 1, 4]);
  assert.deepEqual(await pixelsOf(bytes), [0, 7, 200, 255]);
  assert.deepEqual(await pixelsOf(bytes.gt(100)), [0, 0, 255, 255]);
  const normalised = bytes.float().div(255).sub(0.5).div(0.25);
  assert.deepEqual(await pixelsOf(normalised, { mean: [0.5], std: [0.25] }), [0, 7, 200, 255]);
  assert.deepEqual(await pixelsOf(tensor([-2, -1, 0, 2]).reshape([1, 1, 1, 4])), [0, 64, 128, 255]);
  assert.deepEqual(await pixelsOf(tensor([-2, -1, 0, 2]).reshape([1, 1, 1, 4]), { range: [-1, 1] }), [0, 0, 128, 255]);
  assert.deepEqual(await pixelsOf(zeros([1, 1, 1, 2]).add(7)), [0, 0]);
});

test('at most as many pictures as asked for, and the page says so', async () => {
  assert.equal(imagesIn(await svgOf(rand([70, 1, 2, 2]))).length, 64);
  const page = (await drawn([rand([9, 1, 2, 2]), arange(9)], 'html', { count: 4 })).toString();
  assert.match(page, /<h1>4 of 9 pictures<\/h1>/);
  assert.equal(imagesIn(page).length, 4);
  assert.match(page, /<!doctype html>/);
});

test('what is no batch of pictures is refused', async () => {
  const image = greys();
  const refused: [unknown, Options, new (...args: never) => Error, RegExp][] = [
    [{ text: 'a' }, {}, ValueError, /a field 'image'/],
    [null, {}, ValueError, /expected a tensor of pictures/],
    [rand([2, 5, 2, 2]), {}, ShapeError, /1, 3 or 4 channels.* got \[2, 5, 2, 2\]/],
    [rand([0, 1, 2, 2]), {}, ShapeError, /got \[0, 1, 2, 2\]/],
    [image.mul(NaN), {}, ValueError, /not finite/],
    [image, { labels: ['a'] }, ValueError, /1 labels don't go with 2 pictures/],
    [image, { labels: [0, 2], classes: ['a', 'b'] }, ValueError, /label 2 is none of the 2 classes/],
    [image, { count: 0 }, ValueError, /count/],
    [image, { columns: 1.5 }, ValueError, /columns/],
    [image, { tileWidth: 0 }, ValueError, /tileWidth/],
    [image, { mean: [1, 2] }, ValueError, /mean has 2 numbers for 1 channels/],
    [image, { range: [1, 1] }, ValueError, /range must rise/],
  ];
  for (const [batch, options, kind, reason] of refused) {
    await assert.rejects(drawn(batch, 'svg', options), (error: Error) => {
      assert.ok(error instanceof kind, String(error));
      assert.match(error.message, reason);
      return true;
    });
  }
  await assert.rejects(drawn(image, 'png', { labels: ['a', 'b'] }), /a \.png has no texts/);
  await assert.rejects(drawn(image, 'gif'), /must end in \.svg, \.html, \.png/);
});

test('predictions: mistakes are framed and say what it was', () => {
  const image = greys().select(0, 0);
  const svg = predictionGrid([
    { image, predicted: 'A', actual: 'A' },
    { image: image.squeeze(0), predicted: 'B', actual: 'C' },
  ]);
  assertWellFormed(svg);
  assert.deepEqual(textsOf(svg), ['A', 'B, not C']);
  assert.equal([...svg.matchAll(/<rect[^>]*fill="none"/g)].length, 1);
  assert.throws(() => predictionGrid([]), ValueError);
});

test('a confusion matrix counts, and is drawn', () => {
  const confusion = new ConfusionMatrix(['cat', 'dog', 'very large animal']);
  confusion.add(tensor([0, 0, 1, 2]), tensor(BigInt64Array.of(0n, 1n, 1n, 0n)));
  confusion.add([2n, 1], [2, 1]);
  assert.deepEqual(confusion.counts, [
    [1, 1, 0],
    [0, 2, 0],
    [1, 0, 1],
  ]);
  assert.equal(confusion.total, 6);
  assert.equal(confusion.accuracy, 4 / 6);
  assert.deepEqual(confusion.perClass()[1], { name: 'dog', recall: 1, precision: 2 / 3, count: 2 });
  assert.match(String(confusion), /^ +cat +dog +very large animal\ncat +1 +1 +0\n/);
  const svg = confusion.toSvg();
  assertWellFormed(svg);
  const texts = textsOf(svg);
  assert.ok(texts.includes('accuracy 66.67 % of 6') && texts.includes('predicted') && texts.includes('actual'));
  assert.equal(texts.filter((text) => /^[12]$/.test(text)).length, 5);
  assertWellFormed(new ConfusionMatrix(['a', 'b']).toSvg({ title: 'empty' }));
  assertWellFormed(new ConfusionMatrix(Array.from({ length: 100 }, (_, i) => `class ${i}`)).toSvg({ title: 'large' }));
});

test('a confusion matrix refuses what stands for no class, and counts nothing of it', () => {
  const confusion = new ConfusionMatrix(['a', 'b']);
  assert.throws(() => confusion.add([0, 1], [0, 2]), IndexError);
  assert.throws(() => confusion.add([0.5], [0]), IndexError);
  assert.throws(() => confusion.add([0], [0, 1]), ShapeError);
  assert.throws(() => confusion.add(tensor([0]), rand([1, 2])), /argmax\(1\)/);
  assert.equal(confusion.total, 0);
  assert.throws(() => new ConfusionMatrix([]), ValueError);
});
