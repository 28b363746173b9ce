// Tensors print as in PyTorch, but for the prefix of dtypes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tensor } from '../../src/tensor/create.js';
import { setPrintoptions } from '../../src/tensor/printing.js';
import { entriesOf } from './case.js';
import { printDifference, type Printed } from './print.js';

const cases = entriesOf<Printed>('printing');

function check(list: readonly Printed[]): void {
  for (const entry of list) {
    const wrong = printDifference(entry);
    const { text: _text, ...rest } = entry;
    assert.equal(wrong, undefined, `${JSON.stringify(rest)} ${wrong}`);
  }
}

test('values and dtypes', () => check(cases.filter(({ options, operation }) => !options && !operation)));
test('print options', () => check(cases.filter(({ options }) => options)));
test('computed tensors name what made them', () => check(cases.filter(({ operation }) => operation)));

test('scientific mode, where it is asked for, keeps columns straight', () => {
  setPrintoptions({ sciMode: true });
  try {
    assert.equal(String(tensor([-1.5, 20])), 'tensor([-1.5000e+00,  2.0000e+01])');
  } finally {
    setPrintoptions({ sciMode: undefined });
  }
});
