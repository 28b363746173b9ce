// Packing: see packing.h.
#include "packing.h"

#include <algorithm>

#include "lanes.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

// to[j][i] = from[i][j] for up to a square of lanes; rows of `to` are written whole, with 0 where `from` has no row.
template <typename V>
FLAMBEAU_INLINE void transposeBlock(ElementOf<V>* to, int64_t toStep, const ElementOf<V>* from, int64_t fromStep,
                                    int64_t rows, int64_t columns) {
  constexpr int lanes = kLanes<V>;
  V square[lanes];
  if (rows == lanes && columns == lanes) {
#pragma GCC unroll 16
    for (int i = 0; i < lanes; i++) square[i] = load<V>(from + i * fromStep);
    transposeSquare(square);
#pragma GCC unroll 16
    for (int j = 0; j < lanes; j++) store<V>(to + j * toStep, square[j]);
    return;
  }
#pragma GCC unroll 16
  for (int i = 0; i < lanes; i++) square[i] = i < rows ? loadLanes<V>(from + i * fromStep, columns) : V{};
  transposeSquare(square);
  // A store under a condition each, not a loop, keeps the square in registers.
#pragma GCC unroll 16
  for (int j = 0; j < lanes; j++) {
    if (j < columns) store<V>(to + j * toStep, square[j]);
  }
}

// The reverse, to rows of which only the first `rows` elements are there.
template <typename V>
FLAMBEAU_INLINE void transposeBlockBack(ElementOf<V>* to, int64_t toStep, const ElementOf<V>* from, int64_t fromStep,
                                        int64_t rows, int64_t columns) {
  constexpr int lanes = kLanes<V>;
  V square[lanes];
#pragma GCC unroll 16
  for (int i = 0; i < lanes; i++) square[i] = i < rows ? load<V>(from + i * fromStep) : V{};
  transposeSquare(square);
#pragma GCC unroll 16
  for (int j = 0; j < lanes; j++) {
    if (j < columns) storeLanes(to + j * toStep, square[j], rows);
  }
}

}  // namespace

template <typename T>
void packColumns(T* to, int64_t width, const Matrix<T>& from, int64_t depth, int64_t columns) {
  using V = VectorOf<T>;
  constexpr int lanes = kLanes<V>;
  if (from.columnStep == 1) {
    for (int64_t k = 0; k < depth; k++) {
      const T* row = from.data + k * from.rowStep;
      T* place = to + k * width;
      for (int64_t j = 0; j < width; j += lanes) {
        int64_t n = columns - j;
        store<V>(place + j, n >= lanes ? load<V>(row + j) : n > 0 ? loadLanes<V>(row + j, n) : V{});
      }
    }
    return;
  }
  if (from.rowStep == 1) {
    for (int64_t j = 0; j < width; j += lanes) {
      int64_t n = columns - j < 0 ? 0 : std::min<int64_t>(columns - j, lanes);
      const T* column = from.data + j * from.columnStep;
      for (int64_t k = 0; k < depth; k += lanes) {
        transposeBlock<V>(to + k * width + j, width, column + k, from.columnStep, n, std::min<int64_t>(depth - k, lanes));
      }
    }
    return;
  }
  for (int64_t k = 0; k < depth; k++) {
    for (int64_t j = 0; j < width; j++) to[k * width + j] = j < columns ? *from.at(k, j) : T(0);
  }
}

template <typename T>
void packRows(T* to, bool along, const Matrix<T>& from, int64_t depth, int64_t rows) {
  using V = VectorOf<T>;
  constexpr int lanes = kLanes<V>;
  if (along) {
    for (int64_t i = 0; i < rows; i++) {
      const T* row = from.data + i * from.rowStep;
      T* place = to + i * alongStep<T>(depth);
      int64_t k = 0;
      if (from.columnStep == 1) {
        for (; k + lanes <= depth; k += lanes) store<V>(place + k, load<V>(row + k));
      }
      for (; k < depth; k++) place[k] = row[k * from.columnStep];
    }
    return;
  }
  if (from.rowStep == 1) {
    for (int64_t k = 0; k < depth; k++) {
      const T* column = from.data + k * from.columnStep;
      T* place = to + k * kTileRows;
      for (int64_t i = 0; i < rows; i += lanes) {
        store<V>(place + i, rows - i >= lanes ? load<V>(column + i) : loadLanes<V>(column + i, rows - i));
      }
    }
    return;
  }
  for (int64_t k = 0; k < depth; k++) {
    for (int64_t i = 0; i < rows; i++) to[k * kTileRows + i] = *from.at(i, k);
  }
}

template <typename T>
void scatterTile(T* to, int64_t rowStep, int64_t columnStep, const T* from, int64_t width, int64_t rows,
                 int64_t columns) {
  using V = VectorOf<T>;
  constexpr int lanes = kLanes<V>;
  if (rowStep == 1) {
    for (int64_t i = 0; i < rows; i += lanes) {
      for (int64_t j = 0; j < columns; j += lanes) {
        transposeBlockBack<V>(to + i + j * columnStep, columnStep, from + i * width + j, width,
                              std::min<int64_t>(rows - i, lanes), std::min<int64_t>(columns - j, lanes));
      }
    }
    return;
  }
  for (int64_t i = 0; i < rows; i++) {
    for (int64_t j = 0; j < columns; j++) to[i * rowStep + j * columnStep] = from[i * width + j];
  }
}

template <typename T>
void gatherTile(T* to, int64_t width, const Matrix<T>& from, int64_t rows, int64_t columns) {
  using V = VectorOf<T>;
  constexpr int lanes = kLanes<V>;
  if (from.rowStep == 1) {
    for (int64_t i = 0; i < rows; i += lanes) {
      for (int64_t j = 0; j < columns; j += lanes) {
        transposeBlock<V>(to + i * width + j, width, from.at(i, j), from.columnStep,
                          std::min<int64_t>(columns - j, lanes), std::min<int64_t>(rows - i, lanes));
      }
    }
    return;
  }
  for (int64_t i = 0; i < rows; i++) {
    for (int64_t j = 0; j < columns; j++) to[i * width + j] = *from.at(i, j);
  }
}

#define FLAMBEAU_PACKING(T)                                                                                       \
  template void packColumns<T>(T*, int64_t, const Matrix<T>&, int64_t, int64_t);                                  \
  template void packRows<T>(T*, bool, const Matrix<T>&, int64_t, int64_t);                                        \
  template void scatterTile<T>(T*, int64_t, int64_t, const T*, int64_t, int64_t, int64_t);                        \
  template void gatherTile<T>(T*, int64_t, const Matrix<T>&, int64_t, int64_t);
FLAMBEAU_PACKING(float)
FLAMBEAU_PACKING(double)
#undef FLAMBEAU_PACKING

}  // namespace flambeau::FLAMBEAU_ISA
