// Calls of kernels that go where indices say, of random numbers and of optimiser steps.
#include "../fit.h"
#include "calls.h"

namespace flambeau {
namespace {

#define FLAMBEAU_COUNT(name) +1
constexpr int kScatterOps = FLAMBEAU_SCATTER_OPS(FLAMBEAU_COUNT);
constexpr int kRandomOps = FLAMBEAU_RANDOM_OPS(FLAMBEAU_COUNT);
constexpr int kOptimizerKinds = FLAMBEAU_OPTIMIZER_KINDS(FLAMBEAU_COUNT);
#undef FLAMBEAU_COUNT

constexpr int kMaxIndices = kMaxDims;
constexpr int kMaxStepViews = 512;

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

bool callIndexing(const Kernels& k, Kernel kernel, Message& m, double& result) {
  View out, v1, v2;
  double s1;
  Fit fit(m);
  switch (kernel) {
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
      bool put = kernel == Kernel::indexPut;
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
      if (m.pageLength() < 2 * kStateNumbers) m.fail("the page is too short for the generator's state");
      auto* state = reinterpret_cast<uint32_t*>(m.page() + m.pageLength() - kStateNumbers);
      if (kernel == Kernel::random) {
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
    default: return false;
  }
}

}  // namespace flambeau
