// Calls of elementwise kernels.
#include "../fit.h"
#include "calls.h"

namespace flambeau {
namespace {

#define FLAMBEAU_COUNT(name) +1
constexpr int kUnaryOps = FLAMBEAU_UNARY_OPS(FLAMBEAU_COUNT);
constexpr int kPredicateOps = FLAMBEAU_PREDICATE_OPS(FLAMBEAU_COUNT);
constexpr int kBinaryOps = FLAMBEAU_BINARY_OPS(FLAMBEAU_COUNT);
constexpr int kCompareOps = FLAMBEAU_COMPARE_OPS(FLAMBEAU_COUNT);
#undef FLAMBEAU_COUNT

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

// Runs of elements one after another into one.
void concatenate(const Kernels& kernels, Message& m) {
  constexpr int64_t kMaxInputs = 256;
  static thread_local View inputs[kMaxInputs];
  View out;
  DType dtype = m.dtype();
  m.viewOf(out, dtype);
  int64_t count = m.integer(), elements = 0;
  Fit fit(m);
  fit.dims(out, 1);
  if (count < 0 || count > kMaxInputs) return m.fail("%lld inputs are too many for one call", static_cast<long long>(count));
  for (int64_t i = 0; i < count && !m.failed(); i++) {
    m.viewOf(inputs[i], dtype);
    fit.dims(inputs[i], 1);
    elements += inputs[i].numel();
  }
  if (!m.failed()) fit.size(out, 0, elements);
  if (m.failed()) return;
  for (int64_t i = 0; i < count; i++) {
    out.shape[0] = inputs[i].shape[0];
    kernels.elementwise.copy(out, inputs[i]);
    out.data = out.as<char>() + out.shape[0] * bytesOf(dtype);
  }
}

}  // namespace

bool callElementwise(const Kernels& k, Kernel kernel, Message& m, double& result) {
  View out, v1, v2, v3;
  double s1, s2;
  Fit fit(m);
  switch (kernel) {
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
    case Kernel::concatenate: return concatenate(k, m), false;
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
      if (!m.failed()) k.elementwise.binary(op, out, v1, v2, v2.data == &s2, a, b);
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
    default: return false;
  }
}

}  // namespace flambeau
