// The tiles of tile.h, one function per number of rows and vectors.
#include "tile.h"

#include "lanes.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

#define FLAMBEAU_TILE_EACH \
  _Pragma("GCC unroll 16") for (int i = 0; i < rows; i++) _Pragma("GCC unroll 8") for (int j = 0; j < vectors; j++)

#define FLAMBEAU_TILE_WAYS _Pragma("GCC unroll 8") for (int w = 0; w < ways - 1; w++)

// The result's lines are asked for in advance: they come from far away, and nobody else does. From this depth on a tile's own
// come in time; shallower ones ask for those of the next panel.
constexpr int64_t kFarDepth = 64;
// Sums that must be under way for the multipliers not to wait: small tiles have several for each element.
constexpr int kChains = 8;

// Rows that a tile reads through a pointer each; of more, some would have to be fetched from the stack at every step.
#if defined(__aarch64__)
constexpr int kRowPointers = 12;
#else
constexpr int kRowPointers = 8;
#endif

// The elements of rows that lie anywhere, at one depth.
template <typename T>
class ScatteredRows {
 public:
  explicit ScatteredRows(const T* const* rows) : rows_(rows) {}

  struct Elements {
    const T* const* rows;
    int64_t offset;
    T operator[](int i) const { return rows[i][offset]; }
  };
  Elements at(int64_t offset) const { return {rows_, offset}; }

 private:
  const T* const* rows_;
};

// The same of rows that lie evenly spaced, from two pointers: six rows after each are reached by 1, 3 and 5 times the
// distance and by what an address may multiply these with.
template <typename T>
class EvenRows {
 public:
  static bool are(const T* const* rows, int count) {
    const int64_t distance = rows[1] - rows[0];
    bool even = true;
    for (int i = 2; i < count; i++) even &= rows[i] - rows[i - 1] == distance;
    return even;
  }

  explicit EvenRows(const T* const* rows)
      : first_(rows[0]), distance_((rows[1] - rows[0]) * static_cast<int64_t>(sizeof(T))) {
    distance3_ = 3 * distance_;
    distance5_ = 5 * distance_;
    // What the compiler cannot see through it keeps as it is, instead of unfolding it to a pointer for each row.
    asm("" : "+r"(distance_), "+r"(distance3_), "+r"(distance5_));
  }

  struct Elements {
    const char *first, *second;
    int64_t distance, distance3, distance5;

    __attribute__((always_inline)) T operator[](int i) const {
      const char* near = i < kHalf ? first : second;
      switch (i % kHalf) {
        case 0: return value(near);
        case 1: return value(near + distance);
        case 2: return value(near + 2 * distance);
        case 3: return value(near + distance3);
        case 4: return value(near + 4 * distance);
        case 5: return value(near + distance5);
        default: return value(near + 2 * distance3);
      }
    }
    static T value(const char* place) { return *reinterpret_cast<const T*>(place); }
  };
  __attribute__((always_inline)) Elements at(int64_t offset) const {
    const char* first = reinterpret_cast<const char*>(first_ + offset);
    const char* second = first + kHalf * distance_;
    asm("" : "+r"(first), "+r"(second));
    return {first, second, distance_, distance3_, distance5_};
  }

 private:
  static constexpr int kHalf = 7;
  const T* first_;
  int64_t distance_, distance3_, distance5_;
};

template <typename V, int rows, int vectors, typename Rows>
FLAMBEAU_INLINE void addStep(V (&sums)[rows][vectors], const Rows& from, int64_t offset, const ElementOf<V>* columns) {
  V column[vectors];
#pragma GCC unroll 8
  for (int j = 0; j < vectors; j++) column[j] = load<V>(columns + j * kLanes<V>);
  const auto elements = from.at(offset);
#pragma GCC unroll 16
  for (int i = 0; i < rows; i++) {
    V row = elements[i] - V{};
#pragma GCC unroll 8
    for (int j = 0; j < vectors; j++) sums[i][j] = fma(row, column[j], sums[i][j]);
  }
}

template <typename V, int rows, int vectors, typename Rows>
FLAMBEAU_INLINE void addDepth(V (&sums)[rows][vectors], const Rows& from, const Tile<ElementOf<V>>& tile) {
  const int32_t *rowOffsets = tile.rowOffsets, *columnOffsets = tile.columnOffsets;
  const ElementOf<V>* columns = tile.columns;
  const int64_t depth = tile.depth;
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
  const char* ahead = reinterpret_cast<const char*>(tile.ahead);
  for (const int64_t lines = tile.aheadLines < depth ? tile.aheadLines : depth; k < lines; k++) {
    __builtin_prefetch(ahead + k * kLineBytes, 0, 2);
    addStep<V, rows, vectors>(sums, from, rowOffsets[k], columns + columnOffsets[k]);
  }
  for (; k < depth; k++) addStep<V, rows, vectors>(sums, from, rowOffsets[k], columns + columnOffsets[k]);
}

template <typename V, int rows, int vectors>
void runTile(const Tile<ElementOf<V>>& tile) {
  using T = ElementOf<V>;
  V sums[rows][vectors];
  FLAMBEAU_TILE_EACH sums[i][j] = V{};
  const T* far = tile.out + (tile.depth >= kFarDepth ? 0 : vectors * kLanes<V>);
  for (int i = 0; i < rows; i++) {
    for (int j = 0; j < vectors; j++) __builtin_prefetch(far + i * tile.outStep + j * kLanes<V>, 1);
  }
  if (rows > kRowPointers && EvenRows<T>::are(tile.rows, rows)) {
    addDepth<V, rows, vectors>(sums, EvenRows<T>(tile.rows), tile);
  } else {
    addDepth<V, rows, vectors>(sums, ScatteredRows<T>(tile.rows), tile);
  }
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
