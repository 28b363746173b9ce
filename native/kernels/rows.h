// Loops over contiguous rows of floats by vectors, the end of a row included, and sums that stay exact over long ones.
#pragma once
#include "lanes.h"

namespace flambeau::FLAMBEAU_ISA {

// A whole vector of a row ...
template <typename V>
struct WholeVector {
  V load(const ElementOf<V>* from) const { return flambeau::FLAMBEAU_ISA::load<V>(from); }
  V loadOr(const ElementOf<V>* from, ElementOf<V>) const { return load(from); }
  void store(ElementOf<V>* to, V v) const { flambeau::FLAMBEAU_ISA::store<V>(to, v); }
  V keep(V v) const { return v; }
};

// ... and what is left at its end: lanes beyond are neither read nor written.
template <typename V>
struct PartVector {
  int64_t count;

  V load(const ElementOf<V>* from) const { return loadLanes<V>(from, count); }
  // Lanes beyond are `other`.
  V loadOr(const ElementOf<V>* from, ElementOf<V> other) const { return inside() ? load(from) : other - V{}; }
  void store(ElementOf<V>* to, V v) const { storeLanes(to, v, count); }
  // Lanes beyond become 0.
  V keep(V v) const { return inside() ? v : V{}; }

 private:
  MaskOf<V> inside() const {
    MaskOf<V> lane;
    for (int i = 0; i < kLanes<V>; i++) lane[i] = i;
    return lane < static_cast<ElementOf<MaskOf<V>>>(count);
  }
};

// Calls f(position, vector) along `count` elements.
template <typename V, typename F>
FLAMBEAU_INLINE void eachVector(int64_t count, F f) {
  int64_t i = 0;
  for (; i + kLanes<V> <= count; i += kLanes<V>) f(i, WholeVector<V>());
  if (i < count) f(i, PartVector<V>{count - i});
}

// The same four vectors at a time, with a number from 0 to 3 that tells apart independent sums.
template <typename V, typename F>
FLAMBEAU_INLINE void eachVectorInFours(int64_t count, F f) {
  constexpr int lanes = kLanes<V>;
  int64_t i = 0;
  for (; i + 4 * lanes <= count; i += 4 * lanes) {
    f(i, 0, WholeVector<V>());
    f(i + lanes, 1, WholeVector<V>());
    f(i + 2 * lanes, 2, WholeVector<V>());
    f(i + 3 * lanes, 3, WholeVector<V>());
  }
  for (; i + lanes <= count; i += lanes) f(i, 0, WholeVector<V>());
  if (i < count) f(i, 1, PartVector<V>{count - i});
}

template <typename V>
FLAMBEAU_INLINE V sumOfFour(const V (&sums)[4]) {
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

// The sum of all lanes, added up in double.
FLAMBEAU_INLINE double wideSum(F64 v) { return sumLanes(v); }
FLAMBEAU_INLINE double wideSum(F32 v) {
  F32Half low, high;
  memcpy(&low, &v, sizeof low);
  memcpy(&high, reinterpret_cast<const char*>(&v) + sizeof low, sizeof high);
  return sumLanes(__builtin_convertvector(low, F64) + __builtin_convertvector(high, F64));
}

}  // namespace flambeau::FLAMBEAU_ISA
