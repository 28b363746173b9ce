// Elementwise kernels: operands are read a piece at a time, computed on in float64 or int64, and written back. A float32
// result is therefore rounded once, at the end.

import { elementCount } from '../shape.js';
import type { Backend, BinaryOp, CompareOp, Operand, PredicateOp, StridedView, UnaryOp } from '../backend.js';
import { dtypes, isFloat } from '../dtype.js';
import type { DType } from '../dtype.js';
import { comparisons, integerPairFunctions, pairFunctions } from './binary.js';
import type { PairFunction } from './binary.js';
import { Integers } from './conversion.js';
import { inPieces } from './copying.js';
import { Cursor, pieceLength } from './cursor.js';
import { floatFunctions, integerFunctions, predicates } from './unary.js';
import type { FloatFunction } from './unary.js';

const x = new Float64Array(pieceLength);
const y = new Float64Array(pieceLength);
const z = new Float64Array(pieceLength);
const buffers = [x, y, z];
const result = new Float64Array(pieceLength);
const integerResult = new Integers(pieceLength);
const integerBuffers = [new Integers(pieceLength), new Integers(pieceLength), new Integers(pieceLength)];

/** A parameter as the kernel of a dtype would hold it. */
function inDType(dtype: DType, value: number): number {
  return dtype === 'float32' ? Math.fround(value) : value;
}

function integerOf(value: number): bigint {
  return value >= 2 ** 63 ? 2n ** 63n - 1n : value <= -(2 ** 63) ? -(2n ** 63n) : BigInt(Math.trunc(value));
}

/** A number as the integer of `dtype` that has its last bits. */
function wrapped(dtype: DType, value: bigint): bigint {
  const { kind, bytes } = dtypes[dtype];
  if (kind !== 'integer') return value;
  return dtype === 'uint8' ? BigInt.asUintN(8, value) : BigInt.asIntN(8 * bytes, value);
}

/** Reads `operands` piece by piece into x, y, z, numbers as of `dtype`, and writes what `compute` leaves in `result`. */
function overFloats(
  output: StridedView,
  operands: readonly Operand[],
  compute: (length: number) => void,
  dtype: DType = output.dtype,
): void {
  const count = elementCount(output.shape);
  const cursors = operands.map((operand, i) => {
    if (typeof operand !== 'number') return new Cursor(operand, output.shape);
    buffers[i]!.fill(inDType(dtype, operand), 0, count);
    return undefined;
  });
  const target = new Cursor(output);
  inPieces(count, (length) => {
    cursors.forEach((cursor, i) => cursor?.readFloats(buffers[i]!, length));
    compute(length);
    target.writeFloats(result, length);
  });
}

/** The same in int64, `compute` called with the buffers of the operands. */
function overIntegers(
  output: StridedView,
  operands: readonly Operand[],
  compute: (x: BigInt64Array, y: BigInt64Array, z: BigInt64Array, length: number) => void,
): void {
  const count = elementCount(output.shape);
  const cursors = operands.map((operand, i) => {
    if (typeof operand !== 'number') return new Cursor(operand, output.shape);
    integerBuffers[i]!.values.fill(wrapped(output.dtype, integerOf(operand)), 0, count);
    return undefined;
  });
  const target = new Cursor(output);
  const [first, second, third] = integerBuffers as [Integers, Integers, Integers];
  inPieces(count, (length) => {
    cursors.forEach((cursor, i) => cursor?.readIntegers(integerBuffers[i]!, length));
    compute(first.values, second.values, third.values, length);
    target.writeIntegers(integerResult, length);
  });
}

// A call through a table costs more than most of these operations, so the commonest have a loop of their own.
function applyFloat(op: UnaryOp, f: FloatFunction, length: number, a: number, b: number): void {
  if (op === 'relu') for (let i = 0; i < length; i++) result[i] = x[i]! < 0 ? 0 : x[i]!;
  else if (op === 'square') for (let i = 0; i < length; i++) result[i] = x[i]! * x[i]!;
  else if (op === 'sqrt') for (let i = 0; i < length; i++) result[i] = Math.sqrt(x[i]!);
  else for (let i = 0; i < length; i++) result[i] = f(x[i]!, a, b);
}

function applyPair(op: BinaryOp, f: PairFunction, length: number, a: number, b: number): void {
  if (op === 'add') for (let i = 0; i < length; i++) result[i] = x[i]! + y[i]!;
  else if (op === 'sub') for (let i = 0; i < length; i++) result[i] = x[i]! - y[i]!;
  else if (op === 'mul') for (let i = 0; i < length; i++) result[i] = x[i]! * y[i]!;
  else if (op === 'div') for (let i = 0; i < length; i++) result[i] = x[i]! / y[i]!;
  else if (op === 'reluBackward') for (let i = 0; i < length; i++) result[i] = y[i]! <= 0 ? 0 : x[i]!;
  else for (let i = 0; i < length; i++) result[i] = f(x[i]!, y[i]!, a, b);
}

function unary(op: UnaryOp, output: StridedView, input: StridedView, a = 0, b = 0): void {
  const dtype = input.dtype;
  if (dtype === 'bool' && op === 'bitwiseNot') return predicate('logicalNot', output, input);
  if (isFloat(dtype)) {
    const f = floatFunctions[op as 'neg'];
    overFloats(output, [input], (length) => applyFloat(op, f, length, inDType(dtype, a), inDType(dtype, b)));
  } else {
    const f = integerFunctions[op]!;
    const [lowest, highest] = [integerOf(a), integerOf(b)];
    overIntegers(output, [input], (x, _y, _z, length) => {
      for (let i = 0; i < length; i++) integerResult.values[i] = f(x[i]!, lowest, highest);
    });
  }
}

function predicate(op: PredicateOp, output: StridedView, input: StridedView): void {
  const test = predicates[op];
  overFloats(output, [input], (length) => {
    for (let i = 0; i < length; i++) result[i] = test(x[i]!) ? 1 : 0;
  });
}

// A number as exponent, not a tensor, stands for the root itself: NaN of -Infinity, -0 of -0.
const isRoot = (exponent: Operand): boolean => exponent === 0.5 || exponent === -0.5;
const root = (x: number, exponent: number): number => (exponent > 0 ? Math.sqrt(x) : 1 / Math.sqrt(x));

function binary(op: BinaryOp, output: StridedView, left: Operand, right: Operand, a = 0, b = 0): void {
  const dtype = output.dtype;
  if (isFloat(dtype)) {
    const f = op === 'pow' && isRoot(right) ? root : pairFunctions[op as 'add'];
    overFloats(output, [left, right], (length) => applyPair(op, f, length, inDType(dtype, a), inDType(dtype, b)));
  } else {
    const f = integerPairFunctions[op]!;
    overIntegers(output, [left, right], (x, y, _z, length) => {
      for (let i = 0; i < length; i++) integerResult.values[i] = f(x[i]!, y[i]!);
    });
  }
}

function compare(op: CompareOp, output: StridedView, left: Operand, right: Operand): void {
  const test = comparisons[op];
  const dtype = typeof left === 'number' ? (right as StridedView).dtype : left.dtype;
  if (dtype === 'int64' && !op.startsWith('logical')) {
    // Beyond 2^53 a float64 can't tell neighbours apart.
    overIntegers(output, [left, right], (x, y, _z, length) => {
      for (let i = 0; i < length; i++) {
        const order = x[i]! < y[i]! ? -1 : x[i]! > y[i]! ? 1 : 0;
        integerResult.values[i] = test(order, 0) ? 1n : 0n;
      }
    });
  } else {
    const pieceOf = (length: number) => {
      for (let i = 0; i < length; i++) result[i] = test(x[i]!, y[i]!) ? 1 : 0;
    };
    overFloats(output, [left, right], pieceOf, dtype);
  }
}

function where(output: StridedView, condition: StridedView, left: Operand, right: Operand): void {
  if (output.dtype === 'int64') {
    overIntegers(output, [condition, left, right], (x, y, z, length) => {
      for (let i = 0; i < length; i++) integerResult.values[i] = x[i] !== 0n ? y[i]! : z[i]!;
    });
  } else {
    overFloats(output, [condition, left, right], (length) => {
      for (let i = 0; i < length; i++) result[i] = x[i] !== 0 ? y[i]! : z[i]!;
    });
  }
}

function addScaled(
  mode: 'mul' | 'div',
  output: StridedView,
  input: StridedView,
  left: StridedView,
  right: StridedView,
  scale: number,
): void {
  if (isFloat(output.dtype)) {
    const factor = inDType(output.dtype, scale);
    overFloats(output, [input, left, right], (length) => {
      if (mode === 'mul') for (let i = 0; i < length; i++) result[i] = x[i]! + factor * y[i]! * z[i]!;
      else for (let i = 0; i < length; i++) result[i] = x[i]! + (factor * y[i]!) / z[i]!;
    });
  } else {
    const factor = integerOf(scale);
    const combine = integerPairFunctions[mode]!;
    overIntegers(output, [input, left, right], (x, y, z, length) => {
      for (let i = 0; i < length; i++) integerResult.values[i] = x[i]! + combine(factor * y[i]!, z[i]!);
    });
  }
}

function lerp(output: StridedView, start: StridedView, end: StridedView, weight: Operand): void {
  overFloats(output, [start, end, weight], (length) => {
    for (let i = 0; i < length; i++) {
      const distance = y[i]! - x[i]!;
      result[i] = z[i]! < 0.5 ? x[i]! + z[i]! * distance : y[i]! - distance * (1 - z[i]!);
    }
  });
}

export const elementwise = { unary, predicate, binary, compare, where, addScaled, lerp } satisfies Partial<Backend>;
