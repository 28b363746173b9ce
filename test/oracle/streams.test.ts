// Random numbers are PyTorch's: sequences of draws under a seed, call after call, each starting where the one before left off.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entriesOf } from './case.js';
import { streamDifference, type Sequence } from './stream.js';

const sequences = entriesOf<Sequence>('streams');

const byOperations = new Map<string, Sequence[]>();
for (const sequence of sequences) {
  const name = [...new Set(sequence.calls.map(({ op }) => op))].join(', ');
  byOperations.set(name, [...(byOperations.get(name) ?? []), sequence]);
}
for (const [name, list] of byOperations) {
  test(`${name}: the numbers PyTorch draws`, () => {
    for (const sequence of list) {
      const wrong = streamDifference(sequence);
      assert.equal(wrong, undefined, `seed ${sequence.seed}, ${JSON.stringify(sequence.calls)}: ${wrong}`);
    }
  });
}
