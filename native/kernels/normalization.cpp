// Batch norm and layer norm with their gradients. Sums run over short pieces in vectors of the element type and are added
// up in double, so that a mean over a large batch is as exact as one over a small one.
#include <algorithm>
#include <cmath>
#include <vector>

#include "../threads.h"
#include "dense.h"
#include "kernels.h"
#include "vector.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

// Elements that are worth a chunk of their own.
constexpr int64_t kGrain = 16384;
// How many elements are summed in the element type before the sum goes over to double.
constexpr int64_t kPiece = 2048;
// Rows of layer norm whose parameter gradients are summed together, whatever the number of threads.
constexpr int64_t kRowBlock = 64;

template <typename V>
FLAMBEAU_INLINE double laneSum(V v) {
  double sum = 0;
  for (int i = 0; i < kLanes<V>; i++) sum += v[i];
  return sum;
}

// The sums over i of two functions of position i, `one` for a vector of lanes and for a single element alike.
template <typename T, typename F>
FLAMBEAU_INLINE void sumTwo(int64_t count, F f, double& first, double& second) {
  using V = VectorOf<T>;
  constexpr int lanes = kLanes<V>;
  for (int64_t begin = 0; begin < count; begin += kPiece) {
    const int64_t end = std::min(begin + kPiece, count);
    V a[2] = {}, b[2] = {};
    int64_t i = begin;
    for (; i + 2 * lanes <= end; i += 2 * lanes) {
      f(i, a[0], b[0], V{});
      f(i + lanes, a[1], b[1], V{});
    }
    double restA = 0, restB = 0;
    for (; i < end; i++) {
      T x = 0, y = 0;
      f(i, x, y, T{});
      restA += x;
      restB += y;
    }
    first += laneSum(a[0]) + laneSum(a[1]) + restA;
    second += laneSum(b[0]) + laneSum(b[1]) + restB;
  }
}

// A vector or an element at p, by the type asked for.
template <typename X, typename T>
FLAMBEAU_INLINE X at(const T* p, X) {
  if constexpr (sizeof(X) == sizeof(T)) return *p;
  else return load<X>(p);
}

template <typename T, typename F>
FLAMBEAU_INLINE void writeEach(T* out, int64_t count, F f) {
  using V = VectorOf<T>;
  constexpr int lanes = kLanes<V>;
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) store(out + i, f(i, V{}));
  for (; i < count; i++) out[i] = f(i, T{});
}

// [N, C, ...S] as N x C runs of `size` elements.
struct Channels {
  int64_t batch, channels, size;
  explicit Channels(const View& v) : batch(v.shape[0]), channels(v.shape[1]), size(1) {
    for (int d = 2; d < v.ndim; d++) size *= v.shape[d];
  }
  int64_t run(int64_t n, int64_t c) const { return (n * channels + c) * size; }
  int64_t perChannel() const { return batch * size; }
  template <typename Body>
  void each(Body body) const {
    parallelFor(channels, std::max<int64_t>(1, kGrain / std::max<int64_t>(perChannel(), 1)), [&](int64_t from, int64_t to) {
      for (int64_t c = from; c < to; c++) body(c);
    });
  }
};

template <typename T>
void normalizeChannel(const Channels& shape, int64_t c, const T* x, T* y, T mean, T scale, T shift) {
  for (int64_t n = 0; n < shape.batch; n++) {
    const T* from = x + shape.run(n, c);
    writeEach(y + shape.run(n, c), shape.size, [&](int64_t i, auto kind) { return (at(from + i, kind) - mean) * scale + shift; });
  }
}

template <typename T>
void batchNormOf(const View& outView, const View& meanView, const View& rstdView, const View& inputView, const View* weightView,
                 const View* biasView, const View* runningMeanView, const View* runningVarianceView, double momentum,
                 double eps) {
  const Channels shape(inputView);
  DenseInput<T> input(inputView), weight(weightView), bias(biasView);
  DenseOutput<T> out(outView), mean(meanView), rstd(rstdView);
  const int64_t count = shape.perChannel();
  shape.each([&](int64_t c) {
    double sum = 0, unused = 0;
    for (int64_t n = 0; n < shape.batch; n++) {
      const T* x = input.data() + shape.run(n, c);
      sumTwo<T>(shape.size, [&](int64_t i, auto& a, auto&, auto kind) { a += at(x + i, kind); }, sum, unused);
    }
    const T centre = static_cast<T>(sum / count);
    double squares = 0, drift = 0;
    for (int64_t n = 0; n < shape.batch; n++) {
      const T* x = input.data() + shape.run(n, c);
      sumTwo<T>(shape.size,
                [&](int64_t i, auto& a, auto& b, auto kind) {
                  auto d = at(x + i, kind) - centre;
                  a += d * d;
                  b += d;
                },
                squares, drift);
    }
    // The rounding of the mean is taken out of the variance again.
    const double variance = (squares - drift * drift / count) / count;
    const T scale = static_cast<T>(1 / std::sqrt(variance + eps));
    mean.data()[c] = centre;
    rstd.data()[c] = scale;
    if (runningMeanView) {
      T& m = runningMeanView->as<T>()[c * runningMeanView->strides[0]];
      T& v = runningVarianceView->as<T>()[c * runningVarianceView->strides[0]];
      m = static_cast<T>((1 - momentum) * m + momentum * (sum / count));
      v = static_cast<T>((1 - momentum) * v + momentum * (variance * count / (count - 1)));
    }
    const T w = weight.data() ? weight.data()[c] : T(1), b = bias.data() ? bias.data()[c] : T(0);
    normalizeChannel(shape, c, input.data(), out.data(), centre, scale * w, b);
  });
}

template <typename T>
void batchNormWithOf(const View& outView, const View& inputView, const View& meanView, const View& rstdView,
                     const View* weightView, const View* biasView) {
  const Channels shape(inputView);
  DenseInput<T> input(inputView), mean(meanView), rstd(rstdView), weight(weightView), bias(biasView);
  DenseOutput<T> out(outView);
  // One sample may be all there is: cut by runs rather than channels.
  const int64_t runs = shape.batch * shape.channels;
  parallelFor(runs, std::max<int64_t>(1, kGrain / std::max<int64_t>(shape.size, 1)), [&](int64_t from, int64_t to) {
    for (int64_t run = from; run < to; run++) {
      const int64_t c = run % shape.channels;
      const T w = weight.data() ? weight.data()[c] : T(1), b = bias.data() ? bias.data()[c] : T(0);
      const T centre = mean.data()[c], scale = rstd.data()[c] * w;
      const T* x = input.data() + run * shape.size;
      writeEach(out.data() + run * shape.size, shape.size,
                [&](int64_t i, auto kind) { return (at(x + i, kind) - centre) * scale + b; });
    }
  });
}

template <typename T>
void batchNormBackwardOf(const View* gradInputView, const View* gradWeightView, const View* gradBiasView,
                         const View& gradOutView, const View& inputView, const View& meanView, const View& rstdView,
                         const View* weightView, bool batchStatistics) {
  const Channels shape(inputView);
  DenseInput<T> input(inputView), gradOut(gradOutView), mean(meanView), rstd(rstdView), weight(weightView);
  DenseOutput<T> gradInput(gradInputView), gradWeight(gradWeightView), gradBias(gradBiasView);
  const int64_t count = shape.perChannel();
  const bool needSums = gradWeightView || gradBiasView || batchStatistics;
  shape.each([&](int64_t c) {
    const T centre = mean.data()[c], scale = rstd.data()[c];
    double gradSum = 0, productSum = 0;  // of g, and of g * (x - mean)
    for (int64_t n = 0; needSums && n < shape.batch; n++) {
      const T* x = input.data() + shape.run(n, c);
      const T* g = gradOut.data() + shape.run(n, c);
      sumTwo<T>(shape.size,
                [&](int64_t i, auto& a, auto& b, auto kind) {
                  auto grad = at(g + i, kind);
                  a += grad;
                  b += grad * (at(x + i, kind) - centre);
                },
                gradSum, productSum);
    }
    if (gradBiasView) gradBias.data()[c] = static_cast<T>(gradSum);
    if (gradWeightView) gradWeight.data()[c] = static_cast<T>(productSum * scale);
    if (!gradInputView) return;
    const T w = weight.data() ? weight.data()[c] : T(1);
    const T factor = scale * w;
    // g_x = w rstd (g - mean(g) - x̂ mean(g x̂)); with given statistics only the first term.
    const T meanGrad = batchStatistics ? static_cast<T>(gradSum / count) : T(0);
    const T slope = batchStatistics ? static_cast<T>(productSum / count * scale * scale) : T(0);
    for (int64_t n = 0; n < shape.batch; n++) {
      const T* x = input.data() + shape.run(n, c);
      const T* g = gradOut.data() + shape.run(n, c);
      writeEach(gradInput.data() + shape.run(n, c), shape.size, [&](int64_t i, auto kind) {
        return (at(g + i, kind) - meanGrad - (at(x + i, kind) - centre) * slope) * factor;
      });
    }
  });
}

template <typename T>
void layerNormOf(const View& outView, const View& meanView, const View& rstdView, const View& inputView,
                 const View* weightView, const View* biasView, double eps) {
  const int64_t rows = inputView.shape[0], size = inputView.shape[1];
  DenseInput<T> input(inputView), weight(weightView), bias(biasView);
  DenseOutput<T> out(outView), mean(meanView), rstd(rstdView);
  const T *w = weight.data(), *b = bias.data();
  parallelFor(rows, std::max<int64_t>(1, kGrain / std::max<int64_t>(size, 1)), [&](int64_t from, int64_t to) {
    for (int64_t row = from; row < to; row++) {
      const T* x = input.data() + row * size;
      double sum = 0, unused = 0, squares = 0, drift = 0;
      sumTwo<T>(size, [&](int64_t i, auto& a, auto&, auto kind) { a += at(x + i, kind); }, sum, unused);
      const T centre = static_cast<T>(sum / size);
      sumTwo<T>(size,
                [&](int64_t i, auto& a, auto& s, auto kind) {
                  auto d = at(x + i, kind) - centre;
                  a += d * d;
                  s += d;
                },
                squares, drift);
      const T scale = static_cast<T>(1 / std::sqrt((squares - drift * drift / size) / size + eps));
      mean.data()[row] = centre;
      rstd.data()[row] = scale;
      T* y = out.data() + row * size;
      auto normal = [&](int64_t i, auto kind) { return (at(x + i, kind) - centre) * scale; };
      if (w && b) writeEach(y, size, [&](int64_t i, auto kind) { return normal(i, kind) * at(w + i, kind) + at(b + i, kind); });
      else if (w) writeEach(y, size, [&](int64_t i, auto kind) { return normal(i, kind) * at(w + i, kind); });
      else if (b) writeEach(y, size, [&](int64_t i, auto kind) { return normal(i, kind) + at(b + i, kind); });
      else writeEach(y, size, normal);
    }
  });
}

template <typename T>
void layerNormBackwardOf(const View* gradInputView, const View* gradWeightView, const View* gradBiasView,
                         const View& gradOutView, const View& inputView, const View& meanView, const View& rstdView,
                         const View* weightView) {
  const int64_t rows = inputView.shape[0], size = inputView.shape[1];
  DenseInput<T> input(inputView), gradOut(gradOutView), mean(meanView), rstd(rstdView), weight(weightView);
  DenseOutput<T> gradInput(gradInputView), gradWeight(gradWeightView), gradBias(gradBiasView);
  const T* w = weight.data();
  const bool parameters = gradWeightView || gradBiasView;
  const int64_t blocks = (rows + kRowBlock - 1) / kRowBlock;
  // Each block's own sums for weight and bias, added up in order afterwards.
  std::vector<T> sums(parameters ? static_cast<size_t>(blocks * 2 * size) : 0);
  parallelFor(blocks, std::max<int64_t>(1, kGrain / std::max<int64_t>(kRowBlock * size, 1)), [&](int64_t from, int64_t to) {
    for (int64_t block = from; block < to; block++) {
      T* weightSums = parameters ? sums.data() + block * 2 * size : nullptr;
      T* biasSums = weightSums + size;
      for (int64_t row = block * kRowBlock; row < std::min((block + 1) * kRowBlock, rows); row++) {
        const T* x = input.data() + row * size;
        const T* g = gradOut.data() + row * size;
        const T centre = mean.data()[row], scale = rstd.data()[row];
        if (parameters) {
          writeEach(weightSums, size, [&](int64_t i, auto kind) {
            return at(weightSums + i, kind) + at(g + i, kind) * ((at(x + i, kind) - centre) * scale);
          });
          writeEach(biasSums, size, [&](int64_t i, auto kind) { return at(biasSums + i, kind) + at(g + i, kind); });
        }
        if (!gradInputView) continue;
        double gradSum = 0, productSum = 0;
        auto scaled = [&](int64_t i, auto kind) {
          auto grad = at(g + i, kind);
          return w ? grad * at(w + i, kind) : grad;
        };
        sumTwo<T>(size,
                  [&](int64_t i, auto& a, auto& b, auto kind) {
                    auto grad = scaled(i, kind);
                    a += grad;
                    b += grad * (at(x + i, kind) - centre);
                  },
                  gradSum, productSum);
        const T meanGrad = static_cast<T>(gradSum / size), slope = static_cast<T>(productSum / size * scale * scale);
        writeEach(gradInput.data() + row * size, size, [&](int64_t i, auto kind) {
          return (scaled(i, kind) - meanGrad - (at(x + i, kind) - centre) * slope) * scale;
        });
      }
    }
  });
  for (int64_t i = 0; parameters && i < size; i++) {
    double weightSum = 0, biasSum = 0;
    for (int64_t block = 0; block < blocks; block++) {
      weightSum += sums[block * 2 * size + i];
      biasSum += sums[block * 2 * size + size + i];
    }
    if (gradWeightView) gradWeight.data()[i] = static_cast<T>(weightSum);
    if (gradBiasView) gradBias.data()[i] = static_cast<T>(biasSum);
  }
}

#define FLAMBEAU_BY_DTYPE(view, kernel, ...) \
  (view).dtype == DType::Float32 ? kernel<float>(__VA_ARGS__) : kernel<double>(__VA_ARGS__)

void batchNorm(const View& out, const View& mean, const View& rstd, const View& input, const View* weight, const View* bias,
               const View* runningMean, const View* runningVariance, double momentum, double eps) {
  FLAMBEAU_BY_DTYPE(out, batchNormOf, out, mean, rstd, input, weight, bias, runningMean, runningVariance, momentum, eps);
}
void batchNormWith(const View& out, const View& input, const View& mean, const View& rstd, const View* weight,
                   const View* bias) {
  FLAMBEAU_BY_DTYPE(out, batchNormWithOf, out, input, mean, rstd, weight, bias);
}
void batchNormBackward(const View* gradInput, const View* gradWeight, const View* gradBias, const View& gradOut,
                       const View& input, const View& mean, const View& rstd, const View* weight, bool batchStatistics) {
  FLAMBEAU_BY_DTYPE(input, batchNormBackwardOf, gradInput, gradWeight, gradBias, gradOut, input, mean, rstd, weight,
                    batchStatistics);
}
void layerNorm(const View& out, const View& mean, const View& rstd, const View& input, const View* weight, const View* bias,
               double eps) {
  FLAMBEAU_BY_DTYPE(out, layerNormOf, out, mean, rstd, input, weight, bias, eps);
}
void layerNormBackward(const View* gradInput, const View* gradWeight, const View* gradBias, const View& gradOut,
                       const View& input, const View& mean, const View& rstd, const View* weight) {
  FLAMBEAU_BY_DTYPE(input, layerNormBackwardOf, gradInput, gradWeight, gradBias, gradOut, input, mean, rstd, weight);
}

#undef FLAMBEAU_BY_DTYPE

}  // namespace

void fillNorm(NormKernels& table) {
  table.batchNorm = batchNorm;
  table.batchNormWith = batchNormWith;
  table.batchNormBackward = batchNormBackward;
  table.layerNorm = layerNorm;
  table.layerNormBackward = layerNormBackward;
}

}  // namespace flambeau::FLAMBEAU_ISA
