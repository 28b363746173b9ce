// The first steps of seven trainings lose what PyTorch's lose, in float32 and float64: initialisation, order of batches, dropout,
// gradients, optimisers and schedules together. The programs are bench/training, which compares whole runs.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { backendInfo } from 'flambeau';
import { lossesOf, runNames, type FloatType } from '../../bench/training/runs.js';

const fixtures = join(dirname(fileURLToPath(import.meta.url)), 'fixtures');
const steps = backendInfo().name === 'native' ? 50 : 20;

/** Losses differ by rounding, which training multiplies; a different formula anywhere shows as 1e-3 and more. */
const tolerances: Readonly<Record<FloatType, number>> = { float32: 1e-5, float64: 1e-11 };

for (const name of runNames) {
  const expected = JSON.parse(readFileSync(join(fixtures, `${name}.json`), 'utf8')) as Record<FloatType, number[]>;
  for (const dtype of ['float32', 'float64'] as const) {
    test(`${name}: ${steps} steps in ${dtype}`, async () => {
      const losses = await lossesOf(name, dtype, steps);
      losses.forEach((loss, i) => {
        const theirs = expected[dtype][i]!;
        const apart = Math.abs(loss - theirs) / Math.abs(theirs);
        assert.ok(apart <= tolerances[dtype], `step ${i + 1}: ${loss}, in PyTorch ${theirs}, apart by ${apart}`);
      });
    });
  }
}
