// A whole program beside PyTorch: examples/sampling.ts prints what scripts/oracle/sampling.py prints, line by line, random
// numbers and all. `npm run oracle` runs the Python program again.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const fixtures = join(here, 'fixtures');
const fresh = process.env.FLAMBEAU_ORACLE_SAMPLING;

function linesIn(folder: string): string[] {
  return readFileSync(join(folder, 'sampling.txt'), 'utf8').split('\n');
}

test('a program of counting, training and sampling prints what it prints in PyTorch', () => {
  const output = execFileSync(
    process.execPath,
    ['--conditions=flambeau-source', '--import', 'tsx', join('examples', 'sampling.ts')],
    { cwd: join(here, '..', '..'), encoding: 'utf8' },
  );
  assert.deepEqual(output.split('\n'), linesIn(fresh ?? fixtures));
});

if (fresh !== undefined) {
  test('the fixture of that program is what PyTorch prints', () => {
    assert.deepEqual(linesIn(fixtures), linesIn(fresh));
  });
}
