// Dot products (dot.h), and products of matrices by them.
#include "dot.h"

#include "../threads.h"
#include "product.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

// Multiply-adds that a thread should have at least; these products read much for what they compute.
constexpr int64_t kDotGrain = 1 << 17;
// The depth that is summed in one go.
constexpr int64_t kDepthPart = 1 << 16;

// The lane sums of four vectors at once: halves are added across the vectors until each has a quarter of the lanes.
template <typename V>
FLAMBEAU_INLINE void addLaneSums(V a, V b, V c, V d, ElementOf<V>* sums) {
  constexpr int lanes = kLanes<V>;
  if constexpr (lanes < 4) {
    V v[] = {a, b, c, d};
    for (int i = 0; i < 4; i++) sums[i] += sumLanes(v[i]);
  } else {
    using Lanes = std::make_integer_sequence<int, lanes>;
    V ab = exchangeBlocks<lanes / 2, false>(a, b, Lanes{}) + exchangeBlocks<lanes / 2, true>(a, b, Lanes{});
    V cd = exchangeBlocks<lanes / 2, false>(c, d, Lanes{}) + exchangeBlocks<lanes / 2, true>(c, d, Lanes{});
    V all = exchangeBlocks<lanes / 4, false>(ab, cd, Lanes{}) + exchangeBlocks<lanes / 4, true>(ab, cd, Lanes{});
    if constexpr (lanes >= 8) {
      all += exchangeBlocks<lanes / 8, true>(all, all, Lanes{});
      if constexpr (lanes >= 16) all += exchangeBlocks<1, true>(all, all, Lanes{});
    }
    sums[0] += all[0];
    sums[1] += all[lanes / 2];
    sums[2] += all[lanes / 4];
    sums[3] += all[lanes / 2 + lanes / 4];
  }
}

// `ways` sums per pair, so that at least eight chains are under way.
template <typename V, int rows, int columns, int ways>
void dots(const ElementOf<V>* const* row, const ElementOf<V>* const* column, const DotLines& lines,
          ElementOf<V>* sums) {
  constexpr int lanes = kLanes<V>;
  const int64_t length = lines.length;
  V acc[ways][rows][columns];
#define FLAMBEAU_DOT_EACH                                                                  \
  _Pragma("GCC unroll 8") for (int w = 0; w < ways; w++) _Pragma("GCC unroll 4") for (int i = 0; i < rows; i++) \
      _Pragma("GCC unroll 4") for (int j = 0; j < columns; j++)
  FLAMBEAU_DOT_EACH acc[w][i][j] = V{};
  for (int64_t line = 0; line < lines.count; line++) {
    const int64_t inRow = line * lines.rowStep, inColumn = line * lines.columnStep;
    int64_t k = 0;
    for (; k + ways * lanes <= length; k += ways * lanes) {
      FLAMBEAU_DOT_EACH {
        acc[w][i][j] = fma(load<V>(row[i] + inRow + k + w * lanes), load<V>(column[j] + inColumn + k + w * lanes),
                           acc[w][i][j]);
      }
    }
    for (; k < length; k += lanes) {
      const int64_t n = length - k < lanes ? length - k : lanes;
      V x[rows], y[columns];
#pragma GCC unroll 4
      for (int i = 0; i < rows; i++) x[i] = loadLanes<V>(row[i] + inRow + k, n);
#pragma GCC unroll 4
      for (int j = 0; j < columns; j++) y[j] = loadLanes<V>(column[j] + inColumn + k, n);
#pragma GCC unroll 4
      for (int i = 0; i < rows; i++) {
#pragma GCC unroll 4
        for (int j = 0; j < columns; j++) acc[0][i][j] = fma(x[i], y[j], acc[0][i][j]);
      }
    }
  }
#pragma GCC unroll 4
  for (int i = 0; i < rows; i++) {
#pragma GCC unroll 4
    for (int j = 0; j < columns; j++) {
#pragma GCC unroll 4
      for (int half = ways / 2; half > 0; half /= 2) {
#pragma GCC unroll 4
        for (int w = 0; w < half; w++) acc[w][i][j] += acc[w + half][i][j];
      }
    }
    if constexpr (columns == 4) {
      addLaneSums(acc[0][i][0], acc[0][i][1], acc[0][i][2], acc[0][i][3], sums + i * kDotTileColumns);
    } else {
      sums[i * kDotTileColumns] += sumLanes(acc[0][i][0]);
    }
  }
#undef FLAMBEAU_DOT_EACH
}

template <typename V, int rows>
void dotRows(int columns, const ElementOf<V>* const* row, const ElementOf<V>* const* column, const DotLines& lines,
             ElementOf<V>* sums) {
  if (columns == kDotTileColumns) return dots<V, rows, 4, rows == 1 ? 2 : 1>(row, column, lines, sums);
  for (int j = 0; j < columns; j++) dots<V, rows, 1, 8 / rows>(row, column + j, lines, sums + j);
}

template <typename V>
void dotsOf(int rows, int columns, const ElementOf<V>* const* row, const ElementOf<V>* const* column,
            const DotLines& lines, ElementOf<V>* sums) {
  for (int i = 0; i < rows;) {
    auto* to = sums + i * kDotTileColumns;
    if (rows - i >= 4 && kDotTileRows >= 4) {
      dotRows<V, kDotTileRows>(columns, row + i, column, lines, to);
      i += kDotTileRows;
    } else if (rows - i >= 2) {
      dotRows<V, 2>(columns, row + i, column, lines, to);
      i += 2;
    } else {
      dotRows<V, 1>(columns, row + i, column, lines, to);
      i++;
    }
  }
}

}  // namespace

template <>
void addDots<float>(int rows, int columns, const float* const* row, const float* const* column,
                    const DotLines& lines, float* sums) {
  dotsOf<F32>(rows, columns, row, column, lines, sums);
}
template <>
void addDots<double>(int rows, int columns, const double* const* row, const double* const* column,
                     const DotLines& lines, double* sums) {
  dotsOf<F64>(rows, columns, row, column, lines, sums);
}

template <typename T>
void multiplyByDots(int64_t m, int64_t n, int64_t k, const Matrix<T>& left, const Matrix<T>& right,
                    const Result<T>& out) {
  const EvenParts parts(k, kDepthPart);
  auto finish = [&](int64_t i, int64_t j, T sum) {
    T& place = out.data[i * out.rowStep + j * out.columnStep];
    sum *= out.alpha;
    if (out.beta != 0) sum += out.beta * place;
    if (out.bias != nullptr) sum += out.bias[out.biasPerRow ? i : j];
    place = out.relu && sum < 0 ? T(0) : sum;
  };
  // All sums of some columns over some parts of the depth; parts are added up in their order.
  auto run = [&](int64_t columnFrom, int64_t columnTo, int64_t partFrom, int64_t partTo, auto&& take) {
    for (int64_t j = columnFrom; j < columnTo; j += kDotTileColumns) {
      const int columns = static_cast<int>(columnTo - j < kDotTileColumns ? columnTo - j : kDotTileColumns);
      for (int64_t i = 0; i < m; i += kDotTileRows) {
        const int rows = static_cast<int>(m - i < kDotTileRows ? m - i : kDotTileRows);
        T total[kDotTileRows * kDotTileColumns] = {};
        for (int64_t p = partFrom; p < partTo; p++) {
          const T *row[kDotTileRows], *column[kDotTileColumns];
          for (int r = 0; r < rows; r++) row[r] = left.at(i + r, parts.begin(p));
          for (int c = 0; c < columns; c++) column[c] = right.at(parts.begin(p), j + c);
          T sums[kDotTileRows * kDotTileColumns] = {};
          addDots<T>(rows, columns, row, column, {parts.size(p), 1, 0, 0}, sums);
          for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) total[r * kDotTileColumns + c] += sums[r * kDotTileColumns + c];
          }
        }
        for (int r = 0; r < rows; r++) {
          for (int c = 0; c < columns; c++) take(i + r, j + c, total[r * kDotTileColumns + c]);
        }
      }
    }
  };
  if (parts.count > 1 && n < 64) {  // few long columns: the threads share the depth
    T* partial = static_cast<T*>(scratch(0, parts.count * m * n * static_cast<int64_t>(sizeof(T))));
    parallelFor(parts.count, 1, [&](int64_t begin, int64_t end) {
      for (int64_t p = begin; p < end; p++) {
        run(0, n, p, p + 1, [&](int64_t i, int64_t j, T sum) { partial[(p * m + i) * n + j] = sum; });
      }
    });
    for (int64_t i = 0; i < m; i++) {
      for (int64_t j = 0; j < n; j++) {
        T sum = 0;
        for (int64_t p = 0; p < parts.count; p++) sum += partial[(p * m + i) * n + j];
        finish(i, j, sum);
      }
    }
    return;
  }
  const int64_t grain = (kDotGrain / (m * k) / kDotTileColumns + 1) * kDotTileColumns;
  parallelFor(n, grain, [&](int64_t begin, int64_t end) { run(begin, end, 0, parts.count, finish); });
}

template void multiplyByDots<float>(int64_t, int64_t, int64_t, const Matrix<float>&, const Matrix<float>&,
                                    const Result<float>&);
template void multiplyByDots<double>(int64_t, int64_t, int64_t, const Matrix<double>&, const Matrix<double>&,
                                     const Result<double>&);

}  // namespace flambeau::FLAMBEAU_ISA
