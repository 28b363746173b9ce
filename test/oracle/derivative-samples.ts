// The samples of the table at which derivatives are compared with finite differences. By default a few of each operation;
// FLAMBEAU_ORACLE=full takes them all.

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
export function asFunction(entry: Case): { fn: (...inputs: Tensor[]) => Tensor[]; inputs: Tensor[] } {
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

/** The samples of each operation, by its name. */
export function derivativeSamples(count: number): [name: string, samples: Case[]][] {
  return [...byOperation].map(([name, samples]) => [name, some(samples, count)]);
}
