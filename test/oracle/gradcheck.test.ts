// First and second derivatives of every operation against finite differences in float64, at the samples of the table.

import { test } from 'node:test';
import { gradcheck, gradgradcheck } from '../../src/autograd/gradcheck.js';
import type { Case } from './case.js';
import { asFunction, derivativeSamples } from './derivative-samples.js';

function named(entry: Case, error: unknown): Error {
  return new Error(
    `${entry.op}(${JSON.stringify(entry.args)}): ${error instanceof Error ? error.message : String(error)}`,
    {
      cause: error,
    },
  );
}

function check(kind: 'first' | 'second', by: typeof gradcheck, count: number): void {
  for (const [name, samples] of derivativeSamples(count)) {
    test(`${name}: ${kind} derivatives`, () => {
      for (const entry of samples) {
        const { fn, inputs } = asFunction(entry);
        try {
          by(fn, inputs);
        } catch (error) {
          throw named(entry, error);
        }
      }
    });
  }
}

check('first', gradcheck, 8);
check('second', gradgradcheck, 4);
