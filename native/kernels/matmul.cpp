// The matmul kernel: batches of products. What they have in common decides how they are shared out: batches of one right
// matrix are one tall product, many small ones go to the threads whole, few large ones are cut inside. Integers, which
// nobody trains with, take the simplest loops.
#include "../threads.h"
#include "kernels.h"
#include "product.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

// Multiply-adds from which a product is cut among the threads itself.
constexpr int64_t kLarge = 1 << 22;
// Multiply-adds that a thread should have at least.
constexpr int64_t kGrain = 1 << 18;

// Operands of a batch of products, in elements: out, left, right.
struct Batch {
  int64_t m, n, k;
  int64_t rowStep[3], columnStep[3];
  int dims = 0;
  int64_t shape[kMaxDims], steps[3][kMaxDims];
  int64_t count = 1;

  Batch(const View& out, const View& left, const View& right) {
    const View* views[] = {&out, &left, &right};
    m = out.shape[out.ndim - 2];
    n = out.shape[out.ndim - 1];
    k = left.shape[left.ndim - 1];
    for (int o = 0; o < 3; o++) {
      rowStep[o] = views[o]->strides[views[o]->ndim - 2];
      columnStep[o] = views[o]->strides[views[o]->ndim - 1];
    }
    for (int d = 0; d < out.ndim - 2; d++) {
      if (out.shape[d] == 1) continue;
      int64_t step[3];
      for (int o = 0; o < 3; o++) {
        const int own = d - (out.ndim - views[o]->ndim);
        step[o] = own < 0 || views[o]->shape[own] == 1 ? 0 : views[o]->strides[own];
      }
      append(out.shape[d], step);
    }
    foldIntoRows();
    for (int d = 0; d < dims; d++) count *= shape[d];
  }

  // Where operand `o` of the product at a position begins.
  int64_t offsetOf(int o, int64_t position) const {
    int64_t offset = 0;
    for (int d = dims - 1; d >= 0; d--) {
      offset += position % shape[d] * steps[o][d];
      position /= shape[d];
    }
    return offset;
  }

 private:
  // Adds an inner dim, merged with the one outside where the operands lie seamlessly in both.
  void append(int64_t size, const int64_t (&step)[3]) {
    bool merges = dims > 0;
    for (int o = 0; merges && o < 3; o++) merges = steps[o][dims - 1] == size * step[o];
    if (merges) {
      shape[dims - 1] *= size;
    } else {
      shape[dims++] = size;
    }
    for (int o = 0; o < 3; o++) steps[o][dims - 1] = step[o];
  }

  // Products with one right matrix are further rows of one product, if the left rows and the results lie so.
  void foldIntoRows() {
    while (dims > 0 && steps[2][dims - 1] == 0) {
      const int64_t out = steps[0][dims - 1], left = steps[1][dims - 1];
      if (m != 1 && (out != m * rowStep[0] || left != m * rowStep[1])) return;
      if (m == 1) {
        rowStep[0] = out;
        rowStep[1] = left;
      }
      m *= shape[--dims];
    }
  }
};

template <typename T>
void multiplyFloats(const Batch& batch, const View& out, const View& left, const View& right, const View* bias,
                    Activation activation, double alpha, double beta) {
  auto product = [&](int64_t position) {
    Result<T> result{};
    result.data = out.as<T>() + batch.offsetOf(0, position);
    result.rowStep = batch.rowStep[0];
    result.columnStep = batch.columnStep[0];
    result.alpha = static_cast<T>(alpha);
    result.beta = static_cast<T>(beta);
    if (bias != nullptr) {
      result.bias = bias->as<T>();
      result.biasStep = bias->strides[bias->ndim - 1];
    }
    result.relu = activation == Activation::Relu;
    multiply<T>(batch.m, batch.n, batch.k,
                {left.as<T>() + batch.offsetOf(1, position), batch.rowStep[1], batch.columnStep[1]},
                {right.as<T>() + batch.offsetOf(2, position), batch.rowStep[2], batch.columnStep[2]}, result);
  };
  const int64_t work = batch.m * batch.n * (batch.k > 0 ? batch.k : 1);
  if (work == 0) return;
  if (work >= kLarge || batch.count == 1) {
    for (int64_t position = 0; position < batch.count; position++) product(position);
    return;
  }
  parallelFor(batch.count, kGrain / work + 1, [&](int64_t begin, int64_t end) {
    for (int64_t position = begin; position < end; position++) product(position);
  });
}

// Sums wrap around in int64, results in their own type.
template <typename T>
void multiplyIntegers(const Batch& batch, const View& out, const View& left, const View& right, const View* bias,
                      Activation activation, double alpha, double beta) {
  if (batch.m * batch.n == 0) return;
  const int64_t rowWork = batch.n * (batch.k > 0 ? batch.k : 1);
  parallelFor(batch.count * batch.m, kGrain / 16 / rowWork + 1, [&](int64_t begin, int64_t end) {
    auto* sums = static_cast<uint64_t*>(scratch(0, batch.n * 8));
    for (int64_t item = begin; item < end; item++) {
      const int64_t position = item / batch.m, i = item % batch.m;
      const T* a = left.as<T>() + batch.offsetOf(1, position) + i * batch.rowStep[1];
      const T* b = right.as<T>() + batch.offsetOf(2, position);
      T* c = out.as<T>() + batch.offsetOf(0, position) + i * batch.rowStep[0];
      for (int64_t j = 0; j < batch.n; j++) sums[j] = 0;
      for (int64_t k = 0; k < batch.k; k++) {
        const uint64_t factor = static_cast<uint64_t>(a[k * batch.columnStep[1]]);
        const T* row = b + k * batch.rowStep[2];
        for (int64_t j = 0; j < batch.n; j++) sums[j] += factor * static_cast<uint64_t>(row[j * batch.columnStep[2]]);
      }
      for (int64_t j = 0; j < batch.n; j++) {
        T& place = c[j * batch.columnStep[0]];
        uint64_t sum = static_cast<uint64_t>(static_cast<int64_t>(alpha)) * sums[j];
        if (beta != 0) sum += static_cast<uint64_t>(static_cast<int64_t>(beta)) * static_cast<uint64_t>(place);
        if (bias != nullptr) sum += static_cast<uint64_t>(bias->as<T>()[j * bias->strides[bias->ndim - 1]]);
        const bool negative = static_cast<int64_t>(sum) < 0;
        place = activation == Activation::Relu && negative ? T(0) : static_cast<T>(sum);
      }
    }
  });
}

void matmul(const View& out, const View& left, const View& right, const View* bias, Activation activation,
            double alpha, double beta) {
  const Batch batch(out, left, right);
  switch (out.dtype) {
    case DType::Float32: return multiplyFloats<float>(batch, out, left, right, bias, activation, alpha, beta);
    case DType::Float64: return multiplyFloats<double>(batch, out, left, right, bias, activation, alpha, beta);
    case DType::Int64: return multiplyIntegers<int64_t>(batch, out, left, right, bias, activation, alpha, beta);
    case DType::Int32: return multiplyIntegers<int32_t>(batch, out, left, right, bias, activation, alpha, beta);
    case DType::Int16: return multiplyIntegers<int16_t>(batch, out, left, right, bias, activation, alpha, beta);
    case DType::Int8: return multiplyIntegers<int8_t>(batch, out, left, right, bias, activation, alpha, beta);
    case DType::UInt8: return multiplyIntegers<uint8_t>(batch, out, left, right, bias, activation, alpha, beta);
    case DType::Bool: return;
  }
}

}  // namespace

void fillProduct(ProductKernels& table) { table.matmul = matmul; }

}  // namespace flambeau::FLAMBEAU_ISA
