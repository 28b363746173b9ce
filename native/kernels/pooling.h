// What maxima and means over windows of [N, C, ...S] share. Planes (one channel of one sample) are worked on one by one; a
// plane with fewer than three spatial dims is seen as one with leading dims of size 1.
#pragma once
#include <algorithm>

#include "../threads.h"
#include "kernels.h"

namespace flambeau::FLAMBEAU_ISA {

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

inline Taps tapsOf(const Window& w, int d, int64_t out, int64_t size) {
  Taps taps{out * w.stride[d] - w.padding[d], w.dilation[d], 0, w.kernel[d]};
  if (taps.start < 0) taps.first = (-taps.start + taps.step - 1) / taps.step;
  while (taps.last > taps.first && taps.at(taps.last - 1) >= size) taps.last--;
  return taps;
}

// The windows of adaptive pooling: from floor(i * in / out) to ceil((i + 1) * in / out).
inline Taps adaptiveTaps(int64_t out, int64_t outSize, int64_t size) {
  int64_t begin = out * size / outSize, end = ((out + 1) * size + outSize - 1) / outSize;
  return {begin, 1, 0, end - begin};
}

// Calls body(plane) for all planes of so many elements, on the thread pool.
template <typename Body>
void eachPlane(int64_t planes, int64_t elements, Body body) {
  constexpr int64_t kGrain = 16384;  // elements that are worth a chunk of their own
  parallelFor(planes, std::max<int64_t>(1, kGrain / std::max<int64_t>(elements, 1)), [&](int64_t from, int64_t to) {
    for (int64_t i = from; i < to; i++) body(i);
  });
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

}  // namespace flambeau::FLAMBEAU_ISA
