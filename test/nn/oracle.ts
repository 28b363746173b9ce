// Runs the cases of test/nn/fixtures here and compares with what PyTorch did (scripts/oracle/nn wrote them).

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import * as nn from 'flambeau/nn';
import { SGD } from 'flambeau/optim';

import type { DType } from '../../src/backend/dtype.js';
import { withGrad } from '../../src/autograd/mode.js';
import { manualSeed } from '../../src/tensor/generator.js';
import { rand } from '../../src/tensor/random.js';
import { Tensor } from '../../src/tensor/tensor.js';
import { make, weight, type TensorSpec } from './recipe.js';

/** A number, or the name of one that JSON doesn't have. */
type Written = number | 'NaN' | 'Infinity' | '-Infinity';

/** A tensor as a fixture states it: its shape, a few of its values and, where those aren't all, a weighted sum. */
export interface Described {
  readonly shape: readonly number[];
  readonly values: readonly Written[];
  readonly sum?: Written;
}

type Argument = TensorSpec | { readonly new: LayerCase } | readonly Argument[] | number | string | boolean | null;
type Options = Readonly<Record<string, Argument>>;

export interface LayerCase {
  readonly layer: string;
  readonly args?: readonly Argument[];
  readonly options?: Options;
  readonly inputs: readonly Argument[];
  readonly call?: Options;
  readonly eval?: boolean;
  readonly pack?: readonly number[];
  readonly text: string;
  readonly state: Readonly<Record<string, readonly number[]>>;
  readonly outputs: readonly Described[];
  readonly inputGradients: readonly (Described | null)[];
  readonly parameterGradients: Readonly<Record<string, Described>>;
  readonly buffers: Readonly<Record<string, Described>>;
  /** The state after 50 updates more, where there is anything to update. */
  readonly updated?: Readonly<Record<string, Described>>;
  readonly only?: DType;
  /** A wider tolerance, where PyTorch is less exact. */
  readonly within?: number;
}

export interface FunctionCase {
  readonly function: string;
  readonly inputs: readonly Argument[];
  readonly options?: Options;
  readonly outputs: readonly Described[];
  readonly inputGradients: readonly (Described | null)[];
  readonly only?: DType;
}

export interface InitCase extends LayerCase {
  readonly parameters: Readonly<Record<string, Described>>;
  readonly next: number;
}

export interface InitialiserCase {
  readonly initialiser: string;
  readonly shape: readonly number[];
  readonly args?: readonly number[];
  readonly options?: Readonly<Record<string, number | string>>;
  readonly result: Described;
  readonly next: number;
}

/** The dtypes a case is run in. */
export function dtypesOf(case_: { readonly only?: DType }): readonly DType[] {
  return case_.only ? [case_.only] : ['float64', 'float32'];
}

/** What PyTorch did, as the fixtures say or (`npm run oracle`) as it was found out just now. */
export function fixture<T>(name: string): T[] {
  const folder = process.env['FLAMBEAU_ORACLE_NN'];
  const file = folder === undefined ? new URL(`fixtures/${name}.json`, import.meta.url) : join(folder, `${name}.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as T[];
}

/** A case's name for a report. */
export function nameOf(
  case_: { layer?: string; function?: string; args?: unknown; options?: unknown },
  index: number,
): string {
  const parts = [...((case_.args as unknown[] | undefined) ?? []), ...(case_.options ? [case_.options] : [])];
  return `${index} ${case_.layer ?? case_.function}(${parts.map((part) => JSON.stringify(part)).join(', ')})`;
}

function isSpec(value: Argument): value is TensorSpec {
  return typeof value === 'object' && value !== null && 'shape' in value;
}

function argument(given: Argument, dtype: DType): unknown {
  if (isSpec(given)) return make(given, given.seed ?? 50, dtype);
  if (Array.isArray(given)) return (given as readonly Argument[]).map((entry) => argument(entry, dtype));
  if (typeof given === 'object' && given !== null && 'new' in given) return build(given.new, dtype);
  return given;
}

function optionsOf(given: Options, dtype: DType): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      value === null && name !== 'momentum' ? undefined : argument(value, dtype),
    ]),
  );
}

type Constructor = new (...args: unknown[]) => nn.Module;
type Callable = (...inputs: unknown[]) => unknown;

/** The layer of a case, drawn in float32 and converted. */
export function build(case_: Pick<LayerCase, 'layer' | 'args' | 'options'>, dtype: DType): nn.Module {
  const layer = (nn as unknown as Record<string, Constructor>)[case_.layer];
  assert.ok(layer, `nn.${case_.layer} exists`);
  const args = (case_.args ?? []).map((arg) => argument(arg, dtype));
  const module = case_.options ? new layer(...args, optionsOf(case_.options, dtype)) : new layer(...args);
  return module.to(dtype);
}

function inputsOf(inputs: readonly Argument[], dtype: DType): { called: unknown[]; leaves: Tensor[] } {
  const leaves: Tensor[] = [];
  const one = (spec: TensorSpec, seed: number): Tensor => {
    const made = make(spec, seed, dtype);
    if (!made.isFloatingPoint() || spec.constant) return made;
    leaves.push(made.requiresGrad_());
    return made;
  };
  const called = inputs.map((input, i) => {
    if (isSpec(input)) return one(input, 1 + i);
    if (Array.isArray(input) && isSpec(input[0] as Argument)) {
      return (input as readonly TensorSpec[]).map((spec, j) => one(spec, 1 + i * 10 + j));
    }
    return input === null ? undefined : input;
  });
  return { called, leaves };
}

/** All tensors of a result, in order. */
function flat(output: unknown): Tensor[] {
  if (output instanceof Tensor) return [output];
  if (output instanceof nn.utils.PackedSequence) return [output.data];
  if (Array.isArray(output)) return output.flatMap(flat);
  return typeof output === 'object' && output !== null ? Object.values(output).flatMap(flat) : [];
}

function backward(outputs: readonly Tensor[]): void {
  let total: Tensor | undefined;
  outputs.forEach((output, i) => {
    if (!output.isFloatingPoint() || !output.requiresGrad) return;
    const part = output.mul(make({ shape: output.shape }, 500 + i, output.dtype)).sum();
    total = total ? total.add(part) : part;
  });
  total?.backward();
}

/** How far a number may be from PyTorch's float64 result, relative to the largest of the tensor. */
const tolerance: Partial<Record<DType, number>> = { float64: 1e-10, float32: 1e-5, int64: 0, bool: 0 };

export function compare(what: string, actual: Tensor | null, expected: Described | null, within?: number): void {
  if (expected === null || actual === null) {
    assert.equal(actual === null || actual.numel() === 0, expected === null || expected.values.length === 0, what);
    return;
  }
  assert.deepEqual(actual.shape, expected.shape, `${what}: shape`);
  const bound = Math.max(within ?? 0, tolerance[actual.dtype] ?? 0);
  const numbers = Array.from(actual.detach().data(), Number);
  const step = Math.max(1, Math.floor(numbers.length / 12));
  const values = expected.values.map(Number);
  const largest = Math.max(1e-3, ...values.filter(Number.isFinite).map(Math.abs));
  values.forEach((value, i) => close(`${what}[${i * step}]`, numbers[i * step]!, value, bound * largest));
  if (expected.sum === undefined) return;
  const weights = Array.from(make({ shape: [numbers.length] }, 999, 'float64').data(), Number);
  const sum = numbers.reduce((total, number, i) => total + number * weights[i]!, 0);
  const size = numbers.reduce((total, number, i) => total + Math.abs(number * weights[i]!), 0);
  close(`${what} in all`, sum, Number(expected.sum), bound * Math.max(1e-3, size));
}

function close(what: string, actual: number, expected: number, within: number): void {
  if (Object.is(actual, expected) || actual === expected) return;
  assert.ok(
    Math.abs(actual - expected) <= within,
    `${what}: ${actual}, expected ${expected}, off by ${Math.abs(actual - expected)} where ${within} is allowed`,
  );
}

export function checkLayer(case_: LayerCase, dtype: DType): void {
  const module = build(case_, dtype);
  const state = module.stateDict();
  assert.equal(String(module), case_.text);
  assert.deepEqual(
    Object.entries(state).map(([name, entry]) => [name, entry.shape]),
    Object.entries(case_.state),
  );
  withGrad(false, () => {
    Object.entries(state).forEach(([name, entry], index) => entry.copy_(weight(name, entry, index)));
  });
  module.train(!case_.eval);
  const { called, leaves } = inputsOf(case_.inputs, dtype);
  manualSeed(11);
  if (case_.pack) {
    called[0] = nn.utils.packPaddedSequence(called[0] as Tensor, case_.pack, { enforceSorted: false });
  }
  if (case_.call) called.push(optionsOf(case_.call, dtype));
  const outputs = flat((module as unknown as Callable)(...called));
  backward(outputs);
  assert.equal(outputs.length, case_.outputs.length, 'number of outputs');
  case_.outputs.forEach((expected, i) => compare(`output ${i}`, outputs[i]!, expected));
  assert.equal(leaves.length, case_.inputGradients.length, 'number of gradients');
  case_.inputGradients.forEach((expected, i) =>
    compare(`gradient of input ${i}`, leaves[i]!.grad, expected, case_.within),
  );
  const gradients = new Map([...module.namedParameters()].map(([name, { grad }]) => [name, grad]));
  for (const [name, expected] of Object.entries(case_.parameterGradients)) {
    compare(`gradient of ${name}`, gradients.get(name) ?? null, expected);
  }
  const buffers = new Map(module.namedBuffers());
  for (const [name, expected] of Object.entries(case_.buffers)) compare(name, buffers.get(name) ?? null, expected);
  if (!case_.updated) return;
  update(module, called.map(detached));
  const after = module.stateDict();
  for (const [name, expected] of Object.entries(case_.updated)) {
    compare(`${name} after 50 updates`, after[name] ?? null, expected);
  }
}

/** An input without its graph, so that the first backward pass doesn't stand in the way of others. */
function detached(entry: unknown): unknown {
  if (entry instanceof Tensor) return entry.detach();
  if (entry instanceof nn.utils.PackedSequence) return entry.withData(entry.data.detach());
  return Array.isArray(entry) ? entry.map(detached) : entry;
}

/** 50 updates of SGD with momentum towards outputs by recipe. */
function update(module: nn.Module, called: readonly unknown[]): void {
  const optimizer = new SGD(module.parameters(), { lr: 0.01, momentum: 0.9 });
  for (let step = 0; step < 50; step++) {
    optimizer.zeroGrad();
    const losses = flat((module as unknown as Callable)(...called)).flatMap((output, i) =>
      output.isFloatingPoint() && output.requiresGrad
        ? [
            output
              .sub(make({ shape: output.shape }, 700 + i, output.dtype))
              .square()
              .mean(),
          ]
        : [],
    );
    losses.reduce((total, loss) => total.add(loss)).backward();
    optimizer.step();
  }
}

export function checkFunction(case_: FunctionCase, dtype: DType): void {
  const fn = (nn.functional as unknown as Record<string, Callable>)[case_.function];
  assert.ok(fn, `nn.functional.${case_.function} exists`);
  const { called, leaves } = inputsOf(case_.inputs, dtype);
  manualSeed(11);
  const outputs = flat(case_.options ? fn(...called, optionsOf(case_.options, dtype)) : fn(...called));
  backward(outputs);
  case_.outputs.forEach((expected, i) => compare(`output ${i}`, outputs[i]!, expected));
  case_.inputGradients.forEach((expected, i) => compare(`gradient of input ${i}`, leaves[i]!.grad, expected));
}

export function checkInit(case_: InitCase): void {
  manualSeed(7);
  const module = build(case_, 'float32');
  const parameters = new Map<string, Tensor>(module.namedParameters());
  assert.deepEqual([...parameters.keys()], Object.keys(case_.parameters));
  for (const [name, expected] of Object.entries(case_.parameters)) {
    compare(name, parameters.get(name)!, expected, 5e-7);
  }
  assert.equal(rand([1]).item(), case_.next, 'the next random number');
}

export function checkInitialiser(case_: InitialiserCase): void {
  manualSeed(7);
  const filled = new nn.Parameter(rand([0]).newZeros(case_.shape));
  const fn = (nn.init as unknown as Record<string, Callable>)[case_.initialiser]!;
  const result = case_.options ? fn(filled, ...(case_.args ?? []), case_.options) : fn(filled, ...(case_.args ?? []));
  assert.equal(result, filled);
  compare(case_.initialiser, filled, case_.result, 2e-6);
  assert.equal(rand([1]).item(), case_.next, 'the next random number');
}
