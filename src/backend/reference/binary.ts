// Functions of two operands, float and integer, as formulas.

import type { BinaryOp, CompareOp } from '../backend.js';
import { geluSlope, geluTanhSlope, sigmoid } from './unary.js';

type IntegerOnly = 'bitwiseAnd' | 'bitwiseOr' | 'bitwiseXor' | 'leftShift' | 'rightShift';
export type PairFunction = (x: number, y: number, a: number, b: number) => number;

function remainder(x: number, y: number): number {
  const rest = x % y;
  return rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest;
}

// The largest whole number not above the exact quotient. Taken from the remainder, because x / y may round up to it.
function floorQuotient(x: number, y: number): number {
  if (y === 0) return x / y;
  const rest = x % y;
  const truncated = Math.round((x - rest) / y);
  const quotient = rest !== 0 && rest < 0 !== y < 0 ? truncated - 1 : truncated;
  return quotient === 0 ? 0 * Math.sign(x / y) : quotient;
}

/** Of float32 and float64, computed in float64. */
export const pairFunctions: { readonly [op in Exclude<BinaryOp, IntegerOnly>]: PairFunction } = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  floorDiv: floorQuotient,
  truncDiv: (x, y) => Math.trunc(x / y),
  remainder,
  fmod: (x, y) => x % y,
  pow: power,
  atan2: (y, x) => Math.atan2(y, x),
  hypot: (x, y) => Math.hypot(x, y),
  maximum: (x, y) => Math.max(x, y),
  minimum: (x, y) => Math.min(x, y),
  addMultiple: (x, y, factor) => x + factor * y,
  sigmoidBackward: (grad, result) => grad * result * (1 - result),
  tanhBackward: (grad, result) => grad * (1 - result * result),
  reluBackward: (grad, x) => (x <= 0 ? 0 : grad),
  leakyReluBackward: (grad, x, slope) => (x > 0 ? grad : grad * slope),
  geluBackward: (grad, x) => grad * geluSlope(x),
  geluTanhBackward: (grad, x) => grad * geluTanhSlope(x),
  siluBackward: (grad, x) => grad * sigmoid(x) * (1 + x * (1 - sigmoid(x))),
  eluBackward: (grad, x, alpha, scale) => grad * scale * (x > 0 ? 1 : alpha * Math.exp(x)),
  softplusBackward: (grad, x, beta, threshold) => (x * beta > threshold ? grad : grad * sigmoid(x * beta)),
  clampBackward: (grad, x, lowest, highest) => (x >= lowest && x <= highest ? grad : 0),
};

// IEEE 754 has 1 to any power be 1, and -1 to an infinite one; JavaScript says NaN there.
function power(x: number, y: number): number {
  return x === 1 || (x === -1 && (y === Infinity || y === -Infinity)) ? 1 : x ** y;
}

export type IntegerPairFunction = (x: bigint, y: bigint) => bigint;

function integerRemainder(x: bigint, y: bigint): bigint {
  if (y === 0n) return 0n;
  const rest = x % y;
  return rest !== 0n && rest < 0n !== y < 0n ? rest + y : rest;
}

// By repeated squaring modulo 2^64.
function integerPower(base: bigint, exponent: bigint): bigint {
  if (exponent < 0n) return base === 1n ? 1n : base === -1n ? (exponent % 2n === 0n ? 1n : -1n) : 0n;
  let result = 1n;
  for (let square = base, rest = exponent; rest > 0n; rest >>= 1n, square = BigInt.asIntN(64, square * square)) {
    if (rest & 1n) result = BigInt.asIntN(64, result * square);
  }
  return result;
}

/** Of integers and bool, in int64; storing the result wraps it around. Shifts by no bit of 0 to 63 shift all out. */
export const integerPairFunctions: { readonly [op in BinaryOp]?: IntegerPairFunction } = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => (y === 0n ? 0n : x / y),
  truncDiv: (x, y) => (y === 0n ? 0n : x / y),
  floorDiv: (x, y) => (y === 0n ? 0n : (x - integerRemainder(x, y)) / y),
  remainder: integerRemainder,
  fmod: (x, y) => (y === 0n ? 0n : x % y),
  pow: integerPower,
  maximum: (x, y) => (x > y ? x : y),
  minimum: (x, y) => (x < y ? x : y),
  bitwiseAnd: (x, y) => x & y,
  bitwiseOr: (x, y) => x | y,
  bitwiseXor: (x, y) => x ^ y,
  leftShift: (x, y) => (y < 0n || y > 63n ? 0n : x << y),
  rightShift: (x, y) => x >> (y < 0n || y > 63n ? 63n : y),
};

/** Of every dtype; int64 beyond 2^53 comes as the sign of its difference and 0, or for the logical ones as it rounds. */
export const comparisons: { readonly [op in CompareOp]: (x: number, y: number) => boolean } = {
  eq: (x, y) => x === y,
  ne: (x, y) => x !== y,
  lt: (x, y) => x < y,
  le: (x, y) => x <= y,
  gt: (x, y) => x > y,
  ge: (x, y) => x >= y,
  logicalAnd: (x, y) => x !== 0 && y !== 0,
  logicalOr: (x, y) => x !== 0 || y !== 0,
  logicalXor: (x, y) => (x !== 0) !== (y !== 0),
};
