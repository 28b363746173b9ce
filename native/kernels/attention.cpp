// Scaled dot-product attention without the full matrix of scores: for a few query rows at a time, the scores of one block
// of keys, whose exponentials are summed up with the values at once; when a later block brings a larger maximum, what was
// summed before is scaled down (Milakov and Gimelshein 2018; Dao et al. 2022).
#include "attention.h"

#include "../threads.h"
#include "kernels.h"

namespace flambeau::FLAMBEAU_ISA {

void fillAttentionBackward(SoftmaxKernels& table);

namespace {

// Keys and values of a block take 64 KiB at head size 64, a tile's scores 7 KiB.
constexpr int64_t kKeys = 128;
// Queries that share a packed block of keys.
constexpr int64_t kQueries = 16 * kTileRows;
// Multiply-adds that a thread should have at least.
constexpr int64_t kGrain = 1 << 18;

enum Slot { kKeySlot, kValueSlot, kSumSlot, kScoreSlot, kStatisticSlot, kOffsetSlot };

template <typename T>
class Attention {
 public:
  Attention(const View& out, const View& logSumExp, const View& query, const View& key, const View& value,
            const View* mask, double scale, bool causal)
      : out_(out),
        logSumExp_(logSumExp),
        query_(query),
        key_(key),
        value_(value),
        mask_(mask),
        scale_(static_cast<T>(scale)),
        causal_(causal),
        heads_(query.shape[0] * query.shape[1]),
        queries_(query.shape[2]),
        keys_(key.shape[2]),
        size_(query.shape[3]),
        valueSize_(value.shape[3]),
        paddedValueSize_(roundUp(value.shape[3], kLanes<V>)) {}

  void run() {
    if (heads_ * queries_ == 0) return;
    const EvenParts parts(queries_, kQueries);
    const int64_t work = (queries_ / parts.count + 1) * (keys_ + 1) * (size_ + valueSize_ + 16);
    parallelFor(heads_ * parts.count, kGrain / work + 1, [&](int64_t begin, int64_t end) {
      for (int64_t item = begin; item < end; item++) {
        const int64_t part = item % parts.count;
        runPart(item / parts.count, parts.begin(part), parts.size(part));
      }
    });
  }

 private:
  using V = VectorOf<T>;
  static constexpr int kLanesOfV = kLanes<V>;

  // What is known of a row's softmax so far.
  struct Row {
    T largest = -std::numeric_limits<T>::infinity(), sum = 0;
  };

  void runPart(int64_t head, int64_t first, int64_t count) {
    const EvenParts blocks(keys_ > 0 ? keys_ : 1, kKeys);
    const int64_t most = std::min(keys_, kKeys), paddedKeys = roundUp(most, kTileColumns<T>);
    T* keys = scratchOf<T>(kKeySlot, paddedKeys * size_ + 1);
    T* values = scratchOf<T>(kValueSlot, most * paddedValueSize_ + 1);
    T* sums = scratchOf<T>(kSumSlot, count * paddedValueSize_ + 1);
    T* scores = scratchOf<T>(kScoreSlot, kTileRows * paddedKeys + 1);
    Row* rows = static_cast<Row*>(scratch(kStatisticSlot, count * static_cast<int64_t>(sizeof(Row))));
    for (int64_t i = 0; i < count; i++) rows[i] = Row();
    for (int64_t i = 0; i < count * paddedValueSize_; i++) sums[i] = 0;

    const Matrix<T> query = headOf<T>(query_, head), key = headOf<T>(key_, head), value = headOf<T>(value_, head);
    const Steps steps{scratchOf<int32_t>(kOffsetSlot, 4 * std::max(size_, most) + 4), std::max(size_, most)};
    BlockProduct<T> scoring{steps.of(0, query.columnStep), steps.of(1, kTileColumns<T>), keys, size_ * kTileColumns<T>,
                            scores, paddedKeys, scale_, T(0)};
    const bool inPlace = readInPlace(value, valueSize_);
    BlockProduct<T> weighing{steps.of(2, 1), steps.of(3, inPlace ? value.rowStep : paddedValueSize_), values, 0, nullptr,
                             paddedValueSize_, T(1), T(1)};
    const EvenParts tiles(count, kTileRows);
    for (int64_t b = 0; b < blocks.count && keys_ > 0; b++) {
      const int64_t k0 = blocks.begin(b), own = blocks.size(b), padded = roundUp(own, kTileColumns<T>);
      if (causal_ && k0 > first + count - 1) break;
      for (int64_t j = 0; j < own; j += kTileColumns<T>) {
        packColumns<T>(keys + j * size_, kTileColumns<T>, {key.at(k0 + j, 0), key.columnStep, key.rowStep}, size_,
                       std::min<int64_t>(kTileColumns<T>, own - j));
      }
      if (inPlace) {
        weighing.right = value.at(k0, 0);
      } else {
        packColumns<T>(values, paddedValueSize_, {value.at(k0, 0), value.rowStep, value.columnStep}, own, valueSize_);
      }
      for (int64_t t = 0; t < tiles.count; t++) {
        const int64_t i = tiles.begin(t), tileRows = tiles.size(t);
        if (causal_ && k0 > first + i + tileRows - 1) continue;
        scoring.run(tileRows, own, size_, [&](int64_t r) { return query.at(first + i + r, 0); });
        for (int64_t r = 0; r < tileRows; r++) {
          const int64_t q = first + i + r;
          const T* mask = nullptr;
          if (mask_ != nullptr) mask = headOf<T>(*mask_, head).at(q, k0);
          const int64_t visible = causal_ ? std::min(std::max<int64_t>(q + 1 - k0, 0), own) : own;
          maskScores(scores + r * paddedKeys, own, mask, mask_ ? mask_->strides[3] : 0, visible, padded);
          weigh(scores + r * paddedKeys, padded, rows[i + r], sums + (i + r) * paddedValueSize_);
        }
        weighing.out = sums + i * paddedValueSize_;
        weighing.run(tileRows, valueSize_, own, [&](int64_t r) { return scores + r * paddedKeys; });
      }
    }
    for (int64_t i = 0; i < count; i++) writeRow(head, first + i, rows[i], sums + i * paddedValueSize_);
  }

  // Scores become weights relative to the largest so far; earlier sums are brought to the same scale.
  void weigh(T* scores, int64_t padded, Row& row, T* sums) const {
    V largest = splat<V>(row.largest);
    for (int64_t j = 0; j < padded; j += kLanesOfV) {
      V s = load<V>(scores + j);
      largest = s > largest ? s : largest;
    }
    const T top = largestLane(largest);
    // With nothing but -infinity so far, weights are 0.
    const T shift = top == -std::numeric_limits<T>::infinity() ? T(0) : top;
    V sum = {};
    for (int64_t j = 0; j < padded; j += kLanesOfV) {
      V weight = weightOf(load<V>(scores + j) - shift);
      store<V>(scores + j, weight);
      sum += weight;
    }
    // Of the first block nothing comes before, and most later ones bring no larger maximum.
    const T before = row.sum == 0 ? T(0) : row.largest == shift ? T(1) : std::exp(row.largest - shift);
    if (before != 1 && row.sum != 0) {
      for (int64_t j = 0; j < paddedValueSize_; j += kLanesOfV) store<V>(sums + j, load<V>(sums + j) * before);
    }
    row.sum = row.sum * before + sumLanes(sum);
    row.largest = top;
  }

  // A row whose keys are all masked has the sum 0 and becomes NaN, as softmax of nothing but -infinity is.
  void writeRow(int64_t head, int64_t q, const Row& row, const T* sums) const {
    const Matrix<T> out = headOf<T>(out_, head);
    T* to = const_cast<T*>(out.at(q, 0));
    int64_t e = 0;
    if (out.columnStep == 1 && keys_ > 0) {
      for (; e + kLanesOfV <= valueSize_; e += kLanesOfV) store<V>(to + e, load<V>(sums + e) / row.sum);
    }
    for (; e < valueSize_; e++) to[e * out.columnStep] = keys_ > 0 ? sums[e] / row.sum : T(0);
    const int64_t *s = logSumExp_.strides, H = logSumExp_.shape[1];
    logSumExp_.as<T>()[head / H * s[0] + head % H * s[1] + q * s[2]] = row.largest + std::log(row.sum);
  }

  const View &out_, &logSumExp_, &query_, &key_, &value_;
  const View* mask_;
  const T scale_;
  const bool causal_;
  const int64_t heads_, queries_, keys_, size_, valueSize_, paddedValueSize_;
};

void attention(const View& out, const View& logSumExp, const View& query, const View& key, const View& value,
               const View* mask, double scale, bool causal) {
  if (out.dtype == DType::Float64) {
    Attention<double>(out, logSumExp, query, key, value, mask, scale, causal).run();
  } else {
    Attention<float>(out, logSumExp, query, key, value, mask, scale, causal).run();
  }
}

}  // namespace

void fillAttention(SoftmaxKernels& table) {
  table.attention = attention;
  fillAttentionBackward(table);
}

}  // namespace flambeau::FLAMBEAU_ISA
