// The benchmark's bookkeeping: tables in the document are those of the results, rows have the same names on both sides, a partial run
// keeps what it did not measure.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parts, withParts } from '../../bench/report.js';
import { afterRuns, merged, readResults } from '../../bench/results.js';
import { families, rows } from '../../bench/rows/index.js';
import { duration, shareOfPeak } from '../../bench/tables.js';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

test('docs/performance.md shows what bench/results.json holds', () => {
  const text = read('docs/performance.md');
  assert.equal(text, withParts(text, parts(readResults())));
});

test('every row has its program in Python', () => {
  for (const [family, programs] of Object.entries(families)) {
    const source = read(`bench/rows/${family}.py`);
    for (const name of Object.keys(programs)) assert.ok(source.includes(`"${name}"`), `${family}.py lacks '${name}'`);
  }
});

test('a run replaces the rows it measured, in the order of the table', () => {
  const value = (row: string, time: number) => ({ row, time });
  const kept = merged([value('b', 1), value('gone', 1)], [value('a', 2), value('b', 2)], ({ row }) => row, [
    'a',
    'b',
    'c',
  ]);
  assert.deepEqual(kept, [value('a', 2), value('b', 2)]);
});

test('a row keeps the ratios of the last three runs', () => {
  const time = { median: 1, range: [1, 1] } as const;
  const run = (ratio: number, row = 'a') =>
    ({
      row,
      threads: 1,
      rounds: 1,
      flambeau: time,
      pytorch: { ...time, setting: '' },
      ratio,
      ratios: [ratio],
    }) as const;
  let rows = [afterRuns(run(1), [])];
  for (const ratio of [2, 3, 4]) rows = [afterRuns(run(ratio), rows), run(9, 'b')];
  assert.deepEqual(rows[0]!.ratios, [2, 3, 4]);
  assert.equal(rows[0]!.ratio, 4);
});

test('rows set themselves up and run', async () => {
  for (const name of ['W3 add 10', 'W4 tiny MLP step', 'matmul 64', 'embedding bag step']) {
    const { run, repeats = 1 } = await rows[name]!();
    await run();
    assert.ok(repeats >= 1, name);
  }
});

test('shares count against the peak of as many threads as the row has', () => {
  const machine = { cpu: '', cores: 2, flops: [100, 200], bytes: [10, 15] } as const;
  const time = { median: 2, range: [2, 2] } as const;
  const row = {
    row: '',
    threads: 1,
    rounds: 1,
    flambeau: time,
    pytorch: { ...time, setting: '' },
    ratio: 1,
    ratios: [1],
  } as const;
  assert.equal(shareOfPeak({ ...row, flops: 100 }, machine), '50 %');
  assert.equal(shareOfPeak({ ...row, threads: 2, bytes: 15 }, machine), '50 % (memory)');
  assert.equal(shareOfPeak({ ...row, flops: 100 }, undefined), '');
});

test('durations are shown in the unit that suits them', () => {
  assert.deepEqual([1.234e-6, 0.01234, 2].map(duration), ['1.23 µs', '12.3 ms', '2.00 s']);
});
