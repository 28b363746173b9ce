// The inverse of the error function, which the truncated normal distribution needs.

import { where } from '../ops/pointwise.js';
import type { Tensor } from '../tensor/tensor.js';

/** The x with erf(x) = y for y in (-1, 1), ±Infinity at the ends; computed in float64, in y's dtype. */
export function inverseErf(y: Tensor): Tensor {
  const target = y.double();
  const size = target.abs();
  // Winitzki's approximation, then Newton's method on log(erfc), which converges in the tails too.
  const tail = target.square().neg().log1p();
  const k = tail.div(2).add(2 / (Math.PI * 0.147));
  const start = k.square().sub(tail.div(0.147)).sqrt().sub(k).sqrt();
  const complement = size.neg().add(1);
  let x = start;
  for (let pass = 0; pass < 4; pass++) {
    const density = x
      .square()
      .neg()
      .exp()
      .mul(2 / Math.sqrt(Math.PI));
    const central = x.erf().sub(size).div(density);
    const remaining = x.erfc();
    const far = remaining.div(complement).log().mul(remaining).div(density).neg();
    x = x.sub(where(size.lt(0.5), central, far));
  }
  const signed = where(size.eq(0), 0, x.mul(target.sign()));
  return where(size.ge(1), target.mul(Infinity), signed).to(y.dtype);
}
