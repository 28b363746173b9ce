// A case of the table of operations: how it is written down, and how it is run here.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { grad } from '../../src/autograd/backward.js';
import type { DType } from '../../src/backend/dtype.js';
import { slice } from '../../src/ops/indexing.js';
import { Tensor } from '../../src/tensor/tensor.js';
import { waysToCall, type Call } from './library.js';
import { make, parseRecipe, weights, type Recipe } from './recipe.js';

/** A result as PyTorch had it. */
export interface Expected {
  /** A result that is no tensor. */
  readonly value?: unknown;
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** The elements' bytes in row-major order, base64. */
  readonly data: string;
  /** Whether it requires a gradient. */
  readonly grad?: boolean;
  /** Where it shares the first operand's memory: offset and strides. */
  readonly view?: readonly number[];
}

export interface Case {
  readonly op: string;
  readonly args: readonly unknown[];
  /** For an in-place operation: the view of the operand that it is called on. */
  readonly through?: readonly unknown[];
  readonly tolerance?: number;
  readonly because?: string;
  /** false: finite differences say nothing about it. */
  readonly check?: boolean;
  /** PyTorch refuses it. */
  readonly error?: string | true;
  readonly gradError?: string | true;
  readonly out?: readonly Expected[];
  /** The gradients of the tensors that ask for one, in their order; null where PyTorch has none. */
  readonly grad?: readonly (string | null)[];
}

/** Where the results that `npm test` compares with are kept. */
export const fixtures = join(dirname(fileURLToPath(import.meta.url)), 'fixtures');

/** The entries of a file of JSON lines, compressed or not. */
export function entriesOf<T = Case>(name: string, folder = fixtures): T[] {
  const plain = join(folder, `${name}.jsonl`);
  const text = existsSync(plain) ? readFileSync(plain) : gunzipSync(readFileSync(`${plain}.gz`));
  return text
    .toString('utf8')
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as T]));
}

export type Made = (recipe: Recipe) => Tensor;

/** An argument from its JSON form. `made` turns recipes into tensors. */
export function decode(value: unknown, made: Made): unknown {
  if (Array.isArray(value)) return value.map((entry) => decode(entry, made));
  if (value === null || typeof value !== 'object') return value;
  const entry = value as Record<string, unknown>;
  if (typeof entry.T === 'string') return made(parseRecipe(entry.T));
  if (typeof entry.number === 'string') return Number(entry.number);
  if (typeof entry.big === 'string') return BigInt(entry.big);
  if (Array.isArray(entry.slice)) return slice(...(entry.slice as (number | null)[]));
  if (entry.options !== undefined) return decode({ ...(entry.options as object) }, made);
  return Object.fromEntries(Object.entries(entry).map(([key, field]) => [key, decode(field, made)]));
}

/** Where Python's None is a value of its own; elsewhere it stands for an argument that is left out. */
const NULL_IS_A_VALUE = new Set(['index', 'indexPut_']);

export function argumentsOf({ op, args }: Case, made: Made): unknown[] {
  const decoded = args.map((arg) => decode(arg, made));
  return NULL_IS_A_VALUE.has(op) ? decoded : decoded.map((arg) => (arg === null ? undefined : arg));
}

/** The tensors and other values in a result, in order. */
export function flattened(result: unknown): unknown[] {
  if (Array.isArray(result)) return result.flatMap(flattened);
  if (result instanceof Tensor || result === null || typeof result !== 'object') return [result];
  return Object.values(result).flatMap(flattened);
}

export interface Outcome {
  readonly results: readonly unknown[];
  /** The first tensor among the arguments. */
  readonly operand: Tensor | undefined;
  /** Those that ask for a gradient. */
  readonly leaves: readonly Tensor[];
}

/** Where the method of the name is another thing than the function: which of them the table means. */
const NOT_ALIKE: Readonly<Record<string, 'function' | 'method'>> = { where: 'function', slice: 'method' };

export function callFor(op: string, useMethod: boolean, args: readonly unknown[]): Call {
  const { fn, method } = waysToCall(op);
  if (NOT_ALIKE[op] === 'function') useMethod = false;
  if (NOT_ALIKE[op] === 'method') useMethod = true;
  const takesTensor = args[0] instanceof Tensor;
  const call = (useMethod && takesTensor ? method : fn) ?? (takesTensor ? method : undefined) ?? fn;
  if (!call) throw new Error(`no operation ${op}`);
  return call;
}

/** Runs a case: as a method or as a function where both exist. `made` turns recipes into tensors. */
export function run(entry: Case, useMethod: boolean, made: Made = make): Outcome {
  const tensors: Tensor[] = [];
  const args = argumentsOf(entry, (recipe) => {
    const tensor = made(recipe);
    tensors.push(tensor);
    return tensor;
  });
  const leaves = tensors.filter((tensor) => tensor.requiresGrad);
  const call = callFor(entry.op, useMethod, args);
  const operand = tensors[0];
  if (!entry.op.endsWith('_')) return { results: flattened(call(...args)), operand, leaves };
  const changed = leaves.length > 0 ? operand!.clone() : operand!;
  let target = changed;
  if (entry.through) {
    const [method, ...rest] = entry.through as [string, ...unknown[]];
    target = waysToCall(method).method!(changed, ...rest.map((arg) => arg ?? undefined)) as Tensor;
  }
  call(target, ...args.slice(1));
  return { results: [changed], operand: undefined, leaves };
}

/** The gradients of the results, weighted, with respect to the leaves. */
export function gradientsOf({ results, leaves }: Outcome): (Tensor | null)[] {
  const outputs = results.flatMap((result, i) =>
    result instanceof Tensor && result.requiresGrad ? [{ result, weight: weights(result.shape, result.dtype, i) }] : [],
  );
  if (outputs.length === 0) return leaves.map(() => null);
  return grad(
    outputs.map(({ result }) => result),
    leaves,
    { gradOutputs: outputs.map(({ weight }) => weight), allowUnused: true },
  );
}
