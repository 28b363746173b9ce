// Copies of parts of a matrix in the order in which the tiles of tile.h read them.
//
// Packing a row-major left matrix or a row-major right matrix copies runs of neighbours; only a right matrix whose
// columns lie along the depth is transposed, in registers.
#pragma once
#include "tile.h"

namespace flambeau::FLAMBEAU_ISA {

// Element (i, j) lies at data[i * rowStep + j * columnStep].
template <typename T>
struct Matrix {
  const T* data;
  int64_t rowStep, columnStep;

  const T* at(int64_t i, int64_t j) const { return data + i * rowStep + j * columnStep; }
  Matrix transposed() const { return {data, columnStep, rowStep}; }
};

// A panel of columns: [depth][width], width a whole number of vectors, 0 beyond the last column.
template <typename T>
void packColumns(T* to, int64_t width, const Matrix<T>& from, int64_t depth, int64_t columns);

// The rows of one tile. Along: the depth is contiguous in each row, rows `alongStep(depth)` apart; else [depth] groups
// of kTileRows neighbours, of which the last may be written beyond by up to one vector.
template <typename T>
void packRows(T* to, bool along, const Matrix<T>& from, int64_t depth, int64_t rows);

// An odd number of cache lines, so that rows at equal depth do not compete for one set of the cache.
template <typename T>
constexpr int64_t alongStep(int64_t depth) {
  constexpr int64_t line = kLineBytes / sizeof(T);
  return ((depth + line - 1) / line | 1) * line;
}

// The same tile between a contiguous buffer [rows][width] and a matrix of any strides.
template <typename T>
void scatterTile(T* to, int64_t rowStep, int64_t columnStep, const T* from, int64_t width, int64_t rows,
                 int64_t columns);
template <typename T>
void gatherTile(T* to, int64_t width, const Matrix<T>& from, int64_t rows, int64_t columns);

}  // namespace flambeau::FLAMBEAU_ISA
