// The kernels by number, and what each reads from its message, in the order in which it is written there.
#include "run.h"

#include "fit.h"

namespace flambeau {
namespace {

#define FLAMBEAU_KERNELS(X)                                                                                           \
  X(fill) X(fillInt64) X(arange) X(copy) X(unary) X(predicate) X(binary) X(compare) X(where) X(addScaled) X(lerp)     \
  X(readScalar) X(reduce) X(variance) X(logSumExp) X(extremum) X(cumulative) X(cumulativeExtremum) X(sort) X(topk)    \
  X(matmul) X(convolution) X(convolutionBackwardInput) X(convolutionBackwardWeight) X(maxPool) X(maxPoolBackward)     \
  X(averagePool) X(averagePoolBackward) X(adaptiveAveragePool) X(adaptiveAveragePoolBackward) X(adaptiveMaxPool)      \
  X(batchNorm) X(batchNormWith) X(batchNormBackward) X(layerNorm) X(layerNormBackward) X(softmax) X(softmaxBackward)  \
  X(crossEntropy) X(crossEntropyBackward) X(attention) X(attentionBackward) X(gather) X(scatter) X(indexSelect)       \
  X(indexAdd) X(index) X(indexPut) X(countNonzero) X(nonzero) X(random) X(bernoulliFrom) X(optimizerStep)

#define FLAMBEAU_NAME(name) name,
enum class Kernel : int { FLAMBEAU_KERNELS(FLAMBEAU_NAME) };
#undef FLAMBEAU_NAME

#define FLAMBEAU_COUNT(name) +1
constexpr int kUnaryOps = FLAMBEAU_UNARY_OPS(FLAMBEAU_COUNT);
constexpr int kPredicateOps = FLAMBEAU_PREDICATE_OPS(FLAMBEAU_COUNT);
constexpr int kBinaryOps = FLAMBEAU_BINARY_OPS(FLAMBEAU_COUNT);
constexpr int kCompareOps = FLAMBEAU_COMPARE_OPS(FLAMBEAU_COUNT);
constexpr int kReduceOps = FLAMBEAU_REDUCE_OPS(FLAMBEAU_COUNT);
constexpr int kScatterOps = FLAMBEAU_SCATTER_OPS(FLAMBEAU_COUNT);
constexpr int kRandomOps = FLAMBEAU_RANDOM_OPS(FLAMBEAU_COUNT);
constexpr int kOptimizerKinds = FLAMBEAU_OPTIMIZER_KINDS(FLAMBEAU_COUNT);
#undef FLAMBEAU_COUNT

constexpr int kMaxIndices = kMaxDims;
constexpr int kMaxStepViews = 512;

// The spatial parts of a window; the kernel's size, where the message has it, comes last.
Geometry geometryOf(Message& m, bool kernel, bool groups) {
  Geometry geometry{};
  int64_t dims = m.integer();
  if (dims < 1 || dims > 3) {
    m.fail("a window over %lld spatial dims: kernels take 1 to 3", static_cast<long long>(dims));
    dims = 1;
  }
  geometry.dims = static_cast<int>(dims);
  geometry.groups = 1;
  for (int d = 0; d < dims; d++) geometry.stride[d] = m.integer();
  for (int d = 0; d < dims; d++) geometry.padding[d] = m.integer();
  for (int d = 0; d < dims; d++) geometry.dilation[d] = m.integer();
  if (kernel) {
    for (int d = 0; d < dims; d++) geometry.kernel[d] = m.integer();
  }
  if (groups) geometry.groups = m.integer();
  for (int d = 0; d < dims; d++) {
    if (geometry.stride[d] < 1 || geometry.dilation[d] < 1 || geometry.padding[d] < 0 || geometry.groups < 1) {
      m.fail("a window needs stride, dilation and groups >= 1 and padding >= 0");
    }
  }
  return geometry;
}

// A convolution's window has its size from the weight [O, C / groups, ...K].
void kernelFrom(const View& weight, Geometry& geometry, Message& m) {
  if (weight.ndim != geometry.dims + 2) {
    m.fail("a weight of %d dims for a window over %d", weight.ndim, geometry.dims);
    return;
  }
  for (int d = 0; d < geometry.dims; d++) geometry.kernel[d] = weight.shape[d + 2];
}

int dimOf(Message& m, const View& view) {
  int64_t dim = m.integer();
  if (dim < 0 || dim >= view.ndim) {
    m.fail("dim %lld of a view of %d dims", static_cast<long long>(dim), view.ndim);
    dim = 0;
  }
  return static_cast<int>(dim);
}

double scalarOf(const View& v) {
  switch (v.dtype) {
    case DType::Float32: return *v.as<float>();
    case DType::Float64: return *v.as<double>();
    case DType::Int64: return static_cast<double>(*v.as<int64_t>());
    case DType::Int32: return *v.as<int32_t>();
    case DType::Int16: return *v.as<int16_t>();
    case DType::Int8: return *v.as<int8_t>();
    default: return *v.as<uint8_t>();
  }
}

// The mask repeats to [B, H, L, S].
const View* attentionMask(Message& m, View& mask, const View& query, const View& key) {
  if (!m.flag()) return nullptr;
  View scores;
  scores.ndim = 4;
  bool known = !m.failed() && query.ndim == 4 && key.ndim == 4;
  for (int d = 0; d < 4; d++) scores.shape[d] = !known ? 1 : d < 3 ? query.shape[d] : key.shape[2];
  double unused;
  m.operand(mask, m.dtype(), scores, unused);
  return &mask;
}

void fitAttention(Fit& fit, const View& out, const View& logSumExp, const View& query, const View& key,
                  const View& value, const View* mask) {
  fit.isFloat(query);
  fit.sameDType({&query, &key, &value, &out, &logSumExp, mask});
  for (const View* v : {&out, &query, &key, &value}) {
    fit.dims(*v, 4);
    fit.size(*v, 0, query.shape[0]);
    fit.size(*v, 1, query.shape[1]);
  }
  fit.dims(logSumExp, 3);
  for (int d = 0; d < 3; d++) fit.size(logSumExp, d, query.shape[d]);
  fit.size(out, 2, query.shape[2]);
  fit.size(key, 3, query.shape[3]);
  fit.size(value, 2, key.shape[2]);
  fit.size(out, 3, value.shape[3]);
}

void optimizerStep(const Kernels& kernels, Message& m) {
  OptimizerKind kind = m.choice<OptimizerKind>(kOptimizerKinds);
  int64_t count = m.integer(), states = m.integer(), scalarCount = m.integer();
  if (count < 0 || states < 0 || states > 3 || count * (2 + states) > kMaxStepViews || scalarCount < 0 ||
      scalarCount > 16) {
    return m.fail("an optimiser step over %lld parameters is too long for one call", static_cast<long long>(count));
  }
  double scalars[16];
  for (int64_t i = 0; i < scalarCount; i++) scalars[i] = m.number();
  DType dtype = m.dtype();
  static thread_local View views[kMaxStepViews];
  // Parameters, gradients, then each list of state.
  for (int64_t i = 0; i < count * (2 + states); i++) m.viewOf(views[i], dtype);
  Fit fit(m);
  for (int64_t i = count; i < count * (2 + states) && !m.failed(); i++) fit.sameShape(views[i], views[i % count]);
  if (count > 0) fit.isFloat(views[0]);
  if (m.failed()) return;
  kernels.optimizer.step(kind, static_cast<int>(count), views, views + count, static_cast<int>(states),
                         views + 2 * count, scalars);
}

}  // namespace

#define FLAMBEAU_QUOTE(name) #name ","
const char* operationNames() {
  return "kernel:" FLAMBEAU_KERNELS(FLAMBEAU_QUOTE) ";unary:" FLAMBEAU_UNARY_OPS(FLAMBEAU_QUOTE)  //
      ";predicate:" FLAMBEAU_PREDICATE_OPS(FLAMBEAU_QUOTE) ";binary:" FLAMBEAU_BINARY_OPS(FLAMBEAU_QUOTE)  //
      ";compare:" FLAMBEAU_COMPARE_OPS(FLAMBEAU_QUOTE) ";reduce:" FLAMBEAU_REDUCE_OPS(FLAMBEAU_QUOTE)      //
      ";scatter:" FLAMBEAU_SCATTER_OPS(FLAMBEAU_QUOTE) ";random:" FLAMBEAU_RANDOM_OPS(FLAMBEAU_QUOTE)      //
      ";optimizer:" FLAMBEAU_OPTIMIZER_KINDS(FLAMBEAU_QUOTE) ";";
}
#undef FLAMBEAU_QUOTE

bool runKernel(const Kernels& k, int kernel, Message& m, double* page, int64_t pageLength, double& result) {
  // Views in the order of their names in backend.ts.
  View out, v1, v2, v3, v4, v5, v6, v7, v8;
  double s1, s2;
  Fit fit(m);
  switch (static_cast<Kernel>(kernel)) {
    case Kernel::fill: {
      m.view(out);
      m.operand(v1, out.dtype, out, s1);
      if (!m.failed()) k.elementwise.fill(out, v1);
      return false;
    }
    case Kernel::fillInt64: {  // the number as its 64 bits
      m.view(out);
      double bits = m.number();
      v1 = out;
      v1.ndim = 0;
      v1.data = &bits;
      if (out.dtype != DType::Int64) m.fail("fillInt64 writes int64");
      if (!m.failed()) k.elementwise.fill(out, v1);
      return false;
    }
    case Kernel::arange: {
      m.view(out);
      double start = m.number(), step = m.number();
      if (!m.failed()) k.elementwise.arange(out, start, step);
      return false;
    }
    case Kernel::copy: {
      m.view(out);
      DType from = m.dtype();
      m.operand(v1, from, out, s1);
      if (!m.failed()) k.elementwise.copy(out, v1);
      return false;
    }
    case Kernel::unary: {
      auto op = m.choice<UnaryOp>(kUnaryOps);
      double a = m.number(), b = m.number();
      m.view(out);
      m.operand(v1, out.dtype, out, s1);
      if (!m.failed()) k.elementwise.unary(op, out, v1, a, b);
      return false;
    }
    case Kernel::predicate: {
      auto op = m.choice<PredicateOp>(kPredicateOps);
      m.view(out);
      DType from = m.dtype();
      m.operand(v1, from, out, s1);
      if (out.dtype != DType::Bool) m.fail("the result of a predicate is bool");
      if (!m.failed()) k.elementwise.predicate(op, out, v1);
      return false;
    }
    case Kernel::binary: {
      auto op = m.choice<BinaryOp>(kBinaryOps);
      double a = m.number(), b = m.number();
      m.view(out);
      m.operand(v1, out.dtype, out, s1);
      m.operand(v2, out.dtype, out, s2);
      if (!m.failed()) k.elementwise.binary(op, out, v1, v2, a, b);
      return false;
    }
    case Kernel::compare: {
      auto op = m.choice<CompareOp>(kCompareOps);
      m.view(out);
      DType from = m.dtype();
      m.operand(v1, from, out, s1);
      m.operand(v2, from, out, s2);
      if (out.dtype != DType::Bool) m.fail("the result of a comparison is bool");
      if (!m.failed()) k.elementwise.compare(op, out, v1, v2);
      return false;
    }
    case Kernel::where: {
      double unused;
      m.view(out);
      m.operand(v1, DType::Bool, out, unused);
      m.operand(v2, out.dtype, out, s1);
      m.operand(v3, out.dtype, out, s2);
      if (!m.failed()) k.elementwise.where(out, v1, v2, v3);
      return false;
    }
    case Kernel::addScaled: {
      bool divide = m.flag();
      double scale = m.number(), s3;
      m.view(out);
      m.operand(v1, out.dtype, out, s1);
      m.operand(v2, out.dtype, out, s2);
      m.operand(v3, out.dtype, out, s3);
      if (!m.failed()) k.elementwise.addScaled(divide, out, v1, v2, v3, scale);
      return false;
    }
    case Kernel::lerp: {
      double s3;
      m.view(out);
      m.operand(v1, out.dtype, out, s1);
      m.operand(v2, out.dtype, out, s2);
      m.operand(v3, out.dtype, out, s3);
      fit.isFloat(out);
      if (!m.failed()) k.elementwise.lerp(out, v1, v2, v3);
      return false;
    }
    case Kernel::readScalar: {
      m.view(v1);
      if (v1.numel() != 1) m.fail("expected a view of one element");
      if (m.failed()) return false;
      result = scalarOf(v1);
      return true;
    }

    case Kernel::reduce: {
      auto op = m.choice<ReduceOp>(kReduceOps);
      m.view(out);
      m.view(v1);
      fit.reduced(out, v1);
      if (v1.dtype == DType::Float32 || v1.dtype == DType::Float64) {
        bool flag = op == ReduceOp::any || op == ReduceOp::all;
        fit.require(flag ? out.dtype == DType::Bool : out.dtype == v1.dtype, "dtypes differ");
      } else {
        fit.require(out.dtype != DType::Float32 && out.dtype != DType::Float64, "sums of integers are integers");
      }
      if (!m.failed()) k.reduction.reduce(op, out, v1);
      return false;
    }
    case Kernel::variance: {
      double correction = m.number();
      m.view(out);
      const View* mean = m.optionalView(v1);
      m.view(v2);
      fit.isFloat(v2);
      fit.sameDType({&v2, &out, mean});
      fit.reduced(out, v2);
      if (mean != nullptr) fit.sameShape(out, *mean);
      if (!m.failed()) k.reduction.variance(out, mean, v2, correction);
      return false;
    }
    case Kernel::logSumExp: {
      m.view(out);
      m.view(v1);
      fit.isFloat(v1);
      fit.sameDType({&out, &v1});
      fit.reduced(out, v1);
      if (!m.failed()) k.reduction.logSumExp(out, v1);
      return false;
    }
    case Kernel::extremum: {
      bool largest = m.flag();
      const View* values = m.optionalView(v1);
      m.view(out);
      m.view(v2);
      if (values != nullptr) lift(v1);
      lift(out);
      lift(v2);
      int dim = dimOf(m, v2);
      fit.isInt64(out);
      fit.sameDType({&v2, values});
      fit.sameShape(out, v2, dim);
      fit.size(out, dim, 1);
      if (values != nullptr) fit.sameShape(out, *values);
      if (!m.failed()) k.reduction.extremum(largest, values, out, v2, dim);
      return false;
    }
    case Kernel::cumulative: {
      bool product = m.flag();
      m.view(out);
      m.view(v1);
      lift(out);
      lift(v1);
      int dim = dimOf(m, v1);
      fit.sameDType({&out, &v1});
      fit.sameShape(out, v1);
      if (!m.failed()) k.reduction.cumulative(product, out, v1, dim);
      return false;
    }
    case Kernel::cumulativeExtremum: {
      bool largest = m.flag();
      m.view(out);
      m.view(v1);
      m.view(v2);
      lift(out);
      lift(v1);
      lift(v2);
      int dim = dimOf(m, v2);
      fit.isInt64(v1);
      fit.sameDType({&out, &v2});
      fit.sameShape(out, v2);
      fit.sameShape(v1, v2);
      if (!m.failed()) k.reduction.cumulativeExtremum(largest, out, v1, v2, dim);
      return false;
    }
    case Kernel::sort:
    case Kernel::topk: {
      bool flag = m.flag();
      m.view(out);
      m.view(v1);
      m.view(v2);
      lift(out);
      lift(v1);
      lift(v2);
      int dim = dimOf(m, v2);
      fit.isInt64(v1);
      fit.sameDType({&out, &v2});
      fit.sameShape(out, v1);
      fit.sameShape(out, v2, static_cast<Kernel>(kernel) == Kernel::sort ? -1 : dim);
      fit.within(out, v2, -1);
      if (!m.failed()) fit.require(v2.shape[dim] < INT32_MAX, "a line to sort is too long");
      if (m.failed()) return false;
      if (static_cast<Kernel>(kernel) == Kernel::sort) {
        k.sort.sort(out, v1, v2, dim, flag);
      } else {
        k.sort.topk(out, v1, v2, dim, flag);
      }
      return false;
    }

    case Kernel::matmul: {
      auto activation = m.choice<Activation>(2);
      double alpha = m.number(), beta = m.number();
      m.view(out);
      m.view(v1);
      m.view(v2);
      const View* bias = m.optionalView(v3);
      fit.matmul(out, v1, v2, bias);
      if (!m.failed()) k.product.matmul(out, v1, v2, bias, activation, alpha, beta);
      return false;
    }
    case Kernel::convolution: {
      auto activation = m.choice<Activation>(2);
      Geometry geometry = geometryOf(m, false, true);
      m.view(out);
      m.view(v1);
      m.view(v2);
      kernelFrom(v2, geometry, m);
      const View* bias = m.optionalView(v3);
      fit.convolution(out, v1, v2, bias, geometry);
      if (!m.failed()) k.product.convolution(out, v1, v2, bias, geometry, activation);
      return false;
    }
    case Kernel::convolutionBackwardInput: {
      Geometry geometry = geometryOf(m, false, true);
      m.view(out);
      m.view(v1);
      m.view(v2);
      kernelFrom(v2, geometry, m);
      fit.convolution(v1, out, v2, nullptr, geometry);
      if (!m.failed()) k.product.convolutionBackwardInput(out, v1, v2, geometry);
      return false;
    }
    case Kernel::convolutionBackwardWeight: {
      Geometry geometry = geometryOf(m, false, true);
      m.view(out);
      kernelFrom(out, geometry, m);
      const View* gradBias = m.optionalView(v1);
      m.view(v2);
      m.view(v3);
      fit.convolution(v2, v3, out, gradBias, geometry);
      if (!m.failed()) k.product.convolutionBackwardWeight(out, gradBias, v2, v3, geometry);
      return false;
    }

    case Kernel::maxPool: {
      Geometry geometry = geometryOf(m, true, false);
      m.view(out);
      m.view(v1);
      m.view(v2);
      fit.isInt64(v1);
      fit.sameDType({&out, &v2});
      fit.sameShape(out, v1);
      fit.planes(out, v2, geometry.dims);
      if (!m.failed()) k.pool.maxPool(out, v1, v2, geometry);
      return false;
    }
    case Kernel::maxPoolBackward: {
      m.view(out);
      m.view(v1);
      m.view(v2);
      fit.isInt64(v2);
      fit.sameDType({&out, &v1});
      fit.sameShape(v1, v2);
      fit.planes(out, v1, out.ndim - 2);
      if (!m.failed()) k.pool.maxPoolBackward(out, v1, v2);
      return false;
    }
    case Kernel::averagePool:
    case Kernel::averagePoolBackward: {
      Geometry geometry = geometryOf(m, true, false);
      bool countPadding = m.flag();
      m.view(out);
      m.view(v1);
      fit.sameDType({&out, &v1});
      fit.planes(out, v1, geometry.dims);
      if (m.failed()) return false;
      if (static_cast<Kernel>(kernel) == Kernel::averagePool) {
        k.pool.averagePool(out, v1, geometry, countPadding);
      } else {
        k.pool.averagePoolBackward(out, v1, geometry, countPadding);
      }
      return false;
    }
    case Kernel::adaptiveAveragePool:
    case Kernel::adaptiveAveragePoolBackward: {
      m.view(out);
      m.view(v1);
      fit.sameDType({&out, &v1});
      fit.planes(out, v1, out.ndim - 2);
      if (m.failed()) return false;
      if (static_cast<Kernel>(kernel) == Kernel::adaptiveAveragePool) {
        k.pool.adaptiveAveragePool(out, v1);
      } else {
        k.pool.adaptiveAveragePoolBackward(out, v1);
      }
      return false;
    }
    case Kernel::adaptiveMaxPool: {
      m.view(out);
      m.view(v1);
      m.view(v2);
      fit.isInt64(v1);
      fit.sameDType({&out, &v2});
      fit.sameShape(out, v1);
      fit.planes(out, v2, out.ndim - 2);
      if (!m.failed()) k.pool.adaptiveMaxPool(out, v1, v2);
      return false;
    }

    case Kernel::batchNorm: {
      double momentum = m.number(), eps = m.number();
      m.view(out);
      m.view(v1);
      m.view(v2);
      m.view(v3);
      const View* weight = m.optionalView(v4);
      const View* bias = m.optionalView(v5);
      const View* runningMean = m.optionalView(v6);
      const View* runningVariance = m.optionalView(v7);
      const View *mean = &v1, *rstd = &v2;
      fit.sameDType({&out, mean, rstd, &v3, weight, bias, runningMean, runningVariance});
      fit.sameShape(out, v3);
      fit.require(out.ndim >= 2, "expected [N, C, ...]");
      if (m.failed()) return false;
      for (const View* v : {mean, rstd, weight, bias, runningMean, runningVariance}) fit.vector(v, out.shape[1]);
      if (!m.failed()) k.norm.batchNorm(out, v1, v2, v3, weight, bias, runningMean, runningVariance, momentum, eps);
      return false;
    }
    case Kernel::batchNormWith: {
      m.view(out);
      m.view(v1);
      m.view(v2);
      m.view(v3);
      const View* weight = m.optionalView(v4);
      const View* bias = m.optionalView(v5);
      const View *mean = &v2, *rstd = &v3;
      fit.sameDType({&out, &v1, mean, rstd, weight, bias});
      fit.sameShape(out, v1);
      fit.require(out.ndim >= 2, "expected [N, C, ...]");
      if (m.failed()) return false;
      for (const View* v : {mean, rstd, weight, bias}) fit.vector(v, out.shape[1]);
      if (!m.failed()) k.norm.batchNormWith(out, v1, v2, v3, weight, bias);
      return false;
    }
    case Kernel::batchNormBackward: {
      bool batchStatistics = m.flag();
      const View* gradInput = m.optionalView(v1);
      const View* gradWeight = m.optionalView(v2);
      const View* gradBias = m.optionalView(v3);
      m.view(v4);
      m.view(v5);
      m.view(v6);
      m.view(v7);
      const View* weight = m.optionalView(v8);
      const View *mean = &v6, *rstd = &v7;
      fit.sameDType({&v4, &v5, mean, rstd, weight, gradInput, gradWeight, gradBias});
      fit.sameShape(v4, v5);
      if (gradInput != nullptr) fit.sameShape(v4, *gradInput);
      fit.require(v4.ndim >= 2, "expected [N, C, ...]");
      if (m.failed()) return false;
      for (const View* v : {mean, rstd, weight, gradWeight, gradBias}) fit.vector(v, v4.shape[1]);
      if (!m.failed()) {
        k.norm.batchNormBackward(gradInput, gradWeight, gradBias, v4, v5, v6, v7, weight, batchStatistics);
      }
      return false;
    }
    case Kernel::layerNorm: {
      double eps = m.number();
      m.view(out);
      m.view(v1);
      m.view(v2);
      m.view(v3);
      const View* weight = m.optionalView(v4);
      const View* bias = m.optionalView(v5);
      fit.sameDType({&out, &v1, &v2, &v3, weight, bias});
      fit.sameShape(out, v3);
      fit.dims(out, 2);
      if (m.failed()) return false;
      fit.vector(&v1, out.shape[0]);
      fit.vector(&v2, out.shape[0]);
      fit.vector(weight, out.shape[1]);
      fit.vector(bias, out.shape[1]);
      if (!m.failed()) k.norm.layerNorm(out, v1, v2, v3, weight, bias, eps);
      return false;
    }
    case Kernel::layerNormBackward: {
      const View* gradInput = m.optionalView(v1);
      const View* gradWeight = m.optionalView(v2);
      const View* gradBias = m.optionalView(v3);
      m.view(v4);
      m.view(v5);
      m.view(v6);
      m.view(v7);
      const View* weight = m.optionalView(v8);
      fit.sameDType({&v4, &v5, &v6, &v7, weight, gradInput, gradWeight, gradBias});
      fit.sameShape(v4, v5);
      if (gradInput != nullptr) fit.sameShape(v4, *gradInput);
      fit.dims(v4, 2);
      if (m.failed()) return false;
      fit.vector(&v6, v4.shape[0]);
      fit.vector(&v7, v4.shape[0]);
      for (const View* v : {weight, gradWeight, gradBias}) fit.vector(v, v4.shape[1]);
      if (!m.failed()) k.norm.layerNormBackward(gradInput, gradWeight, gradBias, v4, v5, v6, v7, weight);
      return false;
    }

    case Kernel::softmax: {
      bool log = m.flag();
      m.view(out);
      m.view(v1);
      lift(out);
      lift(v1);
      int dim = dimOf(m, v1);
      fit.isFloat(v1);
      fit.sameDType({&out, &v1});
      fit.sameShape(out, v1);
      if (!m.failed()) k.softmax.softmax(out, v1, dim, log);
      return false;
    }
    case Kernel::softmaxBackward: {
      bool log = m.flag();
      m.view(out);
      m.view(v1);
      m.view(v2);
      lift(out);
      lift(v1);
      lift(v2);
      int dim = dimOf(m, v2);
      fit.isFloat(out);
      fit.sameDType({&out, &v1, &v2});
      fit.sameShape(out, v1);
      fit.sameShape(out, v2);
      if (!m.failed()) k.softmax.softmaxBackward(out, v1, v2, dim, log);
      return false;
    }
    case Kernel::crossEntropy: {
      int64_t ignoreIndex = m.integer();
      double labelSmoothing = m.number();
      m.view(out);
      m.view(v1);
      m.view(v2);
      m.view(v3);
      const View* weight = m.optionalView(v4);
      fit.isInt64(v3);
      fit.sameDType({&v2, &out, &v1, weight});
      fit.dims(v2, 2);
      if (m.failed()) return false;
      for (const View* v : {&out, &v1, &v3}) fit.vector(v, v2.shape[0]);
      fit.vector(weight, v2.shape[1]);
      if (m.failed()) return false;
      result = static_cast<double>(k.softmax.crossEntropy(out, v1, v2, v3, weight, ignoreIndex, labelSmoothing));
      return true;
    }
    case Kernel::crossEntropyBackward: {
      int64_t ignoreIndex = m.integer();
      double labelSmoothing = m.number();
      m.view(out);
      m.view(v1);
      m.view(v2);
      m.view(v3);
      m.view(v4);
      const View* weight = m.optionalView(v5);
      fit.isInt64(v4);
      fit.sameDType({&v3, &out, &v1, &v2, weight});
      fit.dims(v3, 2);
      fit.sameShape(out, v3);
      if (m.failed()) return false;
      for (const View* v : {&v1, &v2, &v4}) fit.vector(v, v3.shape[0]);
      fit.vector(weight, v3.shape[1]);
      if (!m.failed()) k.softmax.crossEntropyBackward(out, v1, v2, v3, v4, weight, ignoreIndex, labelSmoothing);
      return false;
    }
    case Kernel::attention: {
      double scale = m.number();
      bool causal = m.flag();
      m.view(out);
      m.view(v1);
      m.view(v2);
      m.view(v3);
      m.view(v4);
      const View* mask = attentionMask(m, v5, v2, v3);
      fitAttention(fit, out, v1, v2, v3, v4, mask);
      if (!m.failed()) k.softmax.attention(out, v1, v2, v3, v4, mask, scale, causal);
      return false;
    }
    case Kernel::attentionBackward: {
      double scale = m.number();
      bool causal = m.flag();
      View query, mask;
      m.view(out);
      m.view(v1);
      m.view(v2);
      m.view(v3);
      m.view(v4);
      m.view(v5);
      m.view(query);
      m.view(v6);
      m.view(v7);
      const View* masked = attentionMask(m, mask, query, v6);
      fitAttention(fit, v4, v5, query, v6, v7, masked);
      fit.sameDType({&out, &v1, &v2, &v3, &v4});
      fit.sameShape(out, query);
      fit.sameShape(v1, v6);
      fit.sameShape(v2, v7);
      fit.sameShape(v3, v4);
      if (!m.failed()) {
        k.softmax.attentionBackward(out, v1, v2, v3, v4, v5, query, v6, v7, masked, scale, causal);
      }
      return false;
    }

    case Kernel::gather: {
      m.view(out);
      m.view(v1);
      m.view(v2);
      lift(out);
      lift(v1);
      lift(v2);
      int dim = dimOf(m, v1);
      fit.isInt64(v2);
      fit.sameDType({&out, &v1});
      fit.sameShape(out, v2);
      fit.within(v2, v1, dim);
      if (m.failed()) return false;
      result = static_cast<double>(k.index.gather(out, v1, dim, v2));
      return true;
    }
    case Kernel::scatter: {
      auto op = m.choice<ScatterOp>(kScatterOps);
      m.view(out);
      m.view(v1);
      lift(out);
      lift(v1);
      int dim = dimOf(m, out);
      // A number is written everywhere; a source may be larger than the index in any dim.
      if (m.flag()) {
        m.viewOf(v2, out.dtype);
        lift(v2);
      } else {
        m.operand(v2, out.dtype, v1, s1);
      }
      fit.isInt64(v1);
      fit.within(v1, out, dim);
      fit.within(v1, v2, -1);
      if (m.failed()) return false;
      result = static_cast<double>(k.index.scatter(op, out, dim, v1, v2));
      return true;
    }
    case Kernel::indexSelect: {
      m.view(out);
      m.view(v1);
      m.view(v2);
      lift(out);
      lift(v1);
      lift(v2);
      int dim = dimOf(m, v1);
      fit.isInt64(v2);
      fit.sameDType({&out, &v1});
      fit.sameShape(out, v1, dim);
      if (!m.failed()) fit.vector(&v2, out.shape[dim]);
      if (m.failed()) return false;
      result = static_cast<double>(k.index.indexSelect(out, v1, dim, v2));
      return true;
    }
    case Kernel::indexAdd: {
      double alpha = m.number();
      m.view(out);
      m.view(v1);
      m.view(v2);
      lift(out);
      lift(v1);
      lift(v2);
      int dim = dimOf(m, out);
      fit.isInt64(v1);
      fit.sameDType({&out, &v2});
      fit.sameShape(out, v2, dim);
      if (!m.failed()) fit.vector(&v1, v2.shape[dim]);
      if (m.failed()) return false;
      result = static_cast<double>(k.index.indexAdd(out, dim, v1, v2, alpha));
      return true;
    }
    case Kernel::index:
    case Kernel::indexPut: {
      bool put = static_cast<Kernel>(kernel) == Kernel::indexPut;
      bool accumulate = put && m.flag();
      m.view(out);
      if (!put) m.view(v1);
      View indices[kMaxIndices];
      int64_t count = m.integer();
      const View& indexed = put ? out : v1;
      if (count < 1 || count > kMaxIndices || (!m.failed() && count > indexed.ndim)) {
        m.fail("%lld indices: expected 1 to %d", static_cast<long long>(count), kMaxIndices);
        return false;
      }
      for (int64_t i = 0; i < count; i++) {
        m.viewOf(indices[i], DType::Int64);
        if (!m.failed()) fit.sameShape(indices[i], indices[0]);
      }
      if (m.failed()) return false;
      int n = static_cast<int>(count);
      if (!put) {
        fit.sameDType({&out, &v1});
        fit.dims(out, indices[0].ndim + v1.ndim - n);
        for (int d = 0; d < out.ndim && !m.failed(); d++) {
          fit.size(out, d, d < indices[0].ndim ? indices[0].shape[d] : v1.shape[d - indices[0].ndim + n]);
        }
        if (m.failed()) return false;
        result = static_cast<double>(k.index.index(out, v1, n, indices));
        return true;
      }
      // The source repeats to the indices' shape followed by the dims that are not indexed.
      v2.ndim = indices[0].ndim + out.ndim - n;
      if (v2.ndim > kMaxDims) {
        m.fail("indexPut into more than %d dims", kMaxDims);
        return false;
      }
      for (int d = 0; d < v2.ndim; d++) {
        v2.shape[d] = d < indices[0].ndim ? indices[0].shape[d] : out.shape[d - indices[0].ndim + n];
      }
      m.operand(v1, out.dtype, v2, s1);
      if (m.failed()) return false;
      result = static_cast<double>(k.index.indexPut(out, n, indices, v1, accumulate));
      return true;
    }
    case Kernel::countNonzero: {
      m.view(v1);
      if (m.failed()) return false;
      result = static_cast<double>(k.index.countNonzero(v1));
      return true;
    }
    case Kernel::nonzero: {
      m.view(out);
      m.view(v1);
      fit.isInt64(out);
      fit.dims(out, 2);
      fit.size(out, 1, v1.ndim);
      if (!m.failed()) k.index.nonzero(out, v1);
      return false;
    }

    // The generator's state lies at the end of the page, as 628 words of 32 bits.
    case Kernel::random:
    case Kernel::bernoulliFrom: {
      constexpr int64_t kStateNumbers = 314;
      if (pageLength < 2 * kStateNumbers) m.fail("the page is too short for the generator's state");
      auto* state = reinterpret_cast<uint32_t*>(page + pageLength - kStateNumbers);
      if (static_cast<Kernel>(kernel) == Kernel::random) {
        auto op = m.choice<RandomOp>(kRandomOps);
        double a = m.number(), b = m.number();
        m.view(out);
        if (!m.failed()) k.random.random(op, out, state, a, b);
      } else {
        m.view(out);
        m.view(v1);
        fit.isFloat(v1);
        fit.sameShape(out, v1);
        if (!m.failed()) k.random.bernoulliFrom(out, v1, state);
      }
      return false;
    }

    case Kernel::optimizerStep: {
      optimizerStep(k, m);
      return false;
    }
  }
  m.fail("kernel number %d is unknown", kernel);
  return false;
}

}  // namespace flambeau
