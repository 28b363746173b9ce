// Dot products of a few rows with a few columns that are all contiguous along the depth: vectors run along the depth,
// so that nothing is transposed or packed, at the price of a sum over the lanes at the end of each.
#pragma once
#include "lanes.h"

namespace flambeau::FLAMBEAU_ISA {

// Registers hold rows x columns sums.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kDotTileRows = 4;
#else
constexpr int kDotTileRows = 2;
#endif
constexpr int kDotTileColumns = 4;

// What is contiguous is a line; the rows' next line lies `rowStep` on, the columns' `columnStep`.
struct DotLines {
  int64_t length, count, rowStep, columnStep;
};

// sums[i * kDotTileColumns + j] += rows[i] . columns[j], for up to kDotTileRows rows and kDotTileColumns columns.
template <typename T>
void addDots(int rows, int columns, const T* const* row, const T* const* column, const DotLines& lines, T* sums);

}  // namespace flambeau::FLAMBEAU_ISA
