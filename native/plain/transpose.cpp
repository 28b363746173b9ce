#include "transpose.h"

#include <cstring>

#include "../threads.h"
#include "walk.h"

namespace flambeau {
namespace {

constexpr int64_t kTilesPerChunk = 32;
constexpr int64_t kTile = 32;

// Four elements of four bytes.
using Quad = uint32_t __attribute__((vector_size(16)));

Quad shuffle(Quad a, Quad b, Quad lanes) {
#if defined(__clang__)
  Quad all[2] = {a, b};
  auto* from = reinterpret_cast<uint32_t*>(all);
  return Quad{from[lanes[0]], from[lanes[1]], from[lanes[2]], from[lanes[3]]};
#else
  return __builtin_shuffle(a, b, lanes);
#endif
}

// Writes a full tile, buffer[c][r], to rows of the target: four by four in registers.
void writeTile(const uint32_t (&buffer)[kTile][kTile], uint32_t* target, int64_t rowStride) {
  for (int64_t r = 0; r < kTile; r += 4) {
    for (int64_t c = 0; c < kTile; c += 4) {
      Quad q[4];
      for (int i = 0; i < 4; i++) memcpy(&q[i], &buffer[c + i][r], sizeof(Quad));
      const Quad low = {0, 4, 1, 5}, high = {2, 6, 3, 7}, front = {0, 1, 4, 5}, back = {2, 3, 6, 7};
      Quad ab = shuffle(q[0], q[1], low), cd = shuffle(q[2], q[3], low);
      Quad AB = shuffle(q[0], q[1], high), CD = shuffle(q[2], q[3], high);
      Quad rows[] = {shuffle(ab, cd, front), shuffle(ab, cd, back), shuffle(AB, CD, front), shuffle(AB, CD, back)};
      for (int i = 0; i < 4; i++) memcpy(target + (r + i) * rowStride + c, &rows[i], sizeof(Quad));
    }
  }
}

// Dims `row` (in which the input steps by 1) and `column` (in which the output does) of the loops are exchanged.
template <typename T>
void transposeTyped(const View& out, const View& input, const Loops& loops, int row, int column) {
  const int64_t* to = loops.strides[0];
  const int64_t* from = loops.strides[1];
  int64_t rows = loops.shape[row], columns = loops.shape[column];
  int64_t rowTiles = (rows + kTile - 1) / kTile, columnTiles = (columns + kTile - 1) / kTile;
  int64_t outer = loops.numel / (rows * columns);
  parallelFor(outer * rowTiles * columnTiles, kTilesPerChunk, [&](int64_t begin, int64_t end) {
    for (int64_t tile = begin; tile < end; tile++) {
      int64_t c0 = tile % columnTiles * kTile, rest = tile / columnTiles;
      int64_t r0 = rest % rowTiles * kTile;
      rest /= rowTiles;
      T* target = out.as<T>() + r0 * to[row] + c0 * to[column];
      const T* source = input.as<T>() + r0 * from[row] + c0 * from[column];
      for (int d = loops.ndim - 1; d >= 0; d--) {
        if (d == row || d == column) continue;
        target += rest % loops.shape[d] * to[d];
        source += rest % loops.shape[d] * from[d];
        rest /= loops.shape[d];
      }
      int64_t height = rows - r0 < kTile ? rows - r0 : kTile, width = columns - c0 < kTile ? columns - c0 : kTile;
      // Through a tile of its own: the input is read along its rows, the output written along its.
      T buffer[kTile][kTile];
      for (int64_t c = 0; c < width; c++) {
        memcpy(buffer[c], source + c * from[column], static_cast<size_t>(height) * sizeof(T));
      }
      if constexpr (sizeof(T) == 4) {
        if (height == kTile && width == kTile) {
          writeTile(buffer, target, to[row]);
          continue;
        }
      }
      for (int64_t r = 0; r < height; r++) {
        for (int64_t c = 0; c < width; c++) target[c + r * to[row]] = buffer[c][r];
      }
    }
  });
}

}  // namespace

bool transpose(const View& out, const View& input) {
  if (out.contiguous() && input.contiguous()) return false;
  const View* views[] = {&out, &input};
  Loops loops(2, views);
  if (loops.ndim < 2) return false;
  int column = loops.ndim - 1, row = -1;
  if (loops.strides[0][column] != 1 || loops.strides[1][column] == 1 || loops.strides[1][column] == 0) return false;
  for (int d = 0; d < column; d++) {
    if (loops.strides[1][d] == 1) row = d;
  }
  if (row < 0 || loops.shape[row] < 4 || loops.shape[column] < 4) return false;
  switch (bytesOf(out.dtype)) {
    case 1: transposeTyped<uint8_t>(out, input, loops, row, column); break;
    case 2: transposeTyped<uint16_t>(out, input, loops, row, column); break;
    case 4: transposeTyped<uint32_t>(out, input, loops, row, column); break;
    default: transposeTyped<uint64_t>(out, input, loops, row, column); break;
  }
  return true;
}

}  // namespace flambeau
