// docs/dataloader.md names a test for each promise: that these tests are there.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const page = readFileSync(new URL('../../docs/dataloader.md', import.meta.url), 'utf8');
const promises = [...page.matchAll(/^\| (.+) \| `([\w./-]+)`: (.+) \|$/gm)];

test('every row of the page names a test', () => {
  const rows = page.split('\n').filter((line) => line.startsWith('| ') && !/^\| (what is|---)/.test(line));
  assert.equal(promises.length, rows.length);
  assert.ok(promises.length > 60);
});

for (const [, promise, file, name] of promises) {
  test(promise, () => {
    const source = readFileSync(new URL(`../data/${file}`, import.meta.url), 'utf8');
    assert.ok(source.replaceAll("\\'", "'").includes(name!), `${file} has no test '${name}'`);
  });
}
