// Calls of reductions, of what goes along one dim, and of sorting.
#include "../fit.h"
#include "calls.h"

namespace flambeau {
namespace {

#define FLAMBEAU_COUNT(name) +1
constexpr int kReduceOps = FLAMBEAU_REDUCE_OPS(FLAMBEAU_COUNT);
#undef FLAMBEAU_COUNT

}  // namespace

bool callReduction(const Kernels& k, Kernel kernel, Message& m) {
  View out, v1, v2;
  Fit fit(m);
  switch (kernel) {
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
      fit.sameShape(out, v2, kernel == Kernel::sort ? -1 : dim);
      fit.within(out, v2, -1);
      if (!m.failed()) fit.require(v2.shape[dim] < INT32_MAX, "a line to sort is too long");
      if (m.failed()) return false;
      if (kernel == Kernel::sort) {
        k.sort.sort(out, v1, v2, dim, flag);
      } else {
        k.sort.topk(out, v1, v2, dim, flag);
      }
      return false;
    }
    default: return false;
  }
}

}  // namespace flambeau
