// The transforms of sounds against what torchaudio makes of the same ones (`scripts/oracle/sounds.py`).

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as transforms from 'flambeau/transforms';
import type { Transform } from 'flambeau/transforms';
import { fromTypedArray } from '../../src/tensor/create.js';
import type { Tensor } from '../../src/tensor/tensor.js';

interface Recorded {
  readonly shape: number[];
  readonly data: string;
}

interface Case {
  readonly transform: 'Spectrogram' | 'MelSpectrogram' | 'Resample';
  readonly args: unknown[];
  readonly input: string;
  readonly output: Recorded;
}

const recorded = JSON.parse(readFileSync(new URL('torchaudio.json', import.meta.url), 'utf8')) as {
  sounds: Record<string, Recorded>;
  cases: Case[];
};

function floats({ data }: Recorded): Float32Array {
  return new Float32Array(new Uint8Array(Buffer.from(data, 'base64')).buffer);
}

/** The largest difference as a part of the largest value: what lies far below that is rounding in either library. */
function compare(actual: Tensor, expected: Recorded, allowed: number): void {
  assert.equal(actual.dtype, 'float32');
  assert.deepEqual(actual.shape, expected.shape);
  const values = floats(expected);
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const data = actual.data();
  values.forEach((value, i) => {
    const difference = Math.abs(Number(data[i]) - value);
    assert.ok(difference <= allowed * largest, `element ${i}: ${data[i]} instead of ${value} (largest ${largest})`);
  });
}

// torchaudio reckons the corners of its mel filters in single precision.
const tolerances = { Spectrogram: 1e-6, MelSpectrogram: 3e-6, Resample: 1e-6 };

for (const name of ['Spectrogram', 'MelSpectrogram', 'Resample'] as const) {
  test(`${name} gives torchaudio's results`, () => {
    const constructors = transforms as unknown as Record<string, new (...args: unknown[]) => Transform<Tensor, Tensor>>;
    for (const { args, input, output } of recorded.cases.filter(({ transform }) => transform === name)) {
      try {
        const sound = recorded.sounds[input]!;
        const result = new constructors[name]!(...args).forward(fromTypedArray(floats(sound), sound.shape));
        compare(result, output, tolerances[name]);
      } catch (error) {
        throw new Error(`${name}(${JSON.stringify(args)}) of ${input}: ${(error as Error).message}`, { cause: error });
      }
    }
  });
}
