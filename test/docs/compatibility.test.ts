// docs/COMPATIBILITY.md says what the tables of the comparison with PyTorch say.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { compatibilityPage } from '../../scripts/oracle/compatibility.js';

test('docs/COMPATIBILITY.md is up to date (scripts/oracle/compatibility.ts writes it)', () => {
  const page = readFileSync(new URL('../../docs/COMPATIBILITY.md', import.meta.url), 'utf8');
  assert.equal(page, compatibilityPage());
});
