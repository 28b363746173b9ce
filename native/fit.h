// Whether the views of one call fit together. Operations see to it that they do and tell the user in his terms; here it
// is made sure that a call that slipped through fails instead of writing where it should not.
#pragma once
#include <initializer_list>

#include "kernels/kernels.h"
#include "message.h"

namespace flambeau {

class Fit {
 public:
  explicit Fit(Message& message) : m_(message) {}

  void require(bool holds, const char* what) {
    if (!holds) m_.fail("the views of this call don't fit together: %s", what);
  }

  void sameDType(std::initializer_list<const View*> views) {
    const View* first = *views.begin();
    for (const View* v : views) require(v == nullptr || v->dtype == first->dtype, "dtypes differ");
  }
  void isInt64(const View& v) { require(v.dtype == DType::Int64, "indices are int64"); }
  void isFloat(const View& v) { require(v.dtype == DType::Float32 || v.dtype == DType::Float64, "expected floats"); }

  // The same sizes, but for dim `except`.
  void sameShape(const View& a, const View& b, int except = -1) {
    require(a.ndim == b.ndim, "numbers of dims differ");
    for (int d = 0; d < a.ndim && !m_.failed(); d++) require(d == except || a.shape[d] == b.shape[d], "shapes differ");
  }
  // Sizes of `small` at most those of `large`, but for dim `except`.
  void within(const View& small, const View& large, int except) {
    require(small.ndim == large.ndim, "numbers of dims differ");
    for (int d = 0; d < small.ndim && !m_.failed(); d++) {
      require(d == except || small.shape[d] <= large.shape[d], "an index is larger than what it picks from");
    }
  }
  void dims(const View& v, int ndim) { require(v.ndim == ndim, "unexpected number of dims"); }
  void size(const View& v, int dim, int64_t size) {
    if (!m_.failed()) require(dim < v.ndim && v.shape[dim] == size, "sizes differ");
  }
  // One dim of this size, where there is a view.
  void vector(const View* v, int64_t length) {
    if (v == nullptr) return;
    dims(*v, 1);
    size(*v, 0, length);
  }
  // The input's shape with size 1 in some dims.
  void reduced(const View& out, const View& input) {
    require(out.ndim == input.ndim, "numbers of dims differ");
    for (int d = 0; d < out.ndim && !m_.failed(); d++) {
      require(out.shape[d] == input.shape[d] || out.shape[d] == 1, "the result's sizes are the input's or 1");
    }
  }

  void matmul(const View& out, const View& left, const View& right, const View* bias) {
    sameDType({&out, &left, &right, bias});
    require(out.ndim >= 2 && left.ndim >= 2 && right.ndim >= 2, "matrices have two dims");
    if (m_.failed()) return;
    int o = out.ndim, l = left.ndim, r = right.ndim;
    size(left, l - 2, out.shape[o - 2]);
    size(right, r - 1, out.shape[o - 1]);
    size(right, r - 2, left.shape[l - 1]);
    batches(out, left);
    batches(out, right);
    vector(bias, out.shape[o - 1]);
  }

  // `output` is what the convolution forward gives, `input` what it takes.
  void convolution(const View& output, const View& input, const View& weight, const View* bias, const Geometry& g) {
    sameDType({&output, &input, &weight, bias});
    for (const View* v : {&output, &input, &weight}) dims(*v, g.dims + 2);
    if (m_.failed()) return;
    size(output, 0, input.shape[0]);
    size(output, 1, weight.shape[0]);
    require(weight.shape[1] * g.groups == input.shape[1] && weight.shape[0] % g.groups == 0, "channels and groups differ");
    for (int d = 0; d < g.dims; d++) {
      int64_t room = input.shape[d + 2] + 2 * g.padding[d] - g.dilation[d] * (g.kernel[d] - 1) - 1;
      require(room >= 0 && output.shape[d + 2] <= room / g.stride[d] + 1, "the window leaves the input");
    }
    vector(bias, weight.shape[0]);
  }

  // [N, C, ...] of equal N and C.
  void planes(const View& a, const View& b, int spatial) {
    dims(a, spatial + 2);
    dims(b, spatial + 2);
    if (m_.failed()) return;
    size(a, 0, b.shape[0]);
    size(a, 1, b.shape[1]);
  }

 private:
  void batches(const View& out, const View& v) {
    require(v.ndim <= out.ndim, "too many batch dims");
    for (int d = 0; d < v.ndim - 2 && !m_.failed(); d++) {
      int64_t batch = out.shape[d + out.ndim - v.ndim];
      require(v.shape[d] == batch || v.shape[d] == 1, "batch sizes differ");
    }
  }

  Message& m_;
};

// A view of no dims as one of one: so that there is a dim 0 to go along.
inline void lift(View& v) {
  if (v.ndim != 0) return;
  v.ndim = 1;
  v.shape[0] = v.strides[0] = 1;
}

}  // namespace flambeau
