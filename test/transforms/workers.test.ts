// Random transforms in workers: under a seed the batches are those of PyTorch (`scripts/oracle/transforms.py`).

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { manualSeed } from 'flambeau';
import { DataLoader } from 'flambeau/data';
import {
  ColorJitter,
  Compose,
  RandomCrop,
  RandomHorizontalFlip,
  RandomRotation,
  type Image,
} from 'flambeau/transforms';
import { Copies } from './fixtures/copies.js';

interface Batch {
  readonly indices: number[];
  readonly images: { readonly shape: number[]; readonly data: string };
}

const recorded = JSON.parse(readFileSync(new URL('torchvision.json', import.meta.url), 'utf8')) as {
  pictures: { grey: { data: string; width: number; height: number; channels: Image['channels'] } };
  loaded: Batch[][];
};

test("two workers crop, mirror, turn and jitter as PyTorch's do, epoch after epoch", async () => {
  const { grey } = recorded.pictures;
  const image: Image = { ...grey, data: new Uint8Array(Buffer.from(grey.data, 'base64')) };
  const transform = new Compose([
    new RandomCrop(6, { padding: 2 }),
    new RandomHorizontalFlip(),
    new RandomRotation(90),
    new ColorJitter({ brightness: 0.5 }),
  ]);
  for (let run = 0; run < 2; run++) {
    manualSeed(7);
    const loader = new DataLoader(new Copies(image, transform), { batchSize: 3, shuffle: true, numWorkers: 2 });
    for (const expected of recorded.loaded) {
      let i = 0;
      for await (const [images, indices] of loader) {
        const batch = expected[i++]!;
        assert.deepEqual([...indices.data()].map(Number), batch.indices);
        assert.deepEqual(images.shape, batch.images.shape);
        assert.deepEqual(Buffer.from(images.data() as Uint8Array).toString('base64'), batch.images.data);
      }
      assert.equal(i, expected.length);
    }
  }
});
