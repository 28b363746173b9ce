// Batch norm and its gradient. A channel of all samples is worked through while it lies in the cache: statistics first,
// then, from its end back to its beginning, the result. Channels too long for that are cut into parts.
//
// Statistics come from pieces of a few thousand elements: a piece's mean, then its squared differences from that, in the
// element type; pieces are joined in double (Chan, Golub and LeVeque 1979), so nothing is lost to a mean far from 0.
#include <algorithm>
#include <cmath>

#include "../threads.h"
#include "dense.h"
#include "normalization.h"
#include "rows.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

// Elements of a piece: 16 KiB of floats, which stay in the first-level cache from one pass to the next.
constexpr int64_t kPiece = 4096;
// Elements of a part of a channel.
constexpr int64_t kPart = 1 << 18;
// Elements a thread should have at least.
constexpr int64_t kGrain = 16384;
constexpr int kPartSlot = 0;

// A channel's elements, or some of them: runs of neighbours, one for each sample.
struct Runs {
  int64_t count, offset, step, size;

  // Calls f(offset of the first run, runs) for pieces of at most kPiece elements; runs longer than that come in parts.
  template <typename F>
  void pieces(F f) const {
    const int64_t together = std::max<int64_t>(1, kPiece / size), parts = (size + kPiece - 1) / kPiece;
    for (int64_t n = 0; n < count; n += together) {
      for (int64_t p = 0; p < parts; p++) {
        const int64_t from = size * p / parts;
        f(Runs{std::min(together, count - n), offset + n * step + from, step, size * (p + 1) / parts - from});
      }
    }
  }
  int64_t elements() const { return count * size; }
};

// How [N, C, ...S] is cut: every channel into parts, by samples and, where there are too few of those, within runs.
struct Channels {
  int64_t batch, channels, size = 1, sampleParts, runParts;

  explicit Channels(const View& v) : batch(v.shape[0]), channels(v.shape[1]) {
    for (int d = 2; d < v.ndim; d++) size *= v.shape[d];
    const int64_t parts = std::max<int64_t>(1, batch * size / kPart);
    sampleParts = std::max<int64_t>(1, std::min(parts, batch));
    runParts = std::max<int64_t>(1, std::min(parts / sampleParts, size / kPiece));
  }
  int64_t parts() const { return sampleParts * runParts; }
  double count() const { return static_cast<double>(batch * size); }
  Runs part(int64_t c, int64_t index) const {
    const int64_t s = index / runParts, r = index % runParts, from = size * r / runParts;
    const int64_t first = batch * s / sampleParts, last = batch * (s + 1) / sampleParts;
    return {last - first, first * channels * size + c * size + from, channels * size,
            size * (r + 1) / runParts - from};
  }
  // Calls body(channel, part) for all.
  template <typename Body>
  void each(Body body) const {
    const int64_t perPart = std::max<int64_t>(1, batch * size / parts());
    parallelFor(channels * parts(), kGrain / perPart + 1, [&](int64_t begin, int64_t end) {
      for (int64_t item = begin; item < end; item++) body(item / parts(), item % parts());
    });
  }
};

// Summarises all parts of each channel, then applies what came of it, at once where a channel is one part. The summary's
// `join` adds another part's; `conclude` sees the whole channel's once.
template <typename Summary, typename Summarise, typename Conclude, typename Apply>
void summariseAndApply(const Channels& shape, Summarise summarise, Conclude conclude, Apply apply) {
  const int64_t parts = shape.parts();
  if (parts == 1) {
    return shape.each([&](int64_t c, int64_t part) {
      const Runs runs = shape.part(c, part);
      Summary summary = summarise(c, runs);
      conclude(c, summary);
      apply(c, runs, summary);
    });
  }
  auto* summaries = static_cast<Summary*>(
      scratch(kPartSlot, shape.channels * parts * static_cast<int64_t>(sizeof(Summary))));
  shape.each([&](int64_t c, int64_t part) { summaries[c * parts + part] = summarise(c, shape.part(c, part)); });
  for (int64_t c = 0; c < shape.channels; c++) {
    for (int64_t part = 1; part < parts; part++) summaries[c * parts].join(summaries[c * parts + part]);
    conclude(c, summaries[c * parts]);
  }
  shape.each([&](int64_t c, int64_t part) { apply(c, shape.part(c, part), summaries[c * parts]); });
}

struct Moments {
  double count = 0, mean = 0, squares = 0;  // squared differences from the mean

  void join(const Moments& other) {
    const double total = count + other.count, difference = other.mean - mean;
    if (total == 0) return;
    mean += difference * other.count / total;
    squares += other.squares + difference * difference * count * other.count / total;
    count = total;
  }
};

template <typename T>
Moments momentsOf(const T* x, const Runs& runs) {
  using V = VectorOf<T>;
  Moments total;
  runs.pieces([&](const Runs& piece) {
    V sums[4] = {};
    for (int64_t r = 0; r < piece.count; r++) {
      const T* run = x + piece.offset + r * piece.step;
      eachVectorInFours<V>(piece.size, [&](int64_t i, int way, auto v) { sums[way] += v.load(run + i); });
    }
    const double n = static_cast<double>(piece.elements());
    const T centre = static_cast<T>(wideSum(sumOfFour(sums)) / n);
    V squares[4] = {}, drifts[4] = {};
    for (int64_t r = 0; r < piece.count; r++) {
      const T* run = x + piece.offset + r * piece.step;
      eachVectorInFours<V>(piece.size, [&](int64_t i, int way, auto v) {
        V d = v.keep(v.load(run + i) - centre);
        squares[way] = fma(d, d, squares[way]);
        drifts[way] += d;
      });
    }
    // What rounding took from the piece's mean.
    const double drift = wideSum(sumOfFour(drifts)) / n;
    total.join({n, centre + drift, wideSum(sumOfFour(squares)) - drift * drift * n});
  });
  return total;
}

struct GradientSums {
  double gradient = 0, product = 0;  // of g, and of g * (x - mean)

  void join(const GradientSums& other) {
    gradient += other.gradient;
    product += other.product;
  }
};

template <typename T>
GradientSums gradientSumsOf(const T* g, const T* x, T centre, const Runs& runs) {
  using V = VectorOf<T>;
  GradientSums total;
  runs.pieces([&](const Runs& piece) {
    V gradients[4] = {}, products[4] = {};
    for (int64_t r = 0; r < piece.count; r++) {
      const int64_t at = piece.offset + r * piece.step;
      eachVectorInFours<V>(piece.size, [&](int64_t i, int way, auto v) {
        V gradient = v.load(g + at + i);
        gradients[way] += gradient;
        products[way] = fma(gradient, v.keep(v.load(x + at + i) - centre), products[way]);
      });
    }
    total.join({wideSum(sumOfFour(gradients)), wideSum(sumOfFour(products))});
  });
  return total;
}

// Calls f(offset, vector) for all elements, the last runs first: those are the ones still in the cache.
template <typename V, typename F>
FLAMBEAU_INLINE void eachElementBackwards(const Runs& runs, F f) {
  for (int64_t r = runs.count - 1; r >= 0; r--) {
    const int64_t at = runs.offset + r * runs.step;
    eachVector<V>(runs.size, [&](int64_t i, auto v) { f(at + i, v); });
  }
}

// ---- [N, C] without more dims: channels are neighbours, and vectors go across them

// Rows summed in the element type before the sums go over to double.
constexpr int64_t kRowPiece = 64;

template <typename V>
struct ColumnSums {
  double lanes[kLanes<V>] = {};
  void add(V v) {
    for (int i = 0; i < kLanes<V>; i++) lanes[i] += static_cast<double>(v[i]);
  }
};

// first[j] = sum over rows of f(element offset).first, and so on, for the columns of one vector.
template <typename V, typename Part, typename F>
FLAMBEAU_INLINE void sumColumns(int64_t rows, int64_t width, int64_t column, Part part, ColumnSums<V>& first,
                                ColumnSums<V>& second, F f) {
  for (int64_t from = 0; from < rows; from += kRowPiece) {
    V a = {}, b = {};
    const int64_t to = std::min(from + kRowPiece, rows);
    for (int64_t n = from; n < to; n++) f(n * width + column, part, a, b);
    first.add(a);
    second.add(b);
  }
}

// Calls body(column, vector) for all columns, by vectors, on the thread pool.
template <typename V, typename Body>
void eachColumn(int64_t rows, int64_t columns, Body body) {
  const int64_t perVector = std::max<int64_t>(1, rows * kLanes<V>);
  parallelFor((columns + kLanes<V> - 1) / kLanes<V>, kGrain / perVector + 1, [&](int64_t begin, int64_t end) {
    const int64_t from = begin * kLanes<V>, to = std::min(end * kLanes<V>, columns);
    eachVector<V>(to - from, [&](int64_t i, auto v) { body(from + i, v); });
  });
}

// ---- the kernels

template <typename T>
struct Parameters {
  const DenseInput<T> weight, bias;
  Parameters(const View* w, const View* b) : weight(w), bias(b) {}
  T weightOf(int64_t c) const { return weight.data() ? weight.data()[c] : T(1); }
  T biasOf(int64_t c) const { return bias.data() ? bias.data()[c] : T(0); }
};

// Where the statistics go.
template <typename T>
struct Statistics {
  const View &mean, &rstd, *runningMean, *runningVariance;
  double momentum, eps;

  void write(int64_t c, const Moments& moments) const {
    const double variance = moments.squares / moments.count;
    mean.as<T>()[c * mean.strides[0]] = static_cast<T>(moments.mean);
    rstd.as<T>()[c * rstd.strides[0]] = static_cast<T>(1 / std::sqrt(variance + eps));
    if (runningMean == nullptr) return;
    T& m = runningMean->as<T>()[c * runningMean->strides[0]];
    T& v = runningVariance->as<T>()[c * runningVariance->strides[0]];
    m = static_cast<T>((1 - momentum) * m + momentum * moments.mean);
    v = static_cast<T>((1 - momentum) * v + momentum * (moments.squares / (moments.count - 1)));
  }
  T meanOf(int64_t c) const { return mean.as<T>()[c * mean.strides[0]]; }
  T rstdOf(int64_t c) const { return rstd.as<T>()[c * rstd.strides[0]]; }
};

template <typename T>
void batchNormOf(const View& outView, const View& inputView, const View* weightView, const View* biasView,
                 const Statistics<T>& statistics) {
  using V = VectorOf<T>;
  const Channels shape(inputView);
  const DenseInput<T> input(inputView);
  const Parameters<T> parameters(weightView, biasView);
  DenseOutput<T> out(outView);
  const T* x = input.data();
  T* y = out.data();
  if (shape.size == 1) {
    const int64_t rows = shape.batch, width = shape.channels;
    return eachColumn<V>(rows, width, [&](int64_t c, auto part) {
      ColumnSums<V> sums, drifts, squares;
      sumColumns<V>(rows, width, c, part, sums, drifts, [&](int64_t at, auto v, V& sum, V&) { sum += v.load(x + at); });
      V centre = {}, scale = {}, shift = {};
      const int count = static_cast<int>(std::min<int64_t>(kLanes<V>, width - c));
      for (int i = 0; i < count; i++) centre[i] = static_cast<T>(sums.lanes[i] / shape.count());
      drifts = {};
      sumColumns<V>(rows, width, c, part, squares, drifts, [&](int64_t at, auto v, V& square, V& drift) {
        const V d = v.load(x + at) - centre;
        square = fma(d, d, square);
        drift += d;
      });
      for (int i = 0; i < count; i++) {
        const double drift = drifts.lanes[i] / shape.count();
        statistics.write(c + i, {shape.count(), centre[i] + drift, squares.lanes[i] - drift * drift * shape.count()});
        centre[i] = statistics.meanOf(c + i);
        scale[i] = statistics.rstdOf(c + i) * parameters.weightOf(c + i);
        shift[i] = parameters.biasOf(c + i);
      }
      for (int64_t n = 0; n < rows; n++) {
        part.store(y + n * width + c, fma(part.load(x + n * width + c) - centre, scale, shift));
      }
    });
  }
  summariseAndApply<Moments>(
      shape, [&](int64_t, const Runs& runs) { return momentsOf(x, runs); },
      [&](int64_t c, const Moments& moments) { statistics.write(c, moments); },
      [&](int64_t c, const Runs& runs, const Moments&) {
        const T centre = statistics.meanOf(c);
        const V scale = statistics.rstdOf(c) * parameters.weightOf(c) - V{}, shift = parameters.biasOf(c) - V{};
        eachElementBackwards<V>(runs, [&](int64_t at, auto v) {
          v.store(y + at, fma(v.load(x + at) - centre, scale, shift));
        });
      });
}

template <typename T>
void batchNormWithOf(const View& outView, const View& inputView, const View& meanView, const View& rstdView,
                     const View* weightView, const View* biasView) {
  using V = VectorOf<T>;
  const Channels shape(inputView);
  const DenseInput<T> input(inputView), mean(meanView), rstd(rstdView);
  const Parameters<T> parameters(weightView, biasView);
  DenseOutput<T> out(outView);
  const T* x = input.data();
  T* y = out.data();
  if (shape.size == 1) {
    const int64_t rows = shape.batch, width = shape.channels;
    return eachColumn<V>(rows, width, [&](int64_t c, auto part) {
      const V ones = T(1) - V{};
      const V weight = parameters.weight.data() ? part.load(parameters.weight.data() + c) : ones;
      const V shift = parameters.bias.data() ? part.load(parameters.bias.data() + c) : V{};
      const V centre = part.load(mean.data() + c), scale = part.load(rstd.data() + c) * weight;
      for (int64_t n = 0; n < rows; n++) {
        part.store(y + n * width + c, fma(part.load(x + n * width + c) - centre, scale, shift));
      }
    });
  }
  // One sample may be all there is: shared out by runs rather than channels.
  const int64_t runs = shape.batch * shape.channels;
  parallelFor(runs, kGrain / std::max<int64_t>(shape.size, 1) + 1, [&](int64_t begin, int64_t end) {
    for (int64_t run = begin; run < end; run++) {
      const int64_t c = run % shape.channels, at = run * shape.size;
      const T centre = mean.data()[c];
      const V scale = rstd.data()[c] * parameters.weightOf(c) - V{}, shift = parameters.biasOf(c) - V{};
      eachVector<V>(shape.size, [&](int64_t i, auto v) {
        v.store(y + at + i, fma(v.load(x + at + i) - centre, scale, shift));
      });
    }
  });
}

// g_x = w rstd (g - mean(g) - x̂ mean(g x̂)); with given statistics only the first term.
template <typename T>
void batchNormBackwardOf(const View* gradInputView, const View* gradWeightView, const View* gradBiasView,
                         const View& gradOutView, const View& inputView, const View& meanView, const View& rstdView,
                         const View* weightView, bool batchStatistics) {
  using V = VectorOf<T>;
  const Channels shape(inputView);
  const DenseInput<T> input(inputView), gradOut(gradOutView), mean(meanView), rstd(rstdView);
  const Parameters<T> parameters(weightView, nullptr);
  DenseOutput<T> gradInput(gradInputView), gradWeight(gradWeightView), gradBias(gradBiasView);
  const T *x = input.data(), *g = gradOut.data();
  T* out = gradInput.data();
  const bool summed = gradWeightView != nullptr || gradBiasView != nullptr || batchStatistics;
  auto writeSums = [&](int64_t c, const GradientSums& sums) {
    if (gradBiasView != nullptr) gradBias.data()[c] = static_cast<T>(sums.gradient);
    if (gradWeightView != nullptr) gradWeight.data()[c] = static_cast<T>(sums.product * static_cast<double>(rstd.data()[c]));
  };
  // What a channel's gradients are made with: g * factor - (x - centre) * slope - shift.
  struct Line {
    T factor, slope, shift;
  };
  auto lineOf = [&](int64_t c, const GradientSums& sums) {
    const double r = rstd.data()[c], factor = r * static_cast<double>(parameters.weightOf(c));
    if (!batchStatistics) return Line{static_cast<T>(factor), T(0), T(0)};
    return Line{static_cast<T>(factor), static_cast<T>(sums.product / shape.count() * r * r * factor),
                static_cast<T>(sums.gradient / shape.count() * factor)};
  };
  if (shape.size == 1) {
    const int64_t rows = shape.batch, width = shape.channels;
    return eachColumn<V>(rows, width, [&](int64_t c, auto part) {
      const V centre = part.load(mean.data() + c);
      ColumnSums<V> gradients, products;
      sumColumns<V>(rows, width, c, part, gradients, products, [&](int64_t at, auto v, V& gradient, V& product) {
        const V own = v.load(g + at);
        gradient += own;
        product = fma(own, v.load(x + at) - centre, product);
      });
      V factor = {}, slope = {}, shift = {};
      for (int i = 0; i < std::min<int64_t>(kLanes<V>, width - c); i++) {
        const GradientSums sums{gradients.lanes[i], products.lanes[i]};
        writeSums(c + i, sums);
        const Line line = lineOf(c + i, sums);
        factor[i] = line.factor;
        slope[i] = line.slope;
        shift[i] = line.shift;
      }
      for (int64_t n = 0; out != nullptr && n < rows; n++) {
        const int64_t at = n * width + c;
        part.store(out + at, fma(part.load(g + at), factor, -fma(part.load(x + at) - centre, slope, shift)));
      }
    });
  }
  summariseAndApply<GradientSums>(
      shape,
      [&](int64_t c, const Runs& runs) {
        return summed ? gradientSumsOf(g, x, mean.data()[c], runs) : GradientSums{};
      },
      writeSums,
      [&](int64_t c, const Runs& runs, const GradientSums& sums) {
        if (out == nullptr) return;
        const Line line = lineOf(c, sums);
        const T centre = mean.data()[c];
        const V factor = line.factor - V{}, slope = line.slope - V{}, shift = line.shift - V{};
        eachElementBackwards<V>(runs, [&](int64_t at, auto v) {
          v.store(out + at, fma(v.load(g + at), factor, -fma(v.load(x + at) - centre, slope, shift)));
        });
      });
}

}  // namespace

void batchNorm(const View& out, const View& mean, const View& rstd, const View& input, const View* weight,
               const View* bias, const View* runningMean, const View* runningVariance, double momentum, double eps) {
  if (out.dtype == DType::Float64) {
    batchNormOf<double>(out, input, weight, bias, {mean, rstd, runningMean, runningVariance, momentum, eps});
  } else {
    batchNormOf<float>(out, input, weight, bias, {mean, rstd, runningMean, runningVariance, momentum, eps});
  }
}

void batchNormWith(const View& out, const View& input, const View& mean, const View& rstd, const View* weight,
                   const View* bias) {
  out.dtype == DType::Float64 ? batchNormWithOf<double>(out, input, mean, rstd, weight, bias)
                              : batchNormWithOf<float>(out, input, mean, rstd, weight, bias);
}

void batchNormBackward(const View* gradInput, const View* gradWeight, const View* gradBias, const View& gradOut,
                       const View& input, const View& mean, const View& rstd, const View* weight,
                       bool batchStatistics) {
  auto kernel = input.dtype == DType::Float64 ? batchNormBackwardOf<double> : batchNormBackwardOf<float>;
  kernel(gradInput, gradWeight, gradBias, gradOut, input, mean, rstd, weight, batchStatistics);
}

}  // namespace flambeau::FLAMBEAU_ISA
