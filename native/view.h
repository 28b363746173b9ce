// What a kernel sees: memory, an element type, sizes and strides. The binding makes views from messages and has
// checked that they lie within their storage; kernels trust them.
#pragma once
#include <cstdint>

namespace flambeau {

constexpr int kMaxDims = 12;

enum class DType : int { Float32, Float64, Int64, Int32, Int16, Int8, UInt8, Bool };

constexpr int bytesOf(DType dtype) {
  constexpr int bytes[] = {4, 8, 8, 4, 2, 1, 1, 1};
  return bytes[static_cast<int>(dtype)];
}

// A strided window on memory; `data` points at its first element, strides count elements.
struct View {
  void* data;
  DType dtype;
  int ndim;
  int64_t shape[kMaxDims];
  int64_t strides[kMaxDims];

  template <typename T>
  T* as() const { return static_cast<T*>(data); }
  int64_t numel() const {
    int64_t n = 1;
    for (int d = 0; d < ndim; d++) n *= shape[d];
    return n;
  }
  // Whether it is a number that repeats: no dim steps.
  bool repeated() const {
    for (int d = 0; d < ndim; d++) {
      if (strides[d] != 0) return false;
    }
    return true;
  }
  bool contiguous() const {
    int64_t expected = 1;
    for (int d = ndim - 1; d >= 0; d--) {
      if (shape[d] != 1 && strides[d] != expected) return false;
      expected *= shape[d];
    }
    return true;
  }
};

}  // namespace flambeau
