// Reads what the adapter wrote for one kernel call: numbers on a page of float64 shared with JavaScript, and the
// handles of the storages as the call's arguments. Nothing is believed: a view that does not lie within its block
// makes the message fail, and the kernel is not called. The writing side is src/backend/native/message.ts.
#pragma once
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "handle.h"
#include "view.h"

namespace flambeau {

class Message {
 public:
  Message(double* page, int64_t pageLength, napi_env env, const napi_value* handles, size_t handleCount)
      : page_(page), length_(pageLength), env_(env), handles_(handles), handleCount_(handleCount) {
    error_[0] = 0;
  }

  bool failed() const { return error_[0] != 0; }
  const char* error() const { return error_; }

  void fail(const char* format, ...) {
    if (failed()) return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error_, sizeof error_, format, arguments);
    va_end(arguments);
  }

  double* page() const { return page_; }
  int64_t pageLength() const { return length_; }

  double number() { return cursor_ < length_ ? page_[cursor_++] : 0; }
  int64_t integer() { return static_cast<int64_t>(number()); }
  bool flag() { return number() != 0; }

  // A number below `count` that says which of several operations is meant.
  template <typename Enum>
  Enum choice(int count) {
    int64_t value = integer();
    if (value < 0 || value >= count) fail("operation number %lld is unknown", static_cast<long long>(value));
    return static_cast<Enum>(value);
  }

  DType dtype() { return choice<DType>(8); }

  // A view of a dtype of its own.
  void view(View& v) {
    v.dtype = dtype();
    viewOf(v, v.dtype);
  }
  // The same where the message has said the dtype before.
  void viewOf(View& v, DType type) {
    v.dtype = type;
    int64_t ndim = integer();
    if (ndim < 0 || ndim > kMaxDims) {
      fail("a tensor of %lld dims: kernels take up to %d", static_cast<long long>(ndim), kMaxDims);
      ndim = 0;
    }
    v.ndim = static_cast<int>(ndim);
    readShape(v);
    locate(v);
  }

  // A view where the adapter may have none; null then.
  const View* optionalView(View& v) {
    if (!flag()) return nullptr;
    view(v);
    return &v;
  }

  // An operand that repeats to `shape`: a view, or a number that is then converted into `scalar`.
  void operand(View& v, DType type, const View& shape, double& scalar) {
    v.dtype = type;
    int64_t ndim = integer();
    if (ndim == kNumber) {
      v.ndim = shape.ndim;
      for (int d = 0; d < v.ndim; d++) {
        v.shape[d] = shape.shape[d];
        v.strides[d] = 0;
      }
      v.data = &scalar;
      convertScalar(type, number(), &scalar);
      return;
    }
    if (ndim == kSameShape) {
      v.ndim = shape.ndim;
      for (int d = 0; d < v.ndim; d++) v.shape[d] = shape.shape[d];
      locate(v);
      return;
    }
    if (ndim < 0 || ndim > shape.ndim) {
      fail("an operand of %lld dims doesn't broadcast to %d", static_cast<long long>(ndim), shape.ndim);
      ndim = 0;
    }
    v.ndim = static_cast<int>(ndim);
    readShape(v);
    locate(v);
    expand(v, shape);
  }

  // A number as one element of a dtype. For integers fractions are cut off and what is too large wraps around.
  static void convertScalar(DType type, double value, void* target) {
    if (type == DType::Float32) {
      *static_cast<float*>(target) = static_cast<float>(value);
    } else if (type == DType::Float64) {
      *static_cast<double*>(target) = value;
    } else if (type == DType::Bool) {
      *static_cast<uint8_t*>(target) = value != 0;
    } else {
      int64_t whole = value >= 0x1p63 ? INT64_MAX : value > -0x1p63 ? static_cast<int64_t>(value) : INT64_MIN;
      if (value != value) whole = 0;
      memcpy(target, &whole, bytesOf(type));  // the low bytes come first on every machine this is built for
    }
  }

 private:
  static constexpr int kNumber = -1, kSameShape = -2;

  void readShape(View& v) {
    for (int d = 0; d < v.ndim; d++) {
      v.shape[d] = integer();
      if (v.shape[d] < 0) fail("size %lld is negative", static_cast<long long>(v.shape[d]));
    }
  }

  // Reads strides and offset, takes the next handle and checks that all elements lie in its block.
  void locate(View& v) {
    double low = 0, high = 0;
    bool empty = false;
    for (int d = 0; d < v.ndim; d++) {
      double stride = number();
      v.strides[d] = static_cast<int64_t>(stride);
      double size = static_cast<double>(v.shape[d]);
      if (size < 1) empty = true;
      (stride < 0 ? low : high) += (size - 1) * stride;
    }
    double offset = number();
    Block* block = nextBlock();
    if (block == nullptr) return;
    double bytes = bytesOf(v.dtype);
    if (!empty && !(offset + low >= 0 && (offset + high + 1) * bytes <= static_cast<double>(block->bytes))) {
      fail("a view from element %.0f to %.0f lies outside its memory of %lld bytes", offset + low, offset + high,
           static_cast<long long>(block->bytes));
      return;
    }
    v.data = block->data + (empty ? 0 : static_cast<int64_t>(offset) * bytesOf(v.dtype));
  }

  Block* nextBlock() {
    if (nextHandle_ >= handleCount_) {
      fail("a handle is missing");
      return nullptr;
    }
    const char* problem = nullptr;
    Block* block = blockOf(env_, handles_[nextHandle_++], &problem);
    if (block == nullptr) fail("%s", problem);
    return block;
  }

  // Gives the view the target's shape, repeating dims of size 1 with stride 0.
  void expand(View& v, const View& target) {
    int lead = target.ndim - v.ndim;
    for (int d = target.ndim - 1; d >= 0; d--) {
      int64_t size = d < lead ? 1 : v.shape[d - lead];
      int64_t stride = d < lead ? 0 : v.strides[d - lead];
      if (size != target.shape[d]) {
        if (size != 1) {
          fail("size %lld of an operand doesn't broadcast to %lld", static_cast<long long>(size),
               static_cast<long long>(target.shape[d]));
        }
        stride = 0;
      }
      v.shape[d] = target.shape[d];
      v.strides[d] = stride;
    }
    v.ndim = target.ndim;
  }

  double* page_;
  int64_t length_;
  int64_t cursor_ = 0;
  napi_env env_;
  const napi_value* handles_;
  size_t handleCount_;
  size_t nextHandle_ = 0;
  char error_[160];
};

}  // namespace flambeau
