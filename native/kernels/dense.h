// Views as contiguous arrays: kernels that go over whole rows are written for those, and a view that isn't one is copied
// in before and out after.
#pragma once
#include <cstring>
#include <vector>

#include "../view.h"

namespace flambeau::FLAMBEAU_ISA {

// Calls f(position in row-major order, offset in memory) for every element.
template <typename F>
inline void eachElement(const View& v, F f) {
  const int64_t count = v.numel();
  int64_t index[kMaxDims] = {};
  int64_t offset = 0;
  for (int64_t i = 0; i < count; i++) {
    f(i, offset);
    for (int d = v.ndim - 1; d >= 0; d--) {
      offset += v.strides[d];
      if (++index[d] < v.shape[d]) break;
      offset -= index[d] * v.strides[d];
      index[d] = 0;
    }
  }
}

// An input, read in row-major order. Absent views have no data.
template <typename T>
class DenseInput {
 public:
  explicit DenseInput(const View* v) {
    if (v == nullptr) return;
    data_ = v->as<const T>();
    if (v->contiguous()) return;
    copy_.resize(static_cast<size_t>(v->numel()));
    eachElement(*v, [&](int64_t i, int64_t offset) { copy_[i] = data_[offset]; });
    data_ = copy_.data();
  }
  explicit DenseInput(const View& v) : DenseInput(&v) {}
  DenseInput(const DenseInput&) = delete;
  const T* data() const { return data_; }

 private:
  const T* data_ = nullptr;
  std::vector<T> copy_;
};

// A result, written in row-major order and put in place at the end of its life.
template <typename T>
class DenseOutput {
 public:
  explicit DenseOutput(const View* v) : view_(v) {
    if (v == nullptr) return;
    data_ = v->as<T>();
    if (v->contiguous()) return;
    copy_.resize(static_cast<size_t>(v->numel()));
    data_ = copy_.data();
  }
  explicit DenseOutput(const View& v) : DenseOutput(&v) {}
  DenseOutput(const DenseOutput&) = delete;
  ~DenseOutput() {
    if (copy_.empty()) return;
    T* to = view_->as<T>();
    eachElement(*view_, [&](int64_t i, int64_t offset) { to[offset] = copy_[i]; });
  }
  T* data() const { return data_; }

 private:
  const View* view_;
  T* data_ = nullptr;
  std::vector<T> copy_;
};

}  // namespace flambeau::FLAMBEAU_ISA
