// What goes along one dim and remembers where it is: extremes with their positions, running sums, products and extremes.
#include <cstring>
#include <limits>
#include <type_traits>

#include "../kernels/kernels.h"
#include "../threads.h"
#include "rows.h"

namespace flambeau {
namespace {

// Neighbouring lines that are followed together, where they are closer in memory than a line's elements.
constexpr int64_t kLines = 16;

// Sums and products of floats are carried in float64, of integers in int64.
template <typename T>
struct Carried {
  using Type = int64_t;
};
template <>
struct Carried<float> {
  using Type = double;
};
template <>
struct Carried<double> {
  using Type = double;
};

// NaN outranks everything; `last`: of equals the later one.
template <bool largest, bool last, typename T>
bool outranks(T candidate, T best) {
  if (best != best) return last && candidate != candidate;
  if (candidate != candidate) return true;
  if (last) return largest ? candidate >= best : candidate <= best;
  return largest ? candidate > best : candidate < best;
}

// Calls lines(offsets, lines, steps) for bundles of at most kLines lines: `offsets` and `steps` per operand.
template <typename Lines>
void forBundles(const Loops& kept, int operands, int64_t length, bool together, const Lines& lines) {
  int64_t grain = 32768 / (length > 0 ? length : 1);
  parallelFor(kept.numel, grain < 1 ? 1 : grain, [&](int64_t begin, int64_t end) {
    int64_t steps[kMaxOperands];
    for (int o = 0; o < operands; o++) steps[o] = rowStride(kept, o);
    forRows(kept, operands, begin, end, [&](const int64_t* offsets, int64_t, int64_t n) {
      int64_t most = together ? kLines : 1;
      int64_t at[kMaxOperands];
      for (int64_t i = 0; i < n; i += most) {
        for (int o = 0; o < operands; o++) at[o] = offsets[o] + i * steps[o];
        lines(at, n - i < most ? n - i : most, steps);
      }
    });
  });
}

bool linesAreCloser(const Loops& kept, int o, int64_t stride) {
  int64_t step = rowStride(kept, o);
  return kept.ndim > 0 && (step < 0 ? -step : step) < (stride < 0 ? -stride : stride);
}

template <typename T>
struct Extremum {
  T value;
  int64_t position;
};

// The extremum of neighbours: its value first, by vectors, then where it stands.
template <bool largest, typename T>
Extremum<T> extremumOfLine(const T* from, int64_t length) {
  typedef T V __attribute__((vector_size(16)));  // `using` knows no vectors of a template's type
  constexpr int64_t kLanes = 16 / sizeof(T), kVectors = 4, kStep = kVectors * kLanes;
  T value = from[0];
  int64_t l = 0;
  if (length >= kStep) {
    V top[kVectors];
    memcpy(top, from, sizeof top);
    auto nan = top[0] != top[0];
    for (; l + kStep <= length; l += kStep) {
#pragma GCC unroll 4
      for (int64_t v = 0; v < kVectors; v++) {
        V x;
        memcpy(&x, from + l + v * kLanes, sizeof x);
        top[v] = (largest ? x > top[v] : x < top[v]) ? x : top[v];
        nan |= x != x;
      }
    }
    for (int64_t i = 0; i < kLanes; i++) {
      for (int64_t v = 0; v < kVectors; v++) {
        if (outranks<largest, false>(top[v][i], value)) value = top[v][i];
      }
    }
    for (int64_t i = 0; i < kLanes; i++) {
      if (nan[i]) value = std::numeric_limits<T>::quiet_NaN();
    }
  }
  for (; l < length; l++) {
    if (outranks<largest, false>(from[l], value)) value = from[l];
  }
  // The first that is equal; of NaN the first that is none.
  const bool number = value == value;
  int64_t at = 0;
  for (bool found = false; !found && at + kStep <= length; at += found ? 0 : kStep) {
    V equal = {};
    auto here = equal != equal;
#pragma GCC unroll 4
    for (int64_t v = 0; v < kVectors; v++) {
      V x;
      memcpy(&x, from + at + v * kLanes, sizeof x);
      here |= number ? x == value : x != x;
    }
    uint64_t flags[2];
    memcpy(flags, &here, sizeof flags);
    found = (flags[0] | flags[1]) != 0;
  }
  while (number ? from[at] != value : from[at] == from[at]) at++;
  return {from[at], at};
}

template <bool largest, typename T>
void extremumTyped(const View* values, const View& indices, const View& input, int dim) {
  View line = without(input, dim), where = without(indices, dim), what = without(values ? *values : indices, dim);
  const View* views[] = {&where, &line, &what};
  Loops kept(3, views);
  int64_t length = input.shape[dim], stride = input.strides[dim];
  forBundles(kept, 3, length, linesAreCloser(kept, 1, stride),
             [&](const int64_t* at, int64_t lines, const int64_t* steps) {
               const T* from = input.as<T>() + at[1];
               if (lines == 1) {
                 Extremum<T> best{*from, 0};
                 if (stride == 1) {
                   best = extremumOfLine<largest>(from, length);
                 } else {
                   for (int64_t l = 1; l < length; l++) {
                     const T x = from[l * stride];
                     if (outranks<largest, false>(x, best.value)) best = {x, l};
                   }
                 }
                 indices.as<int64_t>()[at[0]] = best.position;
                 if (values != nullptr) values->as<T>()[at[2]] = best.value;
                 return;
               }
               T best[kLines];
               int64_t position[kLines];
               for (int64_t i = 0; i < lines; i++) {
                 best[i] = from[i * steps[1]];
                 position[i] = 0;
               }
               for (int64_t l = 1; l < length; l++) {
                 const T* row = from + l * stride;
                 for (int64_t i = 0; i < lines; i++) {
                   T x = row[i * steps[1]];
                   if (outranks<largest, false>(x, best[i])) {
                     best[i] = x;
                     position[i] = l;
                   }
                 }
               }
               for (int64_t i = 0; i < lines; i++) {
                 indices.as<int64_t>()[at[0] + i * steps[0]] = position[i];
                 if (values != nullptr) values->as<T>()[at[2] + i * steps[2]] = best[i];
               }
             });
}

// Integers wrap around.
template <bool product, typename C>
C carry(C sum, C x) {
  if constexpr (std::is_same_v<C, int64_t>) {
    auto a = static_cast<uint64_t>(sum), b = static_cast<uint64_t>(x);
    return static_cast<C>(product ? a * b : a + b);
  } else {
    return product ? sum * x : sum + x;
  }
}

template <bool product, typename T>
void cumulativeTyped(const View& out, const View& input, int dim) {
  using C = typename Carried<T>::Type;
  View from = without(input, dim), to = without(out, dim);
  const View* views[] = {&to, &from};
  Loops kept(2, views);
  int64_t length = input.shape[dim], stride = input.strides[dim], outStride = out.strides[dim];
  forBundles(kept, 2, length, linesAreCloser(kept, 1, stride),
             [&](const int64_t* at, int64_t lines, const int64_t* steps) {
               if (lines == 1) {
                 const T* from = input.as<T>() + at[1];
                 T* to = out.as<T>() + at[0];
                 C sum = product ? 1 : 0;
                 for (int64_t l = 0; l < length; l++) {
                   sum = carry<product>(sum, static_cast<C>(from[l * stride]));
                   to[l * outStride] = static_cast<T>(sum);
                 }
                 return;
               }
               C sum[kLines];
               for (C& s : sum) s = product ? 1 : 0;
               for (int64_t l = 0; l < length; l++) {
                 const T* row = input.as<T>() + at[1] + l * stride;
                 T* result = out.as<T>() + at[0] + l * outStride;
                 for (int64_t i = 0; i < lines; i++) {
                   sum[i] = carry<product>(sum[i], static_cast<C>(row[i * steps[1]]));
                   result[i * steps[0]] = static_cast<T>(sum[i]);
                 }
               }
             });
}

template <bool largest, typename T>
void cumulativeExtremumTyped(const View& values, const View& indices, const View& input, int dim) {
  View what = without(values, dim), where = without(indices, dim), from = without(input, dim);
  const View* views[] = {&what, &where, &from};
  Loops kept(3, views);
  int64_t length = input.shape[dim];
  forBundles(kept, 3, length, linesAreCloser(kept, 2, input.strides[dim]),
             [&](const int64_t* at, int64_t lines, const int64_t* steps) {
               T best[kLines] = {};
               int64_t position[kLines] = {};
               for (int64_t l = 0; l < length; l++) {
                 const T* row = input.as<T>() + at[2] + l * input.strides[dim];
                 T* value = values.as<T>() + at[0] + l * values.strides[dim];
                 int64_t* index = indices.as<int64_t>() + at[1] + l * indices.strides[dim];
                 for (int64_t i = 0; i < lines; i++) {
                   T x = row[i * steps[2]];
                   if (l == 0 || outranks<largest, true>(x, best[i])) {
                     best[i] = x;
                     position[i] = l;
                   }
                   value[i * steps[0]] = best[i];
                   index[i * steps[1]] = position[i];
                 }
               }
             });
}

// Calls f with a value of the dtype's C++ type.
template <typename F>
void withType(DType type, const F& f) {
  switch (type) {
    case DType::Float32: return f(float());
    case DType::Float64: return f(double());
    case DType::Int64: return f(int64_t());
    case DType::Int32: return f(int32_t());
    case DType::Int16: return f(int16_t());
    case DType::Int8: return f(int8_t());
    default: return f(uint8_t());
  }
}

void extremum(bool largest, const View* values, const View& indices, const View& input, int dim) {
  withType(input.dtype, [&](auto zero) {
    using T = decltype(zero);
    largest ? extremumTyped<true, T>(values, indices, input, dim) : extremumTyped<false, T>(values, indices, input, dim);
  });
}

void cumulative(bool product, const View& out, const View& input, int dim) {
  withType(input.dtype, [&](auto zero) {
    using T = decltype(zero);
    product ? cumulativeTyped<true, T>(out, input, dim) : cumulativeTyped<false, T>(out, input, dim);
  });
}

void cumulativeExtremum(bool largest, const View& values, const View& indices, const View& input, int dim) {
  withType(input.dtype, [&](auto zero) {
    using T = decltype(zero);
    largest ? cumulativeExtremumTyped<true, T>(values, indices, input, dim)
            : cumulativeExtremumTyped<false, T>(values, indices, input, dim);
  });
}

}  // namespace

void fillAlong(ReductionKernels& table) {
  table.extremum = extremum;
  table.cumulative = cumulative;
  table.cumulativeExtremum = cumulativeExtremum;
}

}  // namespace flambeau
