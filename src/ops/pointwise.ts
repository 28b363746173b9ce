// Arithmetic and functions on single elements. Gradients: derivative tables, each formula beside its function.

import { backend } from '../backend/active.js';
import { isFloat, isInteger, type DType } from '../backend/dtype.js';
import { DTypeError, FlambeauError, ValueError } from '../errors.js';
import { zerosLike } from '../tensor/create.js';
import { checkFits, integerRange, resultTypeWithNumber } from '../tensor/promotion.js';
import { broadcastShapes, sameShape } from '../tensor/shape.js';
import { allocate, allocateLike, Tensor } from '../tensor/tensor.js';
import {
  binary,
  commonType,
  comparison,
  converted,
  unary,
  type BinaryOperation,
  type Comparison,
  type Scalar,
  type TensorOrScalar,
  type UnaryOperation,
} from './elementwise.js';
import { inPlace } from './in-place.js';
import { operation, type Op } from './operation.js';
import { isOptions } from './options.js';
import { guarded } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

/** `value`, as a tensor where a formula calls a method on it. */
type T = Tensor;

// ---- arithmetic

const plus: BinaryOperation = binary({
  name: 'add',
  kernel: 'add',
  bool: 'logicalOr',
  left: { formula: (grad) => grad },
  right: { formula: (grad) => grad },
});
const minus: BinaryOperation = binary({
  name: 'sub',
  kernel: 'sub',
  check: (_dtype, left, right) => {
    if (isBool(left) || isBool(right)) {
      throw new DTypeError('not defined for dtype bool: use logicalNot or logicalXor on masks');
    }
  },
  left: { formula: (grad) => grad },
  right: { formula: (grad) => grad.neg() },
});

function isBool(value: TensorOrScalar): boolean {
  return value instanceof Tensor ? value.dtype === 'bool' : typeof value === 'boolean';
}

/** Options of operations whose second operand is multiplied by `alpha`. */
export interface AlphaOptions {
  /** What `other` is multiplied by first. */
  alpha?: number | boolean;
}

/** `alpha * other`, computed in the dtype of the result. */
function timesAlpha(
  name: string,
  input: TensorOrScalar,
  other: TensorOrScalar,
  alpha: number | boolean | undefined,
): TensorOrScalar {
  if (alpha === undefined || alpha === 1) return other;
  const dtype = commonType(input, other);
  if (typeof alpha === 'boolean' && dtype !== 'bool') {
    throw new DTypeError(`expected a number as alpha for a result of ${dtype}, got ${String(alpha)}`).during(name);
  }
  if (!Number.isInteger(Number(alpha)) && !isFloat(dtype)) {
    throw new ValueError(`expected a whole number as alpha for integers, got ${alpha}`).during(name);
  }
  if (!(other instanceof Tensor)) return mul(other, alpha);
  if (other.dtype === 'bool' && name.startsWith('sub')) return other;
  return dtype === 'bool' ? other.logicalAnd(Number(alpha)) : mul(other.to(dtype), alpha);
}

type Sum = Op<[input: TensorOrScalar, other: TensorOrScalar, options?: AlphaOptions]>;
type SumInPlace = Op<[input: Tensor, other: TensorOrScalar, options?: AlphaOptions]>;
type Multiple = [input: Tensor, other: Tensor, alpha: number];

/** The arguments of `addMultiple`, where it does: floats of one dtype and shape; null for others. */
function asMultiple(input: TensorOrScalar, other: TensorOrScalar, { alpha = 1 }: AlphaOptions): Multiple | null {
  const fits =
    typeof alpha === 'number' &&
    input instanceof Tensor &&
    other instanceof Tensor &&
    (input.dtype === 'float32' || input.dtype === 'float64') &&
    input.dtype === other.dtype &&
    input.storage !== other.storage &&
    sameShape(input.shape, other.shape);
  return fits ? [input, other, alpha] : null;
}

/** `sum`, or its in-place form, with `alpha`: floats in one pass, by `multiple`; elsewhere the product is a step of its own. */
function withAlpha<Input extends TensorOrScalar>(
  name: string,
  sum: Op<[input: Input, other: TensorOrScalar]>,
  multiple: Op<Multiple>,
): Op<[input: Input, other: TensorOrScalar, options?: AlphaOptions]> {
  return (input, other, options) => {
    if (options === undefined) return sum(input, other);
    const args = asMultiple(input, other, options);
    return args === null ? sum(input, timesAlpha(name, input, other, options.alpha)) : multiple(...args);
  };
}

/** A sum with `alpha` and its in-place form. `sign`: of `other`. */
function sumWithAlpha(name: 'add' | 'sub', sum: BinaryOperation, sign: 1 | -1): { apart: Sum; inPlace: SumInPlace } {
  const multiple = operation({
    name,
    forward(input: Tensor, other: Tensor, alpha: number): Tensor {
      const result = allocateLike(input);
      backend.binary('addMultiple', result, input, other, sign * alpha);
      return result;
    },
    save: (_result, _input, _other, alpha) => alpha,
    gradient: (grad, alpha) => [grad, grad.mul(sign * alpha)],
  });
  const multipleInPlace = inPlace(`${name}_`, multiple, (input, [other, alpha]) => {
    backend.binary('addMultiple', input, input, other, sign * alpha);
    return true;
  });
  return { apart: withAlpha(name, sum, multiple), inPlace: withAlpha(`${name}_`, sum.inPlace, multipleInPlace) };
}
const adding = sumWithAlpha('add', plus, 1);
const subtracting = sumWithAlpha('sub', minus, -1);

/** `input + alpha * other`. https://pytorch.org/docs/stable/generated/torch.add.html */
export const add: Sum = guarded(signatures.add, adding.apart);
/** `input - alpha * other`. */
export const sub: Sum = guarded(signatures.sub, subtracting.apart);
/** `add`, in place: the result is written into `input`. */
export const add_: SumInPlace = guarded(signatures.add_, adding.inPlace);
/** `sub`, in place: the result is written into `input`. */
export const sub_: SumInPlace = guarded(signatures.sub_, subtracting.inPlace);

/** `input * other`, element by element. */
export const mul: BinaryOperation = binary({
  name: 'mul',
  takes: signatures.mul,
  kernel: 'mul',
  bool: 'logicalAnd',
  left: { saves: 'right', formula: (grad, _left, right) => grad.mul(right) },
  right: { saves: 'left', formula: (grad, left) => grad.mul(left) },
});
/** `mul`, in place: the result is written into `input`. */
export const mul_ = guarded(signatures.mul_, mul.inPlace);

const trueDiv: BinaryOperation = binary({
  name: 'div',
  kernel: 'div',
  result: 'float',
  left: { saves: 'right', formula: (grad, _left, right) => grad.div(right) },
  right: { saves: 'both', formula: (grad, left, right) => grad.neg().mul(left).div(right).div(right) },
});

function refuseZeroDivision(dtype: Tensor['dtype'], _left: TensorOrScalar, right: TensorOrScalar): void {
  if (!isInteger(dtype)) return;
  const zero = right instanceof Tensor ? backend.countNonzero(right) < right.numel() : Number(right) === 0;
  if (zero) throw new ValueError('integer division by zero');
}

/** Division rounded towards minus infinity. */
export const floorDivide: BinaryOperation = binary({
  name: 'floorDivide',
  takes: signatures.floorDivide,
  kernel: 'floorDiv',
  check: refuseZeroDivision,
  left: zeroGradient(),
  right: zeroGradient(),
});
/** `floorDivide`, in place: the result is written into `input`. */
export const floorDivide_ = guarded(signatures.floorDivide_, floorDivide.inPlace);
const truncDivide: BinaryOperation = binary({
  name: 'div',
  kernel: 'truncDiv',
  check: refuseZeroDivision,
  left: zeroGradient(),
  right: zeroGradient(),
});

function zeroGradient(): { formula: (grad: T) => T } {
  return { formula: (grad) => zerosLike(grad) };
}

/** Options of `div`. */
export interface DivOptions {
  /** Round the quotient down or towards zero; left out: true division, integers give floats. */
  roundingMode?: 'floor' | 'trunc' | null;
}

function divisionFor(mode: DivOptions['roundingMode']): BinaryOperation {
  if (mode === undefined || mode === null) return trueDiv;
  if (mode === 'floor') return floorDivide;
  if (mode === 'trunc') return truncDivide;
  throw new ValueError(`expected roundingMode 'floor', 'trunc' or none, got '${String(mode)}'`).during('div');
}

/** `input / other`. https://pytorch.org/docs/stable/generated/torch.div.html */
export const div: Op<[input: TensorOrScalar, other: TensorOrScalar, options?: DivOptions]> = guarded(
  signatures.div,
  (input, other, options) => divisionFor(options?.roundingMode)(input, other),
);
/** `div`, in place: the result is written into `input`. */
export const div_: Op<[input: Tensor, other: TensorOrScalar, options?: DivOptions]> = guarded(
  signatures.div_,
  (input, other, options) => divisionFor(options?.roundingMode).inPlace(input, other),
);

/** The remainder of division with the sign of the divisor. */
export const remainder: BinaryOperation = binary({
  name: 'remainder',
  takes: signatures.remainder,
  kernel: 'remainder',
  check: refuseZeroDivision,
  left: { formula: (grad) => grad },
  right: { saves: 'both', formula: (grad, left, right) => grad.neg().mul(div(left, right, { roundingMode: 'floor' })) },
});
/** `remainder`, in place: the result is written into `input`. */
export const remainder_ = guarded(signatures.remainder_, remainder.inPlace);
/** The remainder of division with the sign of the dividend. */
export const fmod: BinaryOperation = binary({
  name: 'fmod',
  takes: signatures.fmod,
  kernel: 'fmod',
  check: refuseZeroDivision,
  left: { formula: (grad) => grad },
  right: { saves: 'both', formula: (grad, left, right) => grad.neg().mul(div(left, right, { roundingMode: 'trunc' })) },
});
/** `fmod`, in place: the result is written into `input`. */
export const fmod_ = guarded(signatures.fmod_, fmod.inPlace);

/** `input` to the power of `exponent`. */
export const pow: BinaryOperation = binary({
  name: 'pow',
  takes: signatures.pow,
  kernel: 'pow',
  check: (dtype, _base, exponent) => {
    if (!isInteger(dtype) || exponent instanceof Tensor) return;
    checkFits(exponent, dtype);
    if (Number(exponent) < 0) {
      throw new ValueError(`integers to negative integer powers are not allowed, got exponent ${exponent}`);
    }
  },
  left: {
    saves: 'both',
    // At exponent 0 the gradient is 0, also where the base is 0 or infinite.
    formula: (grad, base, exponent) => {
      if (!(exponent instanceof Tensor)) {
        if (Number(exponent) === 0) return zerosLike(grad);
        return grad.mul(mul(pow(base, Number(exponent) - 1), exponent));
      }
      return where(exponent.eq(0), 0, grad.mul(exponent.mul(pow(base, exponent.sub(1)))));
    },
  },
  right: {
    saves: 'both',
    // 0 ** x with x >= 0 is constant but for x = 0, where PyTorch's gradient is 0 too.
    formula: (grad, base, exponent) => {
      const logBase = base instanceof Tensor ? base.to(grad.dtype).log() : Math.log(Number(base));
      return where(logicalAnd(eq(base, 0), ge(exponent, 0)), 0, grad.mul(mul(pow(base, exponent), logBase)));
    },
  },
});
/** `pow`, in place: the result is written into `input`. */
export const pow_ = guarded(signatures.pow_, pow.inPlace);

/** Refuses a number that an integer dtype can't hold: wrapped, -1 would be the largest uint8. */
function refuseOutside(dtype: DType, ...operands: readonly TensorOrScalar[]): void {
  const range = integerRange(dtype);
  if (range === undefined) return;
  for (const value of operands) {
    if (value instanceof Tensor || (Number(value) >= range[0] && Number(value) <= range[1])) continue;
    throw new ValueError(`${String(value)} is no ${dtype}`);
  }
}

/** The larger of two, element by element; NaN if either is. Where equal, half the gradient goes to each. */
export const maximum: BinaryOperation = binary({
  name: 'maximum',
  takes: signatures.maximum,
  kernel: 'maximum',
  check: refuseOutside,
  bool: 'logicalOr',
  left: { saves: 'both', formula: (grad, left, right) => share(grad, lt(left, right), eq(left, right)) },
  right: { saves: 'both', formula: (grad, left, right) => share(grad, lt(right, left), eq(left, right)) },
});
/** The smaller of two, element by element; NaN if either is. */
export const minimum: BinaryOperation = binary({
  name: 'minimum',
  takes: signatures.minimum,
  kernel: 'minimum',
  check: refuseOutside,
  bool: 'logicalAnd',
  left: { saves: 'both', formula: (grad, left, right) => share(grad, gt(left, right), eq(left, right)) },
  right: { saves: 'both', formula: (grad, left, right) => share(grad, gt(right, left), eq(left, right)) },
});

function share(grad: T, passedOver: T, tied: T): T {
  return where(tied, grad.div(2), grad).maskedFill(passedOver, 0);
}

/** The angle of the point (other, input), in radians from -pi to pi. */
export const atan2: BinaryOperation = binary({
  name: 'atan2',
  takes: signatures.atan2,
  kernel: 'atan2',
  result: 'float',
  left: { saves: 'both', formula: (grad, y, x) => grad.mul(div(x, add(mul(x, x), mul(y, y)))) },
  right: { saves: 'both', formula: (grad, y, x) => grad.mul(div(mul(y, -1), add(mul(x, x), mul(y, y)))) },
});
/** sqrt(input² + other²) without overflow. */
export const hypot: BinaryOperation = binary({
  name: 'hypot',
  takes: signatures.hypot,
  kernel: 'hypot',
  accepts: (dtype) => !isInteger(dtype),
  left: { saves: 'both', formula: (grad, a, b) => grad.mul(div(a, hypot(a, b))) },
  right: { saves: 'both', formula: (grad, a, b) => grad.mul(div(b, hypot(a, b))) },
});

/** `atan2`, in place: the result is written into `input`. */
export const atan2_ = guarded(signatures.atan2_, atan2.inPlace);
/** `hypot`, in place: the result is written into `input`. */
export const hypot_ = guarded(signatures.hypot_, hypot.inPlace);

// ---- functions of one element

/** -x */
export const neg: UnaryOperation = unary({
  name: 'neg',
  takes: signatures.neg,
  kernel: 'neg',
  gradient: (grad) => grad.neg(),
});
/** |x|; the gradient at 0 is 0. */
export const abs: UnaryOperation = unary({
  name: 'abs',
  takes: signatures.abs,
  kernel: 'abs',
  saves: 'input',
  gradient: (grad, x) => grad.mul(x.sign()),
});
/** -1, 0 or 1. */
export const sign: UnaryOperation = unary({
  name: 'sign',
  takes: signatures.sign,
  kernel: 'sign',
  bool: 'allowed',
  gradient: (grad) => zerosLike(grad),
});
/** x² */
export const square: UnaryOperation = unary({
  name: 'square',
  takes: signatures.square,
  kernel: 'square',
  bool: 'int64',
  saves: 'input',
  gradient: (grad, x) => grad.mul(x.mul(2)),
});
/** The next whole number below. */
export const floor: UnaryOperation = unary({ name: 'floor', takes: signatures.floor, kernel: 'floor' });
/** The next whole number above. */
export const ceil: UnaryOperation = unary({ name: 'ceil', takes: signatures.ceil, kernel: 'ceil' });
/** To the nearest whole number, halves to the even one. */
export const round: UnaryOperation = unary({ name: 'round', takes: signatures.round, kernel: 'round' });
/** Towards zero. */
export const trunc: UnaryOperation = unary({ name: 'trunc', takes: signatures.trunc, kernel: 'trunc' });
/** The part behind the point: x - trunc(x). */
export const frac: Op<[input: Tensor]> = guarded(signatures.frac, (input) => {
  requireFloat('frac', input);
  return minus(input, trunc(input));
});

function requireFloat(name: string, { dtype }: Tensor): void {
  if (!isFloat(dtype)) throw new DTypeError(`expected a float dtype, got ${dtype}`).during(name);
}

/** eˣ */
export const exp: UnaryOperation = unary({
  name: 'exp',
  takes: signatures.exp,
  kernel: 'exp',
  result: 'float',
  saves: 'result',
  gradient: (grad, y) => grad.mul(y),
});
/** 2ˣ */
export const exp2: UnaryOperation = unary({
  name: 'exp2',
  takes: signatures.exp2,
  kernel: 'exp2',
  result: 'float',
  saves: 'result',
  gradient: (grad, y) => grad.mul(y).mul(Math.LN2),
});
/** eˣ - 1, accurate near 0. */
export const expm1: UnaryOperation = unary({
  name: 'expm1',
  takes: signatures.expm1,
  kernel: 'expm1',
  result: 'float',
  saves: 'result',
  gradient: (grad, y) => grad.mul(y.add(1)),
});
/** Natural logarithm. */
export const log: UnaryOperation = unary({
  name: 'log',
  takes: signatures.log,
  kernel: 'log',
  result: 'float',
  saves: 'input',
  gradient: (grad, x) => grad.div(x),
});
/** log(1 + x), accurate near 0. */
export const log1p: UnaryOperation = unary({
  name: 'log1p',
  takes: signatures.log1p,
  kernel: 'log1p',
  result: 'float',
  saves: 'input',
  gradient: (grad, x) => grad.div(x.add(1)),
});
/** The logarithm to base 2. */
export const log2: UnaryOperation = unary({
  name: 'log2',
  takes: signatures.log2,
  kernel: 'log2',
  result: 'float',
  saves: 'input',
  gradient: (grad, x) => grad.div(x.mul(Math.LN2)),
});
/** The logarithm to base 10. */
export const log10: UnaryOperation = unary({
  name: 'log10',
  takes: signatures.log10,
  kernel: 'log10',
  result: 'float',
  saves: 'input',
  gradient: (grad, x) => grad.div(x.mul(Math.LN10)),
});
/** The square root; NaN below 0. */
export const sqrt: UnaryOperation = unary({
  name: 'sqrt',
  takes: signatures.sqrt,
  kernel: 'sqrt',
  result: 'float',
  saves: 'result',
  gradient: (grad, y) => grad.div(y.mul(2)),
});
/** 1 / sqrt(x) */
export const rsqrt: UnaryOperation = unary({
  name: 'rsqrt',
  takes: signatures.rsqrt,
  kernel: 'rsqrt',
  result: 'float',
  saves: 'result',
  gradient: (grad, y) => grad.mul(y.pow(3)).mul(-0.5),
});
/** 1 / x */
export const reciprocal: UnaryOperation = unary({
  name: 'reciprocal',
  takes: signatures.reciprocal,
  kernel: 'reciprocal',
  result: 'float',
  saves: 'result',
  gradient: (grad, y) => grad.mul(y.square()).neg(),
});

/** The sine; angles in radians. */
export const sin: UnaryOperation = unary({
  name: 'sin',
  takes: signatures.sin,
  kernel: 'sin',
  result: 'float',
  saves: 'input',
  gradient: (grad, x) => grad.mul(x.cos()),
});
/** The cosine; angles in radians. */
export const cos: UnaryOperation = unary({
  name: 'cos',
  takes: signatures.cos,
  kernel: 'cos',
  result: 'float',
  saves: 'input',
  gradient: (grad, x) => grad.mul(x.sin()).neg(),
});
/** The tangent; angles in radians. */
export const tan: UnaryOperation = unary({
  name: 'tan',
  takes: signatures.tan,
  kernel: 'tan',
  result: 'float',
  saves: 'result',
  gradient: (grad, y) => grad.mul(y.square().add(1)),
});
/** The angle in radians, from -π/2 to π/2, whose sine it is. */
export const asin: UnaryOperation = unary({
  name: 'asin',
  takes: signatures.asin,
  kernel: 'asin',
  result: 'float',
  saves: 'input',
  gradient: (grad, x) => grad.mul(oneMinusSquare(x).rsqrt()),
});
/** The angle in radians, from 0 to π, whose cosine it is. */
export const acos: UnaryOperation = unary({
  name: 'acos',
  takes: signatures.acos,
  kernel: 'acos',
  result: 'float',
  saves: 'input',
  gradient: (grad, x) => grad.mul(oneMinusSquare(x).rsqrt()).neg(),
});
/** The angle in radians, from -π/2 to π/2, whose tangent it is. */
export const atan: UnaryOperation = unary({
  name: 'atan',
  takes: signatures.atan,
  kernel: 'atan',
  result: 'float',
  saves: 'input',
  gradient: (grad, x) => grad.div(x.square().add(1)),
});
/** The hyperbolic sine. */
export const sinh: UnaryOperation = unary({
  name: 'sinh',
  takes: signatures.sinh,
  kernel: 'sinh',
  result: 'float',
  saves: 'input',
  gradient: (grad, x) => grad.mul(x.cosh()),
});
/** The hyperbolic cosine. */
export const cosh: UnaryOperation = unary({
  name: 'cosh',
  takes: signatures.cosh,
  kernel: 'cosh',
  result: 'float',
  saves: 'input',
  gradient: (grad, x) => grad.mul(x.sinh()),
});
/** The hyperbolic tangent. */
export const tanh: UnaryOperation = unary({
  name: 'tanh',
  takes: signatures.tanh,
  kernel: 'tanh',
  result: 'float',
  saves: 'result',
  fused: 'tanhBackward',
  gradient: (grad, y) => grad.mul(oneMinusSquare(y)),
});
/** The inverse of the hyperbolic sine. */
export const asinh: UnaryOperation = unary({
  name: 'asinh',
  takes: signatures.asinh,
  kernel: 'asinh',
  result: 'float',
  saves: 'input',
  gradient: (grad, x) => grad.mul(x.square().add(1).rsqrt()),
});
/** The inverse of the hyperbolic cosine; NaN below 1. */
export const acosh: UnaryOperation = unary({
  name: 'acosh',
  takes: signatures.acosh,
  kernel: 'acosh',
  result: 'float',
  saves: 'input',
  gradient: (grad, x) => grad.mul(x.square().sub(1).rsqrt()),
});
/** The inverse of the hyperbolic tangent; NaN outside [-1, 1]. */
export const atanh: UnaryOperation = unary({
  name: 'atanh',
  takes: signatures.atanh,
  kernel: 'atanh',
  result: 'float',
  saves: 'input',
  gradient: (grad, x) => grad.div(oneMinusSquare(x)),
});
/** The error function 2/√π ∫₀ˣ exp(-t²) dt. */
export const erf: UnaryOperation = unary({
  name: 'erf',
  takes: signatures.erf,
  kernel: 'erf',
  result: 'float',
  saves: 'input',
  gradient: (grad, x) => grad.mul(gaussian(x)),
});
/** `1 - erf(x)`, exact where that is tiny. */
export const erfc: UnaryOperation = unary({
  name: 'erfc',
  takes: signatures.erfc,
  kernel: 'erfc',
  result: 'float',
  saves: 'input',
  gradient: (grad, x) => grad.mul(gaussian(x)).neg(),
});
/** log |Γ(x)| */
export const lgamma: UnaryOperation = unary({
  name: 'lgamma',
  takes: signatures.lgamma,
  kernel: 'lgamma',
  result: 'float',
  saves: 'input',
  gradient: (grad, x) => grad.mul(digamma(x)),
});

function oneMinusSquare(x: T): T {
  return x.square().neg().add(1);
}
function gaussian(x: T): T {
  return x
    .square()
    .neg()
    .exp()
    .mul(2 / Math.sqrt(Math.PI));
}
/** The derivative of log |Γ(x)|. */
export const digamma: UnaryOperation = unary({
  name: 'digamma',
  takes: signatures.digamma,
  kernel: 'digamma',
  result: 'float',
  saves: 'input',
  gradient: (grad, x) => grad.mul(trigamma(x)),
});

/** The second derivative of log Γ. Formula numbers: Abramowitz and Stegun, Handbook of Mathematical Functions, 1964. */
function trigamma(x: T): T {
  const below = x.lt(0.5);
  let at = where(below, x.neg().add(1), x);
  let sum = zerosLike(at);
  // 6.4.6, until the asymptotic series has all digits.
  for (let i = 0; i < 8; i++, at = at.add(1)) sum = sum.add(at.square().reciprocal());
  const z = at.square().reciprocal();
  // 6.4.12
  let series = zerosLike(z);
  for (const bernoulli of [5 / 66, -1 / 30, 1 / 42, -1 / 30, 1 / 6]) series = series.add(bernoulli).mul(z);
  const value = sum.add(at.reciprocal().mul(series.add(1))).add(z.div(2));
  // 6.4.7, reflection.
  return where(below, x.mul(Math.PI).sin().reciprocal().mul(Math.PI).square().sub(value), value);
}

/** `neg`, in place: the result is written into `input`. */
export const neg_ = guarded(signatures.neg_, neg.inPlace);
/** `abs`, in place: the result is written into `input`. */
export const abs_ = guarded(signatures.abs_, abs.inPlace);
/** `sign`, in place: the result is written into `input`. */
export const sign_ = guarded(signatures.sign_, sign.inPlace);
/** `square`, in place: the result is written into `input`. */
export const square_ = guarded(signatures.square_, square.inPlace);
/** `floor`, in place: the result is written into `input`. */
export const floor_ = guarded(signatures.floor_, floor.inPlace);
/** `ceil`, in place: the result is written into `input`. */
export const ceil_ = guarded(signatures.ceil_, ceil.inPlace);
/** `round`, in place: the result is written into `input`. */
export const round_ = guarded(signatures.round_, round.inPlace);
/** `trunc`, in place: the result is written into `input`. */
export const trunc_ = guarded(signatures.trunc_, trunc.inPlace);
/** `exp`, in place: the result is written into `input`. */
export const exp_ = guarded(signatures.exp_, exp.inPlace);
/** `exp2`, in place: the result is written into `input`. */
export const exp2_ = guarded(signatures.exp2_, exp2.inPlace);
/** `expm1`, in place: the result is written into `input`. */
export const expm1_ = guarded(signatures.expm1_, expm1.inPlace);
/** `log`, in place: the result is written into `input`. */
export const log_ = guarded(signatures.log_, log.inPlace);
/** `log1p`, in place: the result is written into `input`. */
export const log1p_ = guarded(signatures.log1p_, log1p.inPlace);
/** `log2`, in place: the result is written into `input`. */
export const log2_ = guarded(signatures.log2_, log2.inPlace);
/** `log10`, in place: the result is written into `input`. */
export const log10_ = guarded(signatures.log10_, log10.inPlace);
/** `sqrt`, in place: the result is written into `input`. */
export const sqrt_ = guarded(signatures.sqrt_, sqrt.inPlace);
/** `rsqrt`, in place: the result is written into `input`. */
export const rsqrt_ = guarded(signatures.rsqrt_, rsqrt.inPlace);
/** `reciprocal`, in place: the result is written into `input`. */
export const reciprocal_ = guarded(signatures.reciprocal_, reciprocal.inPlace);
/** `sin`, in place: the result is written into `input`. */
export const sin_ = guarded(signatures.sin_, sin.inPlace);
/** `cos`, in place: the result is written into `input`. */
export const cos_ = guarded(signatures.cos_, cos.inPlace);
/** `tan`, in place: the result is written into `input`. */
export const tan_ = guarded(signatures.tan_, tan.inPlace);
/** `asin`, in place: the result is written into `input`. */
export const asin_ = guarded(signatures.asin_, asin.inPlace);
/** `acos`, in place: the result is written into `input`. */
export const acos_ = guarded(signatures.acos_, acos.inPlace);
/** `atan`, in place: the result is written into `input`. */
export const atan_ = guarded(signatures.atan_, atan.inPlace);
/** `sinh`, in place: the result is written into `input`. */
export const sinh_ = guarded(signatures.sinh_, sinh.inPlace);
/** `cosh`, in place: the result is written into `input`. */
export const cosh_ = guarded(signatures.cosh_, cosh.inPlace);
/** `tanh`, in place: the result is written into `input`. */
export const tanh_ = guarded(signatures.tanh_, tanh.inPlace);
/** `asinh`, in place: the result is written into `input`. */
export const asinh_ = guarded(signatures.asinh_, asinh.inPlace);
/** `acosh`, in place: the result is written into `input`. */
export const acosh_ = guarded(signatures.acosh_, acosh.inPlace);
/** `atanh`, in place: the result is written into `input`. */
export const atanh_ = guarded(signatures.atanh_, atanh.inPlace);
/** `erf`, in place: the result is written into `input`. */
export const erf_ = guarded(signatures.erf_, erf.inPlace);
/** `erfc`, in place: the result is written into `input`. */
export const erfc_ = guarded(signatures.erfc_, erfc.inPlace);
/** `frac`, in place: the result is written into `input`. */
export const frac_: typeof frac = guarded(signatures.frac_, inPlace('frac_', frac));

// ---- bounds and mixtures

/** Options of `clamp`. */
export interface ClampOptions {
  min?: number | Tensor | undefined;
  max?: number | Tensor | undefined;
}

const clampNumbers: UnaryOperation = unary({
  name: 'clamp',
  kernel: 'clamp',
  saves: 'input',
  fused: 'clampBackward',
  gradient: (grad, x, low, high) => grad.mul(logicalAnd(ge(x, low), le(x, high))),
});

/** The dtype of a clamped tensor and its bounds as numbers; undefined where a bound is a tensor. */
function numberBounds(input: Tensor, { min, max }: ClampOptions): [DType, number, number] | undefined {
  if (min === undefined && max === undefined) throw new ValueError('expected min, max or both');
  if (min instanceof Tensor || max instanceof Tensor) return undefined;
  let { dtype } = input;
  if (!isFloat(dtype)) {
    for (const bound of [min, max])
      if (bound !== undefined) dtype = resultTypeWithNumber({ dtype, shape: input.shape }, bound);
  }
  const [lowest, highest] = integerRange(dtype) ?? [-Infinity, Infinity];
  const within = (bound: number): number => Math.min(Math.max(bound, lowest), highest);
  return [dtype, min === undefined ? -Infinity : within(min), max === undefined ? Infinity : within(max)];
}

type Bound = Tensor | number | undefined;

/** Bounds that are tensors, all of one dtype. Where an element is NaN, or equals a bound, as PyTorch has it. */
const clampBetween = operation({
  name: 'clamp',
  forward(input: Tensor, min: Tensor | undefined, max: Tensor | undefined): Tensor {
    if (input.dtype === 'bool' && min && max) throw new DTypeError('not defined for dtype bool');
    const raised = min === undefined ? input.detach() : maximum(input.detach(), min.detach());
    return max === undefined ? raised : minimum(raised, max.detach());
  },
  save: (_result, input, min, max) => ({ input, min, max }),
  gradient(grad, { input, min, max }, needs) {
    const part = (holds: T, of: T): T => where(holds, grad, 0).sumToSize(of.shape);
    const both = (a: T | undefined, b: T | undefined): T => (a && b ? logicalAnd(a, b) : (a ?? b)!);
    return [
      needs[0] ? part(both(min && ge(input, min), max && le(input, max)), input) : null,
      needs[1] ? part(both(lt(input, min!), max && lt(min!, max)), min!) : null,
      needs[2] ? part(min ? logicalOr(gt(input, max!), lt(max!, min)) : gt(input, max!), max!) : null,
    ];
  },
}) as Op<[input: Tensor, min: Tensor | undefined, max: Tensor | undefined]>;

function inOneDTypeAsTensors(
  input: Tensor,
  { min, max }: ClampOptions,
): [Tensor, Tensor | undefined, Tensor | undefined] {
  let like: Tensor = input;
  for (const bound of [min, max]) {
    if (bound === undefined) continue;
    const dtype = commonType(like, bound);
    if (dtype !== like.dtype) like = bound instanceof Tensor && bound.dtype === dtype ? bound : input.to(dtype);
  }
  const taken = (bound: Bound): Tensor | undefined =>
    bound === undefined || bound instanceof Tensor ? bound?.to(like.dtype) : allocate([], like.dtype).fill_(bound);
  return [input.to(like.dtype), taken(min), taken(max)];
}

/** Bounds given as `(min, max)` or as `({ min, max })`. */
function boundsOf(min: Bound | ClampOptions, max: Bound): ClampOptions {
  if (isOptions(min)) return min;
  return { ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
}

/**
 * Every element moved into [min, max]: `x.clamp(0, 1)`, `x.clamp({ min: 0 })`; bounds may be tensors.
 * https://pytorch.org/docs/stable/generated/torch.clamp.html
 * @throws ValueError when neither bound is given
 */
export const clamp: Op<[input: Tensor, min?: Bound | ClampOptions, max?: Bound]> = guarded(
  signatures.clamp,
  (input, min, max) => {
    try {
      const bounds = boundsOf(min, max);
      const numbers = numberBounds(input, bounds);
      if (numbers !== undefined) return clampNumbers(input.to(numbers[0]), numbers[1], numbers[2]);
      return clampBetween(...inOneDTypeAsTensors(input, bounds));
    } catch (error) {
      throw error instanceof FlambeauError ? error.during('clamp') : error;
    }
  },
);
/** With the bounds as arguments, where tensors among them are seen to need a gradient. */
const clampInPlace = inPlace<[min: Bound, max: Bound]>('clamp_', clamp, (input, [min, max]) => {
  const numbers = numberBounds(input, boundsOf(min, max));
  if (numbers?.[0] !== input.dtype) return false;
  backend.unary('clamp', input, input, numbers[1], numbers[2]);
  return true;
});
/** `clamp`, in place: the result is written into `input`. */
export const clamp_: typeof clamp = guarded(signatures.clamp_, (input, min, max) => {
  const bounds = boundsOf(min, max);
  return clampInPlace(input, bounds.min, bounds.max);
});
/** Every element raised to `min` where it is below. */
export const clampMin: Op<[input: Tensor, min: number | Tensor]> = guarded(signatures.clampMin, (input, min) =>
  clamp(input, { min }),
);
/** `clampMin`, in place: the result is written into `input`. */
export const clampMin_: typeof clampMin = guarded(signatures.clampMin_, (input, min) => clamp_(input, { min }));
/** Every element lowered to `max` where it is above. */
export const clampMax: Op<[input: Tensor, max: number | Tensor]> = guarded(signatures.clampMax, (input, max) =>
  clamp(input, { max }),
);
/** `clampMax`, in place: the result is written into `input`. */
export const clampMax_: typeof clampMax = guarded(signatures.clampMax_, (input, max) => clamp_(input, { max }));

/** `input` where `condition` holds, `other` elsewhere; all three broadcast. */
export const where: Op<[condition: Tensor, input: TensorOrScalar, other: TensorOrScalar]> = guarded(
  signatures.where,
  (condition, input, other) => whereOf(condition, input, other),
);
const whereOf = operation({
  name: 'where',
  forward(condition: Tensor, input: TensorOrScalar, other: TensorOrScalar): Tensor {
    if (condition.dtype !== 'bool') throw new DTypeError(`expected a condition of dtype bool, got ${condition.dtype}`);
    const dtype = commonType(input, other);
    let shape = condition.shape;
    for (const value of [input, other]) if (value instanceof Tensor) shape = broadcastShapes(shape, value.shape);
    const result = allocate(shape, dtype);
    const take = (value: TensorOrScalar): Tensor | number =>
      value instanceof Tensor ? converted(value, dtype) : Number(value);
    backend.where(result, condition, take(input), take(other));
    return result;
  },
  save: (_result, condition, input, other) => ({ condition, input: kindOf(input), other: kindOf(other) }),
  gradient(grad, { condition, input, other }, needs) {
    const gradients: (Tensor | null)[] = [null];
    // Only tensors have a place among the gradients.
    if (input) gradients.push(needs[1] ? whereOf(condition, grad, 0).sumToSize(input.shape).to(input.dtype) : null);
    if (other) gradients.push(needs.at(-1) ? whereOf(condition, 0, grad).sumToSize(other.shape).to(other.dtype) : null);
    return gradients;
  },
}) as Op<[condition: Tensor, input: TensorOrScalar, other: TensorOrScalar]>;

function kindOf(value: TensorOrScalar): { shape: readonly number[]; dtype: Tensor['dtype'] } | null {
  return value instanceof Tensor ? { shape: value.shape, dtype: value.dtype } : null;
}

const mixture = operation({
  name: 'lerp',
  forward(input: Tensor, end: Tensor, weight: Tensor | number): Tensor {
    requireFloat('lerp', input);
    let shape = broadcastShapes(input.shape, end.shape);
    for (const other of [end, weight]) {
      if (!(other instanceof Tensor)) continue;
      if (other.dtype !== input.dtype)
        throw new DTypeError(`expected ${input.dtype} as the input has, got ${other.dtype}`);
      shape = broadcastShapes(shape, other.shape);
    }
    const result = allocate(shape, input.dtype);
    backend.lerp(result, input, end, weight);
    return result;
  },
  save: (_result, input, end, weight) => ({ input, end, weight }),
  gradient: (grad, { input, end, weight }, needs) => [
    needs[0] ? grad.mul(weight instanceof Tensor ? weight.neg().add(1) : 1 - weight).sumToSize(input.shape) : null,
    needs[1] ? grad.mul(weight).sumToSize(end.shape) : null,
    needs[2] ? grad.mul(end.sub(input)).sumToSize((weight as Tensor).shape) : null,
  ],
}) as Op<[input: Tensor, end: Tensor, weight: Tensor | number]>;
/** `input + weight * (end - input)`: from `input` (weight 0) to `end` (weight 1). Floats of one dtype. */
export const lerp: Op<[input: Tensor, end: Tensor, weight: Tensor | number]> = guarded(
  signatures.lerp,
  (input, end, weight) => mixture(input, end, weight),
);
/** `lerp`, in place: the result is written into `input`. */
export const lerp_: Op<[input: Tensor, end: Tensor, weight: Tensor | number]> = guarded(
  signatures.lerp_,
  inPlace('lerp_', lerp, (input, [end, weight]) => {
    if (end.dtype !== input.dtype || end.storage === input.storage || weight instanceof Tensor) return false;
    if (!isFloat(input.dtype) || !sameShape(broadcastShapes(input.shape, end.shape), input.shape)) return false;
    backend.lerp(input, input, end, weight);
    return true;
  }),
);

/** Options of `addcmul` and `addcdiv`. */
export interface ValueOptions {
  /** What the product or quotient is multiplied by. */
  value?: number;
}

/** `input + value * tensor1 * tensor2`. */
export const addcmul: Op<[input: Tensor, tensor1: Tensor, tensor2: Tensor, options?: ValueOptions]> = guarded(
  signatures.addcmul,
  (input, a, b, { value = 1 } = {}) => {
    if (!Number.isInteger(value) && !isFloat(commonType(input, a)) && !isFloat(commonType(input, b))) {
      throw new ValueError(`expected a whole number as value for integers, got ${value}`).during('addcmul');
    }
    const [wide, left, right] = inOneDType(input, a, b);
    if (wide.dtype === 'bool') throw new DTypeError('not defined for dtype bool').during('addcmul');
    return plus(wide, mul(value === 1 ? left : mul(left, value), right));
  },
);
/** `input + value * tensor1 / tensor2`. */
export const addcdiv: Op<[input: Tensor, tensor1: Tensor, tensor2: Tensor, options?: ValueOptions]> = guarded(
  signatures.addcdiv,
  (input, a, b, { value = 1 } = {}) => {
    if (!isFloat(commonType(a, b))) {
      throw new DTypeError(
        `expected a float dtype, got a quotient of ${a.dtype} and ${b.dtype}: convert with float(), or use div with a roundingMode`,
      ).during('addcdiv');
    }
    const [wide, left, right] = inOneDType(input, a, b);
    return plus(wide, value === 1 ? trueDiv(left, right) : mul(trueDiv(left, right), value));
  },
);
/** Three operands in the dtype that holds them all, so that no step between them rounds to less. */
function inOneDType(input: Tensor, a: Tensor, b: Tensor): [Tensor, Tensor, Tensor] {
  if (input.dtype === a.dtype && a.dtype === b.dtype) return [input, a, b];
  const dtype = commonType(input, commonType(a, b) === a.dtype ? a : b);
  return [input.to(dtype), a.to(dtype), b.to(dtype)];
}
/** `addcmul`, in place: the result is written into `input`. */
export const addcmul_: typeof addcmul = guarded(
  signatures.addcmul_,
  inPlace('addcmul_', addcmul, addScaledInPlace('mul')),
);
/** `addcdiv`, in place: the result is written into `input`. */
export const addcdiv_: typeof addcdiv = guarded(
  signatures.addcdiv_,
  inPlace('addcdiv_', addcdiv, addScaledInPlace('div')),
);

function addScaledInPlace(
  mode: 'mul' | 'div',
): (input: Tensor, args: [a: Tensor, b: Tensor, options?: ValueOptions]) => boolean {
  return (input, [a, b, { value = 1 } = {}]) => {
    if (a.dtype !== input.dtype || b.dtype !== input.dtype || !isFloat(input.dtype)) return false;
    const shape = broadcastShapes(broadcastShapes(input.shape, a.shape), b.shape);
    if (!sameShape(shape, input.shape)) return false;
    if (a.storage === input.storage || b.storage === input.storage) return false;
    backend.addScaled(mode, input, input, a, b, value);
    return true;
  };
}

// ---- comparisons, tests, logic, bits

/** Where `left` equals `right`, as `bool`. */
export const eq: Comparison = guarded(signatures.eq, comparison('eq', 'eq'));
/** Where `left` differs from `right`, as `bool`. */
export const ne: Comparison = guarded(signatures.ne, comparison('ne', 'ne'));
/** Where `left` is less than `right`, as `bool`. */
export const lt: Comparison = guarded(signatures.lt, comparison('lt', 'lt'));
/** Where `left` is at most `right`, as `bool`. */
export const le: Comparison = guarded(signatures.le, comparison('le', 'le'));
/** Where `left` is greater than `right`, as `bool`. */
export const gt: Comparison = guarded(signatures.gt, comparison('gt', 'gt'));
/** Where `left` is at least `right`, as `bool`. */
export const ge: Comparison = guarded(signatures.ge, comparison('ge', 'ge'));
/** Where both are not 0, as `bool`. */
export const logicalAnd: Comparison = guarded(signatures.logicalAnd, comparison('logicalAnd', 'logicalAnd'));
/** Where one or both are not 0, as `bool`. */
export const logicalOr: Comparison = guarded(signatures.logicalOr, comparison('logicalOr', 'logicalOr'));
/** Where exactly one is not 0, as `bool`. */
export const logicalXor: Comparison = guarded(signatures.logicalXor, comparison('logicalXor', 'logicalXor'));
/** `eq`, in place: the result is written into `input`. */
export const eq_ = guarded(signatures.eq_, eq.inPlace);
/** `ne`, in place: the result is written into `input`. */
export const ne_ = guarded(signatures.ne_, ne.inPlace);
/** `lt`, in place: the result is written into `input`. */
export const lt_ = guarded(signatures.lt_, lt.inPlace);
/** `le`, in place: the result is written into `input`. */
export const le_ = guarded(signatures.le_, le.inPlace);
/** `gt`, in place: the result is written into `input`. */
export const gt_ = guarded(signatures.gt_, gt.inPlace);
/** `ge`, in place: the result is written into `input`. */
export const ge_ = guarded(signatures.ge_, ge.inPlace);
/** `logicalAnd`, in place: the result is written into `input`. */
export const logicalAnd_ = guarded(signatures.logicalAnd_, logicalAnd.inPlace);
/** `logicalOr`, in place: the result is written into `input`. */
export const logicalOr_ = guarded(signatures.logicalOr_, logicalOr.inPlace);
/** `logicalXor`, in place: the result is written into `input`. */
export const logicalXor_ = guarded(signatures.logicalXor_, logicalXor.inPlace);

function predicate(kernel: 'isnan' | 'isinf' | 'isfinite' | 'logicalNot'): Op<[input: Tensor]> {
  return (input) => {
    const result = allocate(input.shape, 'bool');
    backend.predicate(kernel, result, input);
    return result;
  };
}
/** Where an element is NaN, as `bool`. */
export const isnan: Op<[input: Tensor]> = guarded(signatures.isnan, predicate('isnan'));
/** Where an element is infinite, as `bool`. */
export const isinf: Op<[input: Tensor]> = guarded(signatures.isinf, predicate('isinf'));
/** Where an element is neither NaN nor infinite, as `bool`. */
export const isfinite: Op<[input: Tensor]> = guarded(signatures.isfinite, predicate('isfinite'));
/** Whether each element is zero. */
export const logicalNot: Op<[input: Tensor]> = guarded(signatures.logicalNot, predicate('logicalNot'));
/** `logicalNot`, in place: the result is written into `input`. */
export const logicalNot_: typeof logicalNot = guarded(signatures.logicalNot_, inPlace('logicalNot_', logicalNot));

const notFloat = (dtype: Tensor['dtype']): boolean => isInteger(dtype) || dtype === 'bool';
/** The bits that both have; integers and bools. */
export const bitwiseAnd: BinaryOperation = binary({
  name: 'bitwiseAnd',
  takes: signatures.bitwiseAnd,
  kernel: 'bitwiseAnd',
  bool: 'logicalAnd',
  accepts: notFloat,
});
/** The bits that one or both have; integers and bools. */
export const bitwiseOr: BinaryOperation = binary({
  name: 'bitwiseOr',
  takes: signatures.bitwiseOr,
  kernel: 'bitwiseOr',
  bool: 'logicalOr',
  accepts: notFloat,
});
/** The bits that exactly one has; integers and bools. */
export const bitwiseXor: BinaryOperation = binary({
  name: 'bitwiseXor',
  takes: signatures.bitwiseXor,
  kernel: 'bitwiseXor',
  bool: 'logicalXor',
  accepts: notFloat,
});
/** Integers whose bits are moved up by `right` places. */
export const bitwiseLeftShift: BinaryOperation = binary({
  name: 'bitwiseLeftShift',
  takes: signatures.bitwiseLeftShift,
  kernel: 'leftShift',
  accepts: isInteger,
});
/** Integers whose bits are moved down by `right` places, the sign kept. */
export const bitwiseRightShift: BinaryOperation = binary({
  name: 'bitwiseRightShift',
  takes: signatures.bitwiseRightShift,
  kernel: 'rightShift',
  accepts: isInteger,
});
/** `bitwiseAnd`, in place: the result is written into `input`. */
export const bitwiseAnd_ = guarded(signatures.bitwiseAnd_, bitwiseAnd.inPlace);
/** `bitwiseOr`, in place: the result is written into `input`. */
export const bitwiseOr_ = guarded(signatures.bitwiseOr_, bitwiseOr.inPlace);
/** `bitwiseXor`, in place: the result is written into `input`. */
export const bitwiseXor_ = guarded(signatures.bitwiseXor_, bitwiseXor.inPlace);
/** Every bit turned over; for bool the logical negation. */
export const bitwiseNot: Op<[input: Tensor]> = guarded(signatures.bitwiseNot, (input) => {
  if (input.dtype === 'bool') return logicalNot(input);
  if (!isInteger(input.dtype))
    throw new DTypeError(`expected integers or bool, got ${input.dtype}`).during('bitwiseNot');
  return invert(input);
});
const invert: UnaryOperation = unary({ name: 'bitwiseNot', kernel: 'bitwiseNot' });

export type { Scalar, TensorOrScalar };
