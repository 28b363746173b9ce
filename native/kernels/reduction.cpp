// Reductions over any dims. Sums are added up pairwise: short runs in many accumulators, the runs' sums in a cascade
// whose depth grows with the logarithm; where work is cut depends on the sizes alone. Two ways through memory:
//   rows     the reduced elements of one result are close together: one result after the other, vectors along the row
//   columns  neighbouring results are closer together: many results at once, vectors across them
// Integers and bool are reduced in int64, through a buffer.
#include <cmath>
#include <cstring>
#include <limits>

#include "../plain/integers.h"
#include "../plain/walk.h"
#include "../threads.h"
#include "kernels.h"
#include "vector_math.h"

namespace flambeau::FLAMBEAU_ISA {

template <>
struct VectorTypes<int64_t> {
  using Vector = I64;
  using Mask = I64;
};

namespace {

// ---- what is reduced: how an element joins the accumulator and how two accumulators join

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

// The element type's conversion for kernels that don't read their input as it lies in memory.
template <typename T>
using Convert = void (*)(DType from, const void* data, T* to, int64_t n);

void nonzeroToInt64(DType from, const void* data, int64_t* to, int64_t n) {
  if (from == DType::Float32) {
    for (int64_t i = 0; i < n; i++) to[i] = static_cast<const float*>(data)[i] != 0;
  } else if (from == DType::Float64) {
    for (int64_t i = 0; i < n; i++) to[i] = static_cast<const double*>(data)[i] != 0;
  } else {
    widen(from, data, to, n);
    for (int64_t i = 0; i < n; i++) to[i] = to[i] != 0;
  }
}

constexpr int kAccumulators = 8;
constexpr int64_t kRun = 4096;         // elements that are added up without the cascade
constexpr int64_t kSegment = 65536;    // elements of one result after which a second thread may go on
constexpr int64_t kWidth = 1024;       // results that are reduced at once, by columns
constexpr int64_t kLeafRows = 32;      // rows that are added up without the cascade

template <typename V, typename Op>
class Reducer {
  using T = ElementOf<V>;

 public:
  // `second`: another output of the same shape, operand 2 of the loops over the kept dims.
  Reducer(const View& out, const View& input, Convert<T> convert, const View* second = nullptr)
      : input_(input),
        convert_(convert),
        kept_(makeKept(out, input, second ? *second : out)),
        reduced_(makeReduced(out, input)) {}

  int64_t results() const { return kept_.numel; }
  int64_t reducedElements() const { return reduced_.numel; }
  const Loops& kept() const { return kept_; }

  // One result per kept position, in the order of the loops over the kept dims (operand 0: the output, 1: the input).
  void run(T* results, const T* shifts) const {
    if (kept_.numel == 0) return;
    if (reduced_.numel == 0) {
      for (int64_t i = 0; i < kept_.numel; i++) results[i] = Op::template identity<T>;
      return;
    }
    byColumns() ? columns(results, shifts) : rows(results, shifts);
  }

 private:
  static Loops makeKept(const View& out, const View& input, const View& second) {
    View o = out, i = input, s = second;
    int n = 0;
    for (int d = 0; d < input.ndim; d++) {
      if (out.shape[d] != input.shape[d]) continue;
      o.shape[n] = input.shape[d];
      o.strides[n] = out.strides[d];
      i.strides[n] = input.strides[d];
      s.strides[n++] = second.strides[d];
    }
    o.ndim = n;
    const View* views[] = {&o, &i, &s};
    return Loops(3, views);
  }
  static Loops makeReduced(const View& out, const View& input) {
    View i = input;
    i.ndim = 0;
    for (int d = 0; d < input.ndim; d++) {
      if (out.shape[d] == input.shape[d]) continue;
      i.shape[i.ndim] = input.shape[d];
      i.strides[i.ndim++] = input.strides[d];
    }
    const View* views[] = {&i};
    return Loops(1, views);
  }

  int64_t size() const { return bytesOf(input_.dtype); }
  const char* at(int64_t offset) const { return static_cast<const char*>(input_.data) + offset * size(); }

  bool byColumns() const {
    if (kept_.ndim == 0 || reduced_.ndim == 0 || kept_.numel < 4) return false;
    int64_t keptStep = kept_.strides[1][kept_.ndim - 1], reducedStep = reduced_.strides[0][reduced_.ndim - 1];
    if (reduced_.numel < 32 && kept_.numel > 16) return true;
    return std::abs(keptStep) < std::abs(reducedStep);
  }

  // Elements for the loops below: where they lie, or converted or gathered into the buffer.
  const T* fetch(T* buffer, const char* base, const Loops& loops, int operand, int64_t position, int64_t n,
                 bool contiguous) const {
    if (contiguous && convert_ == nullptr) return reinterpret_cast<const T*>(base) + position;
    if (contiguous) {
      convert_(input_.dtype, base + position * size(), buffer, n);
      return buffer;
    }
    if (convert_ == nullptr) {
      gatherElements(buffer, base, static_cast<int>(size()), loops, operand, position, n);
      return buffer;
    }
    alignas(64) char raw[kRun * 8];
    gatherElements(raw, base, static_cast<int>(size()), loops, operand, position, n);
    convert_(input_.dtype, raw, buffer, n);
    return buffer;
  }

  // ---- rows

  // A run of at most kRun elements, all accumulators joined.
  static V reduceRun(const T* x, int64_t n, T shift) {
    const V identity = splatExact(Op::template identity<T>), s = splatExact(shift);
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
      V rest = Op::element(loadSome<V>(x + i, n - i), s), padded = identity;
      memcpy(&padded, &rest, static_cast<size_t>(n - i) * sizeof(T));
      acc[kAccumulators - 1] = Op::join(acc[kAccumulators - 1], padded);
    }
    for (int m = kAccumulators / 2; m > 0; m /= 2) {
      for (int k = 0; k < m; k++) acc[k] = Op::join(acc[k], acc[k + m]);
    }
    return acc[0];
  }

  static V splatExact(T value) {
    V v;
    for (int i = 0; i < kLanes<V>; i++) v[i] = value;
    return v;
  }

  // Joins runs as they come, those of equal rank first: a binary counter.
  struct Cascade {
    V ranks[48];
    uint64_t runs = 0;
    void add(V v) {
      int rank = 0;
      for (uint64_t r = runs++; r & 1; r >>= 1) v = Op::join(ranks[rank++], v);
      ranks[rank] = v;
    }
    V total() const {
      V sum = splatExact(Op::template identity<T>);
      bool first = true;
      for (int rank = 0; rank < 48; rank++) {
        if (!(runs >> rank & 1)) continue;
        sum = first ? ranks[rank] : Op::join(ranks[rank], sum);
        first = false;
      }
      return sum;
    }
  };

  V reduceRow(int64_t result, int64_t begin, int64_t end, T shift) const {
    const char* base = at(kept_.offsetOf(1, result));
    bool flat = reduced_.contiguous(0);
    if (flat && convert_ == nullptr && end - begin <= kRun) {
      return reduceRun(reinterpret_cast<const T*>(base) + begin, end - begin, shift);
    }
    Cascade cascade;
    int last = reduced_.ndim - 1;
    if (!flat && convert_ == nullptr && reduced_.strides[0][last] == 1 && reduced_.shape[last] >= 256) {
      // Long contiguous runs need no buffer.
      for (int64_t i = begin; i < end;) {
        int64_t n = reduced_.shape[last] - i % reduced_.shape[last];
        if (n > end - i) n = end - i;
        if (n > kRun) n = kRun;
        cascade.add(reduceRun(reinterpret_cast<const T*>(base) + reduced_.offsetOf(0, i), n, shift));
        i += n;
      }
      return cascade.total();
    }
    alignas(64) T buffer[kRun];
    for (int64_t i = begin; i < end; i += kRun) {
      int64_t n = end - i < kRun ? end - i : kRun;
      cascade.add(reduceRun(fetch(buffer, base, reduced_, 0, i, n, flat), n, shift));
    }
    return cascade.total();
  }

  static T fold(V v) {
    return foldLanes<V>(v, [](T a, T b) { return Op::join(a, b); });
  }

  void rows(T* results, const T* shifts) const {
    int64_t n = reduced_.numel;
    int64_t segments = (n + kSegment - 1) / kSegment;
    if (segments == 1) {
      parallelFor(kept_.numel, n >= kSegment / 2 ? 1 : kSegment / 2 / n, [&](int64_t begin, int64_t end) {
        for (int64_t r = begin; r < end; r++) results[r] = fold(reduceRow(r, 0, n, shifts ? shifts[r] : T(0)));
      });
      return;
    }
    auto* parts = static_cast<V*>(scratch(0, kept_.numel * segments * static_cast<int64_t>(sizeof(V))));
    parallelFor(kept_.numel * segments, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        int64_t r = i / segments, from = i % segments * kSegment;
        parts[i] = reduceRow(r, from, from + kSegment < n ? from + kSegment : n, shifts ? shifts[r] : T(0));
      }
    });
    for (int64_t r = 0; r < kept_.numel; r++) {
      Cascade cascade;
      for (int64_t i = 0; i < segments; i++) cascade.add(parts[r * segments + i]);
      results[r] = fold(cascade.total());
    }
  }

  // ---- columns

  // acc[i] = join(acc[i], x[i]), or = x[i] for the first row.
  static void joinRow(T* acc, const T* x, const T* shifts, int64_t n, bool first) {
    int64_t i = 0;
    for (; i + kLanes<V> <= n; i += kLanes<V>) {
      V v = Op::element(load<V>(x + i), shifts ? load<V>(shifts + i) : V{});
      store<V>(acc + i, first ? v : Op::join(load<V>(acc + i), v));
    }
    if (i < n) {
      V v = Op::element(loadSome<V>(x + i, n - i), shifts ? loadSome<V>(shifts + i, n - i) : V{});
      storeSome<V>(acc + i, first ? v : Op::join(loadSome<V>(acc + i, n - i), v), n - i);
    }
  }

  // Four rows at a time where they can be read in place.
  static void joinFourRows(T* acc, const T* a, const T* b, const T* c, const T* d, int64_t n) {
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

  static void joinAccumulators(T* acc, const T* other, int64_t n) {
    int64_t i = 0;
    for (; i + kLanes<V> <= n; i += kLanes<V>) store<V>(acc + i, Op::join(load<V>(acc + i), load<V>(other + i)));
    if (i < n) storeSome<V>(acc + i, Op::join(loadSome<V>(acc + i, n - i), loadSome<V>(other + i, n - i)), n - i);
  }

  // Where the rows of one piece of columns come from. `together` rows that lie one behind the other count as one.
  struct Piece {
    int64_t position, width;
    bool contiguous;
    int64_t together;
  };

  // Rows [begin, end) of a piece into acc; halves go into accumulators of their own, at `spare` (one per level).
  void reduceRows(const Piece& piece, int64_t begin, int64_t end, T* acc, T* spare, const T* shifts) const {
    if (end - begin > kLeafRows) {
      int64_t middle = begin + ((end - begin) / 2 + kLeafRows - 1) / kLeafRows * kLeafRows;
      reduceRows(piece, begin, middle, acc, spare, shifts);
      reduceRows(piece, middle, end, spare, spare + kWidth, shifts);
      joinAccumulators(acc, spare, piece.width);
      return;
    }
    const char* base = static_cast<const char*>(input_.data);
    if (piece.contiguous && convert_ == nullptr && shifts == nullptr) {
      int64_t start = kept_.offsetOf(1, piece.position);
      auto row = [&](int64_t r) {
        return reinterpret_cast<const T*>(base) + start + reduced_.offsetOf(0, r * piece.together);
      };
      joinRow(acc, row(begin), nullptr, piece.width, true);
      int64_t r = begin + 1;
      for (; r + 4 <= end; r += 4) joinFourRows(acc, row(r), row(r + 1), row(r + 2), row(r + 3), piece.width);
      for (; r < end; r++) joinRow(acc, row(r), nullptr, piece.width, false);
      return;
    }
    alignas(64) T buffer[kWidth];
    for (int64_t r = begin; r < end; r++) {
      int64_t offset = reduced_.offsetOf(0, r * piece.together);
      const T* x;
      if (piece.contiguous) {
        const char* from = base + (offset + kept_.offsetOf(1, piece.position)) * size();
        x = fetch(buffer, from, kept_, 1, 0, piece.width, true);
      } else {
        x = fetch(buffer, base + offset * size(), kept_, 1, piece.position, piece.width, false);
      }
      joinRow(acc, x, shifts, piece.width, r == begin);
    }
  }

  void columns(T* results, const T* shifts) const {
    int64_t width = kept_.numel, n = reduced_.numel;
    int last = kept_.ndim - 1;
    bool flat = kept_.contiguous(1);
    // Few columns of a gapless matrix: several rows are read as one long row.
    int64_t together = 1;
    if (flat && shifts == nullptr && width <= kWidth / 4 && reduced_.ndim == 1 && reduced_.strides[0][0] == width) {
      together = kWidth / width < n ? kWidth / width : n;
    }
    int64_t groups = n / together, span = width * together;
    int64_t pieceWidth = span < kWidth ? span : kWidth;
    // Pieces that lie within one run of contiguous columns are read in place.
    bool runs = flat || (kept_.strides[1][last] == 1 && kept_.shape[last] >= 64);
    int64_t perRun = flat ? span : kept_.shape[last];
    int64_t piecesPerRun = runs ? (perRun + pieceWidth - 1) / pieceWidth : 1;
    int64_t pieces = runs ? span / perRun * piecesPerRun : (span + pieceWidth - 1) / pieceWidth;
    int64_t segmentRows = kSegment / pieceWidth < kLeafRows ? kLeafRows : kSegment / pieceWidth;
    int64_t segments = (groups + segmentRows - 1) / segmentRows;
    T* parts = results;
    if (segments > 1 || together > 1) {
      parts = static_cast<T*>(scratch(0, segments * span * static_cast<int64_t>(sizeof(T))));
    }
    int64_t itemElements = (segments > 1 ? segmentRows : groups) * pieceWidth;
    int64_t grain = itemElements >= kSegment / 2 ? 1 : kSegment / 2 / itemElements;
    parallelFor(pieces * segments, grain, [&](int64_t begin, int64_t end) {
      auto* spare = static_cast<T*>(scratch(1, 48 * kWidth * static_cast<int64_t>(sizeof(T))));
      for (int64_t item = begin; item < end; item++) {
        int64_t p = item % pieces, segment = item / pieces;
        Piece piece;
        piece.contiguous = runs;
        piece.together = together;
        if (runs) {
          int64_t within = p % piecesPerRun * pieceWidth;
          piece.position = p / piecesPerRun * perRun + within;
          piece.width = perRun - within < pieceWidth ? perRun - within : pieceWidth;
        } else {
          piece.position = p * pieceWidth;
          piece.width = span - piece.position < pieceWidth ? span - piece.position : pieceWidth;
        }
        int64_t from = segment * segmentRows, to = from + segmentRows < groups ? from + segmentRows : groups;
        reduceRows(piece, from, to, parts + segment * span + piece.position, spare,
                   shifts ? shifts + piece.position : nullptr);
      }
    });
    // Segments join in pairs, then the rows that were read together, then what was left over.
    for (int64_t step = 1; step < segments; step *= 2) {
      for (int64_t s = 0; s + step < segments; s += 2 * step) {
        joinAccumulators(parts + s * span, parts + (s + step) * span, span);
      }
    }
    if (parts == results) return;
    for (int64_t count = together; count > 1; count = (count + 1) / 2) {
      int64_t upper = (count + 1) / 2;
      for (int64_t k = upper; k < count; k++) joinAccumulators(parts + (k - upper) * width, parts + k * width, width);
    }
    memcpy(results, parts, static_cast<size_t>(width) * sizeof(T));
    if (groups * together < n) {
      auto* spare = static_cast<T*>(scratch(1, 48 * kWidth * static_cast<int64_t>(sizeof(T))));
      reduceRows(Piece{0, width, true, 1}, groups * together, n, parts, spare, nullptr);
      joinAccumulators(results, parts, width);
    }
  }

  const View& input_;
  Convert<T> convert_;
  Loops kept_, reduced_;
};

// ---- the kernels

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

// Runs the reducer, changes each result by `finish` and writes it to the output.
template <typename V, typename Op, typename Finish>
void reduceInto(const View& out, const Reducer<V, Op>& reducer, const ElementOf<V>* shifts, Finish finish) {
  using T = ElementOf<V>;
  int64_t n = reducer.results();
  bool direct = reducer.kept().contiguous(0) && bytesOf(out.dtype) == sizeof(T);
  T one;
  T* results = direct ? out.as<T>() : n == 1 ? &one : static_cast<T*>(scratch(2, n * static_cast<int64_t>(sizeof(T))));
  reducer.run(results, shifts);
  for (int64_t i = 0; i < n; i++) results[i] = finish(results[i], i);
  if (!direct) writeResults(out, reducer.kept(), 0, results, n);
}

template <typename V, typename Op>
void reduceInto(const View& out, const View& input, Convert<ElementOf<V>> convert) {
  reduceInto(out, Reducer<V, Op>(out, input, convert), nullptr, [](auto value, int64_t) { return value; });
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
    case ReduceOp::sum: return reduceInto<V, Sum>(out, input, nullptr);
    case ReduceOp::mean: {
      T count = static_cast<T>(reducedCount(out, input));
      return reduceInto(out, Reducer<V, Sum>(out, input, nullptr), nullptr,
                        [count](T sum, int64_t) { return sum / count; });
    }
    case ReduceOp::prod: return reduceInto<V, Product>(out, input, nullptr);
    case ReduceOp::max: return reduceInto<V, Largest>(out, input, nullptr);
    case ReduceOp::min: return reduceInto<V, Smallest>(out, input, nullptr);
    case ReduceOp::sumOfSquares: return reduceInto<V, SumOfSquares>(out, input, nullptr);
    case ReduceOp::sumOfAbs: return reduceInto<V, SumOfAbs>(out, input, nullptr);
    default: return;
  }
}

void reduce(ReduceOp op, const View& out, const View& input) {
  if (op == ReduceOp::any) {
    return reduceInto(out, Reducer<I64, Largest>(out, input, nonzeroToInt64), nullptr,
                      [](int64_t v, int64_t) { return int64_t(v > 0); });  // of nothing: false
  }
  if (op == ReduceOp::all) return reduceInto<I64, Smallest>(out, input, nonzeroToInt64);
  if (input.dtype == DType::Float32) return reduceFloats<F32>(op, out, input);
  if (input.dtype == DType::Float64) return reduceFloats<F64>(op, out, input);
  switch (op) {
    case ReduceOp::sum:
    case ReduceOp::sumOfAbs: return reduceInto<I64, Sum>(out, input, widen);
    case ReduceOp::prod: return reduceInto<I64, Product>(out, input, widen);
    case ReduceOp::max: return reduceInto<I64, Largest>(out, input, widen);
    case ReduceOp::min: return reduceInto<I64, Smallest>(out, input, widen);
    default: return;
  }
}

template <typename V>
void varianceTyped(const View& out, const View* mean, const View& input, double correction) {
  using T = ElementOf<V>;
  int64_t count = reducedCount(out, input);
  Reducer<V, Sum> sums(out, input, nullptr, mean);
  int64_t n = sums.results();
  auto* means = static_cast<T*>(scratch(3, n * static_cast<int64_t>(sizeof(T))));
  sums.run(means, nullptr);
  for (int64_t i = 0; i < n; i++) means[i] /= static_cast<T>(count);
  double divisor = static_cast<double>(count) - correction;
  T by = static_cast<T>(divisor > 0 ? divisor : 0);
  reduceInto(out, Reducer<V, SumOfSquaredDifferences>(out, input, nullptr, mean), means,
             [by](T sum, int64_t) { return sum / by; });
  if (mean != nullptr) writeResults(*mean, sums.kept(), 2, means, n);
}

template <typename V>
void logSumExpTyped(const View& out, const View& input) {
  using T = ElementOf<V>;
  Reducer<V, Largest> largest(out, input, nullptr);
  int64_t n = largest.results();
  auto* shifts = static_cast<T*>(scratch(3, n * static_cast<int64_t>(sizeof(T))));
  largest.run(shifts, nullptr);
  for (int64_t i = 0; i < n; i++) {
    if (std::abs(shifts[i]) == std::numeric_limits<T>::infinity()) shifts[i] = 0;
  }
  reduceInto(out, Reducer<V, SumOfExp>(out, input, nullptr), shifts,
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
