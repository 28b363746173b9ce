// What products and their like need of vectors beyond vector.h: loads and stores of a row's end without reading or
// writing past it, squares transposed in registers, and sums over the lanes.
#pragma once
#include <utility>

#include "vector.h"

namespace flambeau::FLAMBEAU_ISA {

// The first `n` lanes, 0 <= n <= kLanes, the others 0. Nothing beyond them is touched.
FLAMBEAU_INLINE F32 loadLanes(const float* from, int64_t n, F32) {
#if defined(__AVX512F__)
  return (F32)_mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << n) - 1), from);
#elif defined(__AVX2__)
  const I32 lane = {0, 1, 2, 3, 4, 5, 6, 7};
  return (F32)_mm256_maskload_ps(from, (__m256i)(lane < static_cast<int32_t>(n)));
#else
  F32 v = {};
  for (int64_t i = 0; i < n; i++) v[i] = from[i];
  return v;
#endif
}
FLAMBEAU_INLINE F64 loadLanes(const double* from, int64_t n, F64) {
#if defined(__AVX512F__)
  return (F64)_mm512_maskz_loadu_pd(static_cast<__mmask8>((1u << n) - 1), from);
#elif defined(__AVX2__)
  const I64 lane = {0, 1, 2, 3};
  return (F64)_mm256_maskload_pd(from, (__m256i)(lane < n));
#else
  F64 v = {};
  for (int64_t i = 0; i < n; i++) v[i] = from[i];
  return v;
#endif
}
template <typename V>
FLAMBEAU_INLINE V loadLanes(const ElementOf<V>* from, int64_t n) {
  return loadLanes(from, n, V{});
}

FLAMBEAU_INLINE void storeLanes(float* to, F32 v, int64_t n) {
#if defined(__AVX512F__)
  _mm512_mask_storeu_ps(to, static_cast<__mmask16>((1u << n) - 1), (__m512)v);
#else
  // Not by a masked store, which takes tens of cycles on some AVX2 machines, but by halves.
  const char* from = reinterpret_cast<const char*>(&v);
  int64_t done = 0;
#pragma GCC unroll 4
  for (int part = kLanes<F32> / 2; part > 0; part /= 2) {
    if ((n & part) == 0) continue;
    memcpy(to + done, from + done * sizeof(float), part * sizeof(float));
    done += part;
  }
  if (n == kLanes<F32>) store<F32>(to, v);
#endif
}
FLAMBEAU_INLINE void storeLanes(double* to, F64 v, int64_t n) {
#if defined(__AVX512F__)
  _mm512_mask_storeu_pd(to, static_cast<__mmask8>((1u << n) - 1), (__m512d)v);
#else
  const char* from = reinterpret_cast<const char*>(&v);
  int64_t done = 0;
#pragma GCC unroll 4
  for (int part = kLanes<F64> / 2; part > 0; part /= 2) {
    if ((n & part) == 0) continue;
    memcpy(to + done, from + done * sizeof(double), part * sizeof(double));
    done += part;
  }
  if (n == kLanes<F64>) store<F64>(to, v);
#endif
}

// ---- transposition: in stage `distance`, rows i and i + distance exchange the blocks of `distance` lanes that lie
// across the diagonal.

template <int distance, bool upper, typename V, int... lane>
FLAMBEAU_INLINE V exchangeBlocks(V a, V b, std::integer_sequence<int, lane...>) {
  constexpr int n = kLanes<V>;
  return __builtin_shufflevector(
      a, b, ((lane & distance) == 0 ? lane + (upper ? distance : 0) : n + lane - (upper ? 0 : distance))...);
}

template <int distance, typename V>
FLAMBEAU_INLINE void transposeStage(V (&rows)[kLanes<V>]) {
  using Lanes = std::make_integer_sequence<int, kLanes<V>>;
  if constexpr (distance > 0) {
#pragma GCC unroll 16
    for (int i = 0; i < kLanes<V>; i++) {
      if ((i & distance) != 0) continue;
      V a = rows[i], b = rows[i + distance];
      rows[i] = exchangeBlocks<distance, false>(a, b, Lanes{});
      rows[i + distance] = exchangeBlocks<distance, true>(a, b, Lanes{});
    }
    transposeStage<distance / 2>(rows);
  }
}

// All lanes by a function of two vectors, in halves: v[i] with v[i + n / 2].
template <int distance, typename V, typename F>
FLAMBEAU_INLINE ElementOf<V> joinLanes(V v, F f) {
  if constexpr (distance == 0) {
    return v[0];
  } else {
    using Lanes = std::make_integer_sequence<int, kLanes<V>>;
    return joinLanes<distance / 2>(f(v, exchangeBlocks<distance, true>(v, v, Lanes{})), f);
  }
}
template <typename V>
FLAMBEAU_INLINE ElementOf<V> sumLanes(V v) {
  return joinLanes<kLanes<V> / 2>(v, [](V a, V b) { return a + b; });
}
// NaN lanes are passed over, unless they are all.
template <typename V>
FLAMBEAU_INLINE ElementOf<V> largestLane(V v) {
  return joinLanes<kLanes<V> / 2>(v, [](V a, V b) { return b > a ? b : a; });
}

// Lane j of row i becomes lane i of row j.
template <typename V>
FLAMBEAU_INLINE void transposeSquare(V (&rows)[kLanes<V>]) {
  transposeStage<kLanes<V> / 2>(rows);
}

}  // namespace flambeau::FLAMBEAU_ISA
