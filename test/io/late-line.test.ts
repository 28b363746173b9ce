import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { LateLine } from '../../src/io/late-line.js';
import type { ProgressMode } from '../../src/io/progress.js';

process.env.TERM = 'xterm';

/** What a line wrote of something of which a tenth is done each 0.2 s. */
function written(mode: ProgressMode | undefined, steps: number, isTTY: boolean): string {
  let now = 1000;
  let text = '';
  mock.method(performance, 'now', () => now);
  const stream = { isTTY, columns: 100, write: (part: string) => void (text += part) };
  mock.getter(process, 'stderr', () => stream);
  try {
    const line = new LateLine({ label: 'reading', unit: 'rows', mode, stream });
    for (let i = 1; i <= steps; i++) {
      now += 200;
      line.update(i * 100);
    }
    line.finish();
  } finally {
    mock.restoreAll();
  }
  return text;
}

test('what is over within a second shows nothing', () => {
  for (const mode of ['auto', 'bar', 'lines'] as const) assert.equal(written(mode, 4, true), '');
});

test('later there is a bar on a terminal, nothing elsewhere, lines where they were asked for', () => {
  assert.match(written('auto', 10, true), /^\rreading {2}500 rows/);
  assert.match(written(undefined, 10, true), /reading {2}1000 rows.* in 0:0\d\u001b\[K\n$/);
  assert.equal(written('auto', 10, false), '');
  assert.match(written('lines', 10, false), /^reading {2}1000 rows .*\n$/);
  assert.equal(written('none', 10, true), '');
});
