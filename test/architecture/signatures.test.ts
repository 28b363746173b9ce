// The lines by which arguments are checked are those that the types give: `npm run signatures` was not forgotten.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

test('signatures.ts says what the types say', async () => {
  // Plain JavaScript, as all of scripts/.
  const home = new URL('../../scripts/signatures/derive.js', import.meta.url).href;
  const { derive } = (await import(home)) as {
    derive: () => { readonly file: string; readonly entries: Readonly<Record<string, string>> }[];
  };
  const tables = derive();
  assert.equal(tables.length, 4);
  for (const { file, entries } of tables) {
    const source = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
    const written = [...source.matchAll(/^ {2}(\w+):\s+'(.*)',$/gm)].map(([, name, line]) => [name, line]);
    assert.deepEqual(Object.fromEntries(written), entries, `${file} is out of date: npm run signatures`);
  }
});
