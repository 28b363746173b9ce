// Products of moderate size without tiles or packing: see product.h. A few rows of the result are summed up a vector of
// columns at a time; a step along the depth reads one line of the right matrix, where it lies, and the rows' factors, which
// stay in the first-level cache. Many steps are under way at once, so that the second-level cache answers in time.
#include <algorithm>

#include "../threads.h"
#include "product.h"
#include "rows.h"
#include "tile.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

// Rows that share what is read of the right matrix, and so many sums that the latency of multiply-add is hidden.
constexpr int kRows = 8;
// Where a multiply-add takes its factor from memory and spreads it over the lanes itself, this is as fast as a tile, and
// saves packing. Elsewhere spreading is one load more, and it pays only where a tile would be no sooner begun than done.
#if defined(__AVX512F__)
constexpr int64_t kDeepest = 512;
#elif defined(__AVX2__)
constexpr int64_t kDeepest = 32;
#else
constexpr int64_t kDeepest = 16;
#endif
// Depths at which even few rows gain.
constexpr int64_t kShallow = 16, kManyRows = 4 * kRows;
// What is read of the right matrix over and over, by every few rows: half of a second-level cache of 1 MiB.
constexpr int64_t kRightBytes = 512 << 10;
// Parts that there should be to share out, and columns that a part has at least.
constexpr int64_t kParts = 16, kLeastColumns = 256;
// What an element of the result costs beside the sum, in multiply-adds.
constexpr int64_t kElementCost = 8;

// Columns `from` to `to` of `rows` rows from row i on.
template <typename T, int rows>
void sumRows(int64_t i, int64_t from, int64_t to, int64_t k, const Matrix<T>& left, const Matrix<T>& right,
             const Result<T>& result) {
  using V = VectorOf<T>;
  alignas(64) T factors[kDeepest * rows];
  for (int64_t c = 0; c < k; c++) {
    for (int r = 0; r < rows; r++) factors[c * rows + r] = *left.at(i + r, c);
  }
  const Result<T> out = result;  // a copy of its own, which no store can change
  const bool plain = out.alpha == 1 && out.beta == 0 && out.bias == nullptr && !out.relu;
  eachVector<V>(to - from, [&](int64_t at, auto part) {
    const int64_t j = from + at;
    V sums[rows] = {};
    for (int64_t c = 0; c < k; c++) {
      const V column = part.load(right.at(c, j));
#pragma GCC unroll 8
      for (int r = 0; r < rows; r++) sums[r] = fma(factors[c * rows + r] - V{}, column, sums[r]);
    }
    T* place = out.data + i * out.rowStep + j;
    if (!plain) {
      for (int r = 0; r < rows; r++) {
        sums[r] *= out.alpha;
        if (out.beta != 0) sums[r] = fma(out.beta - V{}, part.load(place + r * out.rowStep), sums[r]);
        if (out.bias != nullptr) sums[r] += out.biasPerRow ? out.bias[i + r] - V{} : part.load(out.bias + j);
        if (out.relu) sums[r] = sums[r] < 0 ? V{} : sums[r];  // NaN stays
      }
    }
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++) part.store(place + r * out.rowStep, sums[r]);
  });
}

template <typename T>
auto rowsFunction(int64_t rows) {
  switch (rows) {
    case 4: return sumRows<T, 4>;
    case 5: return sumRows<T, 5>;
    case 6: return sumRows<T, 6>;
    case 7: return sumRows<T, 7>;
    default: return sumRows<T, kRows>;
  }
}

}  // namespace

template <typename T>
bool broadcastsPay(int64_t m, int64_t n, int64_t k, const Matrix<T>& right, const Result<T>& out) {
  if (right.columnStep != 1 || out.columnStep != 1 || n < kLanes<VectorOf<T>>) return false;
  // A right matrix that few rows read is better read once, by tiles.
  if (k == 0 || k > kDeepest || m < (k <= kShallow ? kRows : kManyRows)) return false;
  return k * n * static_cast<int64_t>(sizeof(T)) <= kRightBytes;
}

template <typename T>
void multiplyByBroadcasts(int64_t m, int64_t n, int64_t k, const Matrix<T>& left, const Matrix<T>& right,
                          const Result<T>& out) {
  const EvenParts groups(m, kRows);  // of at least 4 rows, since there are 8 or more
  constexpr int64_t lanes = kLanes<VectorOf<T>>;
  const int64_t vectors = (n + lanes - 1) / lanes;
  const int64_t pieces = std::max<int64_t>(1, std::min<int64_t>(n / kLeastColumns, (kParts + groups.count - 1) / groups.count));
  const EvenParts columns(vectors, (vectors + pieces - 1) / pieces);
  const int64_t parts = groups.count * columns.count, work = m * n * (k + kElementCost);
  const int64_t grain = work <= kAlone ? parts : kGrain / (work / parts + 1) + 1;
  parallelFor(parts, grain, [&](int64_t begin, int64_t end) {
    for (int64_t part = begin; part < end; part++) {
      const int64_t group = part / columns.count, some = part % columns.count;
      const int64_t from = columns.begin(some) * lanes, to = std::min<int64_t>(columns.begin(some + 1) * lanes, n);
      rowsFunction<T>(groups.size(group))(groups.begin(group), from, to, k, left, right, out);
    }
  });
}

#define FLAMBEAU_BROADCAST(T)                                                                                       \
  template bool broadcastsPay<T>(int64_t, int64_t, int64_t, const Matrix<T>&, const Result<T>&);                    \
  template void multiplyByBroadcasts<T>(int64_t, int64_t, int64_t, const Matrix<T>&, const Matrix<T>&, const Result<T>&);
FLAMBEAU_BROADCAST(float)
FLAMBEAU_BROADCAST(double)
#undef FLAMBEAU_BROADCAST

}  // namespace flambeau::FLAMBEAU_ISA
