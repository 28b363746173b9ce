// Weights written by a PyTorch program load into the same model here, which then answers as PyTorch's does; written back they are
// the same, bit by bit. scripts/oracle/nn/weights.py is the PyTorch side, which `npm run oracle` has read the returned file too.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { load, noGrad, save, type Tensor } from 'flambeau';
import * as nn from 'flambeau/nn';

import { compare, type Described } from './oracle.js';
import { make } from './recipe.js';

/** Where PyTorch's file is, and in the oracle's run where the returned one is looked for. */
const oracle = process.env['FLAMBEAU_ORACLE_NN'];
const source = oracle ?? fileURLToPath(new URL('fixtures', import.meta.url));
const target = oracle ?? mkdtempSync(join(tmpdir(), 'flambeau-weights-'));
after(() => {
  if (oracle === undefined) rmSync(target, { recursive: true, force: true });
});

/** Images [N, 2, 8, 8] to logits [N, 3]. */
class Model extends nn.Module {
  features = new nn.Sequential(
    new nn.Conv2d(2, 6, 3, { padding: 1 }),
    new nn.BatchNorm2d(6),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
  );
  encoder = new nn.TransformerEncoder(
    new nn.TransformerEncoderLayer(6, 2, { dimFeedforward: 8, batchFirst: true }),
    2,
    { norm: new nn.LayerNorm(6) },
  );
  lstm = new nn.LSTM(6, 5, { batchFirst: true, bidirectional: true });
  output = new nn.Linear(10, 3);

  override forward(images: Tensor): Tensor {
    const steps = this.features(images).flatten(2).transpose(1, 2);
    const [states] = this.lstm(this.encoder(steps));
    return this.output(states.select(1, -1));
  }
}

function bits(value: Tensor): Buffer {
  const { buffer, byteOffset, byteLength } = value.data();
  return Buffer.from(buffer, byteOffset, byteLength);
}

test('weights from PyTorch give its answers, and go back unchanged', async () => {
  const weights = await load(join(source, 'weights.safetensors'));
  const model = new Model();
  assert.deepEqual(Object.keys(model.stateDict()), Object.keys(weights), 'the keys and their order');
  assert.deepEqual(model.loadStateDict(weights), { missingKeys: [], unexpectedKeys: [] });
  model.eval();
  const [expected] = JSON.parse(readFileSync(join(source, 'weights.json'), 'utf8')) as [Described];
  compare(
    'the answer',
    noGrad(() => model(make({ shape: [4, 2, 8, 8] }, 1, 'float32'))),
    expected,
  );

  await save(model.stateDict(), join(target, 'returned.safetensors'));
  const returned = await load(join(target, 'returned.safetensors'));
  assert.deepEqual(Object.keys(returned), Object.keys(weights));
  for (const [name, value] of Object.entries(weights)) {
    assert.equal(returned[name]!.dtype, value.dtype, name);
    assert.deepEqual(returned[name]!.shape, value.shape, name);
    assert.ok(bits(returned[name]!).equals(bits(value)), `${name} came back changed`);
  }
});
