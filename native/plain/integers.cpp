#include "integers.h"

#include "walk.h"

namespace flambeau {
namespace {

constexpr int64_t kGrain = 16384;

uint64_t u(int64_t v) { return static_cast<uint64_t>(v); }
int64_t s(uint64_t v) { return static_cast<int64_t>(v); }

int64_t truncQuotient(int64_t x, int64_t y) { return y == 0 ? 0 : y == -1 ? s(-u(x)) : x / y; }
int64_t truncRest(int64_t x, int64_t y) { return y == 0 || y == -1 ? 0 : x % y; }
int64_t floorQuotient(int64_t x, int64_t y) {
  int64_t rest = truncRest(x, y);
  return truncQuotient(x, y) - (rest != 0 && (rest < 0) != (y < 0));
}
int64_t floorRest(int64_t x, int64_t y) {
  int64_t rest = truncRest(x, y);
  return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
}
int64_t power(int64_t base, int64_t exponent) {
  if (exponent < 0) return base == 1 ? 1 : base == -1 ? (exponent & 1 ? -1 : 1) : 0;
  uint64_t result = 1, square = u(base);
  for (; exponent > 0; exponent >>= 1, square *= square) {
    if (exponent & 1) result *= square;
  }
  return s(result);
}

int64_t saturated(double v) { return v >= 0x1p63 ? INT64_MAX : v <= -0x1p63 ? INT64_MIN : static_cast<int64_t>(v); }

template <typename T>
void widenTyped(const void* data, int64_t* to, int64_t n) {
  auto* from = static_cast<const T*>(data);
  for (int64_t i = 0; i < n; i++) to[i] = from[i];
}
template <typename T>
void narrowTyped(const int64_t* from, void* data, int64_t n) {
  auto* to = static_cast<T*>(data);
  for (int64_t i = 0; i < n; i++) to[i] = static_cast<T>(from[i]);
}

// Elements as int64: where they lie, if they are, else widened into the buffer.
const int64_t* widened(DType from, const char* data, int64_t* buffer, int64_t n) {
  if (from == DType::Int64) return reinterpret_cast<const int64_t*>(data);
  widen(from, data, buffer, n);
  return buffer;
}

template <typename F>
void unaryWalk(const View& out, const View& input, F f) {
  const View* views[] = {&out, &input};
  walkPieces(2, views, kGrain, [&](char* const* p, int64_t n) {
    int64_t left[kPiece], result[kPiece];
    for (int64_t i = 0; i < n; i += kPiece) {
      int64_t m = n - i < kPiece ? n - i : kPiece;
      const int64_t* x = widened(input.dtype, p[1] + i * bytesOf(input.dtype), left, m);
      for (int64_t j = 0; j < m; j++) result[j] = f(x[j]);
      narrow(out.dtype, result, p[0] + i * bytesOf(out.dtype), m);
    }
  });
}

template <typename F>
void binaryWalk(const View& out, const View& left, const View& right, F f) {
  const View* views[] = {&out, &left, &right};
  walkPieces(3, views, kGrain, [&](char* const* p, int64_t n) {
    int64_t wideLeft[kPiece], wideRight[kPiece], result[kPiece];
    for (int64_t i = 0; i < n; i += kPiece) {
      int64_t m = n - i < kPiece ? n - i : kPiece;
      const int64_t* x = widened(left.dtype, p[1] + i * bytesOf(left.dtype), wideLeft, m);
      const int64_t* y = widened(right.dtype, p[2] + i * bytesOf(right.dtype), wideRight, m);
      for (int64_t j = 0; j < m; j++) result[j] = f(x[j], y[j]);
      narrow(out.dtype, result, p[0] + i * bytesOf(out.dtype), m);
    }
  });
}

}  // namespace

void widen(DType from, const void* data, int64_t* to, int64_t n) {
  switch (from) {
    case DType::Int64: return widenTyped<int64_t>(data, to, n);
    case DType::Int32: return widenTyped<int32_t>(data, to, n);
    case DType::Int16: return widenTyped<int16_t>(data, to, n);
    case DType::Int8: return widenTyped<int8_t>(data, to, n);
    default: return widenTyped<uint8_t>(data, to, n);
  }
}

void narrow(DType to, const int64_t* from, void* data, int64_t n) {
  switch (to) {
    case DType::Int64: return narrowTyped<int64_t>(from, data, n);
    case DType::Int32: return narrowTyped<int32_t>(from, data, n);
    case DType::Int16: return narrowTyped<int16_t>(from, data, n);
    case DType::Int8: return narrowTyped<int8_t>(from, data, n);
    case DType::Bool: {
      auto* flags = static_cast<uint8_t*>(data);
      for (int64_t i = 0; i < n; i++) flags[i] = from[i] != 0;
      return;
    }
    default: return narrowTyped<uint8_t>(from, data, n);
  }
}

void integerUnary(UnaryOp op, const View& out, const View& input, double a, double b) {
  switch (op) {
    case UnaryOp::neg: return unaryWalk(out, input, [](int64_t x) { return s(-u(x)); });
    case UnaryOp::abs: return unaryWalk(out, input, [](int64_t x) { return x < 0 ? s(-u(x)) : x; });
    case UnaryOp::sign: return unaryWalk(out, input, [](int64_t x) { return int64_t(x > 0) - int64_t(x < 0); });
    case UnaryOp::square: return unaryWalk(out, input, [](int64_t x) { return s(u(x) * u(x)); });
    case UnaryOp::bitwiseNot:
      if (input.dtype == DType::Bool) return integerLogicalNot(out, input);
      return unaryWalk(out, input, [](int64_t x) { return ~x; });
    case UnaryOp::relu: return unaryWalk(out, input, [](int64_t x) { return x < 0 ? 0 : x; });
    case UnaryOp::clamp: {
      int64_t low = saturated(a), high = saturated(b);
      return unaryWalk(out, input, [low, high](int64_t x) {
        int64_t raised = x < low ? low : x;
        return raised > high ? high : raised;
      });
    }
    default: return unaryWalk(out, input, [](int64_t x) { return x; });  // the roundings change nothing
  }
}

void integerBinary(BinaryOp op, const View& out, const View& left, const View& right) {
  switch (op) {
    case BinaryOp::add: return binaryWalk(out, left, right, [](int64_t x, int64_t y) { return s(u(x) + u(y)); });
    case BinaryOp::sub: return binaryWalk(out, left, right, [](int64_t x, int64_t y) { return s(u(x) - u(y)); });
    case BinaryOp::mul: return binaryWalk(out, left, right, [](int64_t x, int64_t y) { return s(u(x) * u(y)); });
    case BinaryOp::div:
    case BinaryOp::truncDiv: return binaryWalk(out, left, right, truncQuotient);
    case BinaryOp::floorDiv: return binaryWalk(out, left, right, floorQuotient);
    case BinaryOp::remainder: return binaryWalk(out, left, right, floorRest);
    case BinaryOp::fmod: return binaryWalk(out, left, right, truncRest);
    case BinaryOp::pow: return binaryWalk(out, left, right, power);
    case BinaryOp::maximum: return binaryWalk(out, left, right, [](int64_t x, int64_t y) { return x > y ? x : y; });
    case BinaryOp::minimum: return binaryWalk(out, left, right, [](int64_t x, int64_t y) { return x < y ? x : y; });
    case BinaryOp::bitwiseAnd: return binaryWalk(out, left, right, [](int64_t x, int64_t y) { return x & y; });
    case BinaryOp::bitwiseOr: return binaryWalk(out, left, right, [](int64_t x, int64_t y) { return x | y; });
    case BinaryOp::bitwiseXor: return binaryWalk(out, left, right, [](int64_t x, int64_t y) { return x ^ y; });
    case BinaryOp::leftShift:
      return binaryWalk(out, left, right, [](int64_t x, int64_t y) { return y < 0 || y > 63 ? 0 : s(u(x) << y); });
    case BinaryOp::rightShift:
      return binaryWalk(out, left, right, [](int64_t x, int64_t y) { return x >> (y < 0 || y > 63 ? 63 : y); });
    default: return;  // the gradients are of floats
  }
}

void integerCompare(CompareOp op, const View& out, const View& left, const View& right) {
  switch (op) {
    case CompareOp::eq: return binaryWalk(out, left, right, [](int64_t x, int64_t y) { return int64_t(x == y); });
    case CompareOp::ne: return binaryWalk(out, left, right, [](int64_t x, int64_t y) { return int64_t(x != y); });
    case CompareOp::lt: return binaryWalk(out, left, right, [](int64_t x, int64_t y) { return int64_t(x < y); });
    case CompareOp::le: return binaryWalk(out, left, right, [](int64_t x, int64_t y) { return int64_t(x <= y); });
    case CompareOp::gt: return binaryWalk(out, left, right, [](int64_t x, int64_t y) { return int64_t(x > y); });
    case CompareOp::ge: return binaryWalk(out, left, right, [](int64_t x, int64_t y) { return int64_t(x >= y); });
    case CompareOp::logicalAnd:
      return binaryWalk(out, left, right, [](int64_t x, int64_t y) { return int64_t((x != 0) & (y != 0)); });
    case CompareOp::logicalOr:
      return binaryWalk(out, left, right, [](int64_t x, int64_t y) { return int64_t((x | y) != 0); });
    case CompareOp::logicalXor:
      return binaryWalk(out, left, right, [](int64_t x, int64_t y) { return int64_t((x != 0) != (y != 0)); });
  }
}

void integerLogicalNot(const View& out, const View& input) {
  unaryWalk(out, input, [](int64_t x) { return int64_t(x == 0); });
}

void integerAddScaled(bool divide, const View& out, const View& input, const View& left, const View& right,
                      double scale) {
  const View* views[] = {&out, &input, &left, &right};
  int64_t factor = saturated(scale);
  walkPieces(4, views, kGrain, [&](char* const* p, int64_t n) {
    int64_t x[kPiece], y[kPiece], z[kPiece];
    for (int64_t i = 0; i < n; i += kPiece) {
      int64_t m = n - i < kPiece ? n - i : kPiece;
      int64_t byte = i * bytesOf(out.dtype);
      widen(out.dtype, p[1] + byte, x, m);
      widen(out.dtype, p[2] + byte, y, m);
      widen(out.dtype, p[3] + byte, z, m);
      for (int64_t j = 0; j < m; j++) {
        uint64_t scaled = u(factor) * u(y[j]);
        x[j] = s(u(x[j]) + (divide ? u(truncQuotient(s(scaled), z[j])) : scaled * u(z[j])));
      }
      narrow(out.dtype, x, p[0] + byte, m);
    }
  });
}

}  // namespace flambeau
