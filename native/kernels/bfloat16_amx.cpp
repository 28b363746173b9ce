// The tile of bfloat16_product.h on AMX: registers of 16 rows of 64 bytes, and one instruction that multiplies two of them.
#include "bfloat16_product.h"

#if defined(__AVX512F__)
#include <cpuid.h>
#include <immintrin.h>
#ifdef __linux__
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace flambeau::FLAMBEAU_ISA {
namespace {

#define FLAMBEAU_AMX __attribute__((target("avx512f,avx512bw,avx512vl,amx-tile,amx-bf16")))

// What a thread tells its processor of the shapes of its registers.
struct alignas(64) TileShapes {
  uint8_t palette = 1, startRow = 0, reserved[14] = {};
  uint16_t rowBytes[16] = {};
  uint8_t rows[16] = {};
  TileShapes() {
    for (int i = 0; i < 8; i++) {
      rowBytes[i] = 64;
      rows[i] = 16;
    }
  }
};

// Two by two registers of sums, and two of rows and of columns.
struct AmxTile {
  static constexpr int kRows = 32, kColumns = 32;
  static constexpr int64_t kPairs = 16;

  struct Session {
    FLAMBEAU_AMX Session() {
      static const TileShapes shapes;
      _tile_loadconfig(&shapes);
    }
    FLAMBEAU_AMX ~Session() { _tile_release(); }
  };

  // [row][pair]
  static void packRows(uint32_t* to, const PairOperand& from, int64_t depth, int64_t pairs, int64_t row, int64_t rows) {
    const int64_t held = (depth + 1) / 2;
    for (int64_t i = 0; i < kRows; i++, to += pairs) {
      const bool there = row + i < rows;
      if (there && from.along == 1 && held > 0) {
        to[held - 1] = 0;
        memcpy(to, from.data + (row + i) * from.across, static_cast<size_t>(depth) * 2);
      } else if (there) {
        for (int64_t p = 0; p < held; p++) to[p] = from.pair(2 * p, depth, row + i);
      }
      std::fill(to + (there ? held : 0), to + pairs, 0u);
    }
  }

  // rows [kRows][pair], columns [pair][kColumns]
  FLAMBEAU_AMX static void multiply(float* sums, const uint32_t* rows, const uint32_t* columns, int64_t pairs) {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    for (int64_t p = 0; p < pairs; p += kPairs) {
      _tile_loadd(4, rows + p, pairs * 4);
      _tile_loadd(5, rows + 16 * pairs + p, pairs * 4);
      _tile_loadd(6, columns + p * kColumns, kColumns * 4);
      _tile_loadd(7, columns + p * kColumns + 16, kColumns * 4);
      _tile_dpbf16ps(0, 4, 6);
      _tile_dpbf16ps(1, 4, 7);
      _tile_dpbf16ps(2, 5, 6);
      _tile_dpbf16ps(3, 5, 7);
    }
    _tile_stored(0, sums, kColumns * 4);
    _tile_stored(1, sums + 16, kColumns * 4);
    _tile_stored(2, sums + 16 * kColumns, kColumns * 4);
    _tile_stored(3, sums + 16 * kColumns + 16, kColumns * 4);
  }
};

void matmul(const View& out, const View& left, const View& right, const View* bias) {
  matmulTiles<AmxTile>(out, left, right, bias);
}

}  // namespace

bool amxSupported() {
#ifdef __linux__
  unsigned a, b, c, d;
  constexpr unsigned bf16 = 1u << 22, tile = 1u << 24;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (d & bf16) == 0 || (d & tile) == 0) return false;
  // The registers are large: Linux saves them for those only who have asked.
  constexpr long requestPermission = 0x1023, tileData = 18;
  return syscall(SYS_arch_prctl, requestPermission, tileData) == 0;
#else
  return false;
#endif
}

Kernels makeAmxTable() {
  Kernels table = makeTable();
  table.bfloat16.matmul = matmul;
  return table;
}

}  // namespace flambeau::FLAMBEAU_ISA
#endif
