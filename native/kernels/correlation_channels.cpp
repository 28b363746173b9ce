// Correlations with output channels as the rows of tiles and neighbouring pixels of one image row as their columns: see
// correlation.h. Results leave the tile where they belong; the image's width decides how full the vectors are.
#include <algorithm>

#include "../threads.h"
#include "correlation.h"
#include "packing.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

// Taps times channels that are summed up in one go.
template <typename T>
constexpr int64_t kDepthBlock = 2048 / sizeof(T);
// What a patch should take at most.
constexpr int64_t kPatchBytes = 128 << 10;
// Multiply-adds that a thread should have at least.
constexpr int64_t kGrain = 1 << 18;
// Columns of a block: rows that are longer are cut.
constexpr int64_t kColumnsAtOnce = 4096;

template <typename T>
class ByChannels {
 public:
  explicit ByChannels(const Correlation<T>& work)
      : c_(work),
        depth_(work.depth()),
        rowTiles_(work.outChannels, kTileRows),
        depths_(std::max<int64_t>(depth_, 1), kDepthBlock<T>),
        blocks_(blocksOf(work)),
        patch_(work.taps, work.tapCount, work.stride, work.source, work.source.span(work.sourceChannels), work.out.size,
               blocks_.largest, true) {}

  void run() {
    prepareWeights();
    makeTables();
    const int64_t blocks = c_.samples * blocks_.perSample();
    const int64_t work = std::max<int64_t>(1, depth_ * c_.outChannels) * blocks_.pixels();
    parallelFor(blocks * c_.groups, kGrain / work + 1, [&](int64_t begin, int64_t end) {
      T* patch = static_cast<T*>(
          scratch(kPatchSlot, patch_.elements(c_.sourceChannels) * static_cast<int64_t>(sizeof(T))));
      for (int64_t item = begin; item < end; item++) runBlock(patch, item % c_.groups, item / c_.groups);
    });
  }

 private:
  static Blocks blocksOf(const Correlation<T>& c) {
    int64_t rows = c.out.size[1];
    const int64_t columns = std::min<int64_t>(c.out.size[2], kColumnsAtOnce);
    const int64_t rowBytes = c.sourceChannels * columns * c.stride[2] * c.stride[1] * static_cast<int64_t>(sizeof(T));
    while (rows > 4 && rowBytes * rows > kPatchBytes) rows = (rows + 1) / 2;
    // Some units for every thread, if the work is worth it.
    const int64_t rowWork = std::max<int64_t>(1, c.depth() * c.outChannels * columns);
    while (rows > 4 && c.samples * c.groups * c.out.size[1] < 8 * rows && rowWork * rows > 2 * kGrain) rows = (rows + 1) / 2;
    return Blocks(c.out.size, rows, columns);
  }

  // [group][output channel][channel and tap], as rows of tiles are read.
  void prepareWeights() {
    const int64_t rows = c_.groups * c_.outChannels;
    weights_ = static_cast<T*>(scratch(kWeightSlot, rows * (depth_ + 1) * static_cast<int64_t>(sizeof(T))));
    bias_ = weights_ + rows * depth_;
    parallelFor(rows, kGrain / 8 / std::max<int64_t>(depth_, 1) + 1, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; row++) {
        const T* from = c_.weight + row / c_.outChannels * c_.weightGroupStep + row % c_.outChannels * c_.weightOutStep;
        T* to = weights_ + row * depth_;
        for (int64_t s = 0; s < c_.sourceChannels; s++) {
          for (int64_t t = 0; t < c_.tapCount; t++) *to++ = from[s * c_.weightSourceStep + c_.taps[t].weight];
        }
        bias_[row] = c_.bias != nullptr ? c_.bias[row * c_.biasStep] : T(0);
      }
    });
  }

  void makeTables() {
    const int64_t block = std::min<int64_t>(depth_, kDepthBlock<T>);
    tapOffsets_ = static_cast<int32_t*>(scratch(kTableSlot, (depth_ + block) * 4));
    inOrder_ = tapOffsets_ + depth_;
    int64_t k = 0;
    for (int64_t s = 0; s < c_.sourceChannels; s++) {
      for (int64_t t = 0; t < c_.tapCount; t++) {
        tapOffsets_[k++] = static_cast<int32_t>(s * patch_.channelPitch + patch_.tapOffset(c_.taps[t]));
      }
    }
    for (k = 0; k < block; k++) inOrder_[k] = static_cast<int32_t>(k);
  }

  void runBlock(T* patch, int64_t group, int64_t index) {
    const int64_t sample = index / blocks_.perSample();
    const Block block = blocks_.at(index % blocks_.perSample());
    Image<const T> image = c_.source.fromChannel(group * c_.sourceChannels);
    image.data += sample * image.sampleStep;
    patch_.copy(patch, image, c_.sourceChannels, block);
    T* out = c_.out.data + sample * c_.out.sampleStep + group * c_.outChannels * c_.out.channelStep +
             block.from[0] * c_.out.step[0] + block.from[1] * c_.out.step[1] + block.from[2] * c_.out.step[2];
    for (int64_t d = 0; d < depths_.count; d++) {
      for (int64_t t = 0; t < rowTiles_.count; t++) {
        for (int64_t h = 0; h < block.size[1]; h++) {
          runRow(patch + patch_.pixelOffset(0, h, 0), out + h * c_.out.step[1], block.size[2], group, t, d);
        }
      }
    }
  }

  // All pixels of one image row, for one tile's output channels.
  void runRow(const T* source, T* out, int64_t width, int64_t group, int64_t t, int64_t d) {
    constexpr int lanes = kLanes<VectorOf<T>>;
    const int64_t first = group * c_.outChannels + rowTiles_.begin(t), k0 = depth_ > 0 ? depths_.begin(d) : 0;
    const int rows = static_cast<int>(rowTiles_.size(t)), widest = widestTile(rows);
    const bool last = d + 1 == depths_.count, direct = c_.out.step[2] == 1;
    const T* starts[kTileRows];
    for (int r = 0; r < rows; r++) starts[r] = weights_ + (first + r) * depth_ + k0;
    alignas(64) T buffer[kTileSums * lanes];
    Tile<T> tile{};
    tile.rows = starts;
    tile.rowOffsets = inOrder_;
    tile.columnOffsets = tapOffsets_ + k0;
    tile.depth = depth_ > 0 ? depths_.size(d) : 0;
    tile.alpha = 1;
    tile.beta = d > 0 ? T(1) : T(0);
    tile.rowBias = last && c_.bias != nullptr ? bias_ + first : nullptr;
    tile.relu = last && c_.relu;
    out += rowTiles_.begin(t) * c_.out.channelStep;
    for (int64_t w = 0; w < width;) {
      int vectors = widest;
      while ((vectors - 1) * lanes >= width - w) vectors /= 2;  // none of them empty
      const int64_t done = std::min<int64_t>(vectors * lanes, width - w);
      tile.columns = source + w;
      tile.lastLanes = done - (vectors - 1) * lanes;
      T* place = out + w * c_.out.step[2];
      if (direct) {
        tile.out = place;
        tile.outStep = c_.out.channelStep;
        tileFunction<T>(rows, vectors)(tile);
      } else {
        const int64_t bufferWidth = vectors * lanes;
        tile.out = buffer;
        tile.outStep = bufferWidth;
        if (d > 0) gatherTile<T>(buffer, bufferWidth, {place, c_.out.channelStep, c_.out.step[2]}, rows, done);
        tileFunction<T>(rows, vectors)(tile);
        scatterTile(place, c_.out.channelStep, c_.out.step[2], buffer, bufferWidth, rows, done);
      }
      w += done;
    }
  }

  const Correlation<T>& c_;
  const int64_t depth_;
  const EvenParts rowTiles_, depths_;
  const Blocks blocks_;
  const Patch patch_;
  T *weights_ = nullptr, *bias_ = nullptr;
  int32_t *tapOffsets_ = nullptr, *inOrder_ = nullptr;
};

}  // namespace

template <typename T>
void correlateByChannels(const Correlation<T>& work) {
  ByChannels<T>(work).run();
}

template void correlateByChannels<float>(const Correlation<float>&);
template void correlateByChannels<double>(const Correlation<double>&);

}  // namespace flambeau::FLAMBEAU_ISA
