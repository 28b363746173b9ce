// The tiles of tile.h, one function per number of rows and vectors.
#include "tile.h"

#include "lanes.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

#define FLAMBEAU_TILE_EACH \
  _Pragma("GCC unroll 16") for (int i = 0; i < rows; i++) _Pragma("GCC unroll 8") for (int j = 0; j < vectors; j++)

#define FLAMBEAU_TILE_WAYS _Pragma("GCC unroll 8") for (int w = 0; w < ways - 1; w++)

// The depth from which the result's lines are asked for in advance: they come from far away, and nobody else does.
constexpr int64_t kFarDepth = 64;
// Sums that must be under way for the multipliers not to wait: small tiles have several for each element.
constexpr int kChains = 8;

template <typename V, int rows, int vectors>
FLAMBEAU_INLINE void addStep(V (&sums)[rows][vectors], const ElementOf<V>* const* from, int64_t offset,
                             const ElementOf<V>* columns) {
  V column[vectors];
#pragma GCC unroll 8
  for (int j = 0; j < vectors; j++) column[j] = load<V>(columns + j * kLanes<V>);
#pragma GCC unroll 16
  for (int i = 0; i < rows; i++) {
    V row = from[i][offset] - V{};
#pragma GCC unroll 8
    for (int j = 0; j < vectors; j++) sums[i][j] = fma(row, column[j], sums[i][j]);
  }
}

template <typename V, int rows, int vectors>
void runTile(const Tile<ElementOf<V>>& tile) {
  using T = ElementOf<V>;
  V sums[rows][vectors];
  FLAMBEAU_TILE_EACH sums[i][j] = V{};
  const int32_t *rowOffsets = tile.rowOffsets, *columnOffsets = tile.columnOffsets;
  const T* const* from = tile.rows;
  const T* columns = tile.columns;
  const int64_t depth = tile.depth;
  if (depth >= kFarDepth) {
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < vectors; j++) __builtin_prefetch(tile.out + i * tile.outStep + j * kLanes<V>, 1);
    }
  }
  int64_t k = 0;
  if constexpr (rows * vectors * 2 <= kChains) {
    constexpr int ways = kChains / (rows * vectors);
    V more[ways - 1][rows][vectors];
    FLAMBEAU_TILE_WAYS FLAMBEAU_TILE_EACH more[w][i][j] = V{};
    for (; k + ways <= depth; k += ways) {
      addStep<V, rows, vectors>(sums, from, rowOffsets[k], columns + columnOffsets[k]);
      FLAMBEAU_TILE_WAYS {
        addStep<V, rows, vectors>(more[w], from, rowOffsets[k + w + 1], columns + columnOffsets[k + w + 1]);
      }
    }
    FLAMBEAU_TILE_WAYS FLAMBEAU_TILE_EACH sums[i][j] += more[w][i][j];
  }
  for (; k < depth; k++) addStep<V, rows, vectors>(sums, from, rowOffsets[k], columns + columnOffsets[k]);
  T* out = tile.out;
  const int64_t step = tile.outStep, lastLanes = tile.lastLanes;
  constexpr int last = vectors - 1;
  if (tile.alpha != 1) FLAMBEAU_TILE_EACH sums[i][j] *= tile.alpha;
  if (tile.beta != 0) {
    const V beta = tile.beta - V{};
    FLAMBEAU_TILE_EACH {
      const T* place = out + i * step + j * kLanes<V>;
      V before = j < last || lastLanes == kLanes<V> ? load<V>(place) : loadLanes<V>(place, lastLanes);
      sums[i][j] = fma(beta, before, sums[i][j]);
    }
  }
  if (tile.columnBias != nullptr) {
    FLAMBEAU_TILE_EACH {
      const T* place = tile.columnBias + j * kLanes<V>;
      sums[i][j] += j < last || lastLanes == kLanes<V> ? load<V>(place) : loadLanes<V>(place, lastLanes);
    }
  }
  if (tile.rowBias != nullptr) FLAMBEAU_TILE_EACH sums[i][j] += tile.rowBias[i];
  if (tile.relu) FLAMBEAU_TILE_EACH sums[i][j] = sums[i][j] < 0 ? V{} : sums[i][j];  // NaN stays
  if (lastLanes == kLanes<V>) {
    FLAMBEAU_TILE_EACH store<V>(out + i * step + j * kLanes<V>, sums[i][j]);
  } else {
    FLAMBEAU_TILE_EACH {
      T* place = out + i * step + j * kLanes<V>;
      if (j < last) {
        store<V>(place, sums[i][j]);
      } else {
        storeLanes(place, sums[i][j], lastLanes);
      }
    }
  }
}

template <typename V, int vectors, int... row>
TileFunction<ElementOf<V>> pick(int rows, std::integer_sequence<int, row...>) {
  static constexpr TileFunction<ElementOf<V>> functions[] = {runTile<V, row + 1, vectors>...};
  return functions[rows - 1];
}

template <typename V>
TileFunction<ElementOf<V>> choose(int rows, int vectors) {
  switch (vectors) {
    case 1: return pick<V, 1>(rows, std::make_integer_sequence<int, kTileRows>{});
    case 2: return pick<V, 2>(rows, std::make_integer_sequence<int, kTileRows>{});
    case 4: return pick<V, 4>(rows, std::make_integer_sequence<int, kTileSums / 4>{});
    default: return pick<V, 8>(rows, std::make_integer_sequence<int, kTileSums / 8>{});
  }
}

}  // namespace

template <>
TileFunction<float> tileFunction<float>(int rows, int vectors) {
  return choose<F32>(rows, vectors);
}
template <>
TileFunction<double> tileFunction<double>(int rows, int vectors) {
  return choose<F64>(rows, vectors);
}

}  // namespace flambeau::FLAMBEAU_ISA
