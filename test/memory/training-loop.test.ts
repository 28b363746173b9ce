// Nobody frees a tensor, and nothing piles up: memory is flat after warm-up over 10,000 training steps.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const program = join(dirname(fileURLToPath(import.meta.url)), 'fixtures', 'training-loop.ts');
const MEBIBYTE = 2 ** 20;

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
    assert.ok(growth < 24 * MEBIBYTE, `resident memory grew by ${(growth / MEBIBYTE).toFixed(1)} MiB: ${output}`);
    const heapGrowth = highest(late.map((mark) => mark.heap)) - highest(early.map((mark) => mark.heap));
    assert.ok(heapGrowth < 24 * MEBIBYTE, `V8's heap grew by ${(heapGrowth / MEBIBYTE).toFixed(1)} MiB: ${output}`);
    // What a step makes is about 0.3 MB; left to pile up, 7,000 steps would hold 2 GB.
    const held = highest(late.map((mark) => mark.allocated));
    assert.ok(held < 256 * MEBIBYTE, `tensors hold ${(held / MEBIBYTE).toFixed(1)} MiB`);
  });
}
