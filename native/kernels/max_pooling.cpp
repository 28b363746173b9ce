// Maxima over windows, and where they stand.
#include <cstring>
#include <limits>

#include "pooling.h"
#include "vector.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

template <typename T, typename TapsOf>
void maxima(const View& outView, const View& indexView, const View& inputView, TapsOf tapsFor) {
  Planes<T> out(outView);
  Planes<int64_t> indices(indexView);
  Planes<const T> input(inputView);
  eachPlane(outView.shape[0] * outView.shape[1], input.elements(), [&](int64_t i) {
    const T* x = input.plane(i);
    T* y = out.plane(i);
    int64_t* places = indices.plane(i);
    for (int64_t a = 0; a < out.size[0]; a++) {
      Taps depth = tapsFor(0, a, input.size[0]);
      for (int64_t b = 0; b < out.size[1]; b++) {
        Taps row = tapsFor(1, b, input.size[1]);
        for (int64_t c = 0; c < out.size[2]; c++) {
          Taps column = tapsFor(2, c, input.size[2]);
          T best = -std::numeric_limits<T>::infinity();
          int64_t place = (depth.at(depth.first) * input.size[1] + row.at(row.first)) * input.size[2] + column.at(column.first);
          for (int64_t k = depth.first; k < depth.last; k++) {
            for (int64_t l = row.first; l < row.last; l++) {
              for (int64_t m = column.first; m < column.last; m++) {
                T value = x[depth.at(k) * input.stride[0] + row.at(l) * input.stride[1] + column.at(m) * input.stride[2]];
                if (value > best || value != value) {
                  best = value;
                  place = (depth.at(k) * input.size[1] + row.at(l)) * input.size[2] + column.at(m);
                }
              }
            }
          }
          y[a * out.stride[0] + b * out.stride[1] + c * out.stride[2]] = best;
          places[a * indices.stride[0] + b * indices.stride[1] + c * indices.stride[2]] = place;
        }
      }
    }
  });
}

// The larger of two, and where it stands: the first of equals stays; NaN is taken, and kept but by a later NaN.
template <typename V, typename P>
FLAMBEAU_INLINE void consider(V& best, P& place, V value, P where) {
  auto better = (value > best) | (value != value);
  best = better ? value : best;
  place = better ? where : place;
}

// Vectors of as many windows: floats, their places, and places as they are stored.
template <int L>
struct Neighbours;
template <>
struct Neighbours<8> {
  using V = float __attribute__((vector_size(32)));
  using P = int32_t __attribute__((vector_size(32)));
  using Wide = int64_t __attribute__((vector_size(64)));
};
template <>
struct Neighbours<4> {
  using V = float __attribute__((vector_size(16)));
  using P = int32_t __attribute__((vector_size(16)));
  using Wide = int64_t __attribute__((vector_size(32)));
};

// The maxima of `L` neighbouring windows of 2x2: two lines of 2 L numbers each, the first of them at `first` in its plane.
template <int L>
FLAMBEAU_INLINE void maximaOfNeighbours(const float* upper, const float* lower, int32_t first, int32_t width, float* out,
                                        int64_t* places) {
  using V = typename Neighbours<L>::V;
  using P = typename Neighbours<L>::P;
  using Wide = typename Neighbours<L>::Wide;
  P even, odd;
  for (int i = 0; i < L; i++) {
    even[i] = 2 * i;
    odd[i] = 2 * i + 1;
  }
  auto pair = [](const float* from, P lanes) {
    V a, b;
    memcpy(&a, from, sizeof a);
    memcpy(&b, from + L, sizeof b);
    return (V)__builtin_shuffle(a, b, lanes);
  };
  P place = even + first;
  V best = pair(upper, even);
  consider(best, place, pair(upper, odd), odd + first);
  consider(best, place, pair(lower, even), even + (first + width));
  consider(best, place, pair(lower, odd), odd + (first + width));
  Wide wide = __builtin_convertvector(place, Wide);
  memcpy(out, &best, sizeof best);
  memcpy(places, &wide, sizeof wide);
}

// A line of `count` >= L windows; the last vector overlaps the one before where they don't come out even.
template <int L>
FLAMBEAU_INLINE void lineOfMaxima(const float* upper, const float* lower, int64_t count, int64_t first, int64_t width,
                                  float* out, int64_t* places) {
  for (int64_t c = 0; c < count; c += L) {
    const int64_t from = std::min(c, count - L);
    maximaOfNeighbours<L>(upper + 2 * from, lower + 2 * from, static_cast<int32_t>(first + 2 * from), static_cast<int32_t>(width),
                          out + from, places + from);
  }
}

template <typename T>
FLAMBEAU_INLINE void lineOfMaxima(const T* upper, const T* lower, int64_t count, int64_t first, int64_t width, T* out,
                                  int64_t* places) {
  for (int64_t c = 0; c < count; c++) {
    const int64_t place = first + 2 * c;
    out[c] = upper[2 * c];
    places[c] = place;
    consider(out[c], places[c], upper[2 * c + 1], place + 1);
    consider(out[c], places[c], lower[2 * c], place + width);
    consider(out[c], places[c], lower[2 * c + 1], place + width + 1);
  }
}

// Windows of 2x2, 2 apart, nothing padded, in contiguous planes: the usual kind.
template <typename T>
void maximaOfFour(const View& outView, const View& indexView, const View& inputView) {
  Planes<T> out(outView);
  Planes<int64_t> indices(indexView);
  Planes<const T> input(inputView);
  const int64_t width = input.size[2], count = out.size[2];
  const bool vectors = sizeof(T) == sizeof(float) && input.elements() < (int64_t(1) << 31);
  eachPlane(outView.shape[0] * outView.shape[1], input.elements(), [&](int64_t i) {
    const T* x = input.plane(i);
    T* y = out.plane(i);
    int64_t* places = indices.plane(i);
    for (int64_t b = 0; b < out.size[1]; b++) {
      const int64_t first = 2 * b * width;
      const T *upper = x + first, *lower = upper + width;
      T* line = y + b * count;
      int64_t* at = places + b * count;
      if constexpr (sizeof(T) == sizeof(float)) {
        if (vectors && count >= 8) {
          lineOfMaxima<8>(upper, lower, count, first, width, line, at);
          continue;
        }
        if (vectors && count >= 4) {
          lineOfMaxima<4>(upper, lower, count, first, width, line, at);
          continue;
        }
      }
      lineOfMaxima(upper, lower, count, first, width, line, at);
    }
  });
}

bool pairsOnly(const Geometry& g) {
  if (g.dims != 2) return false;
  for (int d = 0; d < 2; d++) {
    if (g.kernel[d] != 2 || g.stride[d] != 2 || g.padding[d] != 0 || g.dilation[d] != 1) return false;
  }
  return true;
}

template <typename T>
void maxPoolOf(const View& out, const View& indices, const View& input, const Geometry& g) {
  bool fits = pairsOnly(g) && out.shape[2] * 2 <= input.shape[2] && out.shape[3] * 2 <= input.shape[3];
  if (fits && out.contiguous() && indices.contiguous() && input.contiguous()) return maximaOfFour<T>(out, indices, input);
  Window window(g);
  maxima<T>(out, indices, input, [&](int d, int64_t at, int64_t size) { return tapsOf(window, d, at, size); });
}

void maxPool(const View& out, const View& indices, const View& input, const Geometry& g) {
  out.dtype == DType::Float32 ? maxPoolOf<float>(out, indices, input, g) : maxPoolOf<double>(out, indices, input, g);
}

template <typename T>
void adaptiveMaxPoolOf(const View& out, const View& indices, const View& input) {
  Planes<T> shape(out);
  maxima<T>(out, indices, input, [&](int d, int64_t at, int64_t size) { return adaptiveTaps(at, shape.size[d], size); });
}

void adaptiveMaxPool(const View& out, const View& indices, const View& input) {
  out.dtype == DType::Float32 ? adaptiveMaxPoolOf<float>(out, indices, input) : adaptiveMaxPoolOf<double>(out, indices, input);
}

template <typename T>
void maxPoolBackwardOf(const View& gradInputView, const View& gradOutView, const View& indexView) {
  Planes<T> gradInput(gradInputView);
  Planes<const T> gradOut(gradOutView);
  Planes<const int64_t> indices(indexView);
  const int64_t width = gradInput.size[2], height = gradInput.size[1];
  const bool dense = gradInputView.contiguous() && gradOutView.contiguous() && indexView.contiguous();
  eachPlane(gradInputView.shape[0] * gradInputView.shape[1], gradInput.elements(), [&](int64_t i) {
    T* to = gradInput.plane(i);
    const T* from = gradOut.plane(i);
    const int64_t* places = indices.plane(i);
    zeroPlane(gradInput, to);
    if (dense) {
      for (int64_t j = 0; j < gradOut.elements(); j++) to[places[j]] += from[j];
      return;
    }
    for (int64_t a = 0; a < gradOut.size[0]; a++) {
      for (int64_t b = 0; b < gradOut.size[1]; b++) {
        for (int64_t c = 0; c < gradOut.size[2]; c++) {
          int64_t place = places[a * indices.stride[0] + b * indices.stride[1] + c * indices.stride[2]];
          int64_t offset = place / (width * height) * gradInput.stride[0] + place / width % height * gradInput.stride[1] +
                           place % width * gradInput.stride[2];
          to[offset] += from[a * gradOut.stride[0] + b * gradOut.stride[1] + c * gradOut.stride[2]];
        }
      }
    }
  });
}

void maxPoolBackward(const View& gradInput, const View& gradOut, const View& indices) {
  gradInput.dtype == DType::Float32 ? maxPoolBackwardOf<float>(gradInput, gradOut, indices)
                                    : maxPoolBackwardOf<double>(gradInput, gradOut, indices);
}

}  // namespace

void fillMaxPool(PoolKernels& table) {
  table.maxPool = maxPool;
  table.maxPoolBackward = maxPoolBackward;
  table.adaptiveMaxPool = adaptiveMaxPool;
}

}  // namespace flambeau::FLAMBEAU_ISA
