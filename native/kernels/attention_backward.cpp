// The gradient of attention. Scores are computed again, block by block, from the kept log-sum-exp; with P the weights, O
// the result and D = sum(dO * O) of each row:
//
//   dV = Pᵀ dO,   dP = dO Vᵀ,   dS = P * (dP - D) * scale,   dQ = dS K,   dK = dSᵀ Q
//
// A thread does whole heads where there are enough of them. Otherwise blocks of keys are shared out for dK and dV, and
// then blocks of queries for dQ, at the price of computing the scores twice.
#include "../threads.h"
#include "attention.h"
#include "kernels.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

// P and dS of a block take 16 KiB each.
constexpr int64_t kKeys = 64, kQueries = 64;
// Heads from which each is left to one thread.
constexpr int64_t kManyHeads = 8;
// Multiply-adds that a thread should have at least.
constexpr int64_t kGrain = 1 << 18;

enum Slot {
  kKeySlot,
  kValueSlot,
  kKeyRowSlot,
  kQueryRowSlot,
  kGradientRowSlot,
  kWeightSlot,
  kGradQuerySlot,
  kGradKeySlot,
  kGradValueSlot,
  kOffsetSlot
};

template <typename T>
T* scratchOf(Slot slot, int64_t count) {
  return static_cast<T*>(scratch(slot, (count + 1) * static_cast<int64_t>(sizeof(T))));
}

struct Range {
  int64_t begin, end;
};

struct Views {
  const View &gradQuery, &gradKey, &gradValue, &gradOut, &out, &logSumExp, &query, &key, &value;
  const View* mask;
  double scale;
  bool causal;
};

template <typename T>
class AttentionBackward {
 public:
  explicit AttentionBackward(const Views& views)
      : v_(views),
        scale_(static_cast<T>(views.scale)),
        heads_(views.query.shape[0] * views.query.shape[1]),
        queries_(views.query.shape[2]),
        keys_(views.key.shape[2]),
        size_(views.query.shape[3]),
        valueSize_(views.value.shape[3]),
        paddedSize_(roundUp(size_, kLanes<V>)),
        paddedValueSize_(roundUp(valueSize_, kLanes<V>)) {}

  void run() {
    if (heads_ == 0) return;
    const Range allKeys{0, keys_}, allQueries{0, queries_};
    const int64_t perPair = 3 * size_ + 2 * valueSize_ + 16;
    if (heads_ >= kManyHeads) {
      parallelFor(heads_, kGrain / (queries_ * keys_ * perPair + 1) + 1, [&](int64_t begin, int64_t end) {
        for (int64_t head = begin; head < end; head++) runBlocks(head, allQueries, allKeys, true, true);
      });
      return;
    }
    const EvenParts keyParts(keys_, kKeys), queryParts(queries_, kQueries);
    const int64_t keyGrain = kGrain / (kKeys * queries_ * perPair + 1) + 1;
    parallelFor(heads_ * keyParts.count, keyGrain, [&](int64_t begin, int64_t end) {
      for (int64_t item = begin; item < end; item++) {
        const int64_t part = item % keyParts.count;
        runBlocks(item / keyParts.count, allQueries, {keyParts.begin(part), keyParts.begin(part + 1)}, true, false);
      }
    });
    const int64_t queryGrain = kGrain / (kQueries * keys_ * perPair + 1) + 1;
    parallelFor(heads_ * queryParts.count, queryGrain, [&](int64_t begin, int64_t end) {
      for (int64_t item = begin; item < end; item++) {
        const int64_t part = item % queryParts.count;
        runBlocks(item / queryParts.count, {queryParts.begin(part), queryParts.begin(part + 1)}, allKeys, false, true);
      }
    });
  }

 private:
  using V = VectorOf<T>;

  // Rows of a head that are the columns of products: in place if they can be, else copied block by block.
  class Rows {
   public:
    const int32_t* offsets;

    Rows(const Matrix<T>& matrix, int64_t columns, const Steps& steps, int64_t stepSlot, Slot slot)
        : matrix_(matrix), columns_(columns), width_(roundUp(columns, kLanes<V>)) {
      if (!readInPlace(matrix, columns)) copy_ = scratchOf<T>(slot, std::max(kKeys, kQueries) * width_);
      offsets = steps.of(stepSlot, copy_ != nullptr ? width_ : matrix.rowStep);
    }
    const T* from(int64_t first, int64_t count) const {
      if (copy_ == nullptr) return matrix_.at(first, 0);
      packColumns<T>(copy_, width_, {matrix_.at(first, 0), matrix_.rowStep, matrix_.columnStep}, count, columns_);
      return copy_;
    }

   private:
    const Matrix<T> matrix_;
    const int64_t columns_, width_;
    T* copy_ = nullptr;
  };

  // The gradients of some keys and values from all given queries, or of some queries from all given keys, or both.
  void runBlocks(int64_t head, Range queries, Range keys, bool forKeys, bool forQueries) {
    const Matrix<T> key = headOf<T>(v_.key, head), value = headOf<T>(v_.value, head);
    const Matrix<T> query = headOf<T>(v_.query, head), gradOut = headOf<T>(v_.gradOut, head);
    T* keyPanels = scratchOf<T>(kKeySlot, kKeys * size_);
    T* valuePanels = scratchOf<T>(kValueSlot, kKeys * valueSize_);
    T* weights = scratchOf<T>(kWeightSlot, 2 * kQueries * kKeys);
    T* gradScores = weights + kQueries * kKeys;
    const int64_t queryCount = queries.end - queries.begin;
    T* gradQuery = scratchOf<T>(kGradQuerySlot, forQueries ? queryCount * paddedSize_ : 0);
    T* gradKey = scratchOf<T>(kGradKeySlot, kKeys * paddedSize_);
    T* gradValue = scratchOf<T>(kGradValueSlot, kKeys * paddedValueSize_);
    if (forQueries) std::fill(gradQuery, gradQuery + queryCount * paddedSize_, T(0));

    const int64_t longest = std::max(std::max(size_, valueSize_), std::max(kKeys, kQueries));
    const Steps steps{scratchOf<int32_t>(kOffsetSlot, 8 * longest), longest};
    const int32_t* one = steps.of(0, 1);
    const int32_t* panel = steps.of(1, kTileColumns<T>);
    const int32_t* byKeys = steps.of(2, kKeys);
    const BlockProduct<T> scoring{steps.of(3, query.columnStep), panel, keyPanels, size_ * kTileColumns<T>,
                                  weights, kKeys, scale_, T(0)};
    const BlockProduct<T> gradWeighing{steps.of(4, gradOut.columnStep), panel, valuePanels,
                                       valueSize_ * kTileColumns<T>, gradScores, kKeys, T(1), T(0)};
    BlockProduct<T> toValue{byKeys, nullptr, nullptr, 0, gradValue, paddedValueSize_, T(1), T(1)};
    BlockProduct<T> toKey{byKeys, nullptr, nullptr, 0, gradKey, paddedSize_, T(1), T(1)};
    BlockProduct<T> toQuery{one, nullptr, nullptr, 0, nullptr, paddedSize_, T(1), T(1)};
    const Rows gradientRows(gradOut, valueSize_, steps, 5, kGradientRowSlot);
    const Rows queryRows(query, size_, steps, 6, kQueryRowSlot), keyRows(key, size_, steps, 7, kKeyRowSlot);
    toValue.columnOffsets = gradientRows.offsets;
    toKey.columnOffsets = queryRows.offsets;
    toQuery.columnOffsets = keyRows.offsets;

    const EvenParts keyBlocks(keys.end - keys.begin, kKeys), queryBlocks(queryCount, kQueries);
    for (int64_t kb = 0; kb < keyBlocks.count; kb++) {
      const int64_t k0 = keys.begin + keyBlocks.begin(kb), keyCount = keyBlocks.size(kb);
      packPanels(keyPanels, key, k0, keyCount, size_);
      packPanels(valuePanels, value, k0, keyCount, valueSize_);
      if (forQueries) toQuery.right = keyRows.from(k0, keyCount);
      std::fill(gradKey, gradKey + keyCount * paddedSize_, T(0));
      std::fill(gradValue, gradValue + keyCount * paddedValueSize_, T(0));
      for (int64_t qb = 0; qb < queryBlocks.count; qb++) {
        const int64_t q0 = queries.begin + queryBlocks.begin(qb), count = queryBlocks.size(qb);
        if (v_.causal && k0 > q0 + count - 1 && allFinite(head, q0, count)) continue;
        scoring.run(count, keyCount, size_, [&](int64_t i) { return query.at(q0 + i, 0); });
        gradWeighing.run(count, keyCount, valueSize_, [&](int64_t i) { return gradOut.at(q0 + i, 0); });
        for (int64_t i = 0; i < count; i++) {
          turnRow(head, q0 + i, k0, keyCount, weights + i * kKeys, gradScores + i * kKeys);
        }
        if (forKeys) {
          toValue.right = gradientRows.from(q0, count);
          toKey.right = queryRows.from(q0, count);
          toValue.run(keyCount, valueSize_, count, [&](int64_t j) { return weights + j; });
          toKey.run(keyCount, size_, count, [&](int64_t j) { return gradScores + j; });
        }
        if (forQueries) {
          toQuery.out = gradQuery + (q0 - queries.begin) * paddedSize_;
          toQuery.run(count, size_, keyCount, [&](int64_t i) { return gradScores + i * kKeys; });
        }
      }
      if (!forKeys) continue;
      writeRows(v_.gradKey, head, k0, keyCount, size_, gradKey, paddedSize_);
      writeRows(v_.gradValue, head, k0, keyCount, valueSize_, gradValue, paddedValueSize_);
    }
    if (forQueries) writeRows(v_.gradQuery, head, queries.begin, queryCount, size_, gradQuery, paddedSize_);
  }

  // Rows as the columns of a product: [panel][depth][kTileColumns], rows that are missing 0.
  static void packPanels(T* to, const Matrix<T>& from, int64_t first, int64_t count, int64_t depth) {
    for (int64_t j = 0; j < count; j += kTileColumns<T>) {
      packColumns<T>(to + j * depth, kTileColumns<T>, {from.at(first + j, 0), from.columnStep, from.rowStep}, depth,
                     std::min<int64_t>(kTileColumns<T>, count - j));
    }
  }
  T logSumExpOf(int64_t head, int64_t q) const {
    const int64_t *s = v_.logSumExp.strides, H = v_.logSumExp.shape[1];
    return static_cast<const T*>(v_.logSumExp.data)[head / H * s[0] + head % H * s[1] + q * s[2]];
  }
  // A query whose softmax is NaN gives that to the gradients of all keys, hidden ones included.
  bool allFinite(int64_t head, int64_t first, int64_t count) const {
    for (int64_t i = 0; i < count; i++) {
      if (!std::isfinite(logSumExpOf(head, first + i))) return false;
    }
    return true;
  }

  // Scores of one query become weights, and their gradients those of the scores.
  void turnRow(int64_t head, int64_t q, int64_t k0, int64_t keyCount, T* weights, T* gradScores) const {
    const Matrix<T> out = headOf<T>(v_.out, head), gradOut = headOf<T>(v_.gradOut, head);
    const T logSumExp = logSumExpOf(head, q);
    const T dot = dotOf(out.at(q, 0), out.columnStep, gradOut.at(q, 0), gradOut.columnStep);
    const T* mask = nullptr;
    if (v_.mask != nullptr) mask = headOf<T>(*v_.mask, head).at(q, k0);
    const int64_t visible = v_.causal ? std::min(std::max<int64_t>(q + 1 - k0, 0), keyCount) : keyCount;
    const int64_t padded = roundUp(keyCount, kLanes<V>);
    maskScores(weights, keyCount, mask, v_.mask ? v_.mask->strides[3] : 0, visible, padded);
    for (int64_t j = 0; j < padded; j += kLanes<V>) {
      const V weight = weightOf(load<V>(weights + j) - logSumExp);
      store<V>(weights + j, weight);
      store<V>(gradScores + j, weight * (load<V>(gradScores + j) - dot) * scale_);
    }
  }

  T dotOf(const T* a, int64_t aStep, const T* b, int64_t bStep) const {
    T sum = 0;
    int64_t e = 0;
    if (aStep == 1 && bStep == 1) {
      V sums = {};
      for (; e + kLanes<V> <= valueSize_; e += kLanes<V>) sums = fma(load<V>(a + e), load<V>(b + e), sums);
      sum = sumLanes(sums);
    }
    for (; e < valueSize_; e++) sum += a[e * aStep] * b[e * bStep];
    return sum;
  }

  static void writeRows(const View& view, int64_t head, int64_t first, int64_t count, int64_t columns, const T* from,
                        int64_t width) {
    const Matrix<T> to = headOf<T>(view, head);
    scatterTile(const_cast<T*>(to.at(first, 0)), to.rowStep, to.columnStep, from, width, count, columns);
  }

  const Views v_;
  const T scale_;
  const int64_t heads_, queries_, keys_, size_, valueSize_, paddedSize_, paddedValueSize_;
};

void attentionBackward(const View& gradQuery, const View& gradKey, const View& gradValue, const View& gradOut,
                       const View& out, const View& logSumExp, const View& query, const View& key, const View& value,
                       const View* mask, double scale, bool causal) {
  const Views views{gradQuery, gradKey, gradValue, gradOut, out, logSumExp, query, key, value, mask, scale, causal};
  if (query.dtype == DType::Float64) {
    AttentionBackward<double>(views).run();
  } else {
    AttentionBackward<float>(views).run();
  }
}

}  // namespace

void fillAttentionBackward(SoftmaxKernels& table) { table.attentionBackward = attentionBackward; }

}  // namespace flambeau::FLAMBEAU_ISA
