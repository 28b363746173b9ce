// Functions that keep clear of NaN and overflow: NaN replaced or passed over, logarithms of sums and of zero.

import { isFloat, type DType } from '../backend/dtype.js';
import { DTypeError, ValueError } from '../errors.js';
import { getDefaultDtype } from '../tensor/promotion.js';
import { Tensor } from '../tensor/tensor.js';
import { commonType, type TensorOrScalar } from './elementwise.js';
import { inPlace } from './in-place.js';
import { operation, type Op } from './operation.js';
import { where } from './pointwise.js';
import { guarded } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

/** Options of `nanToNum`. */
export interface NanToNumOptions {
  /** What NaN becomes. */
  nan?: number;
  /** What infinity becomes; left out: the largest number of the dtype. */
  posinf?: number | undefined;
  /** What minus infinity becomes; left out: the least number of the dtype. */
  neginf?: number | undefined;
}

const LARGEST: Partial<Record<DType, number>> = {
  float32: 3.4028234663852886e38,
  float64: Number.MAX_VALUE,
  bfloat16: 3.3895313892515355e38,
};

/** NaN and infinities replaced by numbers. */
export const nanToNum: Op<[input: Tensor, options?: NanToNumOptions]> = guarded(
  signatures.nanToNum,
  (input, { nan = 0, posinf, neginf } = {}) => {
    const largest = LARGEST[input.dtype];
    if (largest === undefined) return input.clone();
    const finite = where(input.isnan(), nan, input);
    const below = where(input.eq(Infinity), posinf ?? largest, finite);
    return where(input.eq(-Infinity), neginf ?? -largest, below);
  },
);
/** `nanToNum`, in place: the result is written into `input`. */
export const nanToNum_: typeof nanToNum = guarded(signatures.nanToNum_, inPlace('nanToNum_', nanToNum));

/** Two operands in one dtype, floats unless `integers` are welcome. */
function meeting(a: TensorOrScalar, b: TensorOrScalar, integers: 'kept' | 'floats'): [Tensor, Tensor] {
  const common = commonType(a, b);
  const dtype = isFloat(common) || integers === 'kept' ? common : getDefaultDtype();
  const like = a instanceof Tensor ? a : b;
  if (!(like instanceof Tensor)) throw new ValueError('expected a tensor as one of the operands, got two numbers');
  const taken = (value: TensorOrScalar): Tensor =>
    value instanceof Tensor ? value.to(dtype) : like.newFull([], value, { dtype });
  return [taken(a), taken(b)];
}

function passingOverNaN(name: 'fmax' | 'fmin'): Op<[input: TensorOrScalar, other: TensorOrScalar]> {
  return (input, other) => {
    const [a, b] = meeting(input, other, 'kept');
    const better = name === 'fmax' ? a.ge(b) : a.le(b);
    return where(isFloat(a.dtype) ? better.logicalOr(b.isnan()) : better, a, b);
  };
}
/** The larger of two; where one is NaN, the other. */
export const fmax: Op<[input: TensorOrScalar, other: TensorOrScalar]> = guarded(
  signatures.fmax,
  passingOverNaN('fmax'),
);
/** The smaller of two; where one is NaN, the other. */
export const fmin: Op<[input: TensorOrScalar, other: TensorOrScalar]> = guarded(
  signatures.fmin,
  passingOverNaN('fmin'),
);

const logOfSum = operation({
  name: 'logaddexp',
  forward(a: Tensor, b: Tensor): Tensor {
    const largest = a.detach().maximum(b.detach());
    const rest = a.detach().sub(b.detach()).abs().neg().exp().log1p();
    return where(a.detach().eq(b.detach()).logicalAnd(largest.isinf()), largest, largest.add(rest));
  },
  save: (_result, a, b) => ({ a, b }),
  gradient: (grad, { a, b }, needs) => [
    needs[0] ? grad.mul(a.sub(b).sigmoid()).sumToSize(a.shape) : null,
    needs[1] ? grad.mul(b.sub(a).sigmoid()).sumToSize(b.shape) : null,
  ],
}) as Op<[a: Tensor, b: Tensor]>;
/** log(exp(input) + exp(other)) without overflow. Floats. */
export const logaddexp: Op<[input: TensorOrScalar, other: TensorOrScalar]> = guarded(
  signatures.logaddexp,
  (input, other) => {
    if (!isFloat(commonType(input, other))) {
      throw new DTypeError(`expected a float dtype, got ${commonType(input, other)}`).during('logaddexp');
    }
    return logOfSum(...meeting(input, other, 'kept'));
  },
);

const timesLog = operation({
  name: 'xlogy',
  forward(x: Tensor, y: Tensor): Tensor {
    const product = x.detach().mul(y.detach().log());
    return where(x.detach().eq(0).logicalAnd(y.detach().isnan().logicalNot()), 0, product);
  },
  save: (_result, x, y) => ({ x, y }),
  gradient: (grad, { x, y }, needs) => [
    needs[0] ? where(x.eq(0).logicalAnd(y.le(0)), 0, grad.mul(y.log())).sumToSize(x.shape) : null,
    needs[1] ? grad.mul(x).div(y).sumToSize(y.shape) : null,
  ],
}) as Op<[x: Tensor, y: Tensor]>;
/** input * log(other), 0 where input is 0. */
export const xlogy: Op<[input: TensorOrScalar, other: TensorOrScalar]> = guarded(signatures.xlogy, (input, other) =>
  timesLog(...meeting(input, other, 'floats')),
);
