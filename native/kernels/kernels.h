// The kernels, one table of functions per instruction set: every file in this folder is compiled once for each, inside
// namespace FLAMBEAU_ISA, and fills its part of the table. What each computes is said in src/backend/backend.ts, with
// names and argument order as there; views that may be absent are pointers.
#pragma once
#include "../view.h"
#include "operations.h"

namespace flambeau {

// elementwise.cpp with the loops of unary.cpp and binary.cpp, copy.cpp, plain/fill.cpp. Inputs have the result's shape
// already: the binding broadcasts them, and gives numbers as views whose strides are all 0.
struct ElementwiseKernels {
  void (*fill)(const View& out, const View& value);
  void (*arange)(const View& out, double start, double step);
  void (*copy)(const View& out, const View& input);
  void (*unary)(UnaryOp op, const View& out, const View& input, double a, double b);
  void (*predicate)(PredicateOp op, const View& out, const View& input);
  // `number`: the right operand is one, not a tensor.
  void (*binary)(BinaryOp op, const View& out, const View& left, const View& right, bool number, double a, double b);
  void (*compare)(CompareOp op, const View& out, const View& left, const View& right);
  void (*where)(const View& out, const View& condition, const View& left, const View& right);
  void (*addScaled)(bool divide, const View& out, const View& input, const View& left, const View& right,
                    double scale);
  void (*lerp)(const View& out, const View& start, const View& end, const View& weight);
};

// reduction.cpp, plain/along.cpp
struct ReductionKernels {
  void (*reduce)(ReduceOp op, const View& out, const View& input);
  void (*variance)(const View& out, const View* mean, const View& input, double correction);
  void (*logSumExp)(const View& out, const View& input);
  void (*extremum)(bool largest, const View* values, const View& indices, const View& input, int dim);
  void (*cumulative)(bool product, const View& out, const View& input, int dim);
  void (*cumulativeExtremum)(bool largest, const View& values, const View& indices, const View& input, int dim);
};

// optimizer.cpp. Every list is `count` views long; `state` is one list after the other.
struct OptimizerKernels {
  void (*step)(OptimizerKind kind, int count, const View* parameters, const View* gradients, int states,
               const View* state, const double* scalars);
};

// Kernels that gain nothing from wider vectors are compiled once and stand in every table.

// plain/sort.cpp
struct SortKernels {
  void (*sort)(const View& values, const View& indices, const View& input, int dim, bool descending);
  void (*topk)(const View& values, const View& indices, const View& input, int dim, bool largest);
};

// plain/indexing.cpp
struct IndexKernels {
  int64_t (*gather)(const View& out, const View& input, int dim, const View& index);
  int64_t (*scatter)(ScatterOp op, const View& out, int dim, const View& index, const View& source);
  int64_t (*indexSelect)(const View& out, const View& input, int dim, const View& index);
  int64_t (*indexAdd)(const View& out, int dim, const View& index, const View& source, double alpha);
  int64_t (*index)(const View& out, const View& input, int count, const View* indices);
  int64_t (*indexPut)(const View& out, int count, const View* indices, const View& source, bool accumulate);
  int64_t (*countNonzero)(const View& input);
  void (*nonzero)(const View& out, const View& input);
};

// random.cpp. `state`: the 628 words described in backend.ts.
struct RandomKernels {
  void (*random)(RandomOp op, const View& out, uint32_t* state, double a, double b);
  void (*bernoulliFrom)(const View& out, const View& probabilities, uint32_t* state);
};

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

// max_pooling.cpp, average_pooling.cpp
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

// bfloat16.cpp. bfloat16 views carry dtype Int16; `matmul` is null where the processor has no instruction for it.
struct Bfloat16Kernels {
  void (*widen)(const View& out, const View& input);
  void (*narrow)(const View& out, const View& input);
  void (*matmul)(const View& out, const View& left, const View& right, const View* bias);
};

struct Kernels {
  ElementwiseKernels elementwise;
  ReductionKernels reduction;
  OptimizerKernels optimizer;
  ProductKernels product;
  PoolKernels pool;
  NormKernels norm;
  SoftmaxKernels softmax;
  SortKernels sort;
  IndexKernels index;
  RandomKernels random;
  Bfloat16Kernels bfloat16;
};

// What each file offers to table.cpp, once per instruction set ...
#ifdef FLAMBEAU_ISA
namespace FLAMBEAU_ISA {
void fillElementwise(ElementwiseKernels&);
void fillReduction(ReductionKernels&);
void fillCopy(ElementwiseKernels&);
void fillOptimizer(OptimizerKernels&);
void fillProduct(ProductKernels&);  // matmul.cpp
void fillConvolution(ProductKernels&);
void fillMaxPool(PoolKernels&);
void fillAveragePool(PoolKernels&);
void fillNorm(NormKernels&);
void fillSoftmax(SoftmaxKernels&);  // softmax.cpp
void fillAttention(SoftmaxKernels&);
void fillRandom(RandomKernels&);
void fillBfloat16(Bfloat16Kernels&);
void matmulPairs(const View& out, const View& left, const View& right, const View* bias);  // needs AVX512-BF16
Kernels makeTable();
}  // namespace FLAMBEAU_ISA
#endif

// ... and once for all.
void fillFill(ElementwiseKernels&);
void fillAlong(ReductionKernels&);
void fillSort(SortKernels&);
void fillIndex(IndexKernels&);

}  // namespace flambeau
