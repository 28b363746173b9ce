import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { DataLoader } from 'flambeau/data';
import { AudioFolder, padCollate } from 'flambeau/datasets';
import { Resample, Spectrogram } from 'flambeau/transforms';
import { DatasetError, IndexError, ValueError } from '../../src/errors.js';
import { tensor } from '../../src/tensor/create.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import { wav16 } from '../io/wav-builder.js';

let folder: string;
let root: string;

before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'flambeau-audio-'));
});
after(() => fs.rm(folder, { recursive: true }));
beforeEach(async () => {
  root = await fs.mkdtemp(path.join(folder, 'case-'));
  await put('no/1.wav', wav16([16384, -32768, 0]));
  await put('yes/1.WAV', wav16([0, 16384, 0, -16384], { channels: 2, sampleRate: 4000 }));
  await put('yes/2.wav', wav16([8192]));
});

async function put(name: string, content: Uint8Array): Promise<void> {
  await fs.mkdir(path.dirname(path.join(root, name)), { recursive: true });
  await fs.writeFile(path.join(root, name), content);
}

test('waveforms, rates and labels', async () => {
  const sounds = await AudioFolder.load({ root });
  assert.deepEqual(sounds.classes, ['no', 'yes']);
  assert.deepEqual([...sounds.targets], [0, 1, 1]);
  const { waveform, sampleRate, label } = await sounds.getItem(1);
  assert.deepEqual(waveform.toArray(), [
    [0, 0],
    [0.5, -0.5],
  ]);
  assert.equal(waveform.dtype, 'float32');
  assert.deepEqual([sampleRate, label], [4000, 1]);
  assert.equal(sounds.nameOf(0), 'no/1.wav');
  assert.equal(String(sounds), `AudioFolder ${root}: 3 sounds of 2 classes`);
  await assert.rejects(sounds.getItem(3), IndexError);
});

test('brought to one rate and one channel', async () => {
  const sounds = await AudioFolder.load({ root, sampleRate: 8000, mono: true });
  const { waveform, sampleRate } = await sounds.getItem(1);
  assert.equal(sampleRate, 8000);
  assert.deepEqual(waveform.shape, [1, 4]);
  const expected = new Resample(4000, 8000).forward(tensor([[0.25, -0.25]]));
  assert.deepEqual(waveform.toArray(), expected.toArray());
  assert.deepEqual((await sounds.getItem(2)).waveform.toArray(), [[0.25]], 'one that has the rate is left as it is');
});

test('transforms decide what a sample is', async () => {
  const sounds = await AudioFolder.load({
    root,
    transform: (waveform: Tensor) => waveform.shape[1]!,
    targetTransform: (label: number) => ['no', 'yes'][label]!,
  });
  const sample: { waveform: number; sampleRate: number; label: string } = await sounds.getItem(0);
  assert.deepEqual(sample, { waveform: 3, sampleRate: 8000, label: 'no' });
});

test('padded batches, in worker threads too', async () => {
  const sounds = await AudioFolder.load({ root, mono: true, transform: new Spectrogram({ nFft: 2, center: false }) });
  await fs.rm(path.join(root, 'yes', '2.wav'));
  for (const numWorkers of [0, 1]) {
    const sampler = [0, 1];
    const loader = new DataLoader(sounds, { batchSize: 2, sampler, collateFn: padCollate, numWorkers });
    for await (const { waveform, sampleRate, label } of loader) {
      assert.deepEqual(waveform.shape, [2, 1, 2, 2]);
      assert.deepEqual(sampleRate.toArray(), [8000, 4000]);
      assert.deepEqual(label.toArray(), [0, 1]);
    }
  }
});

test('files that can not be read are named; options that make no sense are refused', async () => {
  await put('no/2.wav', Buffer.from('ID3 and so on'));
  await put('no/3.wav', wav16([1, 2], { sampleRate: 44_099 }));
  const sounds = await AudioFolder.load({ root, sampleRate: 44_100 });
  await assert.rejects(sounds.getItem(1), (error: Error) => {
    assert.ok(error instanceof DatasetError);
    assert.ok(error.message.startsWith(path.join(root, 'no', '2.wav')), error.message);
    return true;
  });
  await assert.rejects(sounds.getItem(2), /3\.wav can't be brought to 44100 samples per second: .*common divisor/);
  const short = await AudioFolder.load({ root, limits: { samples: 2 } });
  await assert.rejects(short.getItem(0), /longer than what is accepted/);
  await assert.rejects(AudioFolder.load({ root, sampleRate: 0.5 }), ValueError);
  await put('maybe/1.mp3', Buffer.of());
  await assert.rejects(AudioFolder.load({ root }), /class folder .*maybe has no sounds \(\.wav\).*1 \.mp3/);
});
