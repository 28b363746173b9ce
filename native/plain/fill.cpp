// Writing what needs no input: one value everywhere, or an arithmetic sequence.
#include "../kernels/kernels.h"
#include "integers.h"
#include "walk.h"

namespace flambeau {
namespace {

template <typename T>
void fillRun(char* to, const View& value, int64_t n) {
  T one = *value.as<T>();
  auto* typed = reinterpret_cast<T*>(to);
  for (int64_t i = 0; i < n; i++) typed[i] = one;
}

void fill(const View& out, const View& value) {
  const View* views[] = {&out};
  walkPieces(1, views, 65536, [&](char* const* p, int64_t n) {
    switch (bytesOf(out.dtype)) {
      case 1: return fillRun<uint8_t>(p[0], value, n);
      case 2: return fillRun<uint16_t>(p[0], value, n);
      case 4: return fillRun<uint32_t>(p[0], value, n);
      default: return fillRun<uint64_t>(p[0], value, n);
    }
  });
}

void arange(const View& out, double start, double step) {
  const View* views[] = {&out};
  Loops loops(1, views, false);
  int bytes = bytesOf(out.dtype);
  alignas(64) char values[kPiece * 8];
  for (int64_t position = 0; position < loops.numel; position += kPiece) {
    int64_t n = loops.numel - position < kPiece ? loops.numel - position : kPiece;
    if (out.dtype == DType::Float32) {
      for (int64_t i = 0; i < n; i++) {
        reinterpret_cast<float*>(values)[i] = static_cast<float>(start + static_cast<double>(position + i) * step);
      }
    } else if (out.dtype == DType::Float64) {
      for (int64_t i = 0; i < n; i++) {
        reinterpret_cast<double*>(values)[i] = start + static_cast<double>(position + i) * step;
      }
    } else {
      int64_t whole[kPiece];
      auto first = static_cast<int64_t>(start), by = static_cast<int64_t>(step);
      for (int64_t i = 0; i < n; i++) whole[i] = first + (position + i) * by;
      narrow(out.dtype, whole, values, n);
    }
    scatterElements(out.data, values, bytes, loops, 0, position, n);
  }
}

}  // namespace

void fillFill(ElementwiseKernels& table) {
  table.fill = fill;
  table.arange = arange;
}

}  // namespace flambeau
