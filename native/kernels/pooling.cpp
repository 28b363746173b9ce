// Maxima and means over windows of [N, C, ...S]. Planes (one channel of one sample) are worked on one by one; a plane with
// fewer than three spatial dims is seen as one with leading dims of size 1.
#include <algorithm>
#include <cstring>
#include <limits>

#include "../threads.h"
#include "kernels.h"
#include "vector.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

// About this many elements are worth a chunk of their own.
constexpr int64_t kGrain = 16384;

// A view of [N, C, ...S] as planes of three spatial dims.
template <typename T>
struct Planes {
  T* data;
  int64_t channels, batchStride, channelStride;
  int64_t size[3], stride[3];

  explicit Planes(const View& v) : data(v.as<T>()), channels(v.shape[1]), batchStride(v.strides[0]), channelStride(v.strides[1]) {
    const int dims = v.ndim - 2;
    for (int d = 0; d < 3; d++) {
      int own = d - (3 - dims);
      size[d] = own < 0 ? 1 : v.shape[own + 2];
      stride[d] = own < 0 ? 0 : v.strides[own + 2];
    }
  }
  T* plane(int64_t i) const { return data + i / channels * batchStride + i % channels * channelStride; }
  int64_t elements() const { return size[0] * size[1] * size[2]; }
};

// The same for a window: dims it lacks have a kernel of 1.
struct Window {
  int64_t kernel[3], stride[3], padding[3], dilation[3];

  explicit Window(const Geometry& g) {
    for (int d = 0; d < 3; d++) {
      int own = d - (3 - g.dims);
      kernel[d] = own < 0 ? 1 : g.kernel[own];
      stride[d] = own < 0 ? 1 : g.stride[own];
      padding[d] = own < 0 ? 0 : g.padding[own];
      dilation[d] = own < 0 ? 1 : g.dilation[own];
    }
  }
};

// Taps of a window that lie inside: positions start + k * step for k in [first, last).
struct Taps {
  int64_t start, step, first, last;
  int64_t at(int64_t k) const { return start + k * step; }
};

Taps tapsOf(const Window& w, int d, int64_t out, int64_t size) {
  Taps taps{out * w.stride[d] - w.padding[d], w.dilation[d], 0, w.kernel[d]};
  if (taps.start < 0) taps.first = (-taps.start + taps.step - 1) / taps.step;
  while (taps.last > taps.first && taps.at(taps.last - 1) >= size) taps.last--;
  return taps;
}

// The windows of adaptive pooling: from floor(i * in / out) to ceil((i + 1) * in / out).
Taps adaptiveTaps(int64_t out, int64_t outSize, int64_t size) {
  int64_t begin = out * size / outSize, end = ((out + 1) * size + outSize - 1) / outSize;
  return {begin, 1, 0, end - begin};
}

template <typename Body>
void eachPlane(int64_t planes, int64_t elements, Body body) {
  parallelFor(planes, std::max<int64_t>(1, kGrain / std::max<int64_t>(elements, 1)), [&](int64_t from, int64_t to) {
    for (int64_t i = from; i < to; i++) body(i);
  });
}

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
void zeroPlane(const Planes<T>& planes, T* plane) {
  for (int64_t a = 0; a < planes.size[0]; a++) {
    for (int64_t b = 0; b < planes.size[1]; b++) {
      T* line = plane + a * planes.stride[0] + b * planes.stride[1];
      for (int64_t c = 0; c < planes.size[2]; c++) line[c * planes.stride[2]] = T(0);
    }
  }
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

// How many elements a window's sum is divided by: those inside, or with the padding those of the padded plane.
struct WindowedDivisor {
  const Window& window;
  bool countPadding;
  int64_t size[3];

  int64_t along(int d, const Taps& taps, int64_t out) const {
    if (!countPadding) return taps.last - taps.first;
    int64_t begin = out * window.stride[d] - window.padding[d];
    return std::min(begin + window.kernel[d], size[d] + window.padding[d]) - begin;
  }
};

// Calls use(out position, tap position's offset in `inner`, divisor) for all windows and taps: shared by means and gradients.
template <typename T, typename U, typename TapsOf, typename DivisorOf, typename Use>
void eachWindow(const Planes<T>& outer, const Planes<U>& inner, TapsOf tapsFor, DivisorOf divisorFor, Use use) {
  for (int64_t a = 0; a < outer.size[0]; a++) {
    Taps depth = tapsFor(0, a, inner.size[0]);
    for (int64_t b = 0; b < outer.size[1]; b++) {
      Taps row = tapsFor(1, b, inner.size[1]);
      for (int64_t c = 0; c < outer.size[2]; c++) {
        Taps column = tapsFor(2, c, inner.size[2]);
        int64_t count = divisorFor(0, depth, a) * divisorFor(1, row, b) * divisorFor(2, column, c);
        use(a * outer.stride[0] + b * outer.stride[1] + c * outer.stride[2], depth, row, column, count);
      }
    }
  }
}

template <typename T, typename TapsOf, typename DivisorOf>
void means(const View& outView, const View& inputView, TapsOf tapsFor, DivisorOf divisorFor) {
  Planes<T> out(outView);
  Planes<const T> input(inputView);
  eachPlane(outView.shape[0] * outView.shape[1], input.elements(), [&](int64_t i) {
    const T* x = input.plane(i);
    T* y = out.plane(i);
    eachWindow(out, input, tapsFor, divisorFor,
               [&](int64_t place, const Taps& depth, const Taps& row, const Taps& column, int64_t count) {
                 T sum = 0;
                 for (int64_t k = depth.first; k < depth.last; k++) {
                   for (int64_t l = row.first; l < row.last; l++) {
                     const T* line = x + depth.at(k) * input.stride[0] + row.at(l) * input.stride[1];
                     for (int64_t m = column.first; m < column.last; m++) sum += line[column.at(m) * input.stride[2]];
                   }
                 }
                 y[place] = sum / static_cast<T>(count);
               });
  });
}

template <typename T, typename TapsOf, typename DivisorOf>
void meansBackward(const View& gradInputView, const View& gradOutView, TapsOf tapsFor, DivisorOf divisorFor) {
  Planes<T> gradInput(gradInputView);
  Planes<const T> gradOut(gradOutView);
  eachPlane(gradInputView.shape[0] * gradInputView.shape[1], gradInput.elements(), [&](int64_t i) {
    T* to = gradInput.plane(i);
    const T* from = gradOut.plane(i);
    zeroPlane(gradInput, to);
    eachWindow(gradOut, gradInput, tapsFor, divisorFor,
               [&](int64_t place, const Taps& depth, const Taps& row, const Taps& column, int64_t count) {
                 T share = from[place] / static_cast<T>(count);
                 for (int64_t k = depth.first; k < depth.last; k++) {
                   for (int64_t l = row.first; l < row.last; l++) {
                     T* line = to + depth.at(k) * gradInput.stride[0] + row.at(l) * gradInput.stride[1];
                     for (int64_t m = column.first; m < column.last; m++) line[column.at(m) * gradInput.stride[2]] += share;
                   }
                 }
               });
  });
}

// Runs means or their gradients for one dtype over windows or adaptive windows.
template <typename T>
struct Averages {
  static void forward(const View& out, const View& input, const Geometry& g, bool countPadding) {
    Window window(g);
    Planes<const T> planes(input);
    WindowedDivisor divisor{window, countPadding, {planes.size[0], planes.size[1], planes.size[2]}};
    means<T>(out, input, [&](int d, int64_t at, int64_t size) { return tapsOf(window, d, at, size); },
             [&](int d, const Taps& taps, int64_t at) { return divisor.along(d, taps, at); });
  }
  static void backward(const View& gradInput, const View& gradOut, const Geometry& g, bool countPadding) {
    Window window(g);
    Planes<T> planes(gradInput);
    WindowedDivisor divisor{window, countPadding, {planes.size[0], planes.size[1], planes.size[2]}};
    meansBackward<T>(gradInput, gradOut, [&](int d, int64_t at, int64_t size) { return tapsOf(window, d, at, size); },
                     [&](int d, const Taps& taps, int64_t at) { return divisor.along(d, taps, at); });
  }
  static void adaptive(const View& out, const View& input) {
    Planes<T> shape(out);
    means<T>(out, input, [&](int d, int64_t at, int64_t size) { return adaptiveTaps(at, shape.size[d], size); },
             [](int, const Taps& taps, int64_t) { return taps.last; });
  }
  static void adaptiveBackward(const View& gradInput, const View& gradOut) {
    Planes<const T> shape(gradOut);
    meansBackward<T>(gradInput, gradOut, [&](int d, int64_t at, int64_t size) { return adaptiveTaps(at, shape.size[d], size); },
                     [](int, const Taps& taps, int64_t) { return taps.last; });
  }
};

void averagePool(const View& out, const View& input, const Geometry& g, bool countPadding) {
  out.dtype == DType::Float32 ? Averages<float>::forward(out, input, g, countPadding)
                              : Averages<double>::forward(out, input, g, countPadding);
}
void averagePoolBackward(const View& gradInput, const View& gradOut, const Geometry& g, bool countPadding) {
  gradInput.dtype == DType::Float32 ? Averages<float>::backward(gradInput, gradOut, g, countPadding)
                                    : Averages<double>::backward(gradInput, gradOut, g, countPadding);
}
void adaptiveAveragePool(const View& out, const View& input) {
  out.dtype == DType::Float32 ? Averages<float>::adaptive(out, input) : Averages<double>::adaptive(out, input);
}
void adaptiveAveragePoolBackward(const View& gradInput, const View& gradOut) {
  gradInput.dtype == DType::Float32 ? Averages<float>::adaptiveBackward(gradInput, gradOut)
                                    : Averages<double>::adaptiveBackward(gradInput, gradOut);
}

}  // namespace

void fillPool(PoolKernels& table) {
  table.maxPool = maxPool;
  table.maxPoolBackward = maxPoolBackward;
  table.averagePool = averagePool;
  table.averagePoolBackward = averagePoolBackward;
  table.adaptiveAveragePool = adaptiveAveragePool;
  table.adaptiveAveragePoolBackward = adaptiveAveragePoolBackward;
  table.adaptiveMaxPool = adaptiveMaxPool;
}

}  // namespace flambeau::FLAMBEAU_ISA
