// Softmax and cross entropy. Rows are lines along the reduced dim; those that don't lie contiguous are gathered into
// scratch memory one by one.
#include <algorithm>
#include <cmath>
#include <limits>

#include "../threads.h"
#include "dense.h"
#include "kernels.h"
#include "vector_math.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

// Elements that are worth a chunk of their own: each costs an exponential.
constexpr int64_t kGrain = 8192;
constexpr int kLineSlot = 2;

FLAMBEAU_INLINE F64 expOf(F64 v) {
  return eachLane(v, [](double x) { return std::exp(x); });
}
FLAMBEAU_INLINE F32 expOf(F32 v) { return exp(v); }
FLAMBEAU_INLINE float expOf(float x) { return std::exp(x); }
FLAMBEAU_INLINE double expOf(double x) { return std::exp(x); }

template <typename X, typename T>
FLAMBEAU_INLINE X at(const T* p, X) {
  if constexpr (sizeof(X) == sizeof(T)) return *p;
  else return load<X>(p);
}

// out[i] = f(i) in vectors and then one by one.
template <typename T, typename F>
FLAMBEAU_INLINE void writeEach(T* out, int64_t count, F f) {
  using V = VectorOf<T>;
  int64_t i = 0;
  for (; i + kLanes<V> <= count; i += kLanes<V>) store(out + i, f(i, V{}));
  for (; i < count; i++) out[i] = f(i, T{});
}

template <typename T, typename F>
FLAMBEAU_INLINE T sumOf(int64_t count, F f) {
  using V = VectorOf<T>;
  constexpr int lanes = kLanes<V>;
  V sums[2] = {};
  int64_t i = 0;
  for (; i + 2 * lanes <= count; i += 2 * lanes) {
    sums[0] += f(i, V{});
    sums[1] += f(i + lanes, V{});
  }
  for (; i + lanes <= count; i += lanes) sums[0] += f(i, V{});
  double rest = 0;
  for (; i < count; i++) rest += f(i, T{});
  V both = sums[0] + sums[1];
  for (int j = 0; j < lanes; j++) rest += both[j];
  return static_cast<T>(rest);
}

// The largest element; NaN if there is one.
template <typename T>
T largest(const T* x, int64_t count) {
  using V = VectorOf<T>;
  constexpr int lanes = kLanes<V>;
  T best = -std::numeric_limits<T>::infinity();
  int64_t i = 0;
  if (count >= lanes) {
    V most = load<V>(x);
    for (i = lanes; i + lanes <= count; i += lanes) {
      most = maximum(most, load<V>(x + i));
    }
    for (int j = 0; j < lanes; j++) best = (most[j] > best || most[j] != most[j]) ? most[j] : best;
  }
  for (; i < count; i++) {
    if (best != best) break;
    best = (x[i] > best || x[i] != x[i]) ? x[i] : best;
  }
  return best;
}

template <typename T>
void softmaxLine(const T* x, T* y, int64_t count, bool log) {
  const T most = largest(x, count);
  if (log) {
    const T sum = sumOf<T>(count, [&](int64_t i, auto kind) { return expOf(at(x + i, kind) - most); });
    const T shift = std::log(sum);
    writeEach(y, count, [&](int64_t i, auto kind) { return at(x + i, kind) - most - shift; });
  } else {
    writeEach(y, count, [&](int64_t i, auto kind) { return expOf(at(x + i, kind) - most); });
    const T sum = sumOf<T>(count, [&](int64_t i, auto kind) { return at(y + i, kind); });
    writeEach(y, count, [&](int64_t i, auto kind) { return at(y + i, kind) / sum; });
  }
}

template <typename T>
void softmaxBackwardLine(const T* g, const T* y, T* out, int64_t count, bool log) {
  if (log) {
    const T sum = sumOf<T>(count, [&](int64_t i, auto kind) { return at(g + i, kind); });
    writeEach(out, count, [&](int64_t i, auto kind) { return at(g + i, kind) - expOf(at(y + i, kind)) * sum; });
  } else {
    const T sum = sumOf<T>(count, [&](int64_t i, auto kind) { return at(g + i, kind) * at(y + i, kind); });
    writeEach(out, count, [&](int64_t i, auto kind) { return at(y + i, kind) * (at(g + i, kind) - sum); });
  }
}

// The offset of the n-th line along `dim`.
int64_t lineOffset(const View& v, int dim, int64_t line) {
  int64_t offset = 0;
  for (int d = v.ndim - 1; d >= 0; d--) {
    if (d == dim) continue;
    offset += line % v.shape[d] * v.strides[d];
    line /= v.shape[d];
  }
  return offset;
}

// Runs body(inputs, output, count) for every line of `out` and of the inputs along `dim`, as contiguous lines.
template <typename T, int inputs, typename Body>
void eachLine(const View& out, const View* const (&in)[inputs], int dim, Body body) {
  const int64_t count = out.shape[dim], lines = count == 0 ? 0 : out.numel() / count;
  parallelFor(lines, std::max<int64_t>(1, kGrain / std::max<int64_t>(count, 1)), [&](int64_t from, int64_t to) {
    T* space = static_cast<T*>(scratch(kLineSlot, (inputs + 1) * count * static_cast<int64_t>(sizeof(T))));
    for (int64_t line = from; line < to; line++) {
      const T* sources[inputs];
      for (int k = 0; k < inputs; k++) {
        const T* source = in[k]->template as<const T>() + lineOffset(*in[k], dim, line);
        const int64_t stride = in[k]->strides[dim];
        sources[k] = source;
        if (stride == 1 || count == 1) continue;
        T* gathered = space + k * count;
        for (int64_t i = 0; i < count; i++) gathered[i] = source[i * stride];
        sources[k] = gathered;
      }
      T* place = out.as<T>() + lineOffset(out, dim, line);
      const int64_t stride = out.strides[dim];
      if (stride == 1 || count == 1) {
        body(sources, place, count);
        continue;
      }
      T* result = space + inputs * count;
      body(sources, result, count);
      for (int64_t i = 0; i < count; i++) place[i * stride] = result[i];
    }
  });
}

template <typename T>
void softmaxOf(const View& out, const View& input, int dim, bool log) {
  eachLine<T, 1>(out, {&input}, dim, [&](const T* const(&x)[1], T* y, int64_t count) { softmaxLine(x[0], y, count, log); });
}

template <typename T>
void softmaxBackwardOf(const View& gradInput, const View& gradOut, const View& out, int dim, bool log) {
  eachLine<T, 2>(gradInput, {&gradOut, &out}, dim, [&](const T* const(&x)[2], T* result, int64_t count) {
    softmaxBackwardLine(x[0], x[1], result, count, log);
  });
}

// What the rows of a cross entropy have in common.
template <typename T>
struct Entropy {
  const T* weight;  // per class, or null
  int64_t ignoreIndex;
  T smoothing;
  int64_t classes;

  T weightOf(int64_t c) const { return weight ? weight[c] : T(1); }
  bool ignored(int64_t target) const { return target == ignoreIndex; }
  // The sum of weights, for the part of the loss that every class has.
  T weightSum() const {
    if (!weight) return static_cast<T>(classes);
    return sumOf<T>(classes, [&](int64_t c, auto kind) { return at(weight + c, kind); });
  }
};

template <typename T>
int64_t crossEntropyOf(const View& lossView, const View& lseView, const View& logitView, const View& targetView,
                       const View* weightView, int64_t ignoreIndex, double smoothing) {
  const int64_t rows = logitView.shape[0], classes = logitView.shape[1];
  DenseInput<T> logits(logitView), weight(weightView);
  DenseInput<int64_t> targets(targetView);
  const Entropy<T> entropy{weight.data(), ignoreIndex, static_cast<T>(smoothing), classes};
  int64_t counted = 0;
  for (int64_t row = 0; row < rows; row++) {
    const int64_t target = targets.data()[row];
    if (entropy.ignored(target)) continue;
    if (target < 0 || target >= classes) return -1 - row;
    counted++;
  }
  DenseOutput<T> losses(lossView), logSumExp(lseView);
  const T weightSum = entropy.smoothing != 0 ? entropy.weightSum() : T(0);
  parallelFor(rows, std::max<int64_t>(1, kGrain / std::max<int64_t>(classes, 1)), [&](int64_t from, int64_t to) {
    for (int64_t row = from; row < to; row++) {
      const T* x = logits.data() + row * classes;
      const T most = largest(x, classes);
      const T sum = sumOf<T>(classes, [&](int64_t c, auto kind) { return expOf(at(x + c, kind) - most); });
      const T lse = most + std::log(sum);
      logSumExp.data()[row] = lse;
      const int64_t target = targets.data()[row];
      T loss = 0;
      if (!entropy.ignored(target)) {
        loss = entropy.weightOf(target) * (1 - entropy.smoothing) * (lse - x[target]);
        if (entropy.smoothing != 0) {
          const T* w = entropy.weight;
          const T weighted = sumOf<T>(classes, [&](int64_t c, auto kind) {
            auto value = at(x + c, kind);
            return w ? value * at(w + c, kind) : value;
          });
          loss += entropy.smoothing / static_cast<T>(classes) * (lse * weightSum - weighted);
        }
      }
      losses.data()[row] = loss;
    }
  });
  return counted;
}

template <typename T>
void crossEntropyBackwardOf(const View& gradView, const View& gradLossView, const View& lseView, const View& logitView,
                            const View& targetView, const View* weightView, int64_t ignoreIndex, double smoothing) {
  const int64_t rows = logitView.shape[0], classes = logitView.shape[1];
  DenseInput<T> gradLosses(gradLossView), logSumExp(lseView), logits(logitView), weight(weightView);
  DenseInput<int64_t> targets(targetView);
  DenseOutput<T> gradients(gradView);
  const Entropy<T> entropy{weight.data(), ignoreIndex, static_cast<T>(smoothing), classes};
  const T weightSum = entropy.smoothing != 0 ? entropy.weightSum() : T(0);
  const T everyClass = entropy.smoothing / static_cast<T>(classes);
  parallelFor(rows, std::max<int64_t>(1, kGrain / std::max<int64_t>(classes, 1)), [&](int64_t from, int64_t to) {
    for (int64_t row = from; row < to; row++) {
      T* out = gradients.data() + row * classes;
      const int64_t target = targets.data()[row];
      if (entropy.ignored(target)) {
        std::fill(out, out + classes, T(0));
        continue;
      }
      const T* x = logits.data() + row * classes;
      const T grad = gradLosses.data()[row], lse = logSumExp.data()[row];
      const T own = entropy.weightOf(target) * (1 - entropy.smoothing);
      const T total = own + everyClass * weightSum;
      const T* w = entropy.weight;
      writeEach(out, classes, [&](int64_t c, auto kind) {
        auto share = (w ? at(w + c, kind) : decltype(kind){} + T(1)) * everyClass;
        return (expOf(at(x + c, kind) - lse) * total - share) * grad;
      });
      out[target] -= own * grad;
    }
  });
}

void softmax(const View& out, const View& input, int dim, bool log) {
  out.dtype == DType::Float32 ? softmaxOf<float>(out, input, dim, log) : softmaxOf<double>(out, input, dim, log);
}
void softmaxBackward(const View& gradInput, const View& gradOut, const View& out, int dim, bool log) {
  out.dtype == DType::Float32 ? softmaxBackwardOf<float>(gradInput, gradOut, out, dim, log)
                              : softmaxBackwardOf<double>(gradInput, gradOut, out, dim, log);
}
int64_t crossEntropy(const View& losses, const View& logSumExp, const View& logits, const View& targets, const View* weight,
                     int64_t ignoreIndex, double smoothing) {
  return logits.dtype == DType::Float32
             ? crossEntropyOf<float>(losses, logSumExp, logits, targets, weight, ignoreIndex, smoothing)
             : crossEntropyOf<double>(losses, logSumExp, logits, targets, weight, ignoreIndex, smoothing);
}
void crossEntropyBackward(const View& gradLogits, const View& gradLosses, const View& logSumExp, const View& logits,
                          const View& targets, const View* weight, int64_t ignoreIndex, double smoothing) {
  logits.dtype == DType::Float32 ? crossEntropyBackwardOf<float>(gradLogits, gradLosses, logSumExp, logits, targets, weight,
                                                                 ignoreIndex, smoothing)
                                 : crossEntropyBackwardOf<double>(gradLogits, gradLosses, logSumExp, logits, targets, weight,
                                                                  ignoreIndex, smoothing);
}

}  // namespace

void fillSoftmax(SoftmaxKernels& table) {
  table.softmax = softmax;
  table.softmaxBackward = softmaxBackward;
  table.crossEntropy = crossEntropy;
  table.crossEntropyBackward = crossEntropyBackward;
}

}  // namespace flambeau::FLAMBEAU_ISA
