// First and second derivatives of every operation against finite differences in float64, at the samples of the table. By
// default a few samples of each; FLAMBEAU_ORACLE=full checks them all.

import { test } from 'node:test';
import { gradcheck, gradgradcheck } from '../../src/autograd/gradcheck.js';
import { isFloat } from '../../src/backend/dtype.js';
import { Tensor } from '../../src/tensor/tensor.js';
import { entriesOf, run, type Case } from './case.js';
import { difference } from './compare.js';
import { make, type Recipe } from './recipe.js';

const full = process.env.FLAMBEAU_ORACLE === 'full';
const cases = entriesOf('operations');

/** Kinds of values where a function may have a corner, or nothing is finite; expanded tensors are full of equals. */
const CORNERS = new Set(['special', 'common', 'ties', 'zeros', 'ones', 'large']);

function recipesOf(entry: Case): string[] {
  return [...JSON.stringify(entry.args).matchAll(/"T":"([^"]*)"/g)].map(([, text]) => text!);
}

/** Whether finite differences say something about a case. */
function suits(entry: Case): boolean {
  if (entry.check === false || !entry.grad?.some((gradient) => gradient !== null)) return false;
  if (JSON.stringify(entry.args).includes('"number"') || difference(entry, true) !== undefined) return false;
  return recipesOf(entry).every((text) => {
    const [, dtype = '', kind = '', layout, grad] = text.split('|');
    return !dtype.startsWith('float') || !(CORNERS.has(kind) || (grad === 'g' && layout === 'E'));
  });
}

/** The case as a function of the tensors that ask for a gradient, and those tensors, all floats in float64. */
function asFunction(entry: Case): { fn: (...inputs: Tensor[]) => Tensor[]; inputs: Tensor[] } {
  const widened = (recipe: Recipe): Recipe => (isFloat(recipe.dtype) ? { ...recipe, dtype: 'float64' } : recipe);
  const inputs: Tensor[] = [];
  run(entry, true, (recipe) => {
    const tensor = make(widened(recipe));
    if (recipe.grad) inputs.push(tensor);
    return tensor;
  });
  const fn = (...given: Tensor[]): Tensor[] => {
    let next = 0;
    const { results } = run(entry, true, (recipe) => (recipe.grad ? given[next++]! : make(widened(recipe))));
    return results.filter((result): result is Tensor => result instanceof Tensor);
  };
  return { fn, inputs };
}

/** Operations that convert to float32: finite differences of so few digits say nothing. */
function staysInFloat64(entry: Case): boolean {
  return (
    !/"float32"/.test(JSON.stringify(entry.args.filter((arg) => typeof arg === 'string' || !isTensor(arg)))) &&
    entry.op !== 'float'
  );
}

function isTensor(arg: unknown): boolean {
  return typeof arg === 'object' && arg !== null && 'T' in arg;
}

const byOperation = new Map<string, Case[]>();
for (const entry of cases) {
  if (!suits(entry) || !staysInFloat64(entry)) continue;
  const list = byOperation.get(entry.op);
  if (list) list.push(entry);
  else byOperation.set(entry.op, [entry]);
}

/** `count` of a list, evenly spread. */
function some<T>(list: readonly T[], count: number): T[] {
  if (full || list.length <= count) return [...list];
  return Array.from({ length: count }, (_, i) => list[Math.floor((i * list.length) / count)]!);
}

function named(entry: Case, error: unknown): Error {
  return new Error(
    `${entry.op}(${JSON.stringify(entry.args)}): ${error instanceof Error ? error.message : String(error)}`,
    {
      cause: error,
    },
  );
}

for (const [name, samples] of byOperation) {
  test(`${name}: first derivatives`, () => {
    for (const entry of some(samples, 8)) {
      const { fn, inputs } = asFunction(entry);
      try {
        gradcheck(fn, inputs);
      } catch (error) {
        throw named(entry, error);
      }
    }
  });
  test(`${name}: second derivatives`, () => {
    for (const entry of some(samples, 4)) {
      const { fn, inputs } = asFunction(entry);
      try {
        gradgradcheck(fn, inputs);
      } catch (error) {
        throw named(entry, error);
      }
    }
  });
}
