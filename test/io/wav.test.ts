// WAV files against the samples that torchaudio reads from them (`scripts/oracle/sounds.py`), and files not to be trusted.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { DatasetError } from '../../src/errors.js';
import { decodeWav, type WavLimits } from '../../src/io/wav.js';
import { formatChunk, riff, riffChunk, wav, wav16 } from './wav-builder.js';

interface Recorded {
  readonly encoding: string;
  readonly bits: number;
  readonly channels: number;
  readonly sampleRate: number;
  readonly file: string;
  readonly data: string;
}

const { files } = JSON.parse(readFileSync(new URL('torchaudio-wav.json', import.meta.url), 'utf8')) as {
  files: Recorded[];
};

for (const { encoding, bits, channels, sampleRate, file, data } of files) {
  test(`${encoding} ${bits}, ${channels} channels: the samples are torchaudio's`, () => {
    const sound = decodeWav(Buffer.from(file, 'base64'), 'a.wav');
    const expected = new Float32Array(new Uint8Array(Buffer.from(data, 'base64')).buffer);
    assert.deepEqual(
      [sound.channels, sound.frames, sound.sampleRate],
      [channels, expected.length / channels, sampleRate],
    );
    // Of what has more bits than a float32 its backend keeps 25.
    const allowed = ['PCM_S 32', 'PCM_F 64'].includes(`${encoding} ${bits}`) ? 2 ** -25 : 0;
    assert.equal(sound.samples.length, expected.length);
    expected.forEach((value, i) => assert.ok(Math.abs(sound.samples[i]! - value) <= allowed, `sample ${i}`));
  });
}

test('other chunks, odd ones too, are passed over, and so is what follows the samples', () => {
  const file = wav16([1, -1], {
    before: [riffChunk('LIST', Buffer.from('odd'))],
    after: [riffChunk('id3 ', Buffer.from('tags'))],
  });
  assert.deepEqual([...decodeWav(file, 'a').samples], [1 / 32768, -1 / 32768]);
});

test('the extensible format, and fewer bits than the bytes have', () => {
  const format = Buffer.concat([formatChunk({ code: 0xfffe, bits: 24 }), Buffer.alloc(24)]);
  format.writeUInt16LE(22, 16);
  format.writeUInt16LE(20, 18);
  Buffer.from([1, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71]).copy(format, 24);
  const file = riff(riffChunk('fmt ', format), riffChunk('data', Buffer.of(0, 0, 0x40, 0, 0, 0x80)));
  assert.deepEqual([...decodeWav(file, 'a').samples], [0.5, -1]);
  format[30] = 1;
  assert.throws(() => decodeWav(riff(riffChunk('fmt ', format)), 'a'), /format is of no known kind/);
  const twelve = wav({ bits: 12, data: Buffer.of(0, 0x40) });
  assert.deepEqual([...decodeWav(twelve, 'a').samples], [0.5]);
});

test('a length that the writer did not know means all there is; half a frame at the end is left out', () => {
  const format = riffChunk('fmt ', formatChunk({}));
  const open = riff(format, riffChunk('data', Buffer.of(0, 0x40, 0, 0x20), 0xffffffff));
  assert.deepEqual([...decodeWav(open, 'a').samples], [0.5, 0.25]);
  assert.deepEqual([...decodeWav(riff(format, riffChunk('data', Buffer.of(0, 0x40, 0))), 'a').samples], [0.5]);
  assert.equal(decodeWav(riff(format, riffChunk('data', Buffer.of())), 'a').frames, 0);
});

function assertRefused(file: Uint8Array, reason: RegExp, limits?: WavLimits): void {
  assert.throws(
    () => decodeWav(file, () => 'yes.wav', limits),
    (error: Error) => {
      assert.ok(error instanceof DatasetError, String(error));
      assert.match(error.message, /^yes\.wav can't be read as a WAV sound: /);
      assert.match(error.message, reason);
      return true;
    },
  );
}

test('what is cut short is refused, wherever the cut is', () => {
  const file = wav16([1, 2, 3, 4], { before: [riffChunk('LIST', Buffer.from('some text'))] });
  for (let length = 0; length < file.length; length++) {
    assertRefused(file.subarray(0, length), /empty|does not begin|cut short|no format|no samples/);
  }
});

test('what is packed, of an odd kind or something else is refused by its name', () => {
  const data = new Uint8Array(8);
  assertRefused(wav({ code: 6, bits: 8, data }), /packed as A-law: save it as plain PCM/);
  assertRefused(wav({ code: 85, data }), /packed as MP3/);
  assertRefused(wav({ code: 4711, data }), /packed as format 4711/);
  assertRefused(wav({ bits: 64, data }), /samples of 64 bits in 8 bytes are of no known kind/);
  assertRefused(wav({ code: 3, bits: 16, data }), /float samples of 16 bits/);
  assertRefused(wav({ bits: 24, width: 2, data }), /24 bits in 2 bytes/);
  assertRefused(wav({ channels: 0, data }), /no channels or no rate/);
  assertRefused(wav({ sampleRate: 0, data }), /no channels or no rate/);
  assertRefused(wav({ width: 0, data }), /in 0 bytes/);
  assertRefused(Buffer.from('OggS and so on'), /does not begin as a WAV file does/);
  assertRefused(Buffer.concat([Buffer.from('RF64'), Buffer.alloc(40)]), /RF64/);
  assertRefused(Buffer.concat([Buffer.from('RIFX'), Buffer.alloc(40)]), /RIFX/);
  assertRefused(riff(riffChunk('data', data)), /data come before their format/);
  assertRefused(riff(riffChunk('fmt ', Buffer.alloc(8))), /format is cut short/);
  assertRefused(riff(riffChunk('fmt ', formatChunk({ code: 0xfffe }))), /format is cut short/);
  assertRefused(wav16([1, 2, 3]), /with 3 samples it is longer than what is accepted \(2\)/, { samples: 2 });
});

test('bytes changed at random end in a sound or a clear error', () => {
  const file = wav16(
    Array.from({ length: 20 }, (_, i) => i * 100),
    { channels: 2 },
  );
  let state = 7;
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  let read = 0;
  for (let run = 0; run < 2000; run++) {
    const copy = Buffer.from(file);
    for (let i = 0; i <= run % 3; i++) copy[random(44)] = random(256);
    try {
      const { samples, channels, frames } = decodeWav(copy, 'a');
      assert.equal(samples.length, channels * frames);
      assert.ok(samples.length <= file.length);
      read++;
    } catch (error) {
      assert.ok(error instanceof DatasetError, String(error));
    }
  }
  assert.ok(read > 0 && read < 2000);
});
