// The elementwise kernels: which loop, over which pieces. Floats are done here, everything else in plain/integers.cpp.
#include <cmath>

#include "../plain/integers.h"
#include "../plain/walk.h"
#include "kernels.h"
#include "loops.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

bool isFloat(DType type) { return type == DType::Float32 || type == DType::Float64; }

// ---- one operand

bool isLight(UnaryOp op) {
  switch (op) {
    case UnaryOp::neg:
    case UnaryOp::abs:
    case UnaryOp::sign:
    case UnaryOp::square:
    case UnaryOp::floor:
    case UnaryOp::ceil:
    case UnaryOp::round:
    case UnaryOp::trunc:
    case UnaryOp::sqrt:
    case UnaryOp::rsqrt:
    case UnaryOp::reciprocal:
    case UnaryOp::relu:
    case UnaryOp::softsign:
    case UnaryOp::hardswish:
    case UnaryOp::hardsigmoid:
    case UnaryOp::leakyRelu:
    case UnaryOp::clamp: return true;
    default: return false;
  }
}

void unary(UnaryOp op, const View& out, const View& input, double a, double b) {
  if (!isFloat(out.dtype)) return integerUnary(op, out, input, a, b);
  UnaryLoop loop = unaryLoopOf(op, out.dtype == DType::Float64);
  if (loop == nullptr) return;
  const View* views[] = {&out, &input};
  walkPieces(2, views, isLight(op) ? kLightGrain : kHeavyGrain,
             [&](char* const* p, int64_t n) { loop(p[0], p[1], n, a, b); });
}

template <typename T>
void predicateLoop(PredicateOp op, const void* input, void* out, int64_t n) {
  auto* from = static_cast<const T*>(input);
  auto* to = static_cast<uint8_t*>(out);
  constexpr T infinity = static_cast<T>(INFINITY);
  switch (op) {
    case PredicateOp::isnan:
      for (int64_t i = 0; i < n; i++) to[i] = from[i] != from[i];
      break;
    case PredicateOp::isinf:
      for (int64_t i = 0; i < n; i++) to[i] = std::abs(from[i]) == infinity;
      break;
    case PredicateOp::isfinite:
      for (int64_t i = 0; i < n; i++) to[i] = std::abs(from[i]) < infinity;
      break;
    case PredicateOp::logicalNot:
      for (int64_t i = 0; i < n; i++) to[i] = from[i] == 0;
      break;
  }
}

void predicate(PredicateOp op, const View& out, const View& input) {
  if (!isFloat(input.dtype)) {
    if (op == PredicateOp::logicalNot) return integerLogicalNot(out, input);
    const View* views[] = {&out};
    uint8_t answer = op == PredicateOp::isfinite;
    return walkPieces(1, views, kLightGrain,
                      [&](char* const* p, int64_t n) { memset(p[0], answer, static_cast<size_t>(n)); });
  }
  bool wide = input.dtype == DType::Float64;
  const View* views[] = {&out, &input};
  walkPieces(2, views, kLightGrain, [&](char* const* p, int64_t n) {
    wide ? predicateLoop<double>(op, p[1], p[0], n) : predicateLoop<float>(op, p[1], p[0], n);
  });
}

// ---- two operands

bool isLight(BinaryOp op) {
  switch (op) {
    case BinaryOp::floorDiv:
    case BinaryOp::remainder:
    case BinaryOp::fmod:
    case BinaryOp::pow:
    case BinaryOp::atan2:
    case BinaryOp::hypot:
    case BinaryOp::geluBackward:
    case BinaryOp::geluTanhBackward:
    case BinaryOp::siluBackward:
    case BinaryOp::eluBackward:
    case BinaryOp::softplusBackward: return false;
    default: return true;
  }
}

// Powers that are plain arithmetic: faster, and exact where multiplication is. Roots stand for a number alone, as in PyTorch: that of
// -Infinity is NaN, where its power by a tensor is Infinity.
bool simplePower(const View& out, const View& base, double exponent, bool number) {
  if (exponent == 1) return unary(UnaryOp::clamp, out, base, -INFINITY, INFINITY), true;
  if (exponent == 2) return unary(UnaryOp::square, out, base, 0, 0), true;
  if (exponent == 0.5 && number) return unary(UnaryOp::sqrt, out, base, 0, 0), true;
  if (exponent == -0.5 && number) return unary(UnaryOp::rsqrt, out, base, 0, 0), true;
  if (exponent == -1) return unary(UnaryOp::reciprocal, out, base, 0, 0), true;
  if (exponent == 3) {
    BinaryLoop multiply = binaryLoopOf(BinaryOp::mul, out.dtype == DType::Float64, false);
    const View* views[] = {&out, &base};
    const int64_t size = bytesOf(out.dtype);
    walkPieces(2, views, kLightGrain, [&](char* const* p, int64_t n) {
      alignas(64) char square[kPiece * 8];  // the result may lie on the base
      for (int64_t i = 0; i < n; i += kPiece) {
        int64_t m = n - i < kPiece ? n - i : kPiece;
        multiply(square, p[1] + i * size, p[1] + i * size, m, 0, 0);
        multiply(p[0] + i * size, square, p[1] + i * size, m, 0, 0);
      }
    });
    return true;
  }
  return false;
}

void binary(BinaryOp op, const View& out, const View& left, const View& right, bool number, double a, double b) {
  if (!isFloat(out.dtype)) return integerBinary(op, out, left, right);
  bool wide = out.dtype == DType::Float64;
  const bool same = right.repeated();
  if (op == BinaryOp::pow && same && out.numel() > 0 &&
      simplePower(out, left, wide ? *right.as<double>() : *right.as<float>(), number)) {
    return;
  }
  BinaryLoop loop = binaryLoopOf(op, wide, same);
  if (loop == nullptr) return;
  const View* views[] = {&out, &left, &right};
  walkPieces(same ? 2 : 3, views, isLight(op) ? kLightGrain : kHeavyGrain,
             [&](char* const* p, int64_t n) { loop(p[0], p[1], same ? right.data : p[2], n, a, b); });
}

template <typename T, typename F>
void compareLoop(const void* left, const void* right, void* out, int64_t n, F f) {
  auto* x = static_cast<const T*>(left);
  auto* y = static_cast<const T*>(right);
  auto* to = static_cast<uint8_t*>(out);
  for (int64_t i = 0; i < n; i++) to[i] = f(x[i], y[i]);
}

template <typename T>
void compareTyped(CompareOp op, const void* x, const void* y, void* to, int64_t n) {
  switch (op) {
    case CompareOp::eq: return compareLoop<T>(x, y, to, n, [](T l, T r) { return l == r; });
    case CompareOp::ne: return compareLoop<T>(x, y, to, n, [](T l, T r) { return l != r; });
    case CompareOp::lt: return compareLoop<T>(x, y, to, n, [](T l, T r) { return l < r; });
    case CompareOp::le: return compareLoop<T>(x, y, to, n, [](T l, T r) { return l <= r; });
    case CompareOp::gt: return compareLoop<T>(x, y, to, n, [](T l, T r) { return l > r; });
    case CompareOp::ge: return compareLoop<T>(x, y, to, n, [](T l, T r) { return l >= r; });
    case CompareOp::logicalAnd: return compareLoop<T>(x, y, to, n, [](T l, T r) { return (l != 0) & (r != 0); });
    case CompareOp::logicalOr: return compareLoop<T>(x, y, to, n, [](T l, T r) { return (l != 0) | (r != 0); });
    case CompareOp::logicalXor: return compareLoop<T>(x, y, to, n, [](T l, T r) { return (l != 0) != (r != 0); });
  }
}

void compare(CompareOp op, const View& out, const View& left, const View& right) {
  if (!isFloat(left.dtype)) return integerCompare(op, out, left, right);
  bool wide = left.dtype == DType::Float64;
  const View* views[] = {&out, &left, &right};
  walkPieces(3, views, kLightGrain, [&](char* const* p, int64_t n) {
    wide ? compareTyped<double>(op, p[1], p[2], p[0], n) : compareTyped<float>(op, p[1], p[2], p[0], n);
  });
}

// ---- three operands

template <typename T>
void whereLoop(char* const* p, int64_t n) {
  auto* to = reinterpret_cast<T*>(p[0]);
  auto* condition = reinterpret_cast<const uint8_t*>(p[1]);
  auto* x = reinterpret_cast<const T*>(p[2]);
  auto* y = reinterpret_cast<const T*>(p[3]);
  for (int64_t i = 0; i < n; i++) {
    T chosen = x[i], other = y[i];
    to[i] = condition[i] ? chosen : other;
  }
}

void where(const View& out, const View& condition, const View& left, const View& right) {
  const View* views[] = {&out, &condition, &left, &right};
  walkPieces(4, views, kLightGrain, [&](char* const* p, int64_t n) {
    switch (bytesOf(out.dtype)) {
      case 1: return whereLoop<uint8_t>(p, n);
      case 2: return whereLoop<uint16_t>(p, n);
      case 4: return whereLoop<uint32_t>(p, n);
      default: return whereLoop<uint64_t>(p, n);
    }
  });
}

// Calls f on vectors of three arrays.
template <typename V, typename F>
void ternaryLoop(char* const* p, int64_t n, F f) {
  using T = ElementOf<V>;
  auto* to = reinterpret_cast<T*>(p[0]);
  auto* x = reinterpret_cast<const T*>(p[1]);
  auto* y = reinterpret_cast<const T*>(p[2]);
  auto* z = reinterpret_cast<const T*>(p[3]);
  int64_t i = 0;
  for (; i + kLanes<V> <= n; i += kLanes<V>) {
    store<V>(to + i, f(load<V>(x + i), load<V>(y + i), load<V>(z + i)));
  }
  if (i < n) {
    int64_t m = n - i;
    storeSome<V>(to + i, f(loadSome<V>(x + i, m), loadSome<V>(y + i, m), loadSome<V>(z + i, m)), m);
  }
}

template <typename V>
void addScaledTyped(bool divide, char* const* p, int64_t n, double scale) {
  const V factor = splat<V>(scale);
  if (divide) {
    ternaryLoop<V>(p, n, [factor](V x, V y, V z) { return x + factor * y / z; });
  } else {
    ternaryLoop<V>(p, n, [factor](V x, V y, V z) { return fma(factor * y, z, x); });
  }
}

void addScaled(bool divide, const View& out, const View& input, const View& left, const View& right, double scale) {
  if (!isFloat(out.dtype)) return integerAddScaled(divide, out, input, left, right, scale);
  const View* views[] = {&out, &input, &left, &right};
  bool wide = out.dtype == DType::Float64;
  walkPieces(4, views, kLightGrain, [&](char* const* p, int64_t n) {
    wide ? addScaledTyped<F64>(divide, p, n, scale) : addScaledTyped<F32>(divide, p, n, scale);
  });
}

// From the nearer end, so that weights of 0 and 1 give the ends exactly.
template <typename V>
void lerpTyped(char* const* p, int64_t n) {
  ternaryLoop<V>(p, n, [](V start, V end, V weight) {
    V span = end - start;
    return weight < 0.5f ? fma(weight, span, start) : end - span * (1.0f - weight);
  });
}

void lerp(const View& out, const View& start, const View& end, const View& weight) {
  if (!isFloat(out.dtype)) return;
  const View* views[] = {&out, &start, &end, &weight};
  bool wide = out.dtype == DType::Float64;
  walkPieces(4, views, kLightGrain,
             [&](char* const* p, int64_t n) { wide ? lerpTyped<F64>(p, n) : lerpTyped<F32>(p, n); });
}

}  // namespace

void fillElementwise(ElementwiseKernels& table) {
  table.unary = unary;
  table.predicate = predicate;
  table.binary = binary;
  table.compare = compare;
  table.where = where;
  table.addScaled = addScaled;
  table.lerp = lerp;
}

}  // namespace flambeau::FLAMBEAU_ISA
