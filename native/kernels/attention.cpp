// Attention: softmax(q @ kᵀ * scale + mask) @ v and its gradients, one line of scores at a time, so that the matrix of all
// scores is never in memory. The gradients compute the line again from the log-sum-exp that was kept.
// Dao et al., "FlashAttention" (2022), without its blocks: a line of scores fits the first cache.
#include <algorithm>
#include <cmath>
#include <limits>

#include "../threads.h"
#include "dense.h"
#include "kernels.h"
#include "lanes.h"
#include "vector_math.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

constexpr int kScoreSlot = 2;
// Scores that are worth a chunk of their own.
constexpr int64_t kGrain = 8192;

FLAMBEAU_INLINE F64 expOf(F64 v) {
  return eachLane(v, [](double x) { return std::exp(x); });
}
FLAMBEAU_INLINE F32 expOf(F32 v) { return exp(v); }

// [B, H, L, E] of which a line [E] is contiguous.
template <typename T>
struct Heads {
  T* data;
  int64_t heads, batchStride, headStride, lineStride;
  explicit Heads(const View& v)
      : data(v.as<T>()), heads(v.shape[1]), batchStride(v.strides[0]), headStride(v.strides[1]), lineStride(v.strides[2]) {}
  // Contiguous data of the same shape.
  Heads(T* dense, const View& v)
      : data(dense), heads(v.shape[1]), batchStride(v.shape[1] * v.shape[2] * v.shape[3]), headStride(v.shape[2] * v.shape[3]),
        lineStride(v.shape[3]) {}
  T* line(int64_t head, int64_t l) const {
    return data + head / heads * batchStride + head % heads * headStride + l * lineStride;
  }
};

// An operand whose lines are contiguous: as it is, or copied.
template <typename T>
class Operand {
 public:
  explicit Operand(const View& v) : copy_(hasLines(v) ? nullptr : &v), heads(hasLines(v) ? Heads<const T>(v) : Heads<const T>(copy_.data(), v)) {}

 private:
  static bool hasLines(const View& v) { return v.strides[3] == 1 || v.shape[3] == 1; }
  DenseInput<T> copy_;

 public:
  const Heads<const T> heads;
};

template <typename T>
FLAMBEAU_INLINE T dot(const T* a, const T* b, int64_t count) {
  using V = VectorOf<T>;
  constexpr int lanes = kLanes<V>;
  V sum = {};
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) sum = fma(load<V>(a + i), load<V>(b + i), sum);
  if (i < count) sum = fma(loadLanes<V>(a + i, count - i), loadLanes<V>(b + i, count - i), sum);
  return foldLanes(sum, [](T x, T y) { return x + y; });
}

// to += factor * from
template <typename T>
FLAMBEAU_INLINE void addScaled(T* to, T factor, const T* from, int64_t count) {
  using V = VectorOf<T>;
  constexpr int lanes = kLanes<V>;
  const V factors = factor - V{};
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) store(to + i, fma(factors, load<V>(from + i), load<V>(to + i)));
  for (; i < count; i++) to[i] += factor * from[i];
}

struct Sizes {
  int64_t heads, queries, keys, features, values;
  Sizes(const View& query, const View& key, const View& value)
      : heads(query.shape[0] * query.shape[1]), queries(query.shape[2]), keys(key.shape[2]), features(query.shape[3]),
        values(value.shape[3]) {}
};

// What is added to the scores: a view that broadcasts to [B, H, L, S], or nothing.
template <typename T>
struct Mask {
  const T* data = nullptr;
  int64_t heads = 1, strides[4] = {};
  Mask(const View* v, int64_t headCount) : heads(headCount) {
    if (v == nullptr) return;
    data = v->as<const T>();
    for (int d = 0; d < 4; d++) {
      int own = d - (4 - v->ndim);
      strides[d] = own < 0 || v->shape[own] == 1 ? 0 : v->strides[own];
    }
  }
  const T* line(int64_t head, int64_t query) const {
    return data + head / heads * strides[0] + head % heads * strides[1] + query * strides[2];
  }
};

// The scores of one query, before softmax. With `causal` a query sees keys up to its own place.
template <typename T>
void scoreLine(T* scores, const T* query, const Heads<const T>& keys, const Mask<T>& mask, const Sizes& sizes, int64_t head,
               int64_t l, T scale, bool causal) {
  const int64_t seen = causal ? std::min(l + 1, sizes.keys) : sizes.keys;
  for (int64_t j = 0; j < seen; j++) scores[j] = scale * dot(query, keys.line(head, j), sizes.features);
  std::fill(scores + seen, scores + sizes.keys, -std::numeric_limits<T>::infinity());
  if (mask.data == nullptr) return;
  const T* added = mask.line(head, l);
  for (int64_t j = 0; j < seen; j++) scores[j] += added[j * mask.strides[3]];
}

// scores[i] = exp(scores[i] - shift)
template <typename T>
void exponentials(T* scores, int64_t count, T shift) {
  using V = VectorOf<T>;
  constexpr int lanes = kLanes<V>;
  for (int64_t i = 0; i < count; i += lanes) {
    int64_t n = std::min<int64_t>(lanes, count - i);
    storeLanes(scores + i, expOf(loadLanes<V>(scores + i, n) - shift), n);
  }
}

template <typename T>
void attentionOf(const View& out, const View& lseView, const View& query, const View& key, const View& value, const View* maskView,
                 double scale, bool causal) {
  const Sizes sizes(query, key, value);
  const Operand<T> q(query), k(key), v(value);
  const Mask<T> mask(maskView, query.shape[1]);
  DenseOutput<T> result(out), logSumExp(lseView);
  const Heads<T> lines(result.data(), out);
  const int64_t count = sizes.heads * sizes.queries;
  parallelFor(count, std::max<int64_t>(1, kGrain / std::max<int64_t>(sizes.keys, 1)), [&](int64_t from, int64_t to) {
    T* scores = static_cast<T*>(scratch(kScoreSlot, sizes.keys * static_cast<int64_t>(sizeof(T))));
    for (int64_t i = from; i < to; i++) {
      const int64_t head = i / sizes.queries, l = i % sizes.queries;
      scoreLine(scores, q.heads.line(head, l), k.heads, mask, sizes, head, l, static_cast<T>(scale), causal);
      T most = -std::numeric_limits<T>::infinity();
      for (int64_t j = 0; j < sizes.keys; j++) most = (scores[j] > most || scores[j] != scores[j]) ? scores[j] : most;
      exponentials(scores, sizes.keys, most);
      T sum = 0;
      for (int64_t j = 0; j < sizes.keys; j++) sum += scores[j];
      logSumExp.data()[i] = most + std::log(sum);
      T* line = lines.line(head, l);
      std::fill(line, line + sizes.values, T(0));
      for (int64_t j = 0; j < sizes.keys; j++) addScaled(line, scores[j] / sum, v.heads.line(head, j), sizes.values);
    }
  });
}

template <typename T>
void attentionBackwardOf(const View& gradQuery, const View& gradKey, const View& gradValue, const View& gradOut, const View& out,
                         const View& lseView, const View& query, const View& key, const View& value, const View* maskView,
                         double scaling, bool causal) {
  const Sizes sizes(query, key, value);
  const Operand<T> q(query), k(key), v(value), o(out), g(gradOut);
  const Mask<T> mask(maskView, query.shape[1]);
  DenseInput<T> logSumExp(lseView);
  DenseOutput<T> dq(gradQuery), dk(gradKey), dv(gradValue);
  const Heads<T> queries(dq.data(), gradQuery), keys(dk.data(), gradKey), values(dv.data(), gradValue);
  const T scale = static_cast<T>(scaling);
  // A head at a time: gradients of keys and values are sums over its queries, in their order.
  parallelFor(sizes.heads, 1, [&](int64_t from, int64_t to) {
    T* scores = static_cast<T*>(scratch(kScoreSlot, sizes.keys * static_cast<int64_t>(sizeof(T))));
    for (int64_t head = from; head < to; head++) {
      for (int64_t j = 0; j < sizes.keys; j++) {
        std::fill(keys.line(head, j), keys.line(head, j) + sizes.features, T(0));
        std::fill(values.line(head, j), values.line(head, j) + sizes.values, T(0));
      }
      for (int64_t l = 0; l < sizes.queries; l++) {
        const T* x = q.heads.line(head, l);
        const T* grad = g.heads.line(head, l);
        T* result = queries.line(head, l);
        std::fill(result, result + sizes.features, T(0));
        scoreLine(scores, x, k.heads, mask, sizes, head, l, scale, causal);
        exponentials(scores, sizes.keys, logSumExp.data()[head * sizes.queries + l]);
        const T mean = dot(grad, o.heads.line(head, l), sizes.values);
        for (int64_t j = 0; j < sizes.keys; j++) {
          const T p = scores[j];
          // A key that isn't seen takes no part; NaN does.
          if (p == 0) continue;
          const T slope = p * (dot(grad, v.heads.line(head, j), sizes.values) - mean) * scale;
          addScaled(values.line(head, j), p, grad, sizes.values);
          addScaled(keys.line(head, j), slope, x, sizes.features);
          addScaled(result, slope, k.heads.line(head, j), sizes.features);
        }
      }
    }
  });
}

void attention(const View& out, const View& logSumExp, const View& query, const View& key, const View& value, const View* mask,
               double scale, bool causal) {
  out.dtype == DType::Float32 ? attentionOf<float>(out, logSumExp, query, key, value, mask, scale, causal)
                              : attentionOf<double>(out, logSumExp, query, key, value, mask, scale, causal);
}
void attentionBackward(const View& gradQuery, const View& gradKey, const View& gradValue, const View& gradOut, const View& out,
                       const View& logSumExp, const View& query, const View& key, const View& value, const View* mask,
                       double scale, bool causal) {
  out.dtype == DType::Float32 ? attentionBackwardOf<float>(gradQuery, gradKey, gradValue, gradOut, out, logSumExp, query, key,
                                                           value, mask, scale, causal)
                              : attentionBackwardOf<double>(gradQuery, gradKey, gradValue, gradOut, out, logSumExp, query, key,
                                                            value, mask, scale, causal);
}

}  // namespace

void fillAttention(SoftmaxKernels& table) {
  table.attention = attention;
  table.attentionBackward = attentionBackward;
}

}  // namespace flambeau::FLAMBEAU_ISA
