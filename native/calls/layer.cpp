// Calls of products, pooling, normalisation, softmax and attention.
#include "../fit.h"
#include "calls.h"

namespace flambeau {
namespace {

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

}  // namespace

bool callLayer(const Kernels& k, Kernel kernel, Message& m, double& result) {
  View out, v1, v2, v3, v4, v5, v6, v7, v8;
  Fit fit(m);
  switch (kernel) {
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
      if (kernel == Kernel::averagePool) {
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
      if (kernel == Kernel::adaptiveAveragePool) {
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
    default: return false;
  }
}

}  // namespace flambeau
