// Every operation against PyTorch: the table of sample inputs of scripts/oracle and a part of the cases derived from it, whose
// results in PyTorch 1.13 are kept in fixtures/. `npm run oracle` makes them anew and compares all.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entriesOf, type Case } from './case.js';
import { difference } from './compare.js';
import { differences, explained } from './differences.js';

const cases = [...entriesOf('operations'), ...entriesOf('derived')];
const seen = new Set<string>();

const byOperation = new Map<string, { entry: Case; number: number }[]>();
cases.forEach((entry, number) => {
  const list = byOperation.get(entry.op);
  if (list) list.push({ entry, number });
  else byOperation.set(entry.op, [{ entry, number }]);
});

for (const [name, samples] of byOperation) {
  test(`${name} is PyTorch's`, () => {
    for (const { entry, number } of samples) {
      const finding = difference(entry, number % 2 === 0);
      if (finding === undefined) continue;
      const known = explained(entry, finding);
      assert.ok(known, `${name}(${JSON.stringify(entry.args)}) ${finding}`);
      seen.add(known.what);
    }
  });
}

test('every difference on purpose still shows', () => {
  assert.deepEqual(
    differences.map(({ what }) => what).filter((what) => !seen.has(what)),
    [],
  );
});

test('the table has as many cases as promised', () => {
  assert.ok(cases.length >= 20_000, `${cases.length} cases`);
});
