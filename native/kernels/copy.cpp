// Copies between any two dtypes and layouts. Transposes of one dtype go tile by tile, so that both sides touch whole
// cache lines.
#include <cstring>
#include <type_traits>

#include "../plain/walk.h"
#include "../threads.h"
#include "kernels.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

constexpr int64_t kGrain = 32768;

// bool, told from uint8 by its type.
struct Flag {
  uint8_t value;
};

template <typename To, typename From>
To convert(From value) {
  if constexpr (std::is_same_v<From, Flag>) {
    return convert<To>(value.value);
  } else if constexpr (std::is_same_v<To, Flag>) {
    return Flag{static_cast<uint8_t>(value != 0)};
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    // As the processor converts: through int32 (uint8: through int64), where what doesn't fit, and NaN, becomes the
    // least number; cutting that to the type keeps the low bits.
    double wide = value;
    if constexpr (std::is_same_v<To, int64_t> || std::is_same_v<To, uint8_t>) {
      return static_cast<To>(wide >= -0x1p63 && wide < 0x1p63 ? static_cast<int64_t>(wide) : INT64_MIN);
    } else {
      return static_cast<To>(wide > -0x1p31 - 1 && wide < 0x1p31 ? static_cast<int32_t>(wide) : INT32_MIN);
    }
  } else {
    return static_cast<To>(value);
  }
}

template <typename To, typename From>
void convertLoop(char* const* p, int64_t n) {
  auto* to = reinterpret_cast<To*>(p[0]);
  auto* from = reinterpret_cast<const From*>(p[1]);
  for (int64_t i = 0; i < n; i++) to[i] = convert<To>(from[i]);
}

using Loop = void (*)(char* const* pointers, int64_t n);

template <typename To>
Loop loopFrom(DType from) {
  switch (from) {
    case DType::Float32: return convertLoop<To, float>;
    case DType::Float64: return convertLoop<To, double>;
    case DType::Int64: return convertLoop<To, int64_t>;
    case DType::Int32: return convertLoop<To, int32_t>;
    case DType::Int16: return convertLoop<To, int16_t>;
    case DType::Int8: return convertLoop<To, int8_t>;
    case DType::UInt8: return convertLoop<To, uint8_t>;
    case DType::Bool: return convertLoop<To, Flag>;
  }
  return nullptr;
}

Loop loopOf(DType to, DType from) {
  switch (to) {
    case DType::Float32: return loopFrom<float>(from);
    case DType::Float64: return loopFrom<double>(from);
    case DType::Int64: return loopFrom<int64_t>(from);
    case DType::Int32: return loopFrom<int32_t>(from);
    case DType::Int16: return loopFrom<int16_t>(from);
    case DType::Int8: return loopFrom<int8_t>(from);
    case DType::UInt8: return loopFrom<uint8_t>(from);
    case DType::Bool: return loopFrom<Flag>(from);
  }
  return nullptr;
}

// ---- transposes

constexpr int64_t kTile = 32;

// Dims `row` (in which the input steps by 1) and `column` (in which the output does) of the loops are exchanged.
template <typename T>
void transposeTyped(const View& out, const View& input, const Loops& loops, int row, int column) {
  const int64_t* to = loops.strides[0];
  const int64_t* from = loops.strides[1];
  int64_t rows = loops.shape[row], columns = loops.shape[column];
  int64_t rowTiles = (rows + kTile - 1) / kTile, columnTiles = (columns + kTile - 1) / kTile;
  int64_t outer = loops.numel / (rows * columns);
  parallelFor(outer * rowTiles * columnTiles, kGrain / (kTile * kTile), [&](int64_t begin, int64_t end) {
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
        for (int64_t r = 0; r < height; r++) buffer[c][r] = source[r + c * from[column]];
      }
      for (int64_t r = 0; r < height; r++) {
        for (int64_t c = 0; c < width; c++) target[c + r * to[row]] = buffer[c][r];
      }
    }
  });
}

bool transpose(const View& out, const View& input) {
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

void copy(const View& out, const View& input) {
  const View* views[] = {&out, &input};
  if (out.dtype == input.dtype) {
    int64_t size = bytesOf(out.dtype);
    if (transpose(out, input)) return;
    return walkPieces(2, views, kGrain, [&](char* const* p, int64_t n) {
      if (p[0] != p[1]) memmove(p[0], p[1], static_cast<size_t>(n * size));
    });
  }
  Loop loop = loopOf(out.dtype, input.dtype);
  walkPieces(2, views, kGrain, [&](char* const* p, int64_t n) { loop(p, n); });
}

}  // namespace

void fillCopy(ElementwiseKernels& table) { table.copy = copy; }

}  // namespace flambeau::FLAMBEAU_ISA
