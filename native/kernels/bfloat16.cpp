// Conversions between bfloat16 and float32, and which product of bfloat16 matrices a processor has: bfloat16_product.h.
#include "bfloat16.h"

#include <algorithm>

#include "../threads.h"
#include "kernels.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

constexpr int64_t kGrain = 1 << 15;

// Calls body(out, outStride, in, inStride, count) for the rows of two views of one shape, on all threads.
template <typename Out, typename In, typename Body>
void forRows(const View& out, const View& in, const Body& body) {
  int64_t count = out.numel();
  if (count == 0) return;
  if (out.contiguous() && in.contiguous()) {
    parallelFor(count, kGrain, [&](int64_t begin, int64_t end) {
      body(out.as<Out>() + begin, 1, in.as<In>() + begin, 1, end - begin);
    });
    return;
  }
  int last = out.ndim - 1;
  int64_t length = out.shape[last], rows = count / length;
  parallelFor(rows, std::max<int64_t>(1, kGrain / length), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      int64_t rest = row, to = 0, from = 0;
      for (int d = last - 1; d >= 0; d--) {
        int64_t index = rest % out.shape[d];
        rest /= out.shape[d];
        to += index * out.strides[d];
        from += index * in.strides[d];
      }
      body(out.as<Out>() + to, out.strides[last], in.as<In>() + from, in.strides[last], length);
    }
  });
}

void widen(const View& out, const View& in) {
  forRows<float, uint16_t>(out, in, [](float* to, int64_t toStep, const uint16_t* from, int64_t fromStep, int64_t n) {
    if (toStep == 1 && fromStep == 1) {
      for (int64_t i = 0; i < n; i++) to[i] = widened(from[i]);
    } else {
      for (int64_t i = 0; i < n; i++) to[i * toStep] = widened(from[i * fromStep]);
    }
  });
}

void narrow(const View& out, const View& in) {
  forRows<uint16_t, float>(out, in, [](uint16_t* to, int64_t toStep, const float* from, int64_t fromStep, int64_t n) {
    if (toStep == 1 && fromStep == 1) {
      for (int64_t i = 0; i < n; i++) to[i] = narrowed(from[i]);
    } else {
      for (int64_t i = 0; i < n; i++) to[i * toStep] = narrowed(from[i * fromStep]);
    }
  });
}

}  // namespace

void fillBfloat16(Bfloat16Kernels& kernels) {
  kernels.widen = widen;
  kernels.narrow = narrow;
  kernels.matmul = nullptr;
#if defined(__AVX512F__)
  if (__builtin_cpu_supports("avx512bf16")) kernels.matmul = matmulPairs;
#endif
}

}  // namespace flambeau::FLAMBEAU_ISA
