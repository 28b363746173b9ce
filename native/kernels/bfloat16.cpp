// Conversions between bfloat16 and float32, and the product of bfloat16 matrices with float32 sums.
//
// The product is blocked as the float32 one is: both operands are packed by pairs along the depth, the columns into panels
// [pair][column][2], the rows into panels [pair][row][2], and a tile of sums is held in registers while it runs along the
// depth. Where the processor multiplies pairs of bfloat16 (AVX512-BF16), one instruction does two multiply-adds a lane;
// elsewhere there is no such kernel, and the adapter widens both operands and multiplies in float32.
#include "bfloat16.h"

#include <algorithm>

#include "../threads.h"
#include "kernels.h"

#if defined(__AVX512F__)
#include <immintrin.h>
#endif

namespace flambeau::FLAMBEAU_ISA {
namespace {

constexpr int64_t kGrain = 1 << 15;

// Calls body(out, outStride, in, inStride, count) for the rows of two views of one shape, on all threads.
template <typename Out, typename In, typename Body>
void forRows(const View& out, const View& in, const Body& body) {
  int64_t count = out.numel();
  if (count == 0) return;
  if (out.contiguous() && in.contiguous()) {
    parallelFor(count, kGrain, [&](int64_t begin, int64_t end) {
      body(out.as<Out>() + begin, 1, in.as<In>() + begin, 1, end - begin);
    });
    return;
  }
  int last = out.ndim - 1;
  int64_t length = out.shape[last], rows = count / length;
  parallelFor(rows, std::max<int64_t>(1, kGrain / length), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      int64_t rest = row, to = 0, from = 0;
      for (int d = last - 1; d >= 0; d--) {
        int64_t index = rest % out.shape[d];
        rest /= out.shape[d];
        to += index * out.strides[d];
        from += index * in.strides[d];
      }
      body(out.as<Out>() + to, out.strides[last], in.as<In>() + from, in.strides[last], length);
    }
  });
}

void widen(const View& out, const View& in) {
  forRows<float, uint16_t>(out, in, [](float* to, int64_t toStep, const uint16_t* from, int64_t fromStep, int64_t n) {
    if (toStep == 1 && fromStep == 1) {
      for (int64_t i = 0; i < n; i++) to[i] = widened(from[i]);
    } else {
      for (int64_t i = 0; i < n; i++) to[i * toStep] = widened(from[i * fromStep]);
    }
  });
}

void narrow(const View& out, const View& in) {
  forRows<uint16_t, float>(out, in, [](uint16_t* to, int64_t toStep, const float* from, int64_t fromStep, int64_t n) {
    if (toStep == 1 && fromStep == 1) {
      for (int64_t i = 0; i < n; i++) to[i] = narrowed(from[i]);
    } else {
      for (int64_t i = 0; i < n; i++) to[i * toStep] = narrowed(from[i * fromStep]);
    }
  });
}

#if defined(__AVX512F__)

// 12 rows of two vectors: 24 sums of 32 registers.
constexpr int kRows = 12, kVectors = 2, kColumns = 16 * kVectors;
// Pairs of a block of the depth: a panel of columns takes 32 KiB, one of rows 12 KiB.
constexpr int64_t kPairs = 256;

struct Operand {
  const uint16_t* data;
  int64_t along, across;  // steps along the depth, and from one row or column to the next

  uint32_t pair(int64_t k, int64_t depth, int64_t line) const {
    const uint16_t* at = data + k * along + line * across;
    return at[0] | (k + 1 < depth ? static_cast<uint32_t>(at[along]) << 16 : 0);
  }
};

// Lines (rows or columns) [line, lines) of the whole depth into [pair][width], 0 beyond the last line.
template <int width>
void pack(uint32_t* to, const Operand& from, int64_t depth, int64_t line, int64_t lines) {
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
}

// sums [kRows][kColumns] (+)= rows [pair][kRows] x columns [pair][kColumns], pairs at a time
__attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16"))) void multiplyTile(float* sums, const uint32_t* rows,
                                                                                  const uint32_t* columns,
                                                                                  int64_t pairs, bool first) {
  __m512 acc[kRows][kVectors];
#pragma GCC unroll 12
  for (int i = 0; i < kRows; i++) {
#pragma GCC unroll 2
    for (int j = 0; j < kVectors; j++) {
      acc[i][j] = first ? _mm512_setzero_ps() : _mm512_load_ps(sums + i * kColumns + 16 * j);
    }
  }
  for (int64_t p = 0; p < pairs; p++, rows += kRows, columns += kColumns) {
    __m512bh right[kVectors];
#pragma GCC unroll 2
    for (int j = 0; j < kVectors; j++) right[j] = (__m512bh)_mm512_load_si512(columns + 16 * j);
#pragma GCC unroll 12
    for (int i = 0; i < kRows; i++) {
      __m512bh left = (__m512bh)_mm512_set1_epi32(static_cast<int>(rows[i]));
#pragma GCC unroll 2
      for (int j = 0; j < kVectors; j++) acc[i][j] = _mm512_dpbf16_ps(acc[i][j], left, right[j]);
    }
  }
#pragma GCC unroll 12
  for (int i = 0; i < kRows; i++) {
#pragma GCC unroll 2
    for (int j = 0; j < kVectors; j++) _mm512_store_ps(sums + i * kColumns + 16 * j, acc[i][j]);
  }
}

struct Out {
  uint16_t* data;
  int64_t rowStep, columnStep;
  const uint16_t* bias;
  int64_t biasStep;
};

// One product [rows, depth] x [depth, columns]. The sums of a tile are finished before the next is begun, so that they
// need no more memory than the tile.
void multiply(const Out& out, const Operand& left, const Operand& right, int64_t rows, int64_t columns,
              int64_t depth) {
  int64_t rowPanels = (rows + kRows - 1) / kRows, columnPanels = (columns + kColumns - 1) / kColumns;
  int64_t allPairs = (depth + 1) / 2;
  auto* packedRows = static_cast<uint32_t*>(scratch(0, rowPanels * allPairs * kRows * 4));
  auto* packedColumns = static_cast<uint32_t*>(scratch(1, columnPanels * allPairs * kColumns * 4));
  int64_t packGrain = std::max<int64_t>(1, kGrain / std::max<int64_t>(1, allPairs * kRows));
  parallelFor(rowPanels, packGrain, [&](int64_t begin, int64_t end) {
    for (int64_t panel = begin; panel < end; panel++) {
      pack<kRows>(packedRows + panel * allPairs * kRows, left, depth, panel * kRows, rows);
    }
  });
  parallelFor(columnPanels, packGrain, [&](int64_t begin, int64_t end) {
    for (int64_t panel = begin; panel < end; panel++) {
      pack<kColumns>(packedColumns + panel * allPairs * kColumns, right, depth, panel * kColumns, columns);
    }
  });
  // A cell: one panel of columns, which stays in the cache, with several of rows.
  constexpr int64_t cellRows = 8;
  int64_t cellsDown = (rowPanels + cellRows - 1) / cellRows;
  int64_t work = std::max<int64_t>(1, cellRows * kRows * kColumns * allPairs);
  parallelFor(cellsDown * columnPanels, std::max<int64_t>(1, (1 << 19) / work), [&](int64_t begin, int64_t end) {
    alignas(64) float sums[kRows * kColumns];
    for (int64_t cell = begin; cell < end; cell++) {
      int64_t down = cell / columnPanels, across = cell % columnPanels;
      int64_t width = std::min<int64_t>(kColumns, columns - across * kColumns);
      for (int64_t panel = down * cellRows; panel < std::min(rowPanels, (down + 1) * cellRows); panel++) {
        for (int64_t pair = 0; pair == 0 || pair < allPairs; pair += kPairs) {
          multiplyTile(sums, packedRows + (panel * allPairs + pair) * kRows,
                       packedColumns + (across * allPairs + pair) * kColumns, std::min(kPairs, allPairs - pair),
                       pair == 0);
        }
        int64_t height = std::min<int64_t>(kRows, rows - panel * kRows);
        for (int64_t i = 0; i < height; i++) {
          uint16_t* to = out.data + (panel * kRows + i) * out.rowStep + across * kColumns * out.columnStep;
          for (int64_t j = 0; j < width; j++) {
            float bias = out.bias == nullptr ? 0 : widened(out.bias[(across * kColumns + j) * out.biasStep]);
            to[j * out.columnStep] = narrowed(sums[i * kColumns + j] + bias);
          }
        }
      }
    }
  });
}

// Where batch `number` of `out`'s batch dims lies in a view whose own dims broadcast to them.
int64_t batchOffset(const View& v, const View& out, int64_t number) {
  int64_t offset = 0;
  for (int d = out.ndim - 3, own = v.ndim - 3; d >= 0; d--, own--) {
    int64_t index = number % out.shape[d];
    number /= out.shape[d];
    if (own >= 0 && v.shape[own] != 1) offset += index * v.strides[own];
  }
  return offset;
}

void matmul(const View& out, const View& left, const View& right, const View* bias) {
  int o = out.ndim, l = left.ndim, r = right.ndim;
  int64_t rows = out.shape[o - 2], columns = out.shape[o - 1], depth = left.shape[l - 1];
  int64_t batches = 1;
  for (int d = 0; d < o - 2; d++) batches *= out.shape[d];
  if (rows == 0 || columns == 0) return;
  auto product = [&](int64_t batch) {
    multiply({out.as<uint16_t>() + batchOffset(out, out, batch), out.strides[o - 2], out.strides[o - 1],
              bias == nullptr ? nullptr : bias->as<uint16_t>(), bias == nullptr ? 0 : bias->strides[0]},
             {left.as<uint16_t>() + batchOffset(left, out, batch), left.strides[l - 1], left.strides[l - 2]},
             {right.as<uint16_t>() + batchOffset(right, out, batch), right.strides[r - 2], right.strides[r - 1]},
             rows, columns, depth);
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

#endif

}  // namespace

void fillBfloat16(Bfloat16Kernels& kernels) {
  kernels.widen = widen;
  kernels.narrow = narrow;
  kernels.matmul = nullptr;
#if defined(__AVX512F__)
  if (__builtin_cpu_supports("avx512bf16")) kernels.matmul = matmul;
#endif
}

}  // namespace flambeau::FLAMBEAU_ISA
