// Vectors of the compiled instruction set's width as plain C++ values: arithmetic, comparison and selection are the
// compiler's own (vector extensions); here is what those lack.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace flambeau::FLAMBEAU_ISA {

#if defined(__AVX512F__)
constexpr int kVectorBytes = 64;
#elif defined(__AVX2__)
constexpr int kVectorBytes = 32;
#else
constexpr int kVectorBytes = 16;
#endif

using F32 = float __attribute__((vector_size(kVectorBytes)));
using F64 = double __attribute__((vector_size(kVectorBytes)));
using I32 = int32_t __attribute__((vector_size(kVectorBytes)));
using I64 = int64_t __attribute__((vector_size(kVectorBytes)));
// Half as many floats, as many as an F64 has doubles.
using F32Half = float __attribute__((vector_size(kVectorBytes / 2)));

// The vector of an element type, the element type of a vector, and the integers that its comparisons give.
template <typename T>
struct VectorTypes;
template <>
struct VectorTypes<float> {
  using Vector = F32;
  using Mask = I32;
};
template <>
struct VectorTypes<double> {
  using Vector = F64;
  using Mask = I64;
};
template <typename T>
using VectorOf = typename VectorTypes<T>::Vector;
template <typename V>
using ElementOf = std::remove_reference_t<decltype(std::declval<V&>()[0])>;
template <typename V>
using MaskOf = typename VectorTypes<ElementOf<V>>::Mask;
template <typename V>
constexpr int kLanes = sizeof(V) / sizeof(ElementOf<V>);

#define FLAMBEAU_INLINE static inline __attribute__((always_inline))

template <typename V>
FLAMBEAU_INLINE V load(const ElementOf<V>* from) {
  V v;
  memcpy(&v, from, sizeof(V));
  return v;
}
template <typename V>
FLAMBEAU_INLINE void store(ElementOf<V>* to, V v) {
  memcpy(to, &v, sizeof(V));
}
// The first `n` lanes, the others 0; `n` is smaller than the number of lanes.
template <typename V>
FLAMBEAU_INLINE V loadSome(const ElementOf<V>* from, int64_t n) {
#if defined(__AVX512F__)
  if constexpr (sizeof(ElementOf<V>) == 4) {
    return (V)_mm512_maskz_loadu_epi32(static_cast<__mmask16>((1u << n) - 1), from);
  } else {
    return (V)_mm512_maskz_loadu_epi64(static_cast<__mmask8>((1u << n) - 1), from);
  }
#else
  V v = {};
  for (int i = 0; i < kLanes<V>; i++) {
    if (i < n) v[i] = from[i];
  }
  return v;
#endif
}
template <typename V>
FLAMBEAU_INLINE void storeSome(ElementOf<V>* to, V v, int64_t n) {
#if defined(__AVX512F__)
  if constexpr (sizeof(ElementOf<V>) == 4) {
    _mm512_mask_storeu_epi32(to, static_cast<__mmask16>((1u << n) - 1), (__m512i)v);
  } else {
    _mm512_mask_storeu_epi64(to, static_cast<__mmask8>((1u << n) - 1), (__m512i)v);
  }
#else
  for (int i = 0; i < kLanes<V>; i++) {
    if (i < n) to[i] = v[i];
  }
#endif
}
template <typename V>
FLAMBEAU_INLINE V splat(double value) {
  return static_cast<ElementOf<V>>(value) - V{};
}
template <typename V>
FLAMBEAU_INLINE MaskOf<V> bits(V v) {
  return reinterpret_cast<MaskOf<V>>(v);
}
FLAMBEAU_INLINE F32 fromBits(I32 v) { return reinterpret_cast<F32>(v); }
FLAMBEAU_INLINE F64 fromBits(I64 v) { return reinterpret_cast<F64>(v); }

// Calls f on every lane: for what has no vector form.
template <typename V, typename F>
FLAMBEAU_INLINE V eachLane(V v, F f) {
  for (int i = 0; i < kLanes<V>; i++) v[i] = f(v[i]);
  return v;
}

// a * b + c, rounded once where the machine can.
FLAMBEAU_INLINE F32 fma(F32 a, F32 b, F32 c) {
#if defined(__AVX512F__)
  return (F32)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif defined(__FMA__)
  return (F32)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#elif defined(__aarch64__)
  return (F32)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#else
  return a * b + c;
#endif
}
FLAMBEAU_INLINE F64 fma(F64 a, F64 b, F64 c) {
#if defined(__AVX512F__)
  return (F64)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
#elif defined(__FMA__)
  return (F64)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
#elif defined(__aarch64__)
  return (F64)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b);
#else
  return a * b + c;
#endif
}

FLAMBEAU_INLINE F32 sqrt(F32 v) {
#if defined(__AVX512F__)
  return (F32)_mm512_sqrt_ps((__m512)v);
#elif defined(__AVX2__)
  return (F32)_mm256_sqrt_ps((__m256)v);
#elif defined(__x86_64__)
  return (F32)_mm_sqrt_ps((__m128)v);
#else
  return (F32)vsqrtq_f32((float32x4_t)v);
#endif
}
FLAMBEAU_INLINE F64 sqrt(F64 v) {
#if defined(__AVX512F__)
  return (F64)_mm512_sqrt_pd((__m512d)v);
#elif defined(__AVX2__)
  return (F64)_mm256_sqrt_pd((__m256d)v);
#elif defined(__x86_64__)
  return (F64)_mm_sqrt_pd((__m128d)v);
#else
  return (F64)vsqrtq_f64((float64x2_t)v);
#endif
}

// Rounding to whole numbers; the sign of zero stays.
#if defined(__AVX512F__)
#define FLAMBEAU_ROUNDING(name, mode, neon)                                                              \
  FLAMBEAU_INLINE F32 name(F32 v) { return (F32)_mm512_roundscale_ps((__m512)v, mode); }                 \
  FLAMBEAU_INLINE F64 name(F64 v) { return (F64)_mm512_roundscale_pd((__m512d)v, mode); }
#elif defined(__AVX2__)
#define FLAMBEAU_ROUNDING(name, mode, neon)                                                              \
  FLAMBEAU_INLINE F32 name(F32 v) { return (F32)_mm256_round_ps((__m256)v, mode | _MM_FROUND_NO_EXC); }  \
  FLAMBEAU_INLINE F64 name(F64 v) { return (F64)_mm256_round_pd((__m256d)v, mode | _MM_FROUND_NO_EXC); }
#elif defined(__x86_64__)
#define FLAMBEAU_ROUNDING(name, mode, neon)                                                              \
  FLAMBEAU_INLINE F32 name(F32 v) { return (F32)_mm_round_ps((__m128)v, mode | _MM_FROUND_NO_EXC); }     \
  FLAMBEAU_INLINE F64 name(F64 v) { return (F64)_mm_round_pd((__m128d)v, mode | _MM_FROUND_NO_EXC); }
#else
#define FLAMBEAU_ROUNDING(name, mode, neon)                                                              \
  FLAMBEAU_INLINE F32 name(F32 v) { return (F32)neon##q_f32((float32x4_t)v); }                           \
  FLAMBEAU_INLINE F64 name(F64 v) { return (F64)neon##q_f64((float64x2_t)v); }
#endif
FLAMBEAU_ROUNDING(roundEven, 0, vrndn)
FLAMBEAU_ROUNDING(floor, 1, vrndm)
FLAMBEAU_ROUNDING(ceil, 2, vrndp)
FLAMBEAU_ROUNDING(trunc, 3, vrnd)
#undef FLAMBEAU_ROUNDING

template <typename V>
FLAMBEAU_INLINE V signBit() {
  return splat<V>(-0.0);
}
template <typename V>
FLAMBEAU_INLINE V abs(V v) {
  return fromBits(bits(v) & ~bits(signBit<V>()));
}
template <typename V>
FLAMBEAU_INLINE V copySign(V magnitude, V sign) {
  auto mask = bits(signBit<V>());
  return fromBits((bits(magnitude) & ~mask) | (bits(sign) & mask));
}
// NaN if either is.
template <typename V>
FLAMBEAU_INLINE V maximum(V a, V b) {
  V larger = a > b ? a : b;
  return a != a ? a : larger;
}
template <typename V>
FLAMBEAU_INLINE V minimum(V a, V b) {
  V smaller = a < b ? a : b;
  return a != a ? a : smaller;
}

template <typename V>
FLAMBEAU_INLINE bool any(MaskOf<V> mask) {
  typename VectorTypes<double>::Mask wide = reinterpret_cast<I64>(mask);
  int64_t all = 0;
  for (int i = 0; i < kLanes<I64>; i++) all |= wide[i];
  return all != 0;
}

}  // namespace flambeau::FLAMBEAU_ISA
