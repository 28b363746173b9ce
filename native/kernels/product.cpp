// Matrix products: which way a product goes, and the blocked way of large ones.
//
// The blocked way cuts the depth into blocks, packs both operands' part of it once (on all threads) and then cuts the
// result into cells, each a few tiles high and a few panels wide, for the threads to take. The rows of a tile stay near
// while the columns of its cell pass by from the second-level cache.
#include "product.h"

#include <algorithm>

#include "../threads.h"
#include "lanes.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

// Deep, for every further block reads and writes the result once more. The rows of a tile take 56 KiB (24 on AVX2) in a
// block of this depth; where that is more than the first-level cache has, they come from the second in time.
template <typename T>
constexpr int64_t kDepthBlock = 4096 / sizeof(T);
// What is packed at once, shared by the threads in the last-level cache: 8 MiB of columns and 4 MiB of rows.
constexpr int64_t kColumnsAtOnce = 2048, kRowsAtOnce = 1024;
// A cell's rows take 560 KiB and its columns 384 KiB, of a second-level cache of 1 MiB.
constexpr int64_t kCellTiles = 10, kCellPanels = 3;
// Cells that there should be: threads that are not equally fast then end at about the same time.
constexpr int64_t kCells = 32;
// A right matrix is read in place by so few tiles of rows; packing pays beyond.
constexpr int64_t kDirectRows = 2 * kTileRows;
// Multiply-adds up to which nothing is gained by blocks and threads.
constexpr int64_t kSmall = 1 << 15;
// Rows up to which dot products beat transposing a right matrix whose columns lie along the depth.
constexpr int64_t kDotRows = 8;

enum Slot { kOffsetSlot, kRightSlot, kLeftSlot, kBiasSlot, kTileSlot };

const int32_t* stepOffsets(int32_t* to, int64_t count, int64_t step) {
  for (int64_t k = 0; k < count; k++) to[k] = static_cast<int32_t>(k * step);
  return to;
}

// Whether the rows of a tile at one depth fall into so few sets of a 4 KiB-strided cache that they evict each other.
template <typename T>
bool rowsCollide(const Matrix<T>& left) {
  return left.rowStep * static_cast<int64_t>(sizeof(T)) % 2048 == 0;
}

template <typename T>
bool offsetsFit(int64_t count, int64_t step) {
  return count * (step < 0 ? -step : step) < INT32_MAX;
}

// Runs one tile whose result lies anywhere: in place if its columns are neighbours, else by way of a buffer.
template <typename T>
void finishTile(Tile<T>& tile, int rows, int vectors, int64_t columns, const Result<T>& out, int64_t i, int64_t j,
                bool first, bool last) {
  constexpr int lanes = kLanes<VectorOf<T>>;
  tile.alpha = out.alpha;
  tile.beta = first ? out.beta : T(1);
  tile.columnBias = last && out.bias != nullptr && !out.biasPerRow ? out.bias + j : nullptr;
  tile.rowBias = last && out.bias != nullptr && out.biasPerRow ? out.bias + i : nullptr;
  tile.relu = last && out.relu;
  tile.lastLanes = columns - (vectors - 1) * lanes;
  T* place = out.data + i * out.rowStep + j * out.columnStep;
  if (out.columnStep == 1) {
    tile.out = place;
    tile.outStep = out.rowStep;
    return tileFunction<T>(rows, vectors)(tile);
  }
  alignas(64) T buffer[kTileSums * lanes];
  int64_t width = vectors * lanes;
  tile.out = buffer;
  tile.outStep = width;
  if (tile.beta != 0) gatherTile<T>(buffer, width, {place, out.rowStep, out.columnStep}, rows, columns);
  tileFunction<T>(rows, vectors)(tile);
  scatterTile(place, out.rowStep, out.columnStep, buffer, width, rows, columns);
}

// ---- few rows: the right matrix has contiguous rows and is read where it lies

template <typename T>
void multiplyDirect(int64_t m, int64_t n, int64_t k, const Matrix<T>& left, const Matrix<T>& right,
                    const Result<T>& out) {
  constexpr int lanes = kLanes<VectorOf<T>>;
  const int64_t depthBlock = std::min<int64_t>(k, kDepthBlock<T>);
  int32_t* offsets = scratchOf<int32_t>(kOffsetSlot, 3 * depthBlock + 1);
  const int32_t* rowOffsets = stepOffsets(offsets, depthBlock, left.columnStep);
  const int32_t* columnOffsets = stepOffsets(offsets + depthBlock, depthBlock, right.rowStep);
  const int32_t* restOffsets = stepOffsets(offsets + 2 * depthBlock, depthBlock, lanes);
  const EvenParts depths(k > 0 ? k : 1, kDepthBlock<T>), tiles(m, kTileRows);

  // The columns that fill no vector are packed, so that nothing is read beyond the matrix.
  const int64_t whole = n / lanes * lanes;
  T* rest = nullptr;
  if (whole < n) {
    rest = scratchOf<T>(kRightSlot, k * lanes);
    packColumns<T>(rest, lanes, {right.at(0, whole), right.rowStep, right.columnStep}, k, n - whole);
  }

  auto columnsOf = [&](int64_t from, int64_t to) {
    for (int64_t d = 0; d < depths.count; d++) {
      const int64_t k0 = depths.begin(d);
      Tile<T> tile{};
      tile.rowOffsets = rowOffsets;
      tile.depth = k > 0 ? depths.size(d) : 0;
      for (int64_t t = 0; t < tiles.count; t++) {
        const int64_t i = tiles.begin(t);
        const int rows = static_cast<int>(tiles.size(t));
        const T* starts[kTileRows];
        for (int r = 0; r < rows; r++) starts[r] = left.at(i + r, k0);
        tile.rows = starts;
        int vectors = widestTile(rows);
        for (int64_t j = from; j < to;) {
          if (j < whole) {
            while (j + vectors * lanes > std::min<int64_t>(to, whole)) vectors /= 2;
            tile.columns = right.at(k0, j);
            tile.columnOffsets = columnOffsets;
          } else {
            vectors = 1;
            tile.columns = rest + k0 * lanes;
            tile.columnOffsets = restOffsets;
          }
          const int64_t columns = std::min<int64_t>(vectors * lanes, n - j);
          finishTile(tile, rows, vectors, columns, out, i, j, d == 0, d + 1 == depths.count);
          j += columns;
        }
      }
    }
  };
  const int64_t work = m * n * (k > 0 ? k : 1);
  if (work <= kAlone) return columnsOf(0, n);
  const int64_t perThread = (n * kGrain / work / (8 * lanes) + 1) * 8 * lanes;
  parallelFor(n, perThread, columnsOf);
}

// ---- large products

template <typename T>
class Blocked {
 public:
  Blocked(int64_t m, int64_t n, int64_t k, const Matrix<T>& left, const Matrix<T>& right, const Result<T>& out)
      : m_(m), n_(n), k_(k), left_(left), right_(right), out_(out), tiles_(m, kTileRows), depths_(k, kDepthBlock<T>) {
    width_ = n <= kLanes<VectorOf<T>> ? kLanes<VectorOf<T>> : kTileColumns<T>;
    panels_ = (n + width_ - 1) / width_;
    along_ = left.columnStep == 1;
    // A left matrix that is read by few panels only is left where it is.
    packed_ = !(along_ && !rowsCollide(left) && panels_ <= 4);
    alone_ = m * n * k <= kAlone;
  }

  void run() {
    const int64_t tilesAtOnce = std::min<int64_t>(tiles_.count, kRowsAtOnce / kTileRows);
    const int64_t panelsAtOnce = std::min<int64_t>(panels_, kColumnsAtOnce / width_);
    const int64_t depth = std::min<int64_t>(k_, kDepthBlock<T>);
    tileElements_ = along_ ? kTileRows * alongStep<T>(depth) : kTileRows * depth + kLanes<VectorOf<T>>;
    int32_t* offsets = scratchOf<int32_t>(kOffsetSlot, 2 * depth);
    columnOffsets_ = stepOffsets(offsets, depth, width_);
    rowOffsets_ = stepOffsets(offsets + depth, depth, along_ ? 1 : kTileRows);
    rightPack_ = scratchOf<T>(kRightSlot, panelsAtOnce * width_ * depth);
    if (packed_) leftPack_ = scratchOf<T>(kLeftSlot, tilesAtOnce * tileElements_);

    for (int64_t p = 0; p < panels_; p += panelsAtOnce) {
      for (int64_t d = 0; d < depths_.count; d++) {
        for (int64_t t = 0; t < tiles_.count; t += tilesAtOnce) {
          pack(d, p, t == 0 ? std::min<int64_t>(p + panelsAtOnce, panels_) : p, t, std::min<int64_t>(t + tilesAtOnce, tiles_.count));
          compute(d, p, std::min<int64_t>(p + panelsAtOnce, panels_), t, std::min<int64_t>(t + tilesAtOnce, tiles_.count));
        }
      }
    }
  }

 private:
  void pack(int64_t d, int64_t panelFrom, int64_t panelTo, int64_t tileFrom, int64_t tileTo) {
    const int64_t k0 = depths_.begin(d), depth = depths_.size(d);
    const int64_t panels = panelTo - panelFrom, tiles = packed_ ? tileTo - tileFrom : 0;
    // A share of the panels goes with the same share of the tiles, so that a thread computes with what it has packed.
    const int64_t parts = std::max<int64_t>(panels, tiles), elements = (panels * width_ + tiles * kTileRows) * depth;
    // A copied element costs about 1/16 multiply-adds.
    const int64_t grain = alone_ ? parts : kGrain / 16 * parts / (elements + 1) + 1;
    parallelFor(parts, grain, [&](int64_t begin, int64_t end) {
      for (int64_t panel = panels * begin / parts; panel < panels * end / parts; panel++) {
        const int64_t j = (panelFrom + panel) * width_;
        packColumns<T>(rightPack_ + panel * width_ * depth, width_, {right_.at(k0, j), right_.rowStep, right_.columnStep},
                       depth, std::min<int64_t>(width_, n_ - j));
      }
      for (int64_t tile = tiles * begin / parts; tile < tiles * end / parts; tile++) {
        const int64_t i = tiles_.begin(tileFrom + tile);
        packRows<T>(leftPack_ + tile * tileElements_, along_, {left_.at(i, k0), left_.rowStep, left_.columnStep}, depth,
                    tiles_.size(tileFrom + tile));
      }
    });
  }

  void compute(int64_t d, int64_t panelFrom, int64_t panelTo, int64_t tileFrom, int64_t tileTo) {
    const int64_t tileWork = kTileRows * width_ * depths_.size(d);
    const int64_t panels = panelTo - panelFrom, tiles = tileTo - tileFrom;
    // Cells become smaller than the caches ask for where there would be too few of them to share out.
    int64_t cellTiles = std::min<int64_t>(kCellTiles, tiles), cellPanels = std::min<int64_t>(kCellPanels, panels);
    auto cells = [&] { return ((tiles + cellTiles - 1) / cellTiles) * ((panels + cellPanels - 1) / cellPanels); };
    while (cells() < kCells && cellTiles * cellPanels * tileWork > 2 * kGrain) {
      int64_t& larger = cellPanels > 1 && cellPanels * 2 >= cellTiles ? cellPanels : cellTiles;
      larger = (larger + 1) / 2;
    }
    const EvenParts rows(tiles, cellTiles), columns(panels, cellPanels);
    const int64_t cellCount = rows.count * columns.count;
    const int64_t grain = alone_ ? cellCount : kGrain / (cellTiles * cellPanels * tileWork) + 1;
    // A thread takes neighbouring cells: of the larger operand it reads its own part only. They are passed to and fro, so
    // that two in a row have their tiles or their panels in common.
    const bool byColumns = panels * width_ > tiles * kTileRows;
    const int64_t inner = byColumns ? rows.count : columns.count;
    auto cellAt = [&](int64_t index) {
      const int64_t outer = index / inner, forth = index % inner;
      const int64_t along = outer % 2 == 0 ? forth : inner - 1 - forth;
      const int64_t r = byColumns ? along : outer, c = byColumns ? outer : along;
      return Cell{rows.begin(r), rows.begin(r + 1), columns.begin(c), columns.begin(c + 1)};
    };
    parallelFor(cellCount, grain, [&](int64_t begin, int64_t end) {
      for (int64_t index = begin; index < end; index++) {
        const Cell cell = cellAt(index);
        runCell(d, panelFrom, tileFrom, cell, index + 1 < cellCount ? cellAt(index + 1) : cell);
      }
    });
  }

  // A part of the result, by places in what is packed now.
  struct Cell {
    int64_t tile, tileEnd, panel, panelEnd;
  };

  // What the next cell reads and this one doesn't comes to the second-level cache meanwhile, a share with every tile.
  void runCell(int64_t d, int64_t panelFrom, int64_t tileFrom, const Cell& cell, const Cell& next) {
    constexpr int64_t line = kLineBytes / sizeof(T);
    const int64_t panelElements = width_ * depths_.size(d);
    const T* ahead = nullptr;
    int64_t lines = 0;
    if (next.panel != cell.panel) {
      ahead = rightPack_ + next.panel * panelElements;
      lines = (next.panelEnd - next.panel) * panelElements / line;
    } else if (next.tile != cell.tile && packed_) {
      ahead = leftPack_ + next.tile * tileElements_;
      lines = (next.tileEnd - next.tile) * tileElements_ / line;
    }
    const EvenParts shares(lines, lines / ((cell.tileEnd - cell.tile) * (cell.panelEnd - cell.panel)) + 1);
    int64_t share = 0;
    for (int64_t t = cell.tile; t < cell.tileEnd; t++) {
      for (int64_t p = cell.panel; p < cell.panelEnd; p++) {
        Tile<T> work{};
        if (share < shares.count) {
          work.ahead = ahead + shares.begin(share) * line;
          work.aheadLines = shares.size(share++);
        }
        runTile(work, d, panelFrom + p, p, tileFrom + t, t);
      }
    }
  }

  // `packedPanel` and `packedTile`: their places in what is packed now.
  void runTile(Tile<T>& work, int64_t d, int64_t panel, int64_t packedPanel, int64_t tile, int64_t packedTile) {
    const int64_t depth = depths_.size(d), i = tiles_.begin(tile), j = panel * width_;
    const int rows = static_cast<int>(tiles_.size(tile));
    const int64_t columns = std::min<int64_t>(width_, n_ - j);
    constexpr int lanes = kLanes<VectorOf<T>>;
    const T* starts[kTileRows];
    const T* base = packed_ ? leftPack_ + packedTile * tileElements_ : left_.at(i, depths_.begin(d));
    const int64_t step = packed_ ? (along_ ? alongStep<T>(depth) : 1) : left_.rowStep;
    for (int r = 0; r < rows; r++) starts[r] = base + r * step;
    work.rows = starts;
    work.rowOffsets = rowOffsets_;
    work.columns = rightPack_ + packedPanel * width_ * depth;
    work.columnOffsets = columnOffsets_;
    work.depth = depth;
    finishTile(work, rows, columns > lanes ? 2 : 1, columns, out_, i, j, d == 0, d + 1 == depths_.count);
  }

  const int64_t m_, n_, k_;
  const Matrix<T> left_, right_;
  const Result<T>& out_;
  const EvenParts tiles_, depths_;
  int64_t width_, panels_, tileElements_;
  bool along_, packed_, alone_;
  const int32_t *rowOffsets_, *columnOffsets_;
  T *rightPack_, *leftPack_;
};

// Whether computing the transposed result is cheaper: it transposes the left matrix and the result instead of the right.
template <typename T>
bool turned(int64_t m, int64_t n, int64_t k, const Matrix<T>& left, const Matrix<T>& right, const Result<T>& out) {
  if (right.rowStep != 1 || right.columnStep == 1 || out.columnStep != 1) return false;
  int64_t resultPasses = (k + kDepthBlock<T> - 1) / kDepthBlock<T> * 2;
  return m * k * (left.rowStep == 1 ? 0 : 1) + m * n * resultPasses < n * k;
}

// `m` rows are few or the product small; a right matrix that has no contiguous rows is packed first, as one panel.
template <typename T>
void multiplySmall(int64_t m, int64_t n, int64_t k, const Matrix<T>& left, const Matrix<T>& right,
                   const Result<T>& out) {
  if (right.columnStep == 1) return multiplyDirect(m, n, k, left, right, out);
  constexpr int lanes = kLanes<VectorOf<T>>;
  const int64_t width = (n + lanes - 1) / lanes * lanes;
  T* panel = scratchOf<T>(kLeftSlot, k * width);
  packColumns(panel, width, right, k, n);
  multiplyDirect(m, n, k, left, {panel, width, 1}, out);
}

template <typename T>
void multiplyOriented(int64_t m, int64_t n, int64_t k, const Matrix<T>& left, const Matrix<T>& right,
                      const Result<T>& out) {
  constexpr int lanes = kLanes<VectorOf<T>>;
  const int64_t work = m * n * k;
  if (m <= kDotRows && k >= 2 * lanes && right.rowStep == 1 && (n == 1 || right.columnStep != 1)) {
    if (left.columnStep == 1) return multiplyByDots(m, n, k, left, right, out);
    T* rows = scratchOf<T>(kLeftSlot, m * k);
    for (int64_t i = 0; i < m; i++) {
      for (int64_t c = 0; c < k; c++) rows[i * k + c] = *left.at(i, c);
    }
    return multiplyByDots(m, n, k, {rows, k, 1}, right, out);
  }
  if (broadcastsPay(m, n, k, right, out)) return multiplyByBroadcasts(m, n, k, left, right, out);
  if (offsetsFit<T>(kDepthBlock<T>, left.columnStep) && offsetsFit<T>(kDepthBlock<T>, right.rowStep)) {
    const bool rowsInPlace = right.columnStep == 1 && m <= kDirectRows;
    if (work <= kSmall || (rowsInPlace && (m <= 4 || !rowsCollide(left)))) {
      return multiplySmall(m, n, k, left, right, out);
    }
  }
  if (turned(m, n, k, left, right, out)) {
    return Blocked<T>(n, m, k, right.transposed(), left.transposed(), out.transposed()).run();
  }
  Blocked<T>(m, n, k, left, right, out).run();
}

}  // namespace

template <typename T>
void multiply(int64_t m, int64_t n, int64_t k, const Matrix<T>& left, const Matrix<T>& right, const Result<T>& out) {
  if (m == 0 || n == 0) return;
  Matrix<T> a = left, b = right;
  Result<T> c = out;
  // A dim of one element has any step; 1 is the one that is fast.
  if (m == 1) a.rowStep = c.rowStep = 1;
  if (n == 1) b.columnStep = c.columnStep = 1;
  if (k <= 1) a.columnStep = b.rowStep = 1;
  if (c.bias != nullptr && c.biasStep != 1) {
    const int64_t count = c.biasPerRow ? m : n;
    T* bias = scratchOf<T>(kBiasSlot, count);
    for (int64_t i = 0; i < count; i++) bias[i] = c.bias[i * c.biasStep];
    c.bias = bias;
    c.biasStep = 1;
  }
  // The columns of the result are to be the contiguous dim, and the long one.
  if (m > 1 && (n == 1 || (c.columnStep != 1 && c.rowStep == 1))) {
    return multiplyOriented<T>(n, m, k, b.transposed(), a.transposed(), c.transposed());
  }
  multiplyOriented(m, n, k, a, b, c);
}

template void multiply<float>(int64_t, int64_t, int64_t, const Matrix<float>&, const Matrix<float>&,
                              const Result<float>&);
template void multiply<double>(int64_t, int64_t, int64_t, const Matrix<double>&, const Matrix<double>&,
                               const Result<double>&);

}  // namespace flambeau::FLAMBEAU_ISA
