// The tile of bfloat16_product.h on AVX512-BF16: one instruction multiplies two pairs a lane and adds them to a float32.
#include "bfloat16_product.h"

#if defined(__AVX512F__)
#include <immintrin.h>

namespace flambeau::FLAMBEAU_ISA {
namespace {

struct PairTile {
  // 12 rows of two vectors: 24 sums of 32 registers.
  static constexpr int kRows = 12, kVectors = 2, kColumns = 16 * kVectors;
  static constexpr int64_t kPairs = 1;
  struct Session {
    Session() {}
  };

  static void packRows(uint32_t* to, const PairOperand& from, int64_t depth, int64_t pairs, int64_t row, int64_t rows) {
    packPairs<kRows>(to, from, depth, pairs, row, rows);
  }

  // rows [pair][kRows], columns [pair][kColumns]
  __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16"))) static void multiply(float* sums, const uint32_t* rows,
                                                                                       const uint32_t* columns,
                                                                                       int64_t pairs) {
    __m512 acc[kRows][kVectors];
#pragma GCC unroll 12
    for (int i = 0; i < kRows; i++) {
#pragma GCC unroll 2
      for (int j = 0; j < kVectors; j++) acc[i][j] = _mm512_setzero_ps();
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
};

}  // namespace

void matmulPairs(const View& out, const View& left, const View& right, const View* bias) {
  matmulTiles<PairTile>(out, left, right, bias);
}

}  // namespace flambeau::FLAMBEAU_ISA
#endif
