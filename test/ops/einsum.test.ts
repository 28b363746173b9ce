// einsum against the loops it stands for.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { einsum, tensordot, type Tensor } from 'flambeau';
import { computed, coordinatesOf, numbered, reader, valuesOf } from './nested.js';

const LETTERS = ['a', 'b', 'c', 'd'];

/** Terms of up to three letters, a size for each letter, and an output of some of the letters that occur. */
const equations = fc
  .tuple(
    fc.array(fc.array(fc.constantFrom(...LETTERS), { maxLength: 3 }), { minLength: 1, maxLength: 3 }),
    fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 4, maxLength: 4 }),
    fc.infiniteStream(fc.nat(5)),
  )
  .map(([terms, sizes, stream]) => {
    const used = [...new Set(terms.flat())].sort(() => stream.next().value! - 2.5);
    return { terms, sizes, output: used.filter(() => stream.next().value! % 2 === 0) };
  });

test('every equation is the sum of products it names', () => {
  fc.assert(
    fc.property(equations, ({ terms, sizes, output }) => {
      const size = (letter: string): number => sizes[LETTERS.indexOf(letter)]!;
      const operands = terms.map((term, i) =>
        numbered(term.map(size))
          .add(i + 1)
          .fmod(5),
      );
      const found = einsum(`${terms.map((term) => term.join('')).join(',')}->${output.join('')}`, operands);
      const readers = operands.map((operand) => reader(operand));
      const summed = [...new Set(terms.flat())].filter((letter) => !output.includes(letter));
      const expected = computed(output.map(size), (at) =>
        coordinatesOf(summed.map(size)).reduce((sum, rest) => {
          const index = (letter: string): number =>
            output.includes(letter) ? at[output.indexOf(letter)]! : rest[summed.indexOf(letter)]!;
          return sum + readers.reduce((product, read, i) => product * read(terms[i]!.map(index)), 1);
        }, 0),
      );
      assert.deepEqual([...found.shape], output.map(size));
      assert.deepEqual(valuesOf(found), expected);
    }),
    { numRuns: 400 },
  );
});

test('tensordot is the einsum over its dims', () => {
  fc.assert(
    fc.property(fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2)), ([own, shared, other]) => {
      const left = numbered([...new Array<number>(own).fill(2), ...new Array<number>(shared).fill(3)]);
      const right: Tensor = numbered([...new Array<number>(shared).fill(3), ...new Array<number>(other).fill(2)]);
      const letters = (count: number, from: number): string =>
        Array.from({ length: count }, (_, i) => String.fromCharCode(97 + from + i)).join('');
      const [a, s, b] = [letters(own, 0), letters(shared, 5), letters(other, 10)];
      assert.ok(tensordot(left, right, shared).equal(einsum(`${a}${s},${s}${b}->${a}${b}`, [left, right])));
    }),
  );
});
