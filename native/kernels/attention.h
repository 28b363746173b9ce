// What attention and its gradient share: heads as matrices, operands that a tile can read, and rows of scores.
#pragma once
#include <algorithm>
#include <cmath>
#include <limits>

#include "lanes.h"
#include "packing.h"
#include "vector_math.h"

namespace flambeau::FLAMBEAU_ISA {

// exp of a score relative to a larger one. What is below the normal numbers counts as 0: it would not be seen in any sum,
// and numbers so small take machines a hundred cycles each.
FLAMBEAU_INLINE F32 weightOf(F32 score) {
  const F32 least = splat<F32>(-87);
  return score < least ? F32{} : exp(score < least ? least : score);
}
FLAMBEAU_INLINE F64 weightOf(F64 score) {
  return eachLane(score, [](double x) { return x < -708 ? 0 : std::exp(x); });
}

// One head of a view [B, H, rows, columns].
template <typename T>
Matrix<T> headOf(const View& v, int64_t head) {
  const int64_t offset = head / v.shape[1] * v.strides[0] + head % v.shape[1] * v.strides[1];
  return {v.as<T>() + offset, v.strides[2], v.strides[3]};
}

constexpr int64_t roundUp(int64_t n, int64_t unit) { return (n + unit - 1) / unit * unit; }


// Whether a matrix's rows can be read as the columns of a product where they lie: whole vectors, and not so far apart that
// they compete for few sets of the cache.
template <typename T>
bool readInPlace(const Matrix<T>& m, int64_t columns) {
  return m.columnStep == 1 && columns % kLanes<VectorOf<T>> == 0 &&
         m.rowStep * static_cast<int64_t>(sizeof(T)) % 2048 != 0 && m.rowStep > 0 && m.rowStep < (1 << 20);
}

// Offsets k * step for the tiles of a call.
struct Steps {
  int32_t* data;
  int64_t count;
  const int32_t* of(int64_t slot, int64_t step) const {
    int32_t* to = data + slot * count;
    for (int64_t k = 0; k < count; k++) to[k] = static_cast<int32_t>(k * step);
    return to;
  }
};

// A product of up to a few hundred rows and columns on one thread: out [m, n] = alpha * left @ right + beta * out.
// `right` is packed in panels [panel][depth][kTileColumns] (panelStep > 0) or has contiguous rows of whole vectors.
template <typename T>
struct BlockProduct {
  const int32_t *rowOffsets, *columnOffsets;
  const T* right;
  int64_t panelStep;  // 0: panels are neighbours in each row
  T* out;
  int64_t outStep;
  T alpha, beta;

  // rowStart(i): where row i of the left matrix begins.
  template <typename Start>
  void run(int64_t m, int64_t n, int64_t depth, Start rowStart) const {
    constexpr int lanes = kLanes<VectorOf<T>>;
    const EvenParts tiles(m, kTileRows);
    for (int64_t t = 0; t < tiles.count; t++) {
      const int rows = static_cast<int>(tiles.size(t));
      const T* starts[kTileRows];
      for (int r = 0; r < rows; r++) starts[r] = rowStart(tiles.begin(t) + r);
      for (int64_t j = 0; j < n; j += kTileColumns<T>) {
        Tile<T> tile{};
        tile.rows = starts;
        tile.rowOffsets = rowOffsets;
        tile.columns = right + (panelStep > 0 ? j / kTileColumns<T> * panelStep : j);
        tile.columnOffsets = columnOffsets;
        tile.depth = depth;
        tile.out = out + tiles.begin(t) * outStep + j;
        tile.outStep = outStep;
        tile.lastLanes = lanes;
        tile.alpha = alpha;
        tile.beta = beta;
        tileFunction<T>(rows, n - j > lanes ? 2 : 1)(tile);
      }
    }
  }
};

// Adds a mask's row (its key step any) to a row of scores, and hides the keys from `visible` on.
template <typename T>
FLAMBEAU_INLINE void maskScores(T* scores, int64_t keys, const T* mask, int64_t maskStep, int64_t visible,
                                int64_t padded) {
  using V = VectorOf<T>;
  if (mask != nullptr && maskStep == 1) {
    int64_t j = 0;
    for (; j + kLanes<V> <= keys; j += kLanes<V>) store<V>(scores + j, load<V>(scores + j) + load<V>(mask + j));
    for (; j < keys; j++) scores[j] += mask[j];
  } else if (mask != nullptr) {
    for (int64_t j = 0; j < keys; j++) scores[j] += mask[j * maskStep];
  }
  if (visible >= padded) return;
  // By whole vectors: what was stored in pieces could not be read back as a vector at once.
  const V hidden = splat<V>(-std::numeric_limits<double>::infinity());
  int64_t j = visible / kLanes<V> * kLanes<V>;
  V mixed = load<V>(scores + j);
  for (int i = 0; i < kLanes<V>; i++) mixed[i] = j + i < visible ? mixed[i] : hidden[0];
  store<V>(scores + j, mixed);
  for (j += kLanes<V>; j < padded; j += kLanes<V>) store<V>(scores + j, hidden);
}

}  // namespace flambeau::FLAMBEAU_ISA
