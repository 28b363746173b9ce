// docs/adding-a-layer.md holds: the layer it writes compiles into what it says, next to the library's own.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import * as nn from 'flambeau/nn';

import { manualSeed } from '../../src/tensor/generator.js';
import { randn } from '../../src/tensor/random.js';
import type { Tensor } from '../../src/tensor/tensor.js';

const folder = mkdtempSync(join(tmpdir(), 'flambeau-layer-'));
after(() => rmSync(folder, { recursive: true, force: true }));

type LayerScale = nn.Module & { weight: nn.Parameter } & ((input: Tensor) => Tensor);

test('the layer of the document', async () => {
  const page = readFileSync(new URL('../../docs/adding-a-layer.md', import.meta.url), 'utf8');
  const source = /^```ts\n(.*?)^```$/ms.exec(page)![1]!;
  // It imports as a file of src/nn would.
  const home = new URL('../../src/nn/', import.meta.url);
  const file = join(folder, 'layer-scale.mts');
  writeFileSync(
    file,
    source.replace(
      /from '(\.[^']*)'/g,
      (_, path: string) => `from '${new URL(path.replace(/\.js$/, '.ts'), home).href}'`,
    ),
  );
  const { LayerScale } = (await import(pathToFileURL(file).href)) as {
    LayerScale: new (channels: number, options?: { init?: number }) => LayerScale;
  };
  manualSeed(0);
  const x = randn([2, 3, 4]);
  const layer = new LayerScale(4, { init: 0.5 });
  assert.equal(String(layer), 'LayerScale(channels=4, init=0.5)');
  assert.equal(String(new LayerScale(4)), 'LayerScale(channels=4, init=1e-05)');
  assert.ok(layer instanceof nn.Module && layer.weight instanceof nn.Parameter);
  assert.deepEqual(Object.keys(layer.stateDict()), ['weight']);
  assert.ok(layer(x).allclose(x.mul(0.5)));
  layer(x).sum().backward();
  assert.ok(layer.weight.grad!.allclose(x.sum([0, 1])));
  assert.throws(() => layer(randn([3])), /expected 4 channels, got input \[3\]/);
  assert.match(layer.summary([2, 3, 4]), /Multiply-adds: 24$/);
});
