// The special functions that JavaScript's Math lacks, in float64. Formula numbers are those of Abramowitz and Stegun,
// Handbook of Mathematical Functions, 1964.

/** The error function, relative error below 1e-15. */
export function erf(x: number): number {
  return Math.abs(x) < 1.5 ? erfSeries(x) : Math.sign(x) - Math.sign(x) * erfcFraction(Math.abs(x));
}

/** 1 - erf(x), without the cancellation. */
export function erfc(x: number): number {
  if (x < -1.5) return 2 - erfcFraction(-x);
  return x < 1 ? 1 - erfSeries(x) : erfcFraction(x);
}

// 7.1.6, whose terms are all of one sign: erf x = 2 / sqrt(pi) * exp(-x²) * sum of 2^n x^(2n + 1) / (1 * 3 ... (2n + 1)).
function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let odd = 3; Math.abs(term) > 1e-17 * Math.abs(sum); odd += 2) {
    term *= (2 * x * x) / odd;
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

// 7.1.14: sqrt(pi) exp(x²) erfc x = 1 / (x + (1/2) / (x + 1 / (x + (3/2) / (x + ...)))), from the inside out.
function erfcFraction(x: number): number {
  if (!(x < 27.3)) return x !== x ? x : 0;
  let tail = x;
  // So many steps, found by trial, give all digits.
  for (let n = Math.ceil(9 + 180 / (x * x)); n >= 1; n--) tail = x + n / 2 / tail;
  return squareExponential(x) / (Math.sqrt(Math.PI) * tail);
}

// exp(-x²): the rounding error of x² would be multiplied by x², so the square is taken of a short x and corrected.
function squareExponential(x: number): number {
  const short = Math.trunc(x * 2 ** 20) / 2 ** 20;
  return Math.exp(-short * short) * Math.exp(-(x - short) * (x + short));
}

// Both series in 1 / x² hold from about 10 on; the recurrences lead there.
const farEnough = 10;

/** log |gamma(x)|, error below 1e-14 of the larger of 1 and the result. */
export function lgamma(x: number): number {
  if (x !== x) return x;
  if (!Number.isFinite(x) || (x <= 0 && Number.isInteger(x))) return Infinity;
  // Near 0 gamma x is 1 / x, which the reflection would divide by a sine that underflows.
  if (Math.abs(x) < 1e-300) return -Math.log(Math.abs(x));
  // 6.1.17, reflection.
  if (x < 0.5) return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * (x - Math.round(x))))) - lgamma(1 - x);
  if (x === 1 || x === 2) return 0;
  let product = 1;
  for (; x < farEnough; x++) product *= x;
  // 6.1.41, Stirling.
  const z = 1 / (x * x);
  const series =
    (1 / 12 - z * (1 / 360 - z * (1 / 1260 - z * (1 / 1680 - z * (1 / 1188 - z * (691 / 360360 - z / 156)))))) / x;
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product);
}

/** The derivative of log gamma. */
export function digamma(x: number): number {
  if (x === 0) return Object.is(x, -0) ? Infinity : -Infinity;
  if (x === -Infinity || (x < 0 && Number.isInteger(x))) return NaN;
  // 6.3.7, reflection.
  if (x < 0) return digamma(1 - x) - Math.PI / Math.tan(Math.PI * (x - Math.round(x)));
  let sum = 0;
  for (; x < farEnough; x++) sum -= 1 / x; // 6.3.5
  // 6.3.18
  const z = 1 / (x * x);
  const series =
    z * (1 / 12 - z * (1 / 120 - z * (1 / 252 - z * (1 / 240 - z * (1 / 132 - z * (691 / 32760 - z / 12))))));
  return sum + Math.log(x) - 0.5 / x - series;
}
