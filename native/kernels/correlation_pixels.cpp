// Correlations with pixels as the rows of tiles: see correlation.h. The matrix of shifted images is never built: a row
// of a tile is a pixel's address and the step to its next factor a tap's offset.
#include <algorithm>

#include "../threads.h"
#include "ahead.h"
#include "correlation.h"
#include "packing.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

// Taps times channels that are summed up in one go. A tile reads about a cache line of the patch for each, which stays in
// the first-level cache while the panels pass by.
template <typename T>
constexpr int64_t kDepthBlock = 2048 / sizeof(T);
// Panels of weights that pass by each tile, 64 KiB each: half of a second-level cache of 1 MiB.
constexpr int64_t kPanelsAtOnce = 8;
// What a patch should take at most, next to the weights.
constexpr int64_t kPatchBytes = 384 << 10;
// Pixels that share one pass of the weights through the caches: as many as fit without the patch growing large.
constexpr int64_t kPixelsAtOnce = 16 * kTileRows;
// Multiply-adds that a thread should have at least.
constexpr int64_t kGrain = 1 << 18;
// Units of work below which they are made smaller.
constexpr int64_t kUnits = 8;

template <typename T>
class ByPixels {
 public:
  explicit ByPixels(const Correlation<T>& work)
      : c_(work),
        depth_(work.depth()),
        width_(work.outChannels <= kLanes<VectorOf<T>> ? kLanes<VectorOf<T>> : kTileColumns<T>),
        panels_((work.outChannels + width_ - 1) / width_),
        depths_(std::max<int64_t>(depth_, 1), kDepthBlock<T>),
        blocks_(blocksOf(work)),
        patch_(work.taps, work.tapCount, work.stride, work.source, work.source.span(work.sourceChannels), work.out.size,
               blocks_.largest, false) {}

  void run() {
    packWeights();
    makeTables();
    const int64_t blocks = blockCount();
    // Small images: several make a unit.
    const int64_t patchBytes = patch_.copied ? patch_.elements(c_.sourceChannels) * static_cast<int64_t>(sizeof(T)) : 1;
    perUnit_ = std::min<int64_t>(std::max<int64_t>(1, kPixelsAtOnce / blocks_.pixels()), std::max<int64_t>(1, kPatchBytes / patchBytes));
    perUnit_ = std::min<int64_t>(perUnit_, std::max<int64_t>(1, blocks * c_.groups / kUnits));
    // Few units: each takes only some of the panels.
    const int64_t units = unitsPerGroup() * c_.groups;
    const EvenParts panels(panels_, units >= kUnits ? panels_ : std::max<int64_t>(1, panels_ * units / kUnits));
    const int64_t unitWork = depth_ * c_.outChannels / panels.count * blocks_.pixels() * perUnit_;
    parallelFor(units * panels.count, kGrain / std::max<int64_t>(unitWork, 1) + 1, [&](int64_t begin, int64_t end) {
      for (int64_t item = begin; item < end; item++) {
        const int64_t part = item % panels.count;
        const Unit next = item + 1 < end ? unitAt((item + 1) / panels.count) : Unit{};
        runUnit(unitAt(item / panels.count), panels.begin(part), panels.begin(part + 1), next);
      }
    });
  }

 private:
  // Some blocks of one group's channels.
  struct Unit {
    int64_t group, first, last;
  };
  int64_t blockCount() const { return c_.samples * blocks_.perSample(); }
  int64_t unitsPerGroup() const { return (blockCount() + perUnit_ - 1) / perUnit_; }
  Unit unitAt(int64_t index) const {
    const int64_t first = index % unitsPerGroup() * perUnit_;
    return {index / unitsPerGroup(), first, std::min<int64_t>(first + perUnit_, blockCount())};
  }
  // What a group reads.
  Image<const T> sourceOf(int64_t group) const { return c_.source.fromChannel(group * c_.sourceChannels); }

  static Blocks blocksOf(const Correlation<T>& c) {
    const int64_t height = c.out.size[1], width = c.out.size[2];
    const int64_t total = c.samples * c.groups * c.out.size[0] * height * width;
    // Fewer pixels at once where there would be too few units, but not less than is worth a thread's while.
    const int64_t least = std::max<int64_t>(2 * kTileRows, kGrain / std::max<int64_t>(c.depth() * c.outChannels, 1));
    int64_t pixels = std::max<int64_t>(std::min<int64_t>(kPixelsAtOnce, total / kUnits), least);
    int64_t reach[3] = {};
    for (int d = 0; d < 3; d++) {
      int64_t low = 0, high = 0;
      for (int64_t t = 0; t < c.tapCount; t++) {
        low = t == 0 ? c.taps[t].at[d] : std::min<int64_t>(low, c.taps[t].at[d]);
        high = t == 0 ? c.taps[t].at[d] : std::max<int64_t>(high, c.taps[t].at[d]);
      }
      reach[d] = high - low;
    }
    const int64_t columns = std::min<int64_t>(width, std::max<int64_t>(pixels, 512));
    int64_t rows = std::max<int64_t>(1, std::min<int64_t>(height, pixels / columns));
    const int64_t rowBytes = c.sourceChannels * (reach[0] + 1) * (columns * c.stride[2] + reach[2]) * sizeof(T);
    while (rows > 1 && rowBytes * (rows * c.stride[1] + reach[1]) > kPatchBytes) rows--;
    return Blocks(c.out.size, rows, columns);
  }

  // [group][panel][channel and tap][width]
  void packWeights() {
    weights_ = static_cast<T*>(
        scratch(kWeightSlot, (c_.groups * panels_ * width_ * (depth_ + 1)) * static_cast<int64_t>(sizeof(T))));
    bias_ = weights_ + c_.groups * panels_ * width_ * depth_;
    bool inOrder = c_.weightSourceStep == c_.tapCount;
    for (int64_t t = 0; t < c_.tapCount; t++) inOrder = inOrder && c_.taps[t].weight == t;
    const int64_t grain = kGrain / 16 / std::max<int64_t>(depth_ * width_, 1) + 1;
    parallelFor(c_.groups * panels_, grain, [&](int64_t begin, int64_t end) {
      for (int64_t item = begin; item < end; item++) {
        const int64_t group = item / panels_, first = item % panels_ * width_;
        const int64_t columns = std::min<int64_t>(width_, c_.outChannels - first);
        const T* from = c_.weight + group * c_.weightGroupStep + first * c_.weightOutStep;
        T* to = weights_ + item * width_ * depth_;
        if (inOrder) {
          packColumns<T>(to, width_, {from, 1, c_.weightOutStep}, depth_, columns);
        } else {
          for (int64_t s = 0; s < c_.sourceChannels; s++) {
            for (int64_t t = 0; t < c_.tapCount; t++, to += width_) {
              packColumns<T>(to, width_, {from + s * c_.weightSourceStep + c_.taps[t].weight, 0, c_.weightOutStep}, 1,
                             columns);
            }
          }
        }
        for (int64_t j = 0; j < width_; j++) {
          const bool has = c_.bias != nullptr && j < columns;
          bias_[item * width_ + j] = has ? c_.bias[(group * c_.outChannels + first + j) * c_.biasStep] : T(0);
        }
      }
    });
  }

  void makeTables() {
    const int64_t block = std::min<int64_t>(depth_, kDepthBlock<T>);
    tapOffsets_ = static_cast<int32_t*>(scratch(kTableSlot, (depth_ + block) * 4));
    weightOffsets_ = tapOffsets_ + depth_;
    int64_t k = 0;
    for (int64_t s = 0; s < c_.sourceChannels; s++) {
      for (int64_t t = 0; t < c_.tapCount; t++) {
        tapOffsets_[k++] = static_cast<int32_t>(s * patch_.channelPitch + patch_.tapOffset(c_.taps[t]));
      }
    }
    for (k = 0; k < block; k++) weightOffsets_[k] = static_cast<int32_t>(k * width_);
  }

  // The pixels of a unit: where each begins in the patch, and where its result goes.
  struct Pixels {
    const T** source;
    T** out;
    int64_t count = 0;
  };

  Pixels pixelsOf(const Unit& unit) {
    const auto [group, first, last] = unit;
    const int64_t blockElements = patch_.copied ? patch_.elements(c_.sourceChannels) : 0;
    T* patches = static_cast<T*>(scratch(kPatchSlot, (last - first) * blockElements * static_cast<int64_t>(sizeof(T))));
    const int64_t most = (last - first) * blocks_.pixels();
    Pixels pixels;
    pixels.out = static_cast<T**>(scratch(kPixelSlot, 2 * most * static_cast<int64_t>(sizeof(T*))));
    pixels.source = const_cast<const T**>(pixels.out + most);
    for (int64_t b = first; b < last; b++) {
      const int64_t sample = b / blocks_.perSample();
      const Block block = blocks_.at(b % blocks_.perSample());
      Image<const T> image = sourceOf(group);
      image.data += sample * image.sampleStep;
      const T* source;
      if (patch_.copied) {
        T* patch = patches + (b - first) * blockElements;
        patch_.copy(patch, image, c_.sourceChannels, block);
        source = patch;
      } else {
        source = patch_.inPlace(image, block);
      }
      T* out = c_.out.data + sample * c_.out.sampleStep + group * c_.outChannels * c_.out.channelStep +
               block.from[0] * c_.out.step[0] + block.from[1] * c_.out.step[1] + block.from[2] * c_.out.step[2];
      for (int64_t h = 0; h < block.size[1]; h++) {
        const T* sourceRow = source + patch_.pixelOffset(0, h, 0);
        const int64_t sourceStep = patch_.pixelOffset(0, 0, 1);
        T* outRow = out + h * c_.out.step[1];
        for (int64_t w = 0; w < block.size[2]; w++, pixels.count++) {
          pixels.source[pixels.count] = sourceRow + w * sourceStep;
          pixels.out[pixels.count] = outRow + w * c_.out.step[2];
        }
      }
    }
    return pixels;
  }

  // Pixels from `from` on whose results lie in equal steps, and may so be stored together.
  static int64_t runLength(const Pixels& pixels, int64_t from, int64_t step) {
    int64_t n = 1;
    while (from + n < pixels.count && pixels.out[from + n] - pixels.out[from + n - 1] == step) n++;
    return n;
  }

  void runUnit(const Unit& unit, int64_t panelFrom, int64_t panelTo, const Unit& next) {
    const Pixels pixels = pixelsOf(unit);
    const Ahead<T> ahead(sourceOf(next.group), c_.sourceChannels, blocks_, next.first, next.last, &patch_);
    const int64_t tileElements = kTileRows * width_;
    // Sums of all tiles and some panels, kept from one block of the depth to the next.
    const int64_t most = (pixels.count + kTileRows - 1) / kTileRows * 4 + 1;
    const int64_t kept = depths_.count > 1 ? most * std::min<int64_t>(kPanelsAtOnce, panelTo - panelFrom) : 1;
    T* sums = static_cast<T*>(scratch(kSumSlot, kept * tileElements * static_cast<int64_t>(sizeof(T))));
    // As many as there are tiles, or a few less.
    const int64_t shares = (pixels.count + kTileRows - 1) / kTileRows * (panelTo - panelFrom) * depths_.count;
    int64_t share = 0;
    for (int64_t p = panelFrom; p < panelTo; p += kPanelsAtOnce) {
      const int64_t pEnd = std::min<int64_t>(p + kPanelsAtOnce, panelTo);
      for (int64_t d = 0; d < depths_.count; d++) {
        T* tileSums = sums;
        for (int64_t at = 0; at < pixels.count;) {
          // Runs too short for a good tile are not kept apart.
          int64_t run = runLength(pixels, at, c_.out.step[2]);
          if (run < kTileRows / 2) run = pixels.count - at;
          const EvenParts tiles(run, kTileRows);
          for (int64_t t = 0; t < tiles.count; t++) {
            for (int64_t panel = p; panel < pEnd; panel++) {
              if (share < shares) ahead.ask(share++, shares);
              runTile(unit.group, pixels, at + tiles.begin(t), static_cast<int>(tiles.size(t)), panel, d, tileSums);
              if (depths_.count > 1) tileSums += tileElements;
            }
          }
          at += run;
        }
      }
    }
  }

  void runTile(int64_t group, const Pixels& pixels, int64_t at, int rows, int64_t panel, int64_t d, T* sums) {
    constexpr int lanes = kLanes<VectorOf<T>>;
    const bool last = d + 1 == depths_.count;
    const int64_t item = group * panels_ + panel, k0 = depth_ > 0 ? depths_.begin(d) : 0;
    const int64_t columns = std::min<int64_t>(width_, c_.outChannels - panel * width_);
    const int vectors = columns > lanes ? 2 : 1;
    Tile<T> tile{};
    tile.rows = pixels.source + at;
    tile.rowOffsets = tapOffsets_ + k0;
    tile.columns = weights_ + (item * depth_ + k0) * width_;
    tile.columnOffsets = weightOffsets_;
    tile.depth = depth_ > 0 ? depths_.size(d) : 0;
    tile.out = sums;
    tile.outStep = width_;
    tile.lastLanes = lanes;
    tile.alpha = 1;
    tile.beta = d > 0 ? T(1) : T(0);
    tile.columnBias = last && c_.bias != nullptr ? bias_ + item * width_ : nullptr;
    tile.relu = last && c_.relu;
    T* const* out = pixels.out + at;
    const int64_t channel = panel * width_ * c_.out.channelStep, step = c_.out.step[2];
    if (last) {
      // The lines that the sums go to, on their way while these are made.
      for (int64_t j = 0; j < columns; j++) {
        __builtin_prefetch(out[0] + channel + j * c_.out.channelStep, 1);
        __builtin_prefetch(out[rows - 1] + channel + j * c_.out.channelStep, 1);
      }
    }
    tileFunction<T>(rows, vectors)(tile);
    if (!last) return;
    if (out[rows - 1] - out[0] == (rows - 1) * step) {
      scatterTile(out[0] + channel, step, c_.out.channelStep, sums, width_, rows, columns);
    } else {
      for (int i = 0; i < rows; i++) scatterTile(out[i] + channel, 0, c_.out.channelStep, sums + i * width_, width_, 1, columns);
    }
  }

  const Correlation<T>& c_;
  const int64_t depth_, width_, panels_;
  const EvenParts depths_;
  const Blocks blocks_;
  const Patch patch_;
  int64_t perUnit_ = 1;
  T *weights_ = nullptr, *bias_ = nullptr;
  int32_t *tapOffsets_ = nullptr, *weightOffsets_ = nullptr;
};

}  // namespace

template <typename T>
void correlateByPixels(const Correlation<T>& work) {
  ByPixels<T>(work).run();
}

template void correlateByPixels<float>(const Correlation<float>&);
template void correlateByPixels<double>(const Correlation<double>&);

}  // namespace flambeau::FLAMBEAU_ISA
