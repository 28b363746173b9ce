// Patches: see patch.h.
#include "patch.h"

#include <algorithm>

#include "lanes.h"
#include "tile.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

// The lanes from `low` to `high`, the others 0; only those are read.
template <typename V>
FLAMBEAU_INLINE V loadBetween(const ElementOf<V>* from, int64_t low, int64_t high) {
  using T = ElementOf<V>;
#if defined(__AVX512F__)
  const uint32_t mask = ((1u << high) - 1) & ~((1u << low) - 1);
  if constexpr (sizeof(T) == 4) return (V)_mm512_maskz_loadu_ps(static_cast<__mmask16>(mask), from);
  else return (V)_mm512_maskz_loadu_pd(static_cast<__mmask8>(mask), from);
#else
  T lanes[kLanes<V>] = {};
  for (int64_t i = low; i < high; i++) lanes[i] = from[i];
  return load<V>(lanes);
#endif
}

// `count` columns of a row from column `start` on (which may lie before the row), 0 outside of its `width`. Writes whole
// vectors.
template <typename T>
FLAMBEAU_INLINE void copyRow(T* to, int64_t count, const T* row, int64_t start, int64_t width) {
  using V = VectorOf<T>;
  constexpr int lanes = kLanes<V>;
  for (int64_t j = 0; j < count; j += lanes) {
    const int64_t low = -(start + j), high = width - (start + j);
    V v = {};
    if (low <= 0 && high >= lanes) {
      v = load<V>(row + start + j);
    } else if (low < lanes && high > 0) {
      v = loadBetween<V>(row + start + j, low > 0 ? low : 0, high < lanes ? high : lanes);
    }
    store<V>(to + j, v);
  }
}

template <typename T>
void copyRowApart(T* to, int64_t count, const T* row, int64_t step, int64_t start, int64_t apart, int64_t width) {
  for (int64_t j = 0; j < count; j++) {
    const int64_t at = start + j * apart;
    to[j] = at >= 0 && at < width ? row[at * step] : T(0);
  }
}

template <typename T>
void zeroRow(T* to, int64_t count) {
  using V = VectorOf<T>;
  for (int64_t j = 0; j < count; j += kLanes<V>) store<V>(to + j, V{});
}

}  // namespace

template <typename T>
Patch::Patch(const Tap* taps, int64_t count, const int64_t (&strides)[3], const Image<const T>& image,
             int64_t span, const int64_t (&outSize)[3], const int64_t (&largest)[3], bool splitColumns) {
  bool inside = true;
  int64_t farthest = span;
  for (int d = 0; d < 3; d++) {
    stride[d] = strides[d];
    int64_t lowest = count > 0 ? taps[0].at[d] : 0, highest = lowest;
    for (int64_t t = 1; t < count; t++) {
      if (taps[t].at[d] < lowest) lowest = taps[t].at[d];
      if (taps[t].at[d] > highest) highest = taps[t].at[d];
    }
    low[d] = lowest;
    reach[d] = highest - lowest;
    if (lowest < 0 || (outSize[d] - 1) * stride[d] + highest >= image.size[d]) inside = false;
    farthest += highest * (image.step[d] < 0 ? -image.step[d] : image.step[d]);
  }
  // Channels that lie a multiple of 2 KiB apart would compete for few sets of the cache.
  const int64_t apart = image.channelStep * static_cast<int64_t>(sizeof(T));
  if (inside && !splitColumns && apart % 2048 != 0 && farthest < INT32_MAX) {
    copied = false;
    for (int d = 0; d < 3; d++) pitch[d] = image.step[d];
    channelPitch = image.channelStep;
    return;
  }
  columnPhases = splitColumns ? stride[2] : 1;
  const int64_t width = (largest[2] - 1) * stride[2] + reach[2] + 1;
  columns = (width + columnPhases - 1) / columnPhases;
  pitch[2] = 1;
  pitch[1] = columns * columnPhases;
  pitch[0] = pitch[1] * ((largest[1] - 1) * stride[1] + reach[1] + 1);
  // Rows are written by whole vectors, which reach into the next row; channels may be written in any order.
  channelPitch = pitch[0] * ((largest[0] - 1) * stride[0] + reach[0] + 1) + kLineBytes / sizeof(T);
  if (channelPitch * static_cast<int64_t>(sizeof(T)) % 2048 == 0) channelPitch += kLineBytes / sizeof(T);
}

int64_t Patch::tapOffset(const Tap& tap) const {
  if (!copied) return tap.at[0] * pitch[0] + tap.at[1] * pitch[1] + tap.at[2] * pitch[2];
  const int64_t column = tap.at[2] - low[2];
  return (tap.at[0] - low[0]) * pitch[0] + (tap.at[1] - low[1]) * pitch[1] + column % columnPhases * columns +
         column / columnPhases;
}

template <typename T>
void Patch::copy(T* to, const Image<const T>& image, int64_t channels, const Block& block) const {
  int64_t start[3], count[3];
  for (int d = 0; d < 3; d++) {
    start[d] = block.from[d] * stride[d] + low[d];
    count[d] = (block.size[d] - 1) * stride[d] + reach[d] + 1;
  }
  // Calls f(row of the patch, row of the image) for all rows inside the image; the others become 0.
  auto eachRow = [&](auto f) {
    for (int64_t c = 0; c < channels; c++) {
      for (int64_t d = 0; d < count[0]; d++) {
        const int64_t z = start[0] + d;
        for (int64_t h = 0; h < count[1]; h++) {
          T* row = to + c * channelPitch + d * pitch[0] + h * pitch[1];
          const int64_t y = start[1] + h;
          if (y < 0 || y >= image.size[1] || z < 0 || z >= image.size[0]) {
            zeroRow(row, pitch[1]);
          } else {
            f(row, image.data + c * image.channelStep + z * image.step[0] + y * image.step[1]);
          }
        }
      }
    }
  };
  using V = VectorOf<T>;
  constexpr int lanes = kLanes<V>;
  const int64_t first = start[2], width = image.size[2];
  if (columnPhases > 1 || image.step[2] != 1) {
    eachRow([&](T* row, const T* from) {
      for (int64_t phase = 0; phase < columnPhases; phase++) {
        copyRowApart(row + phase * columns, (count[2] - phase + columnPhases - 1) / columnPhases, from, image.step[2],
                     first + phase, columnPhases, width);
      }
    });
  } else if (count[2] <= lanes) {  // one vector a row, the same lanes of each
    const int64_t low = std::min<int64_t>(std::max<int64_t>(-first, 0), lanes);
    const int64_t high = std::max(std::min<int64_t>(width - first, lanes), low);
    eachRow([&](T* row, const T* from) { store<V>(row, loadBetween<V>(from + first, low, high)); });
  } else {
    eachRow([&](T* row, const T* from) { copyRow(row, count[2], from, first, width); });
  }
}

template <typename T>
const T* Patch::inPlace(const Image<const T>& image, const Block& block) const {
  return image.data + block.from[0] * stride[0] * pitch[0] + block.from[1] * stride[1] * pitch[1] +
         block.from[2] * stride[2] * pitch[2];
}

#define FLAMBEAU_PATCH(T)                                                                                        \
  template Patch::Patch(const Tap*, int64_t, const int64_t (&)[3], const Image<const T>&, int64_t,               \
                        const int64_t (&)[3], const int64_t (&)[3], bool);                                       \
  template void Patch::copy<T>(T*, const Image<const T>&, int64_t, const Block&) const;                          \
  template const T* Patch::inPlace<T>(const Image<const T>&, const Block&) const;
FLAMBEAU_PATCH(float)
FLAMBEAU_PATCH(double)
#undef FLAMBEAU_PATCH

}  // namespace flambeau::FLAMBEAU_ISA
