// What transforms of sounds refuse, and what they promise beside torchaudio's results.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MelSpectrogram, Resample, Spectrogram } from 'flambeau/transforms';
import { DTypeError, ShapeError, ValueError } from '../../src/errors.js';
import { linspace, ones, tensor, zeros } from '../../src/tensor/create.js';

test('sizes, names and rates that make no sense are refused at once', () => {
  const options: [object, RegExp][] = [
    [{ nFft: 0 }, /nFft must be a whole number of 1 or more/],
    [{ nFft: 8, winLength: 9 }, /winLength 9 is more than nFft 8/],
    [{ hopLength: 0.5 }, /hopLength/],
    [{ pad: -1 }, /pad/],
    [{ power: 0 }, /power must be positive or null/],
    [{ padMode: 'mirror' }, /padMode must be reflect, constant/],
    [{ window: 'square' }, /window must be hann, hamming/],
    [{ window: 'constructor' }, /window must be hann/],
    [{ normalized: 'max' }, /normalized must be/],
  ];
  for (const [wrong, message] of options) {
    assert.throws(
      () => new Spectrogram(wrong),
      (error: Error) => error instanceof ValueError && message.test(error.message),
      JSON.stringify(wrong),
    );
  }
  assert.throws(() => new Spectrogram({ nFft: 8, window: ones([7]) }), /expected a window of shape \[8\], got \[7\]/);
  assert.throws(() => new MelSpectrogram({ nMels: 0 }), /nMels/);
  assert.throws(() => new MelSpectrogram({ fMin: 9000 }), /fMin must be 0 or more and below fMax, got 9000 and 8000/);
  assert.throws(() => new MelSpectrogram({ norm: 'l2' as 'slaney' }), /norm/);
  assert.throws(() => new MelSpectrogram({ melScale: 'bark' as 'htk' }), /melScale/);
  assert.throws(() => new MelSpectrogram({ sampleRate: -1 }), /sampleRate/);
  for (const [from, to] of [
    [0, 1],
    [1.5, 1],
    [NaN, 8000],
  ] as const) {
    assert.throws(() => new Resample(from, to), /rates must be positive whole numbers/);
  }
  assert.throws(() => new Resample(44_100, 44_099), /choose rates with a larger common divisor/);
  assert.throws(() => new Resample(2, 1, { rolloff: 2 }), /rolloff/);
  assert.throws(() => new Resample(2, 1, { lowpassFilterWidth: 0 }), /lowpassFilterWidth/);
  assert.throws(() => new Resample(2, 1, { resamplingMethod: 'linear' as 'kaiser_window' }), /resamplingMethod/);
});

test('what is no sound, or too short, is refused with its size', () => {
  assert.throws(() => new Spectrogram().forward(zeros([800], { dtype: 'int16' })), DTypeError);
  assert.throws(() => new Spectrogram().forward(zeros([])), ShapeError);
  assert.throws(
    () => new Spectrogram().forward(zeros([200])),
    /200 samples is too short to go on for 200 by 'reflect'/,
  );
  assert.throws(
    () => new Spectrogram({ center: false }).forward(zeros([399])),
    /399 samples is shorter than a piece of/,
  );
  assert.throws(() => new Resample(2, 1).forward(zeros([4], { dtype: 'float64' })), /expected a float32 tensor/);
  assert.throws(() => new Resample(2, 1).forward(zeros([])), ShapeError);
  assert.deepEqual(new Resample(2, 1).forward(zeros([2, 0])).shape, [2, 0]);
});

test('a window given as a tensor is used as it is', () => {
  const sound = linspace(-1, 1, 100).sin();
  const named = new Spectrogram({ nFft: 4, window: 'hann' }).forward(sound);
  const given = new Spectrogram({ nFft: 4, window: tensor([0, 0.5, 1, 0.5]) }).forward(sound);
  assert.ok(named.allclose(given));
});

test('gradients go through', () => {
  const sound = linspace(0, 20, 300).sin().requiresGrad_();
  new MelSpectrogram({ nFft: 64, nMels: 8 }).forward(sound).sum().backward();
  assert.equal(sound.grad!.shape[0], 300);
  assert.ok(sound.grad!.abs().sum().item() > 0);
  sound.grad = null;
  new Resample(3, 2).forward(sound).sum().backward();
  assert.ok(Math.abs(sound.grad!.narrow(0, 100, 100).mean().item() - 2 / 3) < 1e-3, 'each sample counts two thirds');
});
