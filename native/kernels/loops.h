// Loops over contiguous arrays, by vectors of the instruction set, from operations on single vectors. The rest that
// fills no vector goes the same way, padded, so that an element's result doesn't depend on where it lies.
#pragma once
#include "vector_math.h"

namespace flambeau::FLAMBEAU_ISA {

using UnaryLoop = void (*)(void* out, const void* input, int64_t n, double a, double b);
using BinaryLoop = void (*)(void* out, const void* left, const void* right, int64_t n, double a, double b);

// `Op` has a static V apply(V x, V a, V b).
template <typename V, typename Op>
void unaryLoop(void* out, const void* input, int64_t n, double a, double b) {
  using T = ElementOf<V>;
  auto* to = static_cast<T*>(out);
  auto* from = static_cast<const T*>(input);
  const V p = splat<V>(a), q = splat<V>(b);
  int64_t i = 0;
  for (; i + kLanes<V> <= n; i += kLanes<V>) store<V>(to + i, Op::apply(load<V>(from + i), p, q));
  if (i < n) storeSome<V>(to + i, Op::apply(loadSome<V>(from + i, n - i), p, q), n - i);
}

// `Op` has a static V apply(V left, V right, V a, V b). With `number` the right side is one element.
template <typename V, typename Op, bool number>
void binaryLoop(void* out, const void* left, const void* right, int64_t n, double a, double b) {
  using T = ElementOf<V>;
  auto* to = static_cast<T*>(out);
  auto* x = static_cast<const T*>(left);
  auto* y = static_cast<const T*>(right);
  const V p = splat<V>(a), q = splat<V>(b);
  const V same = splat<V>(number ? *y : T(0));
  int64_t i = 0;
  for (; i + kLanes<V> <= n; i += kLanes<V>) {
    store<V>(to + i, Op::apply(load<V>(x + i), number ? same : load<V>(y + i), p, q));
  }
  if (i < n) {
    storeSome<V>(to + i, Op::apply(loadSome<V>(x + i, n - i), number ? same : loadSome<V>(y + i, n - i), p, q), n - i);
  }
}

UnaryLoop unaryLoopOf(UnaryOp op, bool wide);
// `number`: the right operand is one element.
BinaryLoop binaryLoopOf(BinaryOp op, bool wide, bool number);

// Elements a thread should have at least for its while to be worth it: few for what computes long.
constexpr int64_t kLightGrain = 32768;
constexpr int64_t kHeavyGrain = 8192;

}  // namespace flambeau::FLAMBEAU_ISA
