// Functions of two float operands.
#include <cmath>

#include "kernels.h"
#include "loops.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

#define FLAMBEAU_BINARY(Name, expression)                                                      \
  struct Name {                                                                                \
    template <typename V>                                                                      \
    FLAMBEAU_INLINE V apply(V x, [[maybe_unused]] V y, [[maybe_unused]] V a, [[maybe_unused]] V b) { \
      return expression;                                                                       \
    }                                                                                          \
  };
#define FLAMBEAU_BINARY_SCALAR(Name, function)                                                 \
  struct Name {                                                                                \
    template <typename V>                                                                      \
    FLAMBEAU_INLINE V apply(V x, V y, V, V) {                                                  \
      for (int i = 0; i < kLanes<V>; i++) x[i] = function(x[i], y[i]);                         \
      return x;                                                                                \
    }                                                                                          \
  };

template <typename T>
T remainderOf(T x, T y) {
  T rest = std::fmod(x, y);
  return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
}

// The largest whole number not above the exact quotient: from the remainder, because x / y may round up to it.
template <typename T>
T floorQuotient(T x, T y) {
  if (y == 0) return x / y;
  T rest = std::fmod(x, y);
  T quotient = (x - rest) / y;
  if (rest != 0 && (rest < 0) != (y < 0)) quotient -= 1;
  if (quotient == 0) return std::copysign(T(0), x / y);
  T whole = std::floor(quotient);
  return quotient - whole > T(0.5) ? whole + 1 : whole;
}

FLAMBEAU_BINARY(Add, x + y)
FLAMBEAU_BINARY(Sub, x - y)
FLAMBEAU_BINARY(Mul, x * y)
FLAMBEAU_BINARY(Div, x / y)
FLAMBEAU_BINARY_SCALAR(FloorDiv, floorQuotient)
FLAMBEAU_BINARY(TruncDiv, trunc(x / y))
FLAMBEAU_BINARY_SCALAR(Remainder, remainderOf)
FLAMBEAU_BINARY_SCALAR(Fmod, std::fmod)
FLAMBEAU_BINARY(Pow, pow(x, y))
FLAMBEAU_BINARY_SCALAR(Atan2, std::atan2)
FLAMBEAU_BINARY_SCALAR(Hypot, std::hypot)
FLAMBEAU_BINARY(Maximum, maximum(x, y))
FLAMBEAU_BINARY(Minimum, minimum(x, y))
FLAMBEAU_BINARY(AddMultiple, fma(a, y, x))
// Gradients: x is the gradient of the result.
FLAMBEAU_BINARY(SigmoidBackward, x * (1.0f - y) * y)
FLAMBEAU_BINARY(TanhBackward, x * (1.0f - y * y))
FLAMBEAU_BINARY(ReluBackward, y <= 0.0f ? V{} : x)
FLAMBEAU_BINARY(LeakyReluBackward, y > 0.0f ? x : x * a)
FLAMBEAU_BINARY(EluBackward, x * b * (y > 0.0f ? V{} + 1.0f : a * exp(y)))
FLAMBEAU_BINARY(SoftplusBackward, y * a > b ? x : x * sigmoid(y * a))
FLAMBEAU_BINARY(ClampBackward, (y >= a) & (y <= b) ? x : V{})

struct GeluBackward {
  template <typename V>
  FLAMBEAU_INLINE V apply(V grad, V x, V, V) {
    V cumulative = 0.5f * (1.0f + quickErf(x * splat<V>(0.70710678118654752440)));
    V density = splat<V>(0.39894228040143267794) * exp(-0.5f * x * x);
    return grad * fma(x, density, cumulative);
  }
};

struct GeluTanhBackward {
  template <typename V>
  FLAMBEAU_INLINE V apply(V grad, V x, V, V) {
    const V c = splat<V>(0.79788456080286535588), k = splat<V>(0.044715);
    V x2 = x * x;
    V t = tanh(c * fma(x * x2, k, x));
    V slope = c * fma(3.0f * k, x2, V{} + 1.0f);
    return grad * 0.5f * (1.0f + t + x * (1.0f - t * t) * slope);
  }
};

struct SiluBackward {
  template <typename V>
  FLAMBEAU_INLINE V apply(V grad, V x, V, V) {
    V complement;
    V s = sigmoid(x, complement);
    return grad * s * fma(x, complement, V{} + 1.0f);
  }
};

template <typename V, bool number>
BinaryLoop loopOf(BinaryOp op) {
  switch (op) {
    case BinaryOp::add: return binaryLoop<V, Add, number>;
    case BinaryOp::sub: return binaryLoop<V, Sub, number>;
    case BinaryOp::mul: return binaryLoop<V, Mul, number>;
    case BinaryOp::div: return binaryLoop<V, Div, number>;
    case BinaryOp::floorDiv: return binaryLoop<V, FloorDiv, number>;
    case BinaryOp::truncDiv: return binaryLoop<V, TruncDiv, number>;
    case BinaryOp::remainder: return binaryLoop<V, Remainder, number>;
    case BinaryOp::fmod: return binaryLoop<V, Fmod, number>;
    case BinaryOp::pow: return binaryLoop<V, Pow, number>;
    case BinaryOp::atan2: return binaryLoop<V, Atan2, number>;
    case BinaryOp::hypot: return binaryLoop<V, Hypot, number>;
    case BinaryOp::maximum: return binaryLoop<V, Maximum, number>;
    case BinaryOp::minimum: return binaryLoop<V, Minimum, number>;
    case BinaryOp::addMultiple: return binaryLoop<V, AddMultiple, number>;
    case BinaryOp::sigmoidBackward: return binaryLoop<V, SigmoidBackward, number>;
    case BinaryOp::tanhBackward: return binaryLoop<V, TanhBackward, number>;
    case BinaryOp::reluBackward: return binaryLoop<V, ReluBackward, number>;
    case BinaryOp::leakyReluBackward: return binaryLoop<V, LeakyReluBackward, number>;
    case BinaryOp::geluBackward: return binaryLoop<V, GeluBackward, number>;
    case BinaryOp::geluTanhBackward: return binaryLoop<V, GeluTanhBackward, number>;
    case BinaryOp::siluBackward: return binaryLoop<V, SiluBackward, number>;
    case BinaryOp::eluBackward: return binaryLoop<V, EluBackward, number>;
    case BinaryOp::softplusBackward: return binaryLoop<V, SoftplusBackward, number>;
    case BinaryOp::clampBackward: return binaryLoop<V, ClampBackward, number>;
    case BinaryOp::bitwiseAnd:
    case BinaryOp::bitwiseOr:
    case BinaryOp::bitwiseXor:
    case BinaryOp::leftShift:
    case BinaryOp::rightShift: break;  // integers only
  }
  return nullptr;
}

}  // namespace

BinaryLoop binaryLoopOf(BinaryOp op, bool wide, bool number) {
  if (number) return wide ? loopOf<F64, true>(op) : loopOf<F32, true>(op);
  return wide ? loopOf<F64, false>(op) : loopOf<F32, false>(op);
}

}  // namespace flambeau::FLAMBEAU_ISA
