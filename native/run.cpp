#include "run.h"

#include "calls/calls.h"

namespace flambeau {

#define FLAMBEAU_QUOTE(name) #name ","
const char* operationNames() {
  return "kernel:" FLAMBEAU_KERNELS(FLAMBEAU_QUOTE) ";unary:" FLAMBEAU_UNARY_OPS(FLAMBEAU_QUOTE)  //
      ";predicate:" FLAMBEAU_PREDICATE_OPS(FLAMBEAU_QUOTE) ";binary:" FLAMBEAU_BINARY_OPS(FLAMBEAU_QUOTE)  //
      ";compare:" FLAMBEAU_COMPARE_OPS(FLAMBEAU_QUOTE) ";reduce:" FLAMBEAU_REDUCE_OPS(FLAMBEAU_QUOTE)      //
      ";scatter:" FLAMBEAU_SCATTER_OPS(FLAMBEAU_QUOTE) ";random:" FLAMBEAU_RANDOM_OPS(FLAMBEAU_QUOTE)      //
      ";optimizer:" FLAMBEAU_OPTIMIZER_KINDS(FLAMBEAU_QUOTE) ";";
}
#undef FLAMBEAU_QUOTE

bool runKernel(const Kernels& k, int number, Message& m, double& result) {
  auto kernel = static_cast<Kernel>(number);
  if (number >= 0) {
    if (kernel <= Kernel::readScalar) return callElementwise(k, kernel, m, result);
    if (kernel <= Kernel::topk) return callReduction(k, kernel, m);
    if (kernel <= Kernel::attentionBackward) return callLayer(k, kernel, m, result);
    if (kernel <= Kernel::optimizerStep) return callIndexing(k, kernel, m, result);
    if (kernel <= Kernel::matmulBfloat16) return callBfloat16(k, kernel, m);
  }
  m.fail("kernel number %d is unknown", number);
  return false;
}

}  // namespace flambeau
