// Nobody frees a tensor, and nothing piles up: memory is flat after warm-up over 10,000 training steps.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { backendInfo } from 'flambeau';

const program = join(dirname(fileURLToPath(import.meta.url)), 'fixtures', 'training-loop.ts');
const MEBIBYTE = 2 ** 20;
// The native pool is the library's own. The reference's memory is the C library's, freed by V8's threads in whichever of
// its arenas: what these keep swings by some 30 MiB while what is in use (asserted too) stays the same.
const RESIDENT_GROWTH = (backendInfo().name === 'native' ? 24 : 64) * MEBIBYTE;

for (const kind of ['sync', 'async']) {
  test(`10,000 steps of a ${kind} training loop hold no more memory than 3,000`, () => {
    const output = execFileSync(process.execPath, ['--conditions=flambeau-source', '--import', 'tsx', program, kind], {
      encoding: 'utf8',
    });
    const marks = JSON.parse(output) as { resident: number; heap: number; allocated: number }[];
    assert.equal(marks.length, 10);
    const highest = (values: readonly number[]): number => Math.max(...values);
    const early = marks.slice(0, 3);
    const late = marks.slice(3);
    const growth = highest(late.map((mark) => mark.resident)) - highest(early.map((mark) => mark.resident));
    assert.ok(growth < RESIDENT_GROWTH, `resident memory grew by ${(growth / MEBIBYTE).toFixed(1)} MiB: ${output}`);
    const heapGrowth = highest(late.map((mark) => mark.heap)) - highest(early.map((mark) => mark.heap));
    assert.ok(heapGrowth < 24 * MEBIBYTE, `V8's heap grew by ${(heapGrowth / MEBIBYTE).toFixed(1)} MiB: ${output}`);
    // What a step makes is about 0.3 MB; left to pile up, 7,000 steps would hold 2 GB.
    const held = highest(late.map((mark) => mark.allocated));
    assert.ok(held < 256 * MEBIBYTE, `tensors hold ${(held / MEBIBYTE).toFixed(1)} MiB`);
  });
}
