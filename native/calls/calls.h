// One file per family of kernels: each reads the arguments of its kernels from the message, in the order in which the
// adapter writes them, sees to it that they fit together, and makes the call. Views are named as in backend.ts; v1, v2, ...
// come in the order of their arguments there.
#pragma once
#include "../kernels/kernels.h"
#include "../message.h"

namespace flambeau {

// The kernels by number. The order is that of the list in src/backend/native/operations.ts.
#define FLAMBEAU_KERNELS(X)                                                                                           \
  X(fill) X(fillInt64) X(arange) X(copy) X(concatenate) X(unary) X(predicate) X(binary) X(compare) X(where)           \
  X(addScaled) X(lerp) X(readScalar) X(reduce) X(variance) X(logSumExp) X(extremum) X(cumulative)                     \
  X(cumulativeExtremum) X(sort) X(topk) X(matmul) X(convolution) X(convolutionBackwardInput)                          \
  X(convolutionBackwardWeight) X(maxPool) X(maxPoolBackward) X(averagePool) X(averagePoolBackward)                    \
  X(adaptiveAveragePool) X(adaptiveAveragePoolBackward) X(adaptiveMaxPool) X(batchNorm) X(batchNormWith)              \
  X(batchNormBackward) X(layerNorm) X(layerNormBackward) X(softmax) X(softmaxBackward) X(crossEntropy)                \
  X(crossEntropyBackward) X(attention) X(attentionBackward) X(gather) X(scatter) X(indexSelect) X(indexAdd)           \
  X(index) X(indexPut) X(countNonzero) X(nonzero) X(random) X(bernoulliFrom) X(optimizerStep) X(widenBfloat16)        \
  X(narrowBfloat16) X(matmulBfloat16)

#define FLAMBEAU_ENUMERATOR(name) name,
enum class Kernel : int { FLAMBEAU_KERNELS(FLAMBEAU_ENUMERATOR) };
#undef FLAMBEAU_ENUMERATOR

// Each returns true if the kernel gives back a number, then in `result`. Where the message fails, nothing was computed.
bool callElementwise(const Kernels& k, Kernel kernel, Message& m, double& result);  // fill to readScalar
bool callReduction(const Kernels& k, Kernel kernel, Message& m);                    // reduce to topk
bool callLayer(const Kernels& k, Kernel kernel, Message& m, double& result);        // matmul to attentionBackward
bool callIndexing(const Kernels& k, Kernel kernel, Message& m, double& result);     // gather to optimizerStep
bool callBfloat16(const Kernels& k, Kernel kernel, Message& m);                     // widenBfloat16 to matmulBfloat16

// The number of a dim of `view`.
inline int dimOf(Message& m, const View& view) {
  int64_t dim = m.integer();
  if (dim < 0 || dim >= view.ndim) {
    m.fail("dim %lld of a view of %d dims", static_cast<long long>(dim), view.ndim);
    dim = 0;
  }
  return static_cast<int>(dim);
}

}  // namespace flambeau
