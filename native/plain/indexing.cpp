// Kernels that move elements to or from where indices say. Indices are checked before anything is written; what several
// indices write to one place happens in their row-major order, whatever the number of threads.
#include <atomic>
#include <cstring>
#include <type_traits>

#include "../kernels/kernels.h"
#include "../threads.h"
#include "rows.h"

namespace flambeau {
namespace {

constexpr int64_t kGrain = 16384;
// How many slices ahead the beginning of one is asked for: nobody can guess where it lies.
constexpr int64_t kAhead = 4;

// The first position whose index is outside [low, limit), or -1.
int64_t firstBad(const View& index, int64_t low, int64_t limit) {
  const View* views[] = {&index};
  Loops loops(1, views, false);
  std::atomic<int64_t> bad{INT64_MAX};
  parallelFor(loops.numel, 2 * kGrain, [&](int64_t begin, int64_t end) {
    int64_t step = rowStride(loops, 0);
    forRows(loops, 1, begin, end, [&](const int64_t* offsets, int64_t position, int64_t n) {
      const int64_t* at = index.as<int64_t>() + offsets[0];
      for (int64_t i = 0; i < n; i++) {
        if (at[i * step] >= low && at[i * step] < limit) continue;
        int64_t found = position + i, known = bad.load();
        while (found < known && !bad.compare_exchange_weak(known, found)) {
        }
        return;
      }
    });
  });
  return bad.load() == INT64_MAX ? -1 : bad.load();
}

// The view over another's shape, without a step along `dim`.
View fixedAlong(const View& v, const View& shape, int dim) {
  View w = v;
  for (int d = 0; d < v.ndim; d++) w.shape[d] = shape.shape[d];
  w.strides[dim] = 0;
  return w;
}

template <typename F>
void withBytes(DType type, const F& f) {
  switch (bytesOf(type)) {
    case 1: return f(uint8_t());
    case 2: return f(uint16_t());
    case 4: return f(uint32_t());
    default: return f(uint64_t());
  }
}

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

// ---- along one dim

int64_t gather(const View& out, const View& input, int dim, const View& index) {
  int64_t bad = firstBad(index, 0, input.shape[dim]);
  if (bad >= 0) return bad;
  View source = fixedAlong(input, index, dim);
  const View* views[] = {&out, &index, &source};
  Loops loops(3, views);
  int64_t along = input.strides[dim];
  withBytes(out.dtype, [&](auto zero) {
    using T = decltype(zero);
    parallelFor(loops.numel, kGrain, [&](int64_t begin, int64_t end) {
      int64_t toStep = rowStride(loops, 0), indexStep = rowStride(loops, 1), fromStep = rowStride(loops, 2);
      forRows(loops, 3, begin, end, [&](const int64_t* offsets, int64_t, int64_t n) {
        T* to = out.as<T>() + offsets[0];
        const int64_t* at = index.as<int64_t>() + offsets[1];
        const T* from = input.as<T>() + offsets[2];
        if (toStep == 1 && indexStep == 1 && fromStep == 0 && along == 1) {
          for (int64_t i = 0; i < n; i++) to[i] = from[at[i]];
        } else {
          for (int64_t i = 0; i < n; i++) to[i * toStep] = from[i * fromStep + at[i * indexStep] * along];
        }
      });
    });
  });
  return -1;
}

template <typename T>
T combine(ScatterOp op, bool isBool, T a, T b) {
  switch (op) {
    case ScatterOp::set: return b;
    case ScatterOp::add: return isBool ? static_cast<T>(a != 0 || b != 0) : static_cast<T>(a + b);
    case ScatterOp::multiply: return static_cast<T>(a * b);
    case ScatterOp::max: return b > a || b != b ? b : a;
    case ScatterOp::min: return b < a || b != b ? b : a;
  }
  return a;
}

int64_t scatter(ScatterOp op, const View& out, int dim, const View& index, const View& source) {
  int64_t bad = firstBad(index, 0, out.shape[dim]);
  if (bad >= 0) return bad;
  // What goes to one place comes from one line along `dim`: lines may run in parallel.
  View to = without(fixedAlong(out, index, dim), dim), at = without(index, dim);
  View from = without(fixedAlong(source, index, dim), dim);
  const View* views[] = {&to, &at, &from};
  Loops loops(3, views);
  int64_t length = index.shape[dim], toAlong = out.strides[dim];
  int64_t indexAlong = index.strides[dim], fromAlong = source.strides[dim];
  if (length == 0) return -1;
  withType(out.dtype, [&](auto zero) {
    using T = decltype(zero);
    bool isBool = out.dtype == DType::Bool;
    int64_t grain = kGrain / length;
    parallelFor(loops.numel, grain < 1 ? 1 : grain, [&](int64_t begin, int64_t end) {
      int64_t toStep = rowStride(loops, 0), indexStep = rowStride(loops, 1), fromStep = rowStride(loops, 2);
      forRows(loops, 3, begin, end, [&](const int64_t* offsets, int64_t, int64_t n) {
        for (int64_t l = 0; l < length; l++) {
          T* target = out.as<T>() + offsets[0];
          const int64_t* where = index.as<int64_t>() + offsets[1] + l * indexAlong;
          const T* values = source.as<T>() + offsets[2] + l * fromAlong;
          for (int64_t i = 0; i < n; i++) {
            T& place = target[i * toStep + where[i * indexStep] * toAlong];
            place = combine(op, isBool, place, values[i * fromStep]);
          }
        }
      });
    });
  });
  return -1;
}

// ---- slices

// Two views of one shape but for `dim`, as loops over the dims before it and after it.
struct Slices {
  Loops outer, inner;

  Slices(const View& a, const View& b, int dim) : outer(part(a, b, 0, dim)), inner(part(a, b, dim + 1, a.ndim)) {}

 private:
  static Loops part(const View& a, const View& b, int begin, int end) {
    View x = a, y = b;
    x.ndim = end - begin;
    for (int d = begin; d < end; d++) {
      x.shape[d - begin] = a.shape[d];
      x.strides[d - begin] = a.strides[d];
      y.strides[d - begin] = b.strides[d];
    }
    const View* views[] = {&x, &y};
    return Loops(2, views);
  }
};

int64_t indexSelect(const View& out, const View& input, int dim, const View& index) {
  int64_t bad = firstBad(index, 0, input.shape[dim]);
  if (bad >= 0) return bad;
  Slices slices(out, input, dim);
  int64_t count = out.shape[dim], inner = slices.inner.numel;
  if (inner < 8) {
    // Hardly a slice: element by element.
    View everywhere = out;
    everywhere.data = index.data;
    everywhere.dtype = DType::Int64;
    for (int d = 0; d < out.ndim; d++) everywhere.strides[d] = d == dim ? index.strides[0] : 0;
    return gather(out, input, dim, everywhere);
  }
  withBytes(out.dtype, [&](auto zero) {
    using T = decltype(zero);
    int64_t toStep = rowStride(slices.inner, 0), fromStep = rowStride(slices.inner, 1);
    const bool whole = slices.inner.ndim == 1 && toStep == 1 && fromStep == 1;
    const int64_t* places = index.as<int64_t>();
    int64_t grain = kGrain / inner;
    parallelFor(slices.outer.numel * count, grain < 1 ? 1 : grain, [&](int64_t begin, int64_t end) {
      int64_t k = begin % count;
      T* toOuter = out.as<T>() + slices.outer.offsetOf(0, begin / count);
      const T* fromOuter = input.as<T>() + slices.outer.offsetOf(1, begin / count);
      for (int64_t i = begin; i < end; i++, k++) {
        if (k == count) {
          k = 0;
          toOuter = out.as<T>() + slices.outer.offsetOf(0, i / count);
          fromOuter = input.as<T>() + slices.outer.offsetOf(1, i / count);
        }
        T* to = toOuter + k * out.strides[dim];
        const T* from = fromOuter + places[k * index.strides[0]] * input.strides[dim];
        if (whole) {
          if (k + kAhead < count) __builtin_prefetch(fromOuter + places[(k + kAhead) * index.strides[0]] * input.strides[dim]);
          memcpy(to, from, static_cast<size_t>(inner) * sizeof(T));
          continue;
        }
        forRows(slices.inner, 2, 0, inner, [&](const int64_t* offsets, int64_t, int64_t n) {
          if (toStep == 1 && fromStep == 1) {
            memcpy(to + offsets[0], from + offsets[1], static_cast<size_t>(n) * sizeof(T));
          } else {
            for (int64_t e = 0; e < n; e++) to[offsets[0] + e * toStep] = from[offsets[1] + e * fromStep];
          }
        });
      }
    });
  });
  return -1;
}

template <typename T>
T scaled(T value, double alpha) {
  if constexpr (std::is_floating_point_v<T>) return value * static_cast<T>(alpha);
  return static_cast<T>(value * static_cast<int64_t>(alpha));
}

int64_t indexAdd(const View& out, int dim, const View& index, const View& source, double alpha) {
  int64_t bad = firstBad(index, 0, out.shape[dim]);
  if (bad >= 0) return bad;
  Slices slices(out, source, dim);
  int64_t count = source.shape[dim], inner = slices.inner.numel, places = out.shape[dim];
  // Every part owns some of the places and goes through all indices for them.
  int64_t parts = count * inner / (2 * kGrain) + 1;
  if (parts > 16) parts = 16;
  if (parts > places) parts = places;
  if (parts < 1 || inner < 8) parts = 1;
  withType(out.dtype, [&](auto zero) {
    using T = decltype(zero);
    bool isBool = out.dtype == DType::Bool;
    int64_t toStep = rowStride(slices.inner, 0), fromStep = rowStride(slices.inner, 1);
    const int64_t* indices = index.as<int64_t>();
    parallelFor(slices.outer.numel * parts, 1, [&](int64_t begin, int64_t end) {
      auto* hits = static_cast<int64_t*>(scratch(0, (count + 1) * 8));  // the indices that point into a part
      for (int64_t item = begin; item < end; item++) {
        int64_t outer = item / parts, part = item % parts;
        int64_t low = places * part / parts, high = places * (part + 1) / parts;
        T* target = out.as<T>() + slices.outer.offsetOf(0, outer);
        const T* origin = source.as<T>() + slices.outer.offsetOf(1, outer);
        int64_t own = 0;
        for (int64_t k = 0; k < count; k++) {
          const int64_t at = indices[k * index.strides[0]];
          hits[own] = k;
          own += at >= low && at < high;
        }
        auto targetOf = [&](int64_t hit) { return target + indices[hits[hit] * index.strides[0]] * out.strides[dim]; };
        for (int64_t hit = 0; hit < own; hit++) {
          if (hit + kAhead < own) __builtin_prefetch(targetOf(hit + kAhead), 1);
          T* to = targetOf(hit);
          const T* from = origin + hits[hit] * source.strides[dim];
          forRows(slices.inner, 2, 0, inner, [&](const int64_t* offsets, int64_t, int64_t n) {
            T* x = to + offsets[0];
            const T* y = from + offsets[1];
            if (toStep == 1 && fromStep == 1 && alpha == 1 && !isBool) {
              for (int64_t e = 0; e < n; e++) x[e] = static_cast<T>(x[e] + y[e]);
            } else {
              for (int64_t e = 0; e < n; e++) {
                x[e * toStep] = combine(ScatterOp::add, isBool, x[e * toStep], scaled(y[e * fromStep], alpha));
              }
            }
          });
        }
      }
    });
  });
  return -1;
}

// ---- by several indices at once

// Where in `indexed` each position of the indices' common shape points, counted from its beginning. Returns the first
// bad index as position * count + which, or -1.
int64_t indexOffsets(const View& indexed, int count, const View* indices, int64_t* offsets) {
  int64_t positions = indices[0].numel();
  int64_t worst = -1;
  for (int which = 0; which < count; which++) {
    int64_t size = indexed.shape[which];
    int64_t bad = firstBad(indices[which], -size, size);
    if (bad >= 0 && (worst < 0 || bad * count + which < worst)) worst = bad * count + which;
  }
  if (worst >= 0) return worst;
  memset(offsets, 0, static_cast<size_t>(positions) * sizeof(int64_t));
  for (int which = 0; which < count; which++) {
    const View* views[] = {&indices[which]};
    Loops loops(1, views, false);
    int64_t step = rowStride(loops, 0), size = indexed.shape[which], stride = indexed.strides[which];
    forRows(loops, 1, 0, positions, [&](const int64_t* at, int64_t position, int64_t n) {
      const int64_t* index = indices[which].as<int64_t>() + at[0];
      for (int64_t i = 0; i < n; i++) {
        int64_t value = index[i * step];
        offsets[position + i] += (value < 0 ? value + size : value) * stride;
      }
    });
  }
  return -1;
}

// The loops over what is not indexed, and over the common shape, of a view [...common, ...rest].
View commonPart(const View& v, int commonDims) {
  View w = v;
  w.ndim = commonDims;
  return w;
}
View restPart(const View& v, int skip) {
  View w = v;
  w.ndim = v.ndim - skip;
  for (int d = 0; d < w.ndim; d++) {
    w.shape[d] = v.shape[d + skip];
    w.strides[d] = v.strides[d + skip];
  }
  return w;
}

int64_t index(const View& out, const View& input, int count, const View* indices) {
  int64_t positions = indices[0].numel();
  auto* offsets = static_cast<int64_t*>(scratch(6, positions * 8));
  int64_t bad = indexOffsets(input, count, indices, offsets);
  if (bad >= 0) return bad;
  View common = commonPart(out, indices[0].ndim), toRest = restPart(out, indices[0].ndim), fromRest = restPart(input, count);
  const View* commonViews[] = {&common};
  const View* restViews[] = {&toRest, &fromRest};
  Loops places(1, commonViews, false), rest(2, restViews);
  int64_t grain = kGrain / (rest.numel < 1 ? 1 : rest.numel);
  withBytes(out.dtype, [&](auto zero) {
    using T = decltype(zero);
    parallelFor(positions, grain < 1 ? 1 : grain, [&](int64_t begin, int64_t end) {
      int64_t placeStep = rowStride(places, 0), toStep = rowStride(rest, 0), fromStep = rowStride(rest, 1);
      forRows(places, 1, begin, end, [&](const int64_t* at, int64_t position, int64_t n) {
        for (int64_t i = 0; i < n; i++) {
          T* to = out.as<T>() + at[0] + i * placeStep;
          const T* from = input.as<T>() + offsets[position + i];
          if (rest.ndim == 0) {
            if (rest.numel == 1) *to = *from;
            continue;
          }
          forRows(rest, 2, 0, rest.numel, [&](const int64_t* r, int64_t, int64_t m) {
            for (int64_t e = 0; e < m; e++) to[r[0] + e * toStep] = from[r[1] + e * fromStep];
          });
        }
      });
    });
  });
  return -1;
}

int64_t indexPut(const View& out, int count, const View* indices, const View& source, bool accumulate) {
  int64_t positions = indices[0].numel();
  auto* offsets = static_cast<int64_t*>(scratch(6, positions * 8));
  int64_t bad = indexOffsets(out, count, indices, offsets);
  if (bad >= 0) return bad;
  View common = commonPart(source, indices[0].ndim), fromRest = restPart(source, indices[0].ndim);
  View toRest = restPart(out, count);
  const View* commonViews[] = {&common};
  const View* restViews[] = {&toRest, &fromRest};
  Loops places(1, commonViews, false), rest(2, restViews);
  if (positions == 0 || rest.numel == 0) return -1;
  ScatterOp op = accumulate ? ScatterOp::add : ScatterOp::set;
  bool isBool = out.dtype == DType::Bool;
  // Several positions may point at one place, so each thread takes all positions for a part of what is not indexed.
  int64_t grain = 2 * kGrain / positions;
  withType(out.dtype, [&](auto zero) {
    using T = decltype(zero);
    parallelFor(rest.numel, grain < 64 ? 64 : grain, [&](int64_t begin, int64_t end) {
      int64_t placeStep = rowStride(places, 0), toStep = rowStride(rest, 0), fromStep = rowStride(rest, 1);
      forRows(places, 1, 0, positions, [&](const int64_t* at, int64_t position, int64_t n) {
        for (int64_t i = 0; i < n; i++) {
          T* to = out.as<T>() + offsets[position + i];
          const T* from = source.as<T>() + at[0] + i * placeStep;
          forRows(rest, 2, begin, end, [&](const int64_t* r, int64_t, int64_t m) {
            for (int64_t e = 0; e < m; e++) {
              T& place = to[r[0] + e * toStep];
              place = combine(op, isBool, place, from[r[1] + e * fromStep]);
            }
          });
        }
      });
    });
  });
  return -1;
}

// ---- what is not zero

int64_t countNonzero(const View& input) {
  const View* views[] = {&input};
  Loops loops(1, views);
  std::atomic<int64_t> count{0};
  withType(input.dtype, [&](auto zero) {
    using T = decltype(zero);
    parallelFor(loops.numel, 4 * kGrain, [&](int64_t begin, int64_t end) {
      int64_t step = rowStride(loops, 0), found = 0;
      forRows(loops, 1, begin, end, [&](const int64_t* offsets, int64_t, int64_t n) {
        const T* x = input.as<T>() + offsets[0];
        for (int64_t i = 0; i < n; i++) found += x[i * step] != 0;
      });
      count.fetch_add(found);
    });
  });
  return count.load();
}

void nonzero(const View& out, const View& input) {
  const View* views[] = {&input};
  Loops loops(1, views, false);
  auto* to = out.as<int64_t>();
  int64_t room = out.shape[0];
  withType(input.dtype, [&](auto zero) {
    using T = decltype(zero);
    int64_t step = rowStride(loops, 0), found = 0;
    forRows(loops, 1, 0, loops.numel, [&](const int64_t* offsets, int64_t position, int64_t n) {
      const T* x = input.as<T>() + offsets[0];
      for (int64_t i = 0; i < n; i++) {
        if (x[i * step] == 0 || found == room) continue;
        int64_t rest = position + i;
        for (int d = input.ndim - 1; d >= 0; d--) {
          to[found * out.strides[0] + d * out.strides[1]] = rest % input.shape[d];
          rest /= input.shape[d];
        }
        found++;
      }
    });
  });
}

}  // namespace

void fillIndex(IndexKernels& table) {
  table.gather = gather;
  table.scatter = scatter;
  table.indexSelect = indexSelect;
  table.indexAdd = indexAdd;
  table.index = index;
  table.indexPut = indexPut;
  table.countNonzero = countNonzero;
  table.nonzero = nonzero;
}

}  // namespace flambeau
