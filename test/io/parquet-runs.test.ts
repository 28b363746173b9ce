import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkRuns, hasRuns, type PageLayout } from '../../src/io/parquet-runs.js';

const layout: PageLayout = { values: 8, encoding: 'PLAIN', repetition: 0, definition: 0, boolean: false };

/** Levels with their length before them. */
function levels(...bytes: number[]): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, Buffer.from(bytes)]);
}

/** A run header of `count` equal values. */
function header(count: number): number[] {
  const bytes: number[] = [];
  let rest = count * 2;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return [...bytes, rest];
}

test('runs as long as there are values are accepted', () => {
  checkRuns(levels(...header(8), 1), { ...layout, definition: 1 });
  checkRuns(levels(0x03, 0xff), { ...layout, definition: 1 });
  checkRuns(Buffer.concat([levels(...header(8), 0), levels(...header(3), 1, ...header(5), 0)]), {
    ...layout,
    repetition: 1,
    definition: 1,
  });
  checkRuns(Buffer.from([3, ...header(8), 5]), { ...layout, encoding: 'RLE_DICTIONARY' });
  checkRuns(levels(...header(8), 1), { ...layout, encoding: 'RLE', boolean: true });
});

test('runs of billions are refused wherever they stand', () => {
  const billion = [...header(1e9), 1];
  const refused: [Uint8Array, PageLayout][] = [
    [levels(...billion), { ...layout, definition: 1 }],
    [levels(...billion), { ...layout, repetition: 1 }],
    [Buffer.from([3, ...billion]), { ...layout, encoding: 'PLAIN_DICTIONARY' }],
    [levels(...billion), { ...layout, encoding: 'RLE', boolean: true }],
    [Buffer.from(billion), { ...layout, definition: 1, levelBytes: { repetition: 0, definition: billion.length } }],
    // Packed numbers of no bits at all.
    [Buffer.from([0, ...header(1e8).with(0, header(1e8)[0]! | 1)]), { ...layout, encoding: 'RLE_DICTIONARY' }],
  ];
  for (const [page, layout] of refused) assert.throws(() => checkRuns(page, layout), /a run is longer than its page/);
});

test('headers without an end and numbers too wide are refused', () => {
  const endless = levels(0x80, 0x80, 0x80, 0x80, 0x80, 0x80);
  assert.throws(() => checkRuns(endless, { ...layout, definition: 1 }), /a page is damaged/);
  assert.throws(() => checkRuns(Buffer.from([33, 2, 0]), { ...layout, encoding: 'RLE_DICTIONARY' }), /33 bits/);
});

test('pages without runs need not be looked into', () => {
  assert.equal(hasRuns(layout), false);
  assert.equal(hasRuns({ ...layout, encoding: 'RLE' }), false);
  assert.equal(hasRuns({ ...layout, definition: 1 }), true);
});
