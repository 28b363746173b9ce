// exp, log and their kin for vectors of float32; for float64 the C library, lane by lane.
//
// Largest errors in units in the last place (test/backend/native/accuracy.test.ts holds them over the range of float32):
//
//   exp 1.0   expm1 1.5   log 0.8   log1p 2.1   sin 1.6   cos 1.6   tanh 1.4   erf 1.4
//   exp2, log2, log10, pow 0.51 (by way of float64)      sigmoid 2.7
//
// What is not here (tan, asin, ..., lgamma, digamma, atan2, hypot) is the C library's float32 function, below 1 or 2.
// The coefficients are minimax fits: scripts/fit-polynomials.py.
#pragma once
#include "vector.h"

namespace flambeau::FLAMBEAU_ISA {

// c[0] + x c[1] + x^2 c[2] + ...
template <typename V, int n>
FLAMBEAU_INLINE V polynomial(V x, const ElementOf<V> (&c)[n]) {
  V sum = splat<V>(c[n - 1]);
#pragma GCC unroll 16
  for (int i = n - 2; i >= 0; i--) sum = fma(sum, x, splat<V>(c[i]));
  return sum;
}

constexpr float kExp[] = {0.4999999345f, 0.1666652065f, 0.04166838788f, 0.008368715201f, 0.001381460212f};
constexpr float kLog[] = {0.333333126f,   -0.250000096f, 0.2000211864f,  -0.166679959f, 0.1421955273f,
                          -0.1240558824f, 0.1188815885f, -0.1167565457f, 0.06746651523f};
constexpr float kSin[] = {-0.1666666664f, 0.008333329305f, -0.0001983931227f, 2.718121623e-6f};
constexpr float kCos[] = {0.04166664687f, -0.001388736752f, 2.44384516e-5f};
constexpr float kTanh[] = {-0.3333328194f, 0.133314422f, -0.05373971509f, 0.02063908724f, -0.005704986993f};
constexpr float kErf[] = {0.1283791668f,   -0.3761263498f,    0.1128371503f,  -0.02686050847f,
                          0.005203859165f, -0.0008175639347f, 8.513104293e-5f};
constexpr float kLogErfc[] = {0.000153382882f, -1.129397067f,    -0.6336273086f,    -0.1079057113f, 0.024812799f,
                              -0.004013398088f, 0.0003847858656f, -1.233002301e-5f, -6.628118259e-7f};
constexpr double kLog2[] = {2.885390081777926811, 0.961796693925989875, 0.5770780163454406866, 0.412198585857120909,
                            0.320598533339038373, 0.262334430996547099, 0.22091114450649078,   0.2136777878229819727};
constexpr double kExp2[] = {1.0,
                            0.6931471805599497751,
                            0.240226506959087678,
                            0.05550410866445883319,
                            0.009618129108034588692,
                            0.001333355822856147553,
                            0.0001540352996113595545,
                            0.00001525265811656138433,
                            1.321566283184610283e-6,
                            1.02085379045521639e-7,
                            7.03727953058280352e-9};

// erf(x) = x n(x^2) / d(x^2) up to 3.92.
constexpr float kErfNumerator[] = {1.128379169f,      0.1851404797f,   0.05424402748f,   0.003838749911f,
                                   0.000376734783f, 4.608473358e-6f, -1.279627226e-8f};
constexpr float kErfDenominator[] = {1.0f,           0.4974098839f,   0.1138753349f,
                                     0.01543022082f, 0.001301518087f, 6.239195839e-5f};

// ln 2 in two parts, the first short enough for a whole number times it to be exact.
constexpr float kLn2High = 0.693359375f;
constexpr float kLn2Low = -2.12194440e-4f;

// x = n ln 2 + r with |r| <= ln 2 / 2; returns n, a whole number as float and as integer.
FLAMBEAU_INLINE F32 reduceExp(F32 x, F32& r, I32& n) {
  const F32 shift = splat<F32>(12582912.0);  // 1.5 * 2^23: adding it rounds to a whole number in the low bits
  F32 shifted = fma(x, splat<F32>(1.44269504088896341), shift);
  F32 whole = shifted - shift;
  n = bits(shifted) - bits(shift);
  r = fma(whole, splat<F32>(-kLn2High), x);
  r = fma(whole, splat<F32>(-kLn2Low), r);
  return whole;
}

// 2^n for n from -126 to 127.
FLAMBEAU_INLINE F32 powerOfTwo(I32 n) { return fromBits((n + 127) << 23); }

FLAMBEAU_INLINE F32 exp(F32 x) {
  F32 in = x > 89.0f ? splat<F32>(89) : x;
  in = in < -104.0f ? splat<F32>(-104) : in;
  F32 r;
  I32 n;
  reduceExp(in, r, n);
  F32 p = fma(r * r, polynomial(r, kExp), r) + 1.0f;
  I32 half = n >> 1;  // in two steps, so that results beyond the normal numbers come out right
  return p * powerOfTwo(half) * powerOfTwo(n - half);
}

FLAMBEAU_INLINE F32 expm1(F32 x) {
  F32 in = x > 89.0f ? splat<F32>(89) : x;
  in = in < -20.0f ? splat<F32>(-20) : in;
  F32 r;
  I32 n;
  reduceExp(in, r, n);
  F32 p = fma(r * r, polynomial(r, kExp), r);
  F32 s = powerOfTwo(n - 1);
  F32 y = fma(s, p, s - 0.5f) * 2.0f;
  y = n == 0 ? p : y;
  return abs(x) < 1e-10f ? x : y;
}

// log(m 2^e) with m - 1 = f from sqrt(1/2) - 1 to sqrt(2) - 1, where `low` is to be added.
FLAMBEAU_INLINE F32 logOf(F32 f, F32 e, F32 low) {
  F32 f2 = f * f;
  F32 y = fma(f2 * f, polynomial(f, kLog), fma(e, splat<F32>(kLn2Low), low));
  y = fma(f2, splat<F32>(-0.5), y);
  return fma(e, splat<F32>(kLn2High), y + f);
}

// x = m 2^e with m from sqrt(1/2) to sqrt(2); x positive and normal.
FLAMBEAU_INLINE F32 splitLog(F32 x, F32& e) {
  I32 i = bits(x);
  I32 exponent = (i - 0x3f3504f3) >> 23;
  e = __builtin_convertvector(exponent, F32);
  return fromBits(i - (exponent << 23));
}

// What a logarithm is where it is not a number.
FLAMBEAU_INLINE F32 logEdges(F32 x, F32 y) {
  y = x == INFINITY ? x : y;
  y = x == 0.0f ? splat<F32>(-INFINITY) : y;
  y = x < 0.0f ? splat<F32>(NAN) : y;
  return x != x ? x : y;
}

FLAMBEAU_INLINE F32 log(F32 x) {
  I32 subnormal = x < 1.17549435e-38f;
  F32 e;
  F32 m = splitLog(subnormal ? x * 33554432.0f : x, e);
  e = subnormal ? e - 25.0f : e;
  return logEdges(x, logOf(m - 1.0f, e, F32{}));
}

FLAMBEAU_INLINE F32 log1p(F32 x) {
  F32 u = x + 1.0f;
  F32 e;
  F32 m = splitLog(u, e);
  // What rounding took from 1 + x; where e is 0, f is x itself.
  F32 lost = e > 0.0f ? 1.0f - (u - x) : x - (u - 1.0f);
  lost = u < 1e30f ? lost / u : F32{};
  F32 y = e == 0.0f ? logOf(x, e, F32{}) : logOf(m - 1.0f, e, lost);
  y = logEdges(u, y);
  return abs(x) < 1e-10f ? x : y;
}

// The sine of x, or of x + pi / 2: turned into [-pi/4, pi/4] in float64, exact enough up to 1e6; beyond, the C library.
template <bool cosine>
FLAMBEAU_INLINE F32 sinOrCos(F32 x) {
  constexpr int half = kLanes<F64>;
  F32 r;
  I32 quadrant;
  for (int part = 0; part < 2; part++) {
    F32Half narrow;
    memcpy(&narrow, reinterpret_cast<const char*>(&x) + part * sizeof(F32Half), sizeof narrow);
    F64 wide = __builtin_convertvector(narrow, F64);
    const F64 shift = splat<F64>(6755399441055744.0);
    F64 shifted = fma(wide, splat<F64>(0.63661977236758134308), shift);
    F64 n = shifted - shift;
    F64 reduced = fma(n, splat<F64>(-1.57079632673412561417), wide);  // 33 bits of pi / 2
    reduced = fma(n, splat<F64>(-6.07710050650619224932e-11), reduced);
    F32Half back = __builtin_convertvector(reduced, F32Half);
    memcpy(reinterpret_cast<char*>(&r) + part * sizeof(F32Half), &back, sizeof back);
    I64 turns = bits(shifted);
    for (int i = 0; i < half; i++) quadrant[part * half + i] = static_cast<int32_t>(turns[i]);
  }
  if (cosine) quadrant += 1;
  F32 z = r * r;
  F32 sine = fma(r * z, polynomial(z, kSin), r);
  F32 cosines = fma(z * z, polynomial(z, kCos), fma(z, splat<F32>(-0.5), splat<F32>(1)));
  F32 y = (quadrant & 1) != 0 ? cosines : sine;
  y = fromBits(bits(y) ^ ((quadrant & 2) << 30));
  I32 far = abs(x) > 1e6f;
  if (__builtin_expect(any<F32>(far), 0)) {
    for (int i = 0; i < kLanes<F32>; i++) {
      if (far[i]) y[i] = cosine ? cosf(x[i]) : sinf(x[i]);
    }
  }
  y = x != x ? x : y;
  return !cosine ? (x == 0.0f ? x : y) : y;
}
FLAMBEAU_INLINE F32 sin(F32 x) { return sinOrCos<false>(x); }
FLAMBEAU_INLINE F32 cos(F32 x) { return sinOrCos<true>(x); }

FLAMBEAU_INLINE F32 tanh(F32 x) {
  F32 a = abs(x);
  F32 z = a * a;
  F32 small = fma(x * z, polynomial(z, kTanh), x);
  F32 clipped = a > 10.0f ? splat<F32>(10) : a;
  F32 large = 1.0f - 2.0f / (exp(clipped * 2.0f) + 1.0f);
  F32 y = a < 0.625f ? small : copySign(large, x);
  return x != x ? x : y;
}

FLAMBEAU_INLINE F32 erf(F32 x) {
  F32 a = abs(x);
  F32 z = x * x;
  F32 small = fma(x, polynomial(z, kErf), x);
  F32 clipped = a > 4.0f ? splat<F32>(4) : a;
  F32 large = 1.0f - exp(polynomial(clipped, kLogErfc));
  F32 y = a < 0.9f ? small : copySign(large, x);
  return x != x ? x : y;
}

// erf in a quarter of the time, within 6 units in the last place: for sums that round more than that.
FLAMBEAU_INLINE F32 quickErf(F32 x) {
  F32 in = x > 3.92f ? splat<F32>(3.92) : x;
  in = in < -3.92f ? splat<F32>(-3.92) : in;
  F32 z = in * in;
  F32 y = in * polynomial(z, kErfNumerator) / polynomial(z, kErfDenominator);
  // Never beyond 1: what is computed as 1 + erf(x) must not change its sign.
  return abs(x) >= 3.92f || abs(y) > 1.0f ? copySign(splat<F32>(1), x) : y;
}

// ---- by way of float64

// log2 of positive normal numbers, to about 2^-50.
FLAMBEAU_INLINE F64 log2Wide(F64 x) {
  I64 i = bits(x);
  I64 exponent = (i - 0x3fe6a09e667f3bcdll) >> 52;
  F64 m = fromBits(i - (exponent << 52));
  F64 s = (m - 1.0) / (m + 1.0);
  return fma(s, polynomial(s * s, kLog2), __builtin_convertvector(exponent, F64));
}

// 2^x for x from -1000 to 1000, to about 2^-50.
FLAMBEAU_INLINE F64 exp2Wide(F64 x) {
  const F64 shift = splat<F64>(6755399441055744.0);
  F64 shifted = x + shift;
  F64 f = x - (shifted - shift);
  I64 n = bits(shifted) - bits(shift);
  return polynomial(f, kExp2) * fromBits((n + 1023) << 52);
}

// Applies f to both halves in float64.
template <typename F>
FLAMBEAU_INLINE F32 widened(F32 x, F f) {
  F32 y;
  for (int part = 0; part < 2; part++) {
    F32Half narrow;
    memcpy(&narrow, reinterpret_cast<const char*>(&x) + part * sizeof(F32Half), sizeof narrow);
    F32Half back = __builtin_convertvector(f(__builtin_convertvector(narrow, F64)), F32Half);
    memcpy(reinterpret_cast<char*>(&y) + part * sizeof(F32Half), &back, sizeof back);
  }
  return y;
}

FLAMBEAU_INLINE F32 exp2(F32 x) {
  F32 in = x > 200.0f ? splat<F32>(200) : x;
  in = in < -200.0f ? splat<F32>(-200) : in;
  F32 y = widened(in, [](F64 v) { return exp2Wide(v); });
  return x != x ? x : y;
}
FLAMBEAU_INLINE F32 log2(F32 x) {
  return logEdges(x, widened(x, [](F64 v) { return log2Wide(v); }));
}
FLAMBEAU_INLINE F32 log10(F32 x) {
  return logEdges(x, widened(x, [](F64 v) { return log2Wide(v) * 0.30102999566398119521; }));
}

FLAMBEAU_INLINE F32 pow(F32 x, F32 y) {
  // |x|^y, with the logarithm kept in float64.
  F32 magnitude = abs(x);
  F32 result;
  for (int part = 0; part < 2; part++) {
    F32Half base, exponent;
    memcpy(&base, reinterpret_cast<const char*>(&magnitude) + part * sizeof(F32Half), sizeof base);
    memcpy(&exponent, reinterpret_cast<const char*>(&y) + part * sizeof(F32Half), sizeof exponent);
    F64 product = log2Wide(__builtin_convertvector(base, F64)) * __builtin_convertvector(exponent, F64);
    product = product > 200.0 ? splat<F64>(200) : product;
    product = product < -200.0 ? splat<F64>(-200) : product;
    F32Half back = __builtin_convertvector(exp2Wide(product), F32Half);
    memcpy(reinterpret_cast<char*>(&result) + part * sizeof(F32Half), &back, sizeof back);
  }
  // Of negative numbers: only whole powers, odd ones negative. Floats of 2^24 on are even.
  I32 whole = trunc(y) == y;
  I32 odd = whole & (trunc(y * 0.5f) * 2.0f != y);
  F32 signedResult = odd != 0 ? -result : result;
  result = x < 0.0f ? (whole != 0 ? signedResult : splat<F32>(NAN)) : result;
  // Zeros, infinities and NaN are left to the C library.
  I32 special = ~((x != 0.0f) & (magnitude < INFINITY) & (abs(y) < INFINITY));
  if (__builtin_expect(any<F32>(special), 0)) {
    for (int i = 0; i < kLanes<F32>; i++) {
      if (special[i]) result[i] = powf(x[i], y[i]);
    }
  }
  return result;
}

// ---- float64, and what has no vector form

#define FLAMBEAU_LIBRARY(name)                                                                 \
  FLAMBEAU_INLINE F64 name(F64 x) { return eachLane(x, [](double v) { return std::name(v); }); }
FLAMBEAU_LIBRARY(exp)
FLAMBEAU_LIBRARY(exp2)
FLAMBEAU_LIBRARY(expm1)
FLAMBEAU_LIBRARY(log)
FLAMBEAU_LIBRARY(log1p)
FLAMBEAU_LIBRARY(log2)
FLAMBEAU_LIBRARY(log10)
FLAMBEAU_LIBRARY(sin)
FLAMBEAU_LIBRARY(cos)
FLAMBEAU_LIBRARY(tanh)
FLAMBEAU_LIBRARY(erf)
#undef FLAMBEAU_LIBRARY
FLAMBEAU_INLINE F64 quickErf(F64 x) { return erf(x); }
FLAMBEAU_INLINE F64 pow(F64 x, F64 y) {
  for (int i = 0; i < kLanes<F64>; i++) x[i] = std::pow(x[i], y[i]);
  return x;
}

// ---- of both

// 1 / (1 + e^-x), and what it lacks to 1, each without cancellation.
template <typename V>
FLAMBEAU_INLINE V sigmoid(V x, V& complement) {
  V e = exp(-abs(x));
  V larger = 1.0f / (1.0f + e), smaller = e * larger;
  complement = x < 0.0f ? larger : smaller;
  return x < 0.0f ? smaller : larger;
}
FLAMBEAU_INLINE F32 sigmoid(F32 x) {
  F32 complement;
  return sigmoid(x, complement);
}
FLAMBEAU_INLINE F64 sigmoid(F64 x) { return 1.0 / (1.0 + exp(-x)); }

}  // namespace flambeau::FLAMBEAU_ISA
