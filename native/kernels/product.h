// Products of float matrices of any strides, cut for the caches and the thread pool.
#pragma once
#include "packing.h"

namespace flambeau::FLAMBEAU_ISA {

// Where a product goes: out = relu(alpha * product + beta * out + bias). Beta 0: out is not read.
template <typename T>
struct Result {
  T* data;
  int64_t rowStep, columnStep;
  T alpha = 1, beta = 0;
  const T* bias = nullptr;  // one per column, or per row
  int64_t biasStep = 1;
  bool biasPerRow = false;
  bool relu = false;

  Result transposed() const {
    Result r = *this;
    r.rowStep = columnStep;
    r.columnStep = rowStep;
    r.biasPerRow = !biasPerRow;
    return r;
  }
};

// left [m, k] @ right [k, n], on the thread pool if it is worth it. The order of a sum depends on the sizes alone.
template <typename T>
void multiply(int64_t m, int64_t n, int64_t k, const Matrix<T>& left, const Matrix<T>& right, const Result<T>& out);

// Multiply-adds that a thread should have at least, a few microseconds.
constexpr int64_t kGrain = 1 << 18;
// Multiply-adds up to which a second thread costs more than it helps: what it computes must come back from its cache.
constexpr int64_t kAlone = 1 << 18;

// broadcast.cpp: out = left [m, k] @ right [k, n] for a right matrix with contiguous rows that stays in the second-level
// cache, where that is faster than tiles.
template <typename T>
bool broadcastsPay(int64_t m, int64_t n, int64_t k, const Matrix<T>& right, const Result<T>& out);
template <typename T>
void multiplyByBroadcasts(int64_t m, int64_t n, int64_t k, const Matrix<T>& left, const Matrix<T>& right,
                          const Result<T>& out);

// dot.cpp: out = left [m, k] @ right [k, n] for few rows, where both have the depth contiguous and `out` may be of any
// strides: dot products, nothing packed.
template <typename T>
void multiplyByDots(int64_t m, int64_t n, int64_t k, const Matrix<T>& left, const Matrix<T>& right,
                    const Result<T>& out);

}  // namespace flambeau::FLAMBEAU_ISA
