// Batched matrix products. Floats are multiplied in float64 and rounded once; integers in int64.

import { elementCount } from '../shape.js';
import type { Backend, StridedView } from '../backend.js';
import { isFloat } from '../dtype.js';
import { Integers } from './conversion.js';
import { Cursor, readAll } from './cursor.js';
import { cellsOf } from './memory.js';
import { multiplyAdd } from './multiply.js';

type Options = NonNullable<Parameters<Backend['matmul']>[3]>;

/** Where the matrices [M, N] of a view [..., M, N] begin, in row-major order of the `batch` dims it broadcasts to. */
function matrixOffsets(view: StridedView, batch: readonly number[]): number[] {
  const missing = batch.length - (view.shape.length - 2);
  let offsets = [view.offset];
  batch.forEach((size, dim) => {
    const own = dim - missing;
    const stride = own < 0 || view.shape[own] === 1 ? 0 : view.strides[own]!;
    offsets = offsets.flatMap((offset) => Array.from({ length: size }, (_, i) => offset + i * stride));
  });
  return offsets;
}

function matmul(output: StridedView, left: StridedView, right: StridedView, options: Options = {}): void {
  if (!isFloat(output.dtype)) return integerMatmul(output, left, right, options);
  const { bias, activation = 'none', alpha = 1, beta = 0 } = options;
  const [rows, columns] = output.shape.slice(-2) as [number, number];
  const depth = left.shape.at(-1)!;
  const batch = output.shape.slice(0, -2);
  const matrix = (view: StridedView) => ({
    elements: cellsOf(view),
    offset: view.offset,
    rowStride: view.strides.at(-2)!,
    columnStride: view.strides.at(-1)!,
  });
  const [leftMatrix, rightMatrix] = [matrix(left), matrix(right)];
  const [leftOffsets, rightOffsets] = [matrixOffsets(left, batch), matrixOffsets(right, batch)];

  const biases = bias ? readAll(bias) : new Float64Array(columns);
  const existing = new Cursor(output);
  const target = new Cursor(output);
  const product = new Float64Array(rows * columns);
  const before = new Float64Array(beta === 0 ? 0 : product.length);
  leftOffsets.forEach((offset, i) => {
    product.fill(0);
    multiplyAdd(
      product,
      0,
      { ...leftMatrix, offset },
      { ...rightMatrix, offset: rightOffsets[i]! },
      rows,
      columns,
      depth,
    );
    if (beta !== 0) existing.readFloats(before, product.length);
    for (let row = 0, at = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++, at++) {
        const value = alpha * product[at]! + (beta === 0 ? 0 : beta * before[at]!) + biases[column]!;
        product[at] = activation === 'relu' && value < 0 ? 0 : value;
      }
    }
    target.writeFloats(product, product.length);
  });
}

function integerMatmul(output: StridedView, left: StridedView, right: StridedView, options: Options): void {
  const { bias, activation = 'none', alpha = 1, beta = 0 } = options;
  const [rows, columns] = output.shape.slice(-2) as [number, number];
  const depth = left.shape.at(-1)!;
  const batch = output.shape.slice(0, -2);
  const valuesOf = (view: StridedView, shape: readonly number[]) => {
    const integers = new Integers(elementCount(shape));
    new Cursor(view, shape).readIntegers(integers, integers.values.length);
    return integers.values;
  };
  const leftValues = valuesOf(left, [...batch, rows, depth]);
  const rightValues = valuesOf(right, [...batch, depth, columns]);
  const before = valuesOf(output, output.shape);
  const biases = bias ? valuesOf(bias, [columns]) : new BigInt64Array(columns);
  const [factor, keep] = [BigInt(Math.trunc(alpha)), BigInt(Math.trunc(beta))];

  const result = new Integers(before.length);
  for (let at = 0; at < before.length; at++) {
    const column = at % columns;
    const row = Math.floor(at / columns);
    let sum = 0n;
    for (let k = 0; k < depth; k++) {
      const below = (Math.floor(row / rows) * depth + k) * columns;
      sum = BigInt.asIntN(64, sum + leftValues[row * depth + k]! * rightValues[below + column]!);
    }
    const value = factor * sum + keep * before[at]! + biases[column]!;
    result.values[at] = activation === 'relu' && value < 0n ? 0n : value;
  }
  new Cursor(output).writeIntegers(result, before.length);
}

export const matrices = { matmul } satisfies Partial<Backend>;
