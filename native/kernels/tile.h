// The one inner loop of all products: a tile of a few rows and a few vectors of columns, held in registers while it runs
// along the depth. Matrix products, convolutions and their gradients, and attention differ only in where their
// operands lie, and that is said by two tables:
//
//   sums[i][j] = sum over k of rows[i][rowOffsets[k]] * columns[columnOffsets[k] + j]
//
// A packed or plain matrix has offsets k * step. A convolution's matrix of shifted images is never built: its row is a
// pixel's place in the image and its offset a tap's (or the other way round, for the gradient of the weight).
#pragma once
#include "../view.h"
#include "vector.h"

namespace flambeau::FLAMBEAU_ISA {

// Registers decide the tile: its sums, two vectors of columns and one or two of rows must fit. Enough sums are
// independent to hide the latency of multiply-add (4 cycles, two a cycle).
#if defined(__AVX512F__)
constexpr int kTileRows = 14, kTileSums = 28;  // of 32 registers
#elif defined(__AVX2__)
constexpr int kTileRows = 6, kTileSums = 12;  // of 16
#elif defined(__aarch64__)
constexpr int kTileRows = 12, kTileSums = 24;  // of 32
#else
constexpr int kTileRows = 4, kTileSums = 8;  // of 16, one taken by each product before it is added
#endif
// The width of a packed panel of columns.
constexpr int kTileVectors = 2;
template <typename T>
constexpr int kTileColumns = kTileVectors * kLanes<VectorOf<T>>;

constexpr int64_t kLineBytes = 64;  // of a cache

template <typename T>
struct Tile {
  const T* const* rows;
  const int32_t* rowOffsets;
  const T* columns;
  const int32_t* columnOffsets;
  int64_t depth;
  // What later tiles read: so many lines are asked for on the way, one at each depth.
  const T* ahead;
  int64_t aheadLines;
  // What becomes of the sums: out = alpha * sum + beta * out (beta 0: not read) + bias, then relu.
  T* out;
  int64_t outStep;     // from one row of the result to the next
  int64_t lastLanes;   // columns in the last vector, 1 to kLanes
  T alpha, beta;
  const T* columnBias;  // or null
  const T* rowBias;     // or null
  bool relu;
};

template <typename T>
using TileFunction = void (*)(const Tile<T>&);

// `vectors`: 1, 2, 4 or 8, rows * vectors <= kTileSums and rows <= kTileRows.
template <typename T>
TileFunction<T> tileFunction(int rows, int vectors);

// How many vectors of columns a tile of so many rows may have when columns are not packed into panels.
constexpr int widestTile(int rows) {
  return rows * 8 <= kTileSums ? 8 : rows * 4 <= kTileSums ? 4 : 2;
}

// Consecutive parts, as equal as can be, of at most `most` items: no part is so small that the tile idles.
struct EvenParts {
  int64_t total, count;
  EvenParts(int64_t items, int64_t most) : total(items), count((items + most - 1) / most) {}
  int64_t begin(int64_t part) const { return total * part / count; }
  int64_t size(int64_t part) const { return begin(part + 1) - begin(part); }
};

}  // namespace flambeau::FLAMBEAU_ISA
