// The parameters and gradients of scripts/oracle/optim, made here by the same formula, and what compares with its results.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Tensor, tensor, type DType } from 'flambeau';

/** Where a file of PyTorch's is: among the fixtures or, in `npm run oracle`, where it was written just now. */
export function fixtureFile(name: string): string {
  return join(process.env['FLAMBEAU_ORACLE_OPTIM'] ?? fileURLToPath(new URL('fixtures', import.meta.url)), name);
}

/** What PyTorch did. */
export function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(fixtureFile(`${name}.json`), 'utf8')) as T;
}

export const shapes: readonly (readonly number[])[] = [[2, 3], [3], []];

/** A number in [-1, 1) from a whole number. */
function noise(n: number): number {
  return ((1103515245 * (n % 100000) + 12345) % 2147483648) / 1073741824 - 1;
}

function values(start: number, shape: readonly number[], dtype: DType): Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  return tensor(
    Array.from({ length: count }, (_, i) => noise(start + i)),
    { dtype },
  ).reshape(shape);
}

/** The three parameters before the first step. */
export function initialParameters(dtype: DType): Tensor[] {
  return shapes.map((shape, p) => values(1000 * (p + 1), shape, dtype).requiresGrad_());
}

/** Gives the parameters their gradients of a step, counted from 1: the second has none at every seventh. */
export function setGradients(params: readonly Tensor[], step: number, sign = 1): void {
  params.forEach((param, p) => {
    const none = p === 1 && step % 7 === 3;
    param.grad = none ? null : values(37 * step + 5000 * (p + 1), param.shape, param.dtype).mul(sign);
  });
}

/** All numbers in nested arrays, in order. */
function numbersIn(value: unknown): number[] {
  return Array.isArray(value) ? value.flatMap(numbersIn) : [Number(value)];
}

/** Asserts that two values (tensors, numbers, nested arrays of both) agree relative to the larger, or to `floor` if that is more. */
export function assertClose(actual: unknown, expected: unknown, tolerance: number, what: string, floor = 0): void {
  const plain = (value: unknown): unknown =>
    value instanceof Tensor ? value.toArray() : Array.isArray(value) ? value.map(plain) : value;
  const a = numbersIn(plain(actual));
  const b = numbersIn(plain(expected));
  assert.equal(a.length, b.length, what);
  b.forEach((value, i) => {
    const scale = Math.max(Math.abs(a[i]!), Math.abs(value), floor);
    const near = a[i] === value || Math.abs(a[i]! - value) <= tolerance * scale;
    assert.ok(near, `${what}, number ${i}: got ${a[i]}, expected ${value}`);
  });
}
