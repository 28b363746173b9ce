// What reductions do with elements, in vectors; the way through memory is plain/reduce.h. Integers and bool are reduced
// in int64.
#include <cmath>
#include <limits>

#include "../plain/integers.h"
#include "../plain/reduce.h"
#include "../threads.h"
#include "kernels.h"
#include "lanes.h"
#include "vector_math.h"

namespace flambeau::FLAMBEAU_ISA {

template <>
struct VectorTypes<int64_t> {
  using Vector = I64;
  using Mask = I64;
};

namespace {

// ---- how an element joins an accumulator, and how two accumulators join

template <typename T>
constexpr T kLowest = std::numeric_limits<T>::has_infinity ? -std::numeric_limits<T>::infinity()
                                                           : std::numeric_limits<T>::lowest();
template <typename T>
constexpr T kHighest = std::numeric_limits<T>::has_infinity ? std::numeric_limits<T>::infinity()
                                                            : std::numeric_limits<T>::max();

struct Sum {
  template <typename T>
  static constexpr T identity = 0;
  template <typename V>
  FLAMBEAU_INLINE V element(V x, V) { return x; }
  template <typename V>
  FLAMBEAU_INLINE V join(V a, V b) { return a + b; }
};
struct SumOfSquares : Sum {
  template <typename V>
  FLAMBEAU_INLINE V element(V x, V) { return x * x; }
};
struct SumOfAbs : Sum {
  template <typename V>
  FLAMBEAU_INLINE V element(V x, V) { return abs(x); }
};
// The shift is a number per result: the mean, or the largest.
struct SumOfSquaredDifferences : Sum {
  template <typename V>
  FLAMBEAU_INLINE V element(V x, V shift) { return (x - shift) * (x - shift); }
};
struct SumOfExp : Sum {
  template <typename V>
  FLAMBEAU_INLINE V element(V x, V shift) { return exp(x - shift); }
};
struct Product {
  template <typename T>
  static constexpr T identity = 1;
  template <typename V>
  FLAMBEAU_INLINE V element(V x, V) { return x; }
  template <typename V>
  FLAMBEAU_INLINE V join(V a, V b) { return a * b; }
};
struct Largest {
  template <typename T>
  static constexpr T identity = kLowest<T>;
  template <typename V>
  FLAMBEAU_INLINE V element(V x, V) { return x; }
  template <typename V>
  FLAMBEAU_INLINE V join(V a, V b) { return maximum(a, b); }
};
struct Smallest {
  template <typename T>
  static constexpr T identity = kHighest<T>;
  template <typename V>
  FLAMBEAU_INLINE V element(V x, V) { return x; }
  template <typename V>
  FLAMBEAU_INLINE V join(V a, V b) { return minimum(a, b); }
};

// ---- the loops

constexpr int kAccumulators = 8;

template <typename V>
V everywhere(ElementOf<V> value) {
  V v;
  for (int i = 0; i < kLanes<V>; i++) v[i] = value;
  return v;
}

template <typename V, typename Op>
struct LoopsOf {
  using T = ElementOf<V>;

  // Elements that are joined one after another, 16 in each lane of each accumulator, and how many such blocks are a run.
  static constexpr int64_t kBlock = 16 * kAccumulators * kLanes<V>, kBlocks = 4;

  static V reduceBlock(const T* x, int64_t n, V s) {
    const V identity = everywhere<V>(Op::template identity<T>);
    V acc[kAccumulators];
    for (V& a : acc) a = identity;
    int64_t i = 0;
    constexpr int64_t kStep = kLanes<V> * kAccumulators;
    for (; i + kStep <= n; i += kStep) {
#pragma GCC unroll 8
      for (int k = 0; k < kAccumulators; k++) {
        acc[k] = Op::join(acc[k], Op::element(load<V>(x + i + k * kLanes<V>), s));
      }
    }
    for (int k = 0; i + kLanes<V> <= n; i += kLanes<V>, k++) acc[k] = Op::join(acc[k], Op::element(load<V>(x + i), s));
    if (i < n) {
      MaskOf<V> lane;
      for (int k = 0; k < kLanes<V>; k++) lane[k] = k;
      const V rest = lane < static_cast<ElementOf<MaskOf<V>>>(n - i) ? Op::element(loadSome<V>(x + i, n - i), s) : identity;
      acc[kAccumulators - 1] = Op::join(acc[kAccumulators - 1], rest);
    }
    for (int m = kAccumulators / 2; m > 0; m /= 2) {
      for (int k = 0; k < m; k++) acc[k] = Op::join(acc[k], acc[k + m]);
    }
    return acc[0];
  }

  // Blocks join as runs do, two and two.
  static void reduceRun(const void* data, int64_t n, const void* shift, void* accumulator) {
    auto* x = static_cast<const T*>(data);
    const V s = everywhere<V>(shift ? *static_cast<const T*>(shift) : T(0));
    if (n <= kBlock) return store<V>(static_cast<T*>(accumulator), reduceBlock(x, n, s));
    V blocks[kBlocks];
    int count = 0;
    for (; count * kBlock < n; count++) {
      blocks[count] = reduceBlock(x + count * kBlock, n - count * kBlock < kBlock ? n - count * kBlock : kBlock, s);
    }
    V total = Op::join(blocks[1], blocks[0]);
    if (count > 2) total = Op::join(count > 3 ? Op::join(blocks[3], blocks[2]) : blocks[2], total);
    store<V>(static_cast<T*>(accumulator), total);
  }

  static void fold(const void* accumulator, void* result) {
    const V v = load<V>(static_cast<const T*>(accumulator));
    *static_cast<T*>(result) = joinLanes<kLanes<V> / 2>(v, [](V a, V b) { return Op::join(a, b); });
  }

  static void joinRow(void* accumulators, const void* data, const void* shifts, int64_t n, bool first) {
    auto* acc = static_cast<T*>(accumulators);
    auto* x = static_cast<const T*>(data);
    auto* s = static_cast<const T*>(shifts);
    int64_t i = 0;
    for (; i + kLanes<V> <= n; i += kLanes<V>) {
      V v = Op::element(load<V>(x + i), s ? load<V>(s + i) : V{});
      store<V>(acc + i, first ? v : Op::join(load<V>(acc + i), v));
    }
    if (i < n) {
      V v = Op::element(loadSome<V>(x + i, n - i), s ? loadSome<V>(s + i, n - i) : V{});
      storeSome<V>(acc + i, first ? v : Op::join(loadSome<V>(acc + i, n - i), v), n - i);
    }
  }

  static void joinFourRows(void* accumulators, const void* const rows[4], int64_t n) {
    auto* acc = static_cast<T*>(accumulators);
    auto* a = static_cast<const T*>(rows[0]);
    auto* b = static_cast<const T*>(rows[1]);
    auto* c = static_cast<const T*>(rows[2]);
    auto* d = static_cast<const T*>(rows[3]);
    const V none = {};
    int64_t i = 0;
    for (; i + kLanes<V> <= n; i += kLanes<V>) {
      V left = Op::join(Op::element(load<V>(a + i), none), Op::element(load<V>(b + i), none));
      V right = Op::join(Op::element(load<V>(c + i), none), Op::element(load<V>(d + i), none));
      store<V>(acc + i, Op::join(load<V>(acc + i), Op::join(left, right)));
    }
    if (i < n) {
      int64_t m = n - i;
      V left = Op::join(Op::element(loadSome<V>(a + i, m), none), Op::element(loadSome<V>(b + i, m), none));
      V right = Op::join(Op::element(loadSome<V>(c + i, m), none), Op::element(loadSome<V>(d + i, m), none));
      storeSome<V>(acc + i, Op::join(loadSome<V>(acc + i, m), Op::join(left, right)), m);
    }
  }

  static void join(void* accumulators, const void* others, int64_t n) {
    auto* acc = static_cast<T*>(accumulators);
    auto* other = static_cast<const T*>(others);
    int64_t i = 0;
    for (; i + kLanes<V> <= n; i += kLanes<V>) store<V>(acc + i, Op::join(load<V>(acc + i), load<V>(other + i)));
    if (i < n) storeSome<V>(acc + i, Op::join(loadSome<V>(acc + i, n - i), loadSome<V>(other + i, n - i)), n - i);
  }

  static void fillIdentity(void* results, int64_t n) {
    for (int64_t i = 0; i < n; i++) static_cast<T*>(results)[i] = Op::template identity<T>;
  }

  static constexpr ReduceLoops table = {sizeof(T),    kVectorBytes, kBlocks * kBlock, reduceRun, fold, joinRow,
                                        joinFourRows, join,         fillIdentity};
};

// ---- the kernels

void toInt64(DType from, const void* data, void* to, int64_t n) { widen(from, data, static_cast<int64_t*>(to), n); }

void nonzeroToInt64(DType from, const void* data, void* to, int64_t n) {
  auto* flags = static_cast<int64_t*>(to);
  if (from == DType::Float32) {
    for (int64_t i = 0; i < n; i++) flags[i] = static_cast<const float*>(data)[i] != 0;
  } else if (from == DType::Float64) {
    for (int64_t i = 0; i < n; i++) flags[i] = static_cast<const double*>(data)[i] != 0;
  } else {
    widen(from, data, flags, n);
    for (int64_t i = 0; i < n; i++) flags[i] = flags[i] != 0;
  }
}

// Results in the order of the loops, to operand `o` of them.
template <typename T>
void writeResults(const View& out, const Loops& kept, int o, const T* results, int64_t n) {
  alignas(64) char narrowed[kPiece * 8];
  for (int64_t i = 0; i < n; i += kPiece) {
    int64_t m = n - i < kPiece ? n - i : kPiece;
    const void* from = results + i;
    if constexpr (std::is_same_v<T, int64_t>) {
      narrow(out.dtype, results + i, narrowed, m);
      from = narrowed;
    }
    scatterElements(out.data, from, bytesOf(out.dtype), kept, o, i, m);
  }
}

// Runs the reduction, changes each result by `finish(result, position)` and writes it to the output.
template <typename T, typename Finish>
void reduceInto(const View& out, const Reduction& reduction, const T* shifts, Finish finish) {
  int64_t n = reduction.results();
  bool direct = reduction.kept().contiguous(0) && bytesOf(out.dtype) == sizeof(T);
  T* results = direct ? out.as<T>() : scratchOf<T>(2, n);
  reduction.run(results, shifts);
  for (int64_t i = 0; i < n; i++) results[i] = finish(results[i], i);
  if (!direct) writeResults(out, reduction.kept(), 0, results, n);
}

template <typename V, typename Op>
void reduceInto(const View& out, const View& input, ConvertElements convert = nullptr) {
  using T = ElementOf<V>;
  reduceInto<T>(out, Reduction(LoopsOf<V, Op>::table, convert, out, input), nullptr, [](T v, int64_t) { return v; });
}

int64_t reducedCount(const View& out, const View& input) {
  int64_t n = 1;
  for (int d = 0; d < input.ndim; d++) {
    if (out.shape[d] != input.shape[d]) n *= input.shape[d];
  }
  return n;
}

template <typename V>
void reduceFloats(ReduceOp op, const View& out, const View& input) {
  using T = ElementOf<V>;
  switch (op) {
    case ReduceOp::sum: return reduceInto<V, Sum>(out, input);
    case ReduceOp::mean: {
      T count = static_cast<T>(reducedCount(out, input));
      return reduceInto<T>(out, Reduction(LoopsOf<V, Sum>::table, nullptr, out, input), nullptr,
                           [count](T sum, int64_t) { return sum / count; });
    }
    case ReduceOp::prod: return reduceInto<V, Product>(out, input);
    case ReduceOp::max: return reduceInto<V, Largest>(out, input);
    case ReduceOp::min: return reduceInto<V, Smallest>(out, input);
    case ReduceOp::sumOfSquares: return reduceInto<V, SumOfSquares>(out, input);
    case ReduceOp::sumOfAbs: return reduceInto<V, SumOfAbs>(out, input);
    default: return;
  }
}

void reduce(ReduceOp op, const View& out, const View& input) {
  if (op == ReduceOp::any) {
    return reduceInto<int64_t>(out, Reduction(LoopsOf<I64, Largest>::table, nonzeroToInt64, out, input), nullptr,
                               [](int64_t v, int64_t) { return int64_t(v > 0); });  // of nothing: false
  }
  if (op == ReduceOp::all) return reduceInto<I64, Smallest>(out, input, nonzeroToInt64);
  if (input.dtype == DType::Float32) return reduceFloats<F32>(op, out, input);
  if (input.dtype == DType::Float64) return reduceFloats<F64>(op, out, input);
  switch (op) {
    case ReduceOp::sum: return reduceInto<I64, Sum>(out, input, toInt64);
    case ReduceOp::prod: return reduceInto<I64, Product>(out, input, toInt64);
    case ReduceOp::max: return reduceInto<I64, Largest>(out, input, toInt64);
    case ReduceOp::min: return reduceInto<I64, Smallest>(out, input, toInt64);
    default: return;
  }
}

template <typename V>
void varianceTyped(const View& out, const View* mean, const View& input, double correction) {
  using T = ElementOf<V>;
  int64_t count = reducedCount(out, input);
  Reduction sums(LoopsOf<V, Sum>::table, nullptr, out, input, mean);
  int64_t n = sums.results();
  T* means = scratchOf<T>(3, n);
  sums.run(means, nullptr);
  for (int64_t i = 0; i < n; i++) means[i] /= static_cast<T>(count);
  double divisor = static_cast<double>(count) - correction;
  T by = static_cast<T>(divisor > 0 ? divisor : 0);
  reduceInto<T>(out, Reduction(LoopsOf<V, SumOfSquaredDifferences>::table, nullptr, out, input, mean), means,
                [by](T sum, int64_t) { return sum / by; });
  if (mean != nullptr) writeResults(*mean, sums.kept(), 2, means, n);
}

template <typename V>
void logSumExpTyped(const View& out, const View& input) {
  using T = ElementOf<V>;
  Reduction largest(LoopsOf<V, Largest>::table, nullptr, out, input);
  int64_t n = largest.results();
  T* shifts = scratchOf<T>(3, n);
  largest.run(shifts, nullptr);
  for (int64_t i = 0; i < n; i++) {
    if (std::abs(shifts[i]) == std::numeric_limits<T>::infinity()) shifts[i] = 0;
  }
  reduceInto<T>(out, Reduction(LoopsOf<V, SumOfExp>::table, nullptr, out, input), shifts,
                [shifts](T sum, int64_t i) { return std::log(sum) + shifts[i]; });
}

void variance(const View& out, const View* mean, const View& input, double correction) {
  input.dtype == DType::Float64 ? varianceTyped<F64>(out, mean, input, correction)
                                : varianceTyped<F32>(out, mean, input, correction);
}

void logSumExp(const View& out, const View& input) {
  input.dtype == DType::Float64 ? logSumExpTyped<F64>(out, input) : logSumExpTyped<F32>(out, input);
}

}  // namespace

void fillReduction(ReductionKernels& table) {
  table.reduce = reduce;
  table.variance = variance;
  table.logSumExp = logSumExp;
}

}  // namespace flambeau::FLAMBEAU_ISA
