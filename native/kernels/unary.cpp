// Functions of one float operand.
#include <cmath>

#include "../plain/special.h"
#include "kernels.h"
#include "loops.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

constexpr double kSqrtHalf = 0.70710678118654752440;

// An operation from an expression of x and the parameters a and b.
#define FLAMBEAU_UNARY(Name, expression)                                                 \
  struct Name {                                                                          \
    template <typename V>                                                                \
    FLAMBEAU_INLINE V apply(V x, [[maybe_unused]] V a, [[maybe_unused]] V b) {           \
      return expression;                                                                 \
    }                                                                                    \
  };
// One from a function of the C library, lane by lane.
#define FLAMBEAU_UNARY_LIBRARY(Name, function)                                           \
  struct Name {                                                                          \
    template <typename V>                                                                \
    FLAMBEAU_INLINE V apply(V x, V, V) {                                                 \
      return eachLane(x, [](ElementOf<V> v) { return function(v); });                    \
    }                                                                                    \
  };

FLAMBEAU_UNARY(Neg, -x)
FLAMBEAU_UNARY(Abs, abs(x))
FLAMBEAU_UNARY(Sign, x > 0.0f ? V{} + 1.0f : x < 0.0f ? V{} - 1.0f : V{})
FLAMBEAU_UNARY(Square, x * x)
FLAMBEAU_UNARY(Floor, floor(x))
FLAMBEAU_UNARY(Ceil, ceil(x))
FLAMBEAU_UNARY(Round, roundEven(x))
FLAMBEAU_UNARY(Trunc, trunc(x))
FLAMBEAU_UNARY(Exp, exp(x))
FLAMBEAU_UNARY(Exp2, exp2(x))
FLAMBEAU_UNARY(Expm1, expm1(x))
FLAMBEAU_UNARY(Log, log(x))
FLAMBEAU_UNARY(Log1p, log1p(x))
FLAMBEAU_UNARY(Log2, log2(x))
FLAMBEAU_UNARY(Log10, log10(x))
FLAMBEAU_UNARY(Sqrt, sqrt(x))
FLAMBEAU_UNARY(Rsqrt, 1.0f / sqrt(x))
FLAMBEAU_UNARY(Reciprocal, 1.0f / x)
FLAMBEAU_UNARY(Sin, sin(x))
FLAMBEAU_UNARY(Cos, cos(x))
FLAMBEAU_UNARY_LIBRARY(Tan, std::tan)
FLAMBEAU_UNARY_LIBRARY(Asin, std::asin)
FLAMBEAU_UNARY_LIBRARY(Acos, std::acos)
FLAMBEAU_UNARY_LIBRARY(Atan, std::atan)
FLAMBEAU_UNARY_LIBRARY(Sinh, std::sinh)
FLAMBEAU_UNARY_LIBRARY(Cosh, std::cosh)
FLAMBEAU_UNARY(Tanh, tanh(x))
FLAMBEAU_UNARY_LIBRARY(Asinh, std::asinh)
FLAMBEAU_UNARY_LIBRARY(Acosh, std::acosh)
FLAMBEAU_UNARY_LIBRARY(Atanh, std::atanh)
FLAMBEAU_UNARY(Erf, erf(x))
FLAMBEAU_UNARY_LIBRARY(Erfc, std::erfc)
FLAMBEAU_UNARY_LIBRARY(Lgamma, logGamma)
FLAMBEAU_UNARY_LIBRARY(Digamma, digamma)
FLAMBEAU_UNARY(Sigmoid, sigmoid(x))
FLAMBEAU_UNARY(LogSigmoid, (x < 0.0f ? x : V{}) - log1p(exp(-abs(x))))
FLAMBEAU_UNARY(Relu, x < 0.0f ? V{} : x)
FLAMBEAU_UNARY(Silu, x * sigmoid(x))
FLAMBEAU_UNARY(Softsign, x / (1.0f + abs(x)))
FLAMBEAU_UNARY(Hardsigmoid, minimum(maximum(x + 3.0f, V{}), V{} + 6.0f) / 6.0f)
FLAMBEAU_UNARY(Hardswish, x * (minimum(maximum(x + 3.0f, V{}), V{} + 6.0f) / 6.0f))
FLAMBEAU_UNARY(Gelu, 0.5f * x * (1.0f + quickErf(x * splat<V>(kSqrtHalf))))
FLAMBEAU_UNARY(GeluTanh, 0.5f * x * (1.0f + tanh(splat<V>(0.79788456080286535588) *
                                                 fma(x * x * x, splat<V>(0.044715), x))))
FLAMBEAU_UNARY(LeakyRelu, x > 0.0f ? x : x * a)
FLAMBEAU_UNARY(Elu, b * (x > 0.0f ? x : a * expm1(x)))
FLAMBEAU_UNARY(Softplus, x * a > b ? x : log1p(exp(x * a)) / a)
FLAMBEAU_UNARY(Clamp, minimum(maximum(x, a), b))

// x tanh(log(1 + e^x)), the tangent rewritten in e^x.
struct Mish {
  template <typename V>
  FLAMBEAU_INLINE V apply(V x, V, V) {
    V e = exp(minimum(x, V{} + 20.0f));
    V n = e * (e + 2.0f);
    V y = x * (n / (n + 2.0f));
    return x > 20.0f ? x : y;
  }
};

template <typename V>
UnaryLoop loopOf(UnaryOp op) {
  switch (op) {
    case UnaryOp::neg: return unaryLoop<V, Neg>;
    case UnaryOp::abs: return unaryLoop<V, Abs>;
    case UnaryOp::sign: return unaryLoop<V, Sign>;
    case UnaryOp::square: return unaryLoop<V, Square>;
    case UnaryOp::bitwiseNot: return nullptr;
    case UnaryOp::floor: return unaryLoop<V, Floor>;
    case UnaryOp::ceil: return unaryLoop<V, Ceil>;
    case UnaryOp::round: return unaryLoop<V, Round>;
    case UnaryOp::trunc: return unaryLoop<V, Trunc>;
    case UnaryOp::exp: return unaryLoop<V, Exp>;
    case UnaryOp::exp2: return unaryLoop<V, Exp2>;
    case UnaryOp::expm1: return unaryLoop<V, Expm1>;
    case UnaryOp::log: return unaryLoop<V, Log>;
    case UnaryOp::log1p: return unaryLoop<V, Log1p>;
    case UnaryOp::log2: return unaryLoop<V, Log2>;
    case UnaryOp::log10: return unaryLoop<V, Log10>;
    case UnaryOp::sqrt: return unaryLoop<V, Sqrt>;
    case UnaryOp::rsqrt: return unaryLoop<V, Rsqrt>;
    case UnaryOp::reciprocal: return unaryLoop<V, Reciprocal>;
    case UnaryOp::sin: return unaryLoop<V, Sin>;
    case UnaryOp::cos: return unaryLoop<V, Cos>;
    case UnaryOp::tan: return unaryLoop<V, Tan>;
    case UnaryOp::asin: return unaryLoop<V, Asin>;
    case UnaryOp::acos: return unaryLoop<V, Acos>;
    case UnaryOp::atan: return unaryLoop<V, Atan>;
    case UnaryOp::sinh: return unaryLoop<V, Sinh>;
    case UnaryOp::cosh: return unaryLoop<V, Cosh>;
    case UnaryOp::tanh: return unaryLoop<V, Tanh>;
    case UnaryOp::asinh: return unaryLoop<V, Asinh>;
    case UnaryOp::acosh: return unaryLoop<V, Acosh>;
    case UnaryOp::atanh: return unaryLoop<V, Atanh>;
    case UnaryOp::erf: return unaryLoop<V, Erf>;
    case UnaryOp::erfc: return unaryLoop<V, Erfc>;
    case UnaryOp::lgamma: return unaryLoop<V, Lgamma>;
    case UnaryOp::digamma: return unaryLoop<V, Digamma>;
    case UnaryOp::sigmoid: return unaryLoop<V, Sigmoid>;
    case UnaryOp::logSigmoid: return unaryLoop<V, LogSigmoid>;
    case UnaryOp::relu: return unaryLoop<V, Relu>;
    case UnaryOp::silu: return unaryLoop<V, Silu>;
    case UnaryOp::mish: return unaryLoop<V, Mish>;
    case UnaryOp::softsign: return unaryLoop<V, Softsign>;
    case UnaryOp::hardswish: return unaryLoop<V, Hardswish>;
    case UnaryOp::hardsigmoid: return unaryLoop<V, Hardsigmoid>;
    case UnaryOp::gelu: return unaryLoop<V, Gelu>;
    case UnaryOp::geluTanh: return unaryLoop<V, GeluTanh>;
    case UnaryOp::leakyRelu: return unaryLoop<V, LeakyRelu>;
    case UnaryOp::elu: return unaryLoop<V, Elu>;
    case UnaryOp::softplus: return unaryLoop<V, Softplus>;
    case UnaryOp::clamp: return unaryLoop<V, Clamp>;
  }
  return nullptr;
}

}  // namespace

UnaryLoop unaryLoopOf(UnaryOp op, bool wide) { return wide ? loopOf<F64>(op) : loopOf<F32>(op); }

}  // namespace flambeau::FLAMBEAU_ISA
