// Functions of one operand, float and integer, as formulas.

import type { PredicateOp, UnaryOp } from '../backend.js';
import { digamma, erf, erfc, lgamma } from './special.js';

export type FloatFunction = (x: number, a: number, b: number) => number;

function roundHalfToEven(x: number): number {
  const nearest = Math.round(x); // halves go up
  return nearest - x === 0.5 && nearest % 2 !== 0 ? nearest - 1 : nearest;
}

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

// Hendrycks and Gimpel 2016: x times the normal distribution's cumulative function, exact and approximated.
function gelu(x: number): number {
  return 0.5 * x * erfc(-x * Math.SQRT1_2);
}

function geluTanh(x: number): number {
  return 0.5 * x * (1 + Math.tanh(tanhArgument(x)));
}

function tanhArgument(x: number): number {
  return Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3);
}

/** The derivative of gelu. */
export function geluSlope(x: number): number {
  return 0.5 * erfc(-x * Math.SQRT1_2) + (x * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI);
}

/** The derivative of geluTanh. */
export function geluTanhSlope(x: number): number {
  const tanh = Math.tanh(tanhArgument(x));
  return 0.5 * (1 + tanh) + 0.5 * x * (1 - tanh * tanh) * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x);
}

function hardsigmoid(x: number): number {
  return Math.min(Math.max(x + 3, 0), 6) / 6;
}

/** Of float32 and float64, computed in float64. `Math.min` and `Math.max` keep NaN, as they should. */
export const floatFunctions: { readonly [op in Exclude<UnaryOp, 'bitwiseNot'>]: FloatFunction } = {
  neg: (x) => -x,
  abs: Math.abs,
  sign: (x) => (x > 0 ? 1 : x < 0 ? -1 : 0),
  square: (x) => x * x,
  floor: Math.floor,
  ceil: Math.ceil,
  round: roundHalfToEven,
  trunc: Math.trunc,
  exp: Math.exp,
  exp2: (x) => 2 ** x,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  log2: Math.log2,
  log10: Math.log10,
  sqrt: Math.sqrt,
  rsqrt: (x) => 1 / Math.sqrt(x),
  reciprocal: (x) => 1 / x,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
  erf,
  erfc,
  lgamma,
  digamma,
  sigmoid,
  logSigmoid: (x) => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x))),
  relu: (x) => (x < 0 ? 0 : x),
  silu: (x) => x * sigmoid(x),
  mish: (x) => x * Math.tanh(softplus(x, 1, 20)),
  softsign: (x) => x / (1 + Math.abs(x)),
  hardswish: (x) => x * hardsigmoid(x),
  hardsigmoid,
  gelu,
  geluTanh,
  leakyRelu: (x, slope) => (x > 0 ? x : x * slope),
  elu: (x, alpha, scale) => scale * (x > 0 ? x : alpha * Math.expm1(x)),
  softplus,
  clamp: (x, lowest, highest) => Math.min(Math.max(x, lowest), highest),
};

function softplus(x: number, beta: number, threshold: number): number {
  return x * beta > threshold ? x : Math.log1p(Math.exp(x * beta)) / beta;
}

export type IntegerFunction = (x: bigint, lowest: bigint, highest: bigint) => bigint;

function unchanged(x: bigint): bigint {
  return x;
}

/** Of integers and bool, in int64; storing the result wraps it around. */
export const integerFunctions: { readonly [op in UnaryOp]?: IntegerFunction } = {
  neg: (x) => -x,
  abs: (x) => (x < 0n ? -x : x),
  sign: (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n),
  square: (x) => x * x,
  bitwiseNot: (x) => ~x,
  floor: unchanged,
  ceil: unchanged,
  round: unchanged,
  trunc: unchanged,
  relu: (x) => (x < 0n ? 0n : x),
  clamp: (x, lowest, highest) => {
    const raised = x < lowest ? lowest : x;
    return raised > highest ? highest : raised;
  },
};

/** Of every dtype. */
export const predicates: { readonly [op in PredicateOp]: (x: number) => boolean } = {
  isnan: (x) => x !== x,
  isinf: (x) => x === Infinity || x === -Infinity,
  isfinite: Number.isFinite,
  logicalNot: (x) => x === 0,
};
