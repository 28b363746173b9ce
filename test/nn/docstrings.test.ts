// The examples in the docstrings of src/nn: each runs, and where a line ends in a comment, the comment is the line's value.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { inspect } from 'node:util';

import ts from 'typescript';

import * as nn from 'flambeau/nn';

import { noGrad } from '../../src/autograd/mode.js';
import { tensor } from '../../src/tensor/create.js';
import { randn } from '../../src/tensor/random.js';
import { Tensor } from '../../src/tensor/tensor.js';

const source = new URL('../../src/nn/', import.meta.url);

interface Example {
  readonly place: string;
  readonly lines: readonly string[];
}

const examples = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) => {
    const text = readFileSync(new URL(file, source), 'utf8');
    return [...text.matchAll(/^ \* ```ts\n(.*?)^ \* ```$/gms)].map(([, block], i): Example => ({
      place: `${file}, example ${i + 1}`,
      lines: block!.split('\n').map((line) => line.replace(/^ \* ?/, '')),
    }));
  });

/** Lines that end in a comment pass their value and the comment to `check`. */
function withChecks(lines: readonly string[]): string {
  return lines
    .map((line) => {
      const parts = /^(?!const |class )(\S.*); \/\/ (.*)$/.exec(line);
      return parts ? `check(${parts[1]}, ${JSON.stringify(parts[2])});` : line;
    })
    .join('\n');
}

const names = { nn, Tensor, noGrad, randn, tensor };

for (const { place, lines } of examples) {
  test(place, () => {
    let checked = 0;
    const check = (value: unknown, comment: string): void => {
      checked++;
      // A comment in words says more than a value can be compared with.
      if (/^[[\d'-]/.test(comment)) assert.equal(inspect(value), inspect(JSON.parse(comment)), comment);
    };
    const { outputText } = ts.transpileModule(withChecks(lines), {
      compilerOptions: { target: ts.ScriptTarget.ES2022, useDefineForClassFields: true },
    });
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the examples are this library's own
    const run = new Function(...Object.keys(names), 'check', outputText) as (...values: unknown[]) => void;
    run(...Object.values(names), check);
    assert.equal(checked, lines.filter((line) => /^(?!const |class )\S.*; \/\/ /.test(line)).length);
  });
}

test('there are examples', () => assert.ok(examples.length >= 8));
