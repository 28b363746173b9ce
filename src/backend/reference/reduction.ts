// Reductions: the input is read with its reduced dims last, so that what belongs to one result comes in one run. Sums of
// floats are taken pairwise in float64 (float32's too), sums of integers in int64.

import { elementCount } from '../shape.js';
import type { Backend, ReduceOp, StridedView } from '../backend.js';
import { isFloat } from '../dtype.js';
import { Integers } from './conversion.js';
import { Cursor, permuted } from './cursor.js';

/** How the elements of one result come together: `leaf` takes up to 128 of them, `join` combines two partial results. */
interface Fold {
  readonly empty: number;
  leaf(values: Float64Array, length: number): number;
  join(left: number, right: number): number;
}

const leafLength = 128;
const leafValues = new Float64Array(leafLength);
const result = new Float64Array(1);

function add(left: number, right: number): number {
  return left + right;
}

const sum: Fold = {
  empty: 0,
  leaf(values, length) {
    let total = 0;
    for (let i = 0; i < length; i++) total += values[i]!;
    return total;
  },
  join: add,
};

const folds: { readonly [op in ReduceOp]: Fold } = {
  sum,
  mean: sum,
  prod: {
    empty: 1,
    leaf(values, length) {
      let product = 1;
      for (let i = 0; i < length; i++) product *= values[i]!;
      return product;
    },
    join: (left, right) => left * right,
  },
  max: {
    empty: -Infinity,
    leaf(values, length) {
      let largest = -Infinity;
      for (let i = 0; i < length; i++) largest = Math.max(largest, values[i]!);
      return largest;
    },
    join: Math.max,
  },
  min: {
    empty: Infinity,
    leaf(values, length) {
      let smallest = Infinity;
      for (let i = 0; i < length; i++) smallest = Math.min(smallest, values[i]!);
      return smallest;
    },
    join: Math.min,
  },
  any: {
    empty: 0,
    leaf(values, length) {
      for (let i = 0; i < length; i++) if (values[i] !== 0) return 1;
      return 0;
    },
    join: Math.max,
  },
  all: {
    empty: 1,
    leaf(values, length) {
      for (let i = 0; i < length; i++) if (values[i] === 0) return 0;
      return 1;
    },
    join: Math.min,
  },
  sumOfSquares: {
    empty: 0,
    leaf(values, length) {
      let total = 0;
      for (let i = 0; i < length; i++) total += values[i]! * values[i]!;
      return total;
    },
    join: add,
  },
  sumOfAbs: {
    empty: 0,
    leaf(values, length) {
      let total = 0;
      for (let i = 0; i < length; i++) total += Math.abs(values[i]!);
      return total;
    },
    join: add,
  },
};

/** Folds the next `count` elements, halving down to the leaves. */
function foldNext(cursor: Cursor, count: number, fold: Fold): number {
  if (count > leafLength) {
    const half = Math.floor(count / 2);
    return fold.join(foldNext(cursor, half, fold), foldNext(cursor, count - half, fold));
  }
  if (count === 0) return fold.empty;
  cursor.readFloats(leafValues, count);
  return fold.leaf(leafValues, count);
}

const integerFolds: { readonly [op in ReduceOp]?: (x: bigint, y: bigint) => bigint } = {
  sum: (x, y) => BigInt.asIntN(64, x + y),
  prod: (x, y) => BigInt.asIntN(64, x * y),
  max: (x, y) => (x > y ? x : y),
  min: (x, y) => (x < y ? x : y),
};

const integerLeaf = new Integers(leafLength);

function foldNextIntegers(cursor: Cursor, count: number, op: ReduceOp): bigint {
  const join = integerFolds[op]!;
  let total = op === 'prod' ? 1n : 0n;
  for (let done = 0; done < count; done += leafLength) {
    const length = Math.min(leafLength, count - done);
    cursor.readIntegers(integerLeaf, length);
    if (done === 0 && (op === 'max' || op === 'min')) total = integerLeaf.values[0]!;
    for (let i = 0; i < length; i++) total = join(total, integerLeaf.values[i]!);
  }
  return total;
}

/** A view's elements ordered so that the `reduced` many of each of the `results` follow each other. */
function grouped(output: StridedView, input: StridedView): { view: StridedView; results: number; reduced: number } {
  const dims = input.shape.map((_, dim) => dim);
  const isReduced = (dim: number) => output.shape[dim] === 1 && input.shape[dim] !== 1;
  const view = permuted(input, [...dims.filter((dim) => !isReduced(dim)), ...dims.filter(isReduced)]);
  return {
    view,
    results: elementCount(output.shape),
    reduced: elementCount(dims.filter(isReduced).map((dim) => input.shape[dim]!)),
  };
}

function reduce(op: ReduceOp, output: StridedView, input: StridedView): void {
  const { view, results, reduced } = grouped(output, input);
  const source = new Cursor(view);
  const target = new Cursor(output);
  if (isFloat(input.dtype) || op === 'any' || op === 'all') {
    const fold = folds[op];
    for (let i = 0; i < results; i++) {
      const total = foldNext(source, reduced, fold);
      result[0] = op === 'mean' ? total / reduced : total;
      target.writeFloats(result, 1);
    }
  } else {
    const integerResult = new Integers(1);
    for (let i = 0; i < results; i++) {
      integerResult.values[0] = foldNextIntegers(source, reduced, op);
      target.writeIntegers(integerResult, 1);
    }
  }
}

function variance(output: StridedView, mean: StridedView | undefined, input: StridedView, correction: number): void {
  const { view, results, reduced } = grouped(output, input);
  const [firstPass, secondPass] = [new Cursor(view), new Cursor(view)];
  const target = new Cursor(output);
  const meanTarget = mean && new Cursor(mean);
  for (let i = 0; i < results; i++) {
    const center = foldNext(firstPass, reduced, sum) / reduced;
    const squaredDistances: Fold = {
      empty: 0,
      leaf(values, length) {
        let total = 0;
        for (let k = 0; k < length; k++) total += (values[k]! - center) ** 2;
        return total;
      },
      join: add,
    };
    result[0] = foldNext(secondPass, reduced, squaredDistances) / Math.max(0, reduced - correction);
    target.writeFloats(result, 1);
    result[0] = center;
    meanTarget?.writeFloats(result, 1);
  }
}

function logSumExp(output: StridedView, input: StridedView): void {
  const { view, results, reduced } = grouped(output, input);
  const [firstPass, secondPass] = [new Cursor(view), new Cursor(view)];
  const target = new Cursor(output);
  for (let i = 0; i < results; i++) {
    const largest = foldNext(firstPass, reduced, folds.max);
    // Of infinities alone the largest is the result, and subtracting it would give NaN.
    const shift = Number.isFinite(largest) ? largest : 0;
    const exponentials: Fold = {
      empty: 0,
      leaf(values, length) {
        let total = 0;
        for (let k = 0; k < length; k++) total += Math.exp(values[k]! - shift);
        return total;
      },
      join: add,
    };
    result[0] = shift + Math.log(foldNext(secondPass, reduced, exponentials));
    target.writeFloats(result, 1);
  }
}

export const reductions = { reduce, variance, logSumExp } satisfies Partial<Backend>;
