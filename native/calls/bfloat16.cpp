// Calls of bfloat16 kernels: bfloat16 views come as Int16.
#include "../fit.h"
#include "calls.h"

namespace flambeau {

bool callBfloat16(const Kernels& k, Kernel kernel, Message& m) {
  View out, v1, v2, v3;
  Fit fit(m);
  if (kernel == Kernel::matmulBfloat16) {
    m.view(out);
    m.view(v1);
    m.view(v2);
    const View* bias = m.optionalView(v3);
    fit.matmul(out, v1, v2, bias);
    fit.require(out.dtype == DType::Int16, "expected bfloat16");
    fit.require(k.bfloat16.matmul != nullptr, "no product of bfloat16 on this processor");
    if (!m.failed()) k.bfloat16.matmul(out, v1, v2, bias);
    return false;
  }
  bool narrows = kernel == Kernel::narrowBfloat16;
  m.view(out);
  double unused;
  m.operand(v1, m.dtype(), out, unused);
  fit.require((narrows ? out : v1).dtype == DType::Int16, "expected bfloat16");
  fit.require((narrows ? v1 : out).dtype == DType::Float32, "expected float32");
  if (!m.failed()) (narrows ? k.bfloat16.narrow : k.bfloat16.widen)(out, v1);
  return false;
}

}  // namespace flambeau
