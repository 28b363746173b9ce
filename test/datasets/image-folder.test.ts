import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { ImageFolder } from 'flambeau/datasets';
import { DataLoader } from 'flambeau/data';
import { Compose, RandomHorizontalFlip, Resize, ToTensor, type Image } from 'flambeau/transforms';
import { DatasetError, IndexError, ValueError } from '../../src/errors.js';
import { encodePng } from '../../src/io/png.js';
import { manualSeed } from '../../src/tensor/generator.js';
import type { Tensor } from '../../src/tensor/tensor.js';

let folder: string;
let root: string;
const recorded = JSON.parse(readFileSync(new URL('../io/pillow-jpeg.json', import.meta.url), 'utf8')) as {
  cases: Record<string, { file: string; data: string }>;
};
const photo = Buffer.from(recorded.cases['4:2:0']!.file, 'base64');

function png(channels: Image['channels'], seed: number, width = 3, height = 2): Uint8Array {
  const data = Uint8Array.from({ length: width * height * channels }, (_, i) => (i * 37 + seed * 11) % 256);
  return encodePng({ data, width, height, channels });
}

async function put(files: Record<string, Uint8Array | string>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await fs.mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await fs.writeFile(path.join(root, name), content);
  }
}

before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'flambeau-folder-'));
});
after(() => fs.rm(folder, { recursive: true }));
beforeEach(async () => {
  root = await fs.mkdtemp(path.join(folder, 'case-'));
});

test('classes are the folders in order, samples the pictures by class and name', async () => {
  await put({
    'dog/2.png': png(3, 2),
    'dog/10.PNG': png(3, 1),
    'cat/deeper/a.jpeg': photo,
    'cat/z.png': png(1, 3),
    'dog/notes.txt': 'not a picture',
    'dog/._2.png': 'what a file manager leaves',
    'README.md': 'beside the classes',
  });
  const dataset = await ImageFolder.load({ root });
  assert.deepEqual(dataset.classes, ['cat', 'dog']);
  assert.deepEqual(
    Array.from({ length: dataset.length }, (_, i) => dataset.nameOf(i)),
    ['cat/deeper/a.jpeg', 'cat/z.png', 'dog/10.PNG', 'dog/2.png'],
  );
  assert.deepEqual([...dataset.targets], [0, 0, 1, 1]);
  const { image, label } = await dataset.getItem(0);
  assert.equal(label, 0);
  assert.deepEqual(image.shape, [3, 17, 23]);
  const pixels = Buffer.from(recorded.cases['4:2:0']!.data, 'base64');
  assert.equal(image.data()[0], Math.fround(pixels[0]! / 255));
  assert.deepEqual((await dataset.getItem(1)).image.shape, [3, 2, 3], 'a grey picture in three colours');
  assert.equal(String(dataset), `ImageFolder ${root}: 4 pictures of 2 classes`);
});

test('the mode says how many channels there are', async () => {
  await put({ 'a/1.png': png(1, 1), 'a/2.png': png(2, 2), 'a/3.png': png(3, 3), 'a/4.png': png(4, 4) });
  const channels = async (mode: 'rgb' | 'grey' | 'stored'): Promise<number[]> => {
    const dataset = await ImageFolder.load({ root, mode, transform: (image: Image) => image.channels });
    return Promise.all([0, 1, 2, 3].map(async (i) => (await dataset.getItem(i)).image));
  };
  assert.deepEqual(await channels('rgb'), [3, 3, 3, 3]);
  assert.deepEqual(await channels('grey'), [1, 1, 1, 1]);
  assert.deepEqual(await channels('stored'), [1, 2, 3, 4]);
  await assert.rejects(ImageFolder.load({ root, mode: 'cmyk' as 'rgb' }), ValueError);
});

test('transforms decide what a sample is; endings may be chosen', async () => {
  await put({ 'a/1.png': png(3, 1), 'a/2.letter': png(3, 2), 'b/3.Letter': png(3, 3) });
  const dataset = await ImageFolder.load({
    root,
    extensions: ['letter'],
    transform: new Compose([new Resize([4, 4]), new ToTensor()]),
    targetTransform: (label: number) => 'ab'[label]!,
  });
  assert.equal(dataset.length, 2);
  const { image, label } = await dataset.getItem(1);
  assert.deepEqual(image.shape, [3, 4, 4]);
  assert.equal(label, 'b');
});

test('links to files and folders are followed; a circle of links is an error', async () => {
  await put({ 'elsewhere/x/1.png': png(1, 1), 'data/a/2.png': png(1, 2) });
  await fs.symlink('../../elsewhere/x/1.png', path.join(root, 'data', 'a', 'link.png'));
  await fs.symlink('../elsewhere/x', path.join(root, 'data', 'b'));
  const data = path.join(root, 'data');
  const dataset = await ImageFolder.load({ root: data });
  assert.deepEqual(dataset.classes, ['a', 'b']);
  assert.equal(dataset.length, 3);
  assert.equal((await dataset.getItem(2)).label, 1);
  await fs.symlink('../a', path.join(data, 'a', 'again'));
  await assert.rejects(ImageFolder.load({ root: data }), (error: Error) => {
    assert.ok(error instanceof DatasetError);
    assert.match(error.message, /too deep: do links lead in a circle|too many/i);
    return true;
  });
  await fs.rm(path.join(data, 'a', 'again'));
  await fs.symlink('nowhere.png', path.join(data, 'a', 'broken.png'));
  await assert.rejects(ImageFolder.load({ root: data }), /can't read the folder .*no such file/);
});

test('folders that are no data set are refused with what was found', async () => {
  const cases: [Record<string, string>, RegExp][] = [
    [{}, /there are no classes in .*: it is empty/],
    [{ '1.png': 'x' }, /it has files, but no folders.*CLASS.FILE/],
    [{ 'a/1.webp': 'x', 'a/2.webp': 'x', 'a/3': '' }, /has no pictures \(\.png, \.jpg, \.jpeg\).*2 \.webp, 1 without/],
  ];
  for (const [files, message] of cases) {
    await put(files);
    await assert.rejects(ImageFolder.load({ root }), (error: Error) => {
      assert.ok(error instanceof DatasetError);
      assert.match(error.message, message);
      return true;
    });
  }
  await assert.rejects(ImageFolder.load({ root: path.join(root, 'none') }), /can't read the folder .*none/);
  await assert.rejects(ImageFolder.load({ root: '' }), ValueError);
});

test('a file that can not be read is named when it is asked for; the others are not held up', async () => {
  await put({ 'a/1.png': png(1, 1), 'a/2.png': 'text', 'a/3.jpg': photo.subarray(0, 300), 'a/4.png': png(1, 4) });
  const dataset = await ImageFolder.load({ root });
  await assert.rejects(dataset.getItem(1), (error: Error) => {
    assert.ok(error instanceof DatasetError);
    assert.ok(error.message.startsWith(path.join(root, 'a', '2.png')), error.message);
    assert.match(error.message, /neither PNG nor JPEG/);
    return true;
  });
  await assert.rejects(dataset.getItem(2), /3\.jpg can't be read as a JPEG image/);
  assert.equal((await dataset.getItem(3)).label, 0);
  await fs.rm(path.join(root, 'a', '4.png'));
  await assert.rejects(dataset.getItem(3), /4\.png can't be read: no such file/);
  await assert.rejects(dataset.getItem(4), IndexError);
  await assert.rejects(dataset.getImage(-1), /out of range for 4 files \(0 to 3\)/);
  const small = await ImageFolder.load({ root, limits: { side: 2 } });
  await assert.rejects(small.getItem(0), /larger than what is accepted/);
});

test('random transforms draw in the order of the samples, whatever kind their files are', async () => {
  await put({ 'a/1.jpg': photo, 'a/2.png': png(3, 1, 23, 17), 'a/3.jpg': photo, 'a/4.png': png(3, 2, 23, 17) });
  const flipping = await ImageFolder.load({
    root,
    transform: new Compose([new RandomHorizontalFlip(), new ToTensor()]),
  });
  const values = (image: Tensor): number[] => Array.from(image.data(), Number);
  manualSeed(3);
  const together = await Promise.all([0, 1, 2, 3].map((i) => flipping.getItem(i)));
  manualSeed(3);
  for (const [i, { image }] of together.entries()) {
    assert.deepEqual(values((await flipping.getItem(i)).image), values(image));
  }
});

test('worker threads read it too', async () => {
  await put({ 'a/1.png': png(3, 1), 'a/2.png': png(3, 2), 'b/3.png': png(3, 3) });
  const dataset = await ImageFolder.load({ root });
  const batches: number[][] = [];
  for await (const { image, label } of new DataLoader(dataset, { batchSize: 2, numWorkers: 2 })) {
    assert.deepEqual(image.shape.slice(1), [3, 2, 3]);
    batches.push(label.toArray() as number[]);
  }
  assert.deepEqual(batches, [[0, 0], [1]]);
});
