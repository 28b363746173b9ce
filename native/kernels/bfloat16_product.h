// The product of bfloat16 matrices with float32 sums, for processors that multiply pairs of bfloat16.
//
// It is blocked as the float32 product is: both operands are packed by pairs along the depth, the columns into panels
// [pair][column][2], the rows as the tile wants them, and a tile of sums is held in registers while it runs along the depth.
// Tiles: bfloat16_pairs.cpp (AVX512-BF16) and bfloat16_amx.cpp. Without either there is no such kernel, and the adapter
// widens both operands and multiplies in float32.
//
// A `Tile` has
//   kRows, kColumns          the sums it holds
//   kPairs                   the depth is filled up with zeros to a multiple of so many pairs
//   Session                  made by each thread before it multiplies
//   packRows(to, from, depth, pairs, row, rows)
//   multiply(sums, rows, columns, pairs): sums [kRows][kColumns] of one panel of rows and one of columns
#pragma once
#include <algorithm>

#include "../threads.h"
#include "bfloat16.h"
#include "kernels.h"

namespace flambeau::FLAMBEAU_ISA {

struct PairOperand {
  const uint16_t* data;
  int64_t along, across;  // steps along the depth, and from one row or column to the next

  // Two neighbours along the depth, 0 beyond its end.
  uint32_t pair(int64_t k, int64_t depth, int64_t line) const {
    const uint16_t* at = data + k * along + line * across;
    return at[0] | (k + 1 < depth ? static_cast<uint32_t>(at[along]) << 16 : 0);
  }
};

// Lines (rows or columns) from `line` on, of the whole depth, into [pair][width]; 0 beyond the last line and the depth.
template <int width>
void packPairs(uint32_t* to, const PairOperand& from, int64_t depth, int64_t padded, int64_t line, int64_t lines) {
  int64_t pairs = (depth + 1) / 2, whole = depth / 2;
  int taken = static_cast<int>(std::min<int64_t>(width, lines - line));
  if (from.along == 1) {
    for (int i = 0; i < taken; i++) {
      const uint16_t* at = from.data + (line + i) * from.across;
      for (int64_t p = 0; p < whole; p++) memcpy(to + p * width + i, at + 2 * p, 4);
      if (whole < pairs) to[whole * width + i] = at[depth - 1];
    }
  } else if (from.across == 1 && taken == width) {
    for (int64_t p = 0; p < whole; p++) {
      const uint16_t* low = from.data + 2 * p * from.along + line;
      const uint16_t* high = low + from.along;
      for (int i = 0; i < width; i++) to[p * width + i] = low[i] | static_cast<uint32_t>(high[i]) << 16;
    }
    if (whole < pairs) {
      for (int i = 0; i < width; i++) to[whole * width + i] = from.pair(2 * whole, depth, line + i);
    }
  } else {
    for (int64_t p = 0; p < pairs; p++) {
      for (int i = 0; i < taken; i++) to[p * width + i] = from.pair(2 * p, depth, line + i);
    }
  }
  for (int64_t p = 0; p < pairs; p++) {
    for (int i = taken; i < width; i++) to[p * width + i] = 0;
  }
  std::fill(to + pairs * width, to + padded * width, 0u);
}

struct PairResult {
  uint16_t* data;
  int64_t rowStep, columnStep;
  const uint16_t* bias;
  int64_t biasStep;
};

// One product [rows, depth] x [depth, columns]. The sums of a tile are finished before the next is begun, so that they
// need no more memory than the tile.
template <typename Tile>
void multiplyPairs(const PairResult& out, const PairOperand& left, const PairOperand& right, int64_t rows,
                   int64_t columns, int64_t depth) {
  constexpr int64_t kGrain = 1 << 15, kRows = Tile::kRows, kColumns = Tile::kColumns;
  int64_t rowPanels = (rows + kRows - 1) / kRows, columnPanels = (columns + kColumns - 1) / kColumns;
  int64_t pairs = ((depth + 1) / 2 + Tile::kPairs - 1) / Tile::kPairs * Tile::kPairs;
  auto* packedRows = static_cast<uint32_t*>(scratch(0, rowPanels * pairs * kRows * 4));
  auto* packedColumns = static_cast<uint32_t*>(scratch(1, columnPanels * pairs * kColumns * 4));
  int64_t packGrain = std::max<int64_t>(1, kGrain / std::max<int64_t>(1, pairs * kRows));
  parallelFor(rowPanels, packGrain, [&](int64_t begin, int64_t end) {
    for (int64_t panel = begin; panel < end; panel++) {
      Tile::packRows(packedRows + panel * pairs * kRows, left, depth, pairs, panel * kRows, rows);
    }
  });
  parallelFor(columnPanels, packGrain, [&](int64_t begin, int64_t end) {
    for (int64_t panel = begin; panel < end; panel++) {
      packPairs<kColumns>(packedColumns + panel * pairs * kColumns, right, depth, pairs, panel * kColumns, columns);
    }
  });
  // A cell: one panel of columns, which stays in the cache, with several of rows.
  constexpr int64_t cellRows = 96 / kRows;
  int64_t cellsDown = (rowPanels + cellRows - 1) / cellRows;
  int64_t work = std::max<int64_t>(1, cellRows * kRows * kColumns * pairs);
  parallelFor(cellsDown * columnPanels, std::max<int64_t>(1, (1 << 19) / work), [&](int64_t begin, int64_t end) {
    typename Tile::Session session;
    alignas(64) float sums[kRows * kColumns];
    for (int64_t cell = begin; cell < end; cell++) {
      int64_t down = cell / columnPanels, across = cell % columnPanels;
      int64_t width = std::min<int64_t>(kColumns, columns - across * kColumns);
      float bias[kColumns] = {};
      for (int64_t j = 0; out.bias != nullptr && j < width; j++) {
        bias[j] = widened(out.bias[(across * kColumns + j) * out.biasStep]);
      }
      for (int64_t panel = down * cellRows; panel < std::min(rowPanels, (down + 1) * cellRows); panel++) {
        Tile::multiply(sums, packedRows + panel * pairs * kRows, packedColumns + across * pairs * kColumns, pairs);
        int64_t height = std::min<int64_t>(kRows, rows - panel * kRows);
        for (int64_t i = 0; i < height; i++) {
          uint16_t* to = out.data + (panel * kRows + i) * out.rowStep + across * kColumns * out.columnStep;
          uint16_t line[kColumns];
          for (int64_t j = 0; j < kColumns; j++) line[j] = narrowed(sums[i * kColumns + j] + bias[j]);
          if (out.columnStep == 1) {
            memcpy(to, line, static_cast<size_t>(width) * sizeof *line);
          } else {
            for (int64_t j = 0; j < width; j++) to[j * out.columnStep] = line[j];
          }
        }
      }
    }
  });
}

// Where batch `number` of `out`'s batch dims lies in a view whose own dims broadcast to them.
inline int64_t batchOffset(const View& v, const View& out, int64_t number) {
  int64_t offset = 0;
  for (int d = out.ndim - 3, own = v.ndim - 3; d >= 0; d--, own--) {
    int64_t index = number % out.shape[d];
    number /= out.shape[d];
    if (own >= 0 && v.shape[own] != 1) offset += index * v.strides[own];
  }
  return offset;
}

template <typename Tile>
void matmulTiles(const View& out, const View& left, const View& right, const View* bias) {
  int o = out.ndim, l = left.ndim, r = right.ndim;
  int64_t rows = out.shape[o - 2], columns = out.shape[o - 1], depth = left.shape[l - 1];
  int64_t batches = 1;
  for (int d = 0; d < o - 2; d++) batches *= out.shape[d];
  if (rows == 0 || columns == 0) return;
  auto product = [&](int64_t batch) {
    multiplyPairs<Tile>(
        {out.as<uint16_t>() + batchOffset(out, out, batch), out.strides[o - 2], out.strides[o - 1],
         bias == nullptr ? nullptr : bias->as<uint16_t>(), bias == nullptr ? 0 : bias->strides[0]},
        {left.as<uint16_t>() + batchOffset(left, out, batch), left.strides[l - 1], left.strides[l - 2]},
        {right.as<uint16_t>() + batchOffset(right, out, batch), right.strides[r - 2], right.strides[r - 1]}, rows,
        columns, depth);
  };
  // Within a chunk a product runs on its thread alone.
  if (batches > 1) {
    parallelFor(batches, 1, [&](int64_t begin, int64_t end) {
      for (int64_t batch = begin; batch < end; batch++) product(batch);
    });
  } else {
    for (int64_t batch = 0; batch < batches; batch++) product(batch);
  }
}

}  // namespace flambeau::FLAMBEAU_ISA
