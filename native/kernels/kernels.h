// The kernels, one table of functions per instruction set: every file in this folder is compiled once for each, inside
// namespace FLAMBEAU_ISA, and fills its part of the table. What each computes is said in src/backend/backend.ts, with
// names and argument order as there; views that may be absent are pointers.
#pragma once
#include "../view.h"

namespace flambeau {

// Windows over up to three spatial dims.
struct Geometry {
  int dims;
  int64_t kernel[3], stride[3], padding[3], dilation[3];
  int64_t groups;
};

enum class Activation : int { None, Relu };

// matmul.cpp, convolution.cpp
struct ProductKernels {
  void (*matmul)(const View& out, const View& left, const View& right, const View* bias, Activation activation,
                 double alpha, double beta);
  void (*convolution)(const View& out, const View& input, const View& weight, const View* bias, const Geometry&,
                      Activation activation);
  void (*convolutionBackwardInput)(const View& gradInput, const View& gradOut, const View& weight, const Geometry&);
  void (*convolutionBackwardWeight)(const View& gradWeight, const View* gradBias, const View& gradOut,
                                    const View& input, const Geometry&);
};

// pooling.cpp
struct PoolKernels {
  void (*maxPool)(const View& out, const View& indices, const View& input, const Geometry&);
  void (*maxPoolBackward)(const View& gradInput, const View& gradOut, const View& indices);
  void (*averagePool)(const View& out, const View& input, const Geometry&, bool countPadding);
  void (*averagePoolBackward)(const View& gradInput, const View& gradOut, const Geometry&, bool countPadding);
  void (*adaptiveAveragePool)(const View& out, const View& input);
  void (*adaptiveAveragePoolBackward)(const View& gradInput, const View& gradOut);
  void (*adaptiveMaxPool)(const View& out, const View& indices, const View& input);
};

// normalization.cpp
struct NormKernels {
  void (*batchNorm)(const View& out, const View& mean, const View& rstd, const View& input, const View* weight,
                    const View* bias, const View* runningMean, const View* runningVariance, double momentum,
                    double eps);
  void (*batchNormWith)(const View& out, const View& input, const View& mean, const View& rstd, const View* weight,
                        const View* bias);
  void (*batchNormBackward)(const View* gradInput, const View* gradWeight, const View* gradBias, const View& gradOut,
                            const View& input, const View& mean, const View& rstd, const View* weight,
                            bool batchStatistics);
  void (*layerNorm)(const View& out, const View& mean, const View& rstd, const View& input, const View* weight,
                    const View* bias, double eps);
  void (*layerNormBackward)(const View* gradInput, const View* gradWeight, const View* gradBias, const View& gradOut,
                            const View& input, const View& mean, const View& rstd, const View* weight);
};

// softmax.cpp, attention.cpp
struct SoftmaxKernels {
  void (*softmax)(const View& out, const View& input, int dim, bool log);
  void (*softmaxBackward)(const View& gradInput, const View& gradOut, const View& out, int dim, bool log);
  int64_t (*crossEntropy)(const View& losses, const View& logSumExp, const View& logits, const View& targets,
                          const View* weight, int64_t ignoreIndex, double labelSmoothing);
  void (*crossEntropyBackward)(const View& gradLogits, const View& gradLosses, const View& logSumExp,
                               const View& logits, const View& targets, const View* weight, int64_t ignoreIndex,
                               double labelSmoothing);
  void (*attention)(const View& out, const View& logSumExp, const View& query, const View& key, const View& value,
                    const View* mask, double scale, bool causal);
  void (*attentionBackward)(const View& gradQuery, const View& gradKey, const View& gradValue, const View& gradOut,
                            const View& out, const View& logSumExp, const View& query, const View& key,
                            const View& value, const View* mask, double scale, bool causal);
};

}  // namespace flambeau
