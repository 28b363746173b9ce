// Layer norm over the rows of [R, D] and its gradient: each row is read from memory once.
#include <algorithm>
#include <cmath>

#include "../threads.h"
#include "dense.h"
#include "normalization.h"
#include "rows.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

// Elements a thread should have at least.
constexpr int64_t kGrain = 16384;
// Rows whose parameter gradients are summed together, whatever the number of threads.
constexpr int64_t kRowBlock = 64;
// Elements summed in the element type before the sum goes over to double.
constexpr int64_t kPiece = 8192;
constexpr int kPartSlot = 0;

// The sum over a row of f(position, vector), a vector each.
template <typename V, typename F>
FLAMBEAU_INLINE double sumRow(int64_t size, F f) {
  double total = 0;
  for (int64_t from = 0; from < size; from += kPiece) {
    V sums[4] = {};
    eachVectorInFours<V>(std::min(kPiece, size - from), [&](int64_t i, int way, auto v) { sums[way] += f(from + i, v); });
    total += wideSum(sumOfFour(sums));
  }
  return total;
}

template <typename T>
void layerNormOf(const View& outView, const View& meanView, const View& rstdView, const View& inputView,
                 const View* weightView, const View* biasView, double eps) {
  using V = VectorOf<T>;
  const int64_t rows = inputView.shape[0], size = inputView.shape[1];
  const DenseInput<T> input(inputView), weight(weightView), bias(biasView);
  DenseOutput<T> out(outView), mean(meanView), rstd(rstdView);
  const T *w = weight.data(), *b = bias.data();
  const double count = static_cast<double>(size);
  parallelFor(rows, kGrain / std::max<int64_t>(size, 1) + 1, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const T* x = input.data() + row * size;
      T* y = out.data() + row * size;
      const T centre = static_cast<T>(sumRow<V>(size, [&](int64_t i, auto v) { return v.load(x + i); }) / count);
      V drifts = {};
      const double squares = sumRow<V>(size, [&](int64_t i, auto v) {
        const V d = v.keep(v.load(x + i) - centre);
        drifts += d;
        return d * d;
      });
      // What rounding took from the mean is taken out of the variance again.
      const double drift = wideSum(drifts) / count;
      const T scale = static_cast<T>(1 / std::sqrt(squares / count - drift * drift + eps));
      mean.data()[row] = centre;
      rstd.data()[row] = scale;
      eachVector<V>(size, [&](int64_t i, auto v) {
        V value = (v.load(x + i) - centre) * scale;
        if (w != nullptr) value *= v.load(w + i);
        if (b != nullptr) value += v.load(b + i);
        v.store(y + i, value);
      });
    }
  });
}

// g_x = rstd (g w - mean(g w) - x̂ mean(g w x̂))
template <typename T>
void layerNormBackwardOf(const View* gradInputView, const View* gradWeightView, const View* gradBiasView,
                         const View& gradOutView, const View& inputView, const View& meanView, const View& rstdView,
                         const View* weightView) {
  using V = VectorOf<T>;
  const int64_t rows = inputView.shape[0], size = inputView.shape[1];
  const DenseInput<T> input(inputView), gradOut(gradOutView), mean(meanView), rstd(rstdView), weight(weightView);
  DenseOutput<T> gradInput(gradInputView), gradWeight(gradWeightView), gradBias(gradBiasView);
  const T* w = weight.data();
  const double count = static_cast<double>(size);
  const bool summed = gradWeightView != nullptr || gradBiasView != nullptr;
  const int64_t blocks = (rows + kRowBlock - 1) / kRowBlock;
  T* sums = nullptr;
  if (summed) sums = static_cast<T*>(scratch(kPartSlot, blocks * 2 * size * static_cast<int64_t>(sizeof(T)) + 1));
  parallelFor(blocks, kGrain / std::max<int64_t>(kRowBlock * size, 1) + 1, [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; block++) {
      T* weightSums = summed ? sums + block * 2 * size : nullptr;
      T* biasSums = summed ? weightSums + size : nullptr;
      if (summed) std::fill(weightSums, weightSums + 2 * size, T(0));
      for (int64_t row = block * kRowBlock; row < std::min((block + 1) * kRowBlock, rows); row++) {
        const T *x = input.data() + row * size, *g = gradOut.data() + row * size;
        const T centre = mean.data()[row], scale = rstd.data()[row];
        V gradients = {};
        const double product = sumRow<V>(size, [&](int64_t i, auto v) {
          V gradient = v.load(g + i), difference = v.keep(v.load(x + i) - centre);
          if (summed) {
            v.store(weightSums + i, fma(gradient, difference * scale, v.load(weightSums + i)));
            v.store(biasSums + i, v.load(biasSums + i) + gradient);
          }
          if (w != nullptr) gradient *= v.load(w + i);
          gradients += gradient;
          return gradient * difference;
        });
        if (gradInputView == nullptr) continue;
        T* out = gradInput.data() + row * size;
        const T meanGradient = static_cast<T>(wideSum(gradients) / count);
        const T slope = static_cast<T>(product / count * static_cast<double>(scale) * static_cast<double>(scale));
        eachVector<V>(size, [&](int64_t i, auto v) {
          V gradient = v.load(g + i);
          if (w != nullptr) gradient *= v.load(w + i);
          v.store(out + i, (gradient - meanGradient - (v.load(x + i) - centre) * slope) * scale);
        });
      }
    }
  });
  for (int64_t i = 0; summed && i < size; i++) {
    double weightSum = 0, biasSum = 0;
    for (int64_t block = 0; block < blocks; block++) {
      weightSum += static_cast<double>(sums[block * 2 * size + i]);
      biasSum += static_cast<double>(sums[block * 2 * size + size + i]);
    }
    if (gradWeightView != nullptr) gradWeight.data()[i] = static_cast<T>(weightSum);
    if (gradBiasView != nullptr) gradBias.data()[i] = static_cast<T>(biasSum);
  }
}

}  // namespace

void layerNorm(const View& out, const View& mean, const View& rstd, const View& input, const View* weight,
               const View* bias, double eps) {
  out.dtype == DType::Float64 ? layerNormOf<double>(out, mean, rstd, input, weight, bias, eps)
                              : layerNormOf<float>(out, mean, rstd, input, weight, bias, eps);
}

void layerNormBackward(const View* gradInput, const View* gradWeight, const View* gradBias, const View& gradOut,
                       const View& input, const View& mean, const View& rstd, const View* weight) {
  auto kernel = input.dtype == DType::Float64 ? layerNormBackwardOf<double> : layerNormBackwardOf<float>;
  kernel(gradInput, gradWeight, gradBias, gradOut, input, mean, rstd, weight);
}

}  // namespace flambeau::FLAMBEAU_ISA
