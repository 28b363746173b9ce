// The gradient of the weight by tiles: see convolution_weight.h. A row is a tap's place in the patch and a step along the
// depth a pixel's offset, so the images are read as they are; gradOut is turned into [pixel][output channel].
//
// Samples are summed up by so many partial sums as there is room for, each the work of one thread at a time, and these
// are added in their order. Where the weight is too large for that, the threads share out its parts instead.
#include <algorithm>

#include "../threads.h"
#include "ahead.h"
#include "convolution_weight.h"
#include "correlation.h"
#include "packing.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

// What a patch, and the part of gradOut that belongs to it, should take at most.
constexpr int64_t kPatchBytes = 384 << 10, kGradientBytes = 256 << 10;
// Pixels over which tiles sum up without a break.
constexpr int64_t kPixelsAtOnce = 512;
// Partial sums: how many at most, and the elements they may take together.
constexpr int64_t kPartials = 16, kPartialElements = 2 << 20;
// Multiply-adds that a thread should have at least.
constexpr int64_t kGrain = 1 << 18;

template <typename T>
class ByTiles {
 public:
  explicit ByTiles(const WeightGradient<T>& work)
      : c_(work),
        rows_(work.rows()),
        width_(work.outChannels <= kLanes<VectorOf<T>> ? kLanes<VectorOf<T>> : kTileColumns<T>),
        panels_((work.outChannels + width_ - 1) / width_),
        tiles_(work.rows(), kTileRows),
        blocks_(blocksOf(work, panels_ * width_)),
        patch_(work.taps, work.tapCount, work.stride, work.source,
               work.source.span(work.sourceChannels) + work.samples * (work.source.sampleStep < 0 ? -work.source.sampleStep : work.source.sampleStep),
               work.gradOut.size, blocks_.largest, false) {}

  void run() {
    const int64_t blocks = c_.samples * blocks_.perSample();
    const int64_t patchBytes = patch_.copied ? patch_.elements(c_.sourceChannels) * static_cast<int64_t>(sizeof(T)) : 1;
    perUnit_ = std::min<int64_t>(std::max<int64_t>(1, kPixelsAtOnce / 2 / blocks_.pixels()), std::max<int64_t>(1, kPatchBytes / patchBytes));
    const int64_t units = (blocks + perUnit_ - 1) / perUnit_;
    const int64_t elements = c_.groups * panels_ * rows_ * width_;
    partials_ = std::min<int64_t>(std::min<int64_t>(units, kPartials), std::max<int64_t>(1, kPartialElements / elements));
    if (partials_ < 4) partials_ = 1;
    sums_ = static_cast<T*>(scratch(kPartialSlot, partials_ * elements * static_cast<int64_t>(sizeof(T))));
    const int64_t biases = c_.groups * panels_ * width_;
    biasSums_ = static_cast<double*>(scratch(kSumSlot, partials_ * biases * 8));
    for (int64_t i = 0; i < partials_ * biases; i++) biasSums_[i] = 0;
    const EvenParts parts(units, (units + partials_ - 1) / partials_);
    partials_ = parts.count;
    parallelFor(partials_, 1, [&](int64_t begin, int64_t end) {
      for (int64_t part = begin; part < end; part++) {
        const int64_t from = parts.begin(part) * perUnit_, to = std::min<int64_t>(parts.begin(part + 1) * perUnit_, blocks);
        for (int64_t first = from; first < to; first += perUnit_) {
          const int64_t last = std::min<int64_t>(first + perUnit_, to);
          for (int64_t group = 0; group < c_.groups; group++) {
            addUnit(group, first, last, to, sums_ + part * elements, biasSums_ + part * biases, first == from);
          }
        }
      }
    });
    writeResults(elements, biases);
  }

 private:
  static Blocks blocksOf(const WeightGradient<T>& c, int64_t channels) {
    const int64_t height = c.gradOut.size[1], width = c.gradOut.size[2], bytes = sizeof(T);
    const int64_t pixels = std::min<int64_t>(kPixelsAtOnce, std::max<int64_t>(4 * kTileRows, kGradientBytes / (channels * bytes)));
    int64_t reach[3] = {};
    for (int d = 0; d < 3; d++) {
      int64_t low = c.taps[0].at[d], high = low;
      for (int64_t t = 1; t < c.tapCount; t++) {
        low = std::min<int64_t>(low, c.taps[t].at[d]);
        high = std::max<int64_t>(high, c.taps[t].at[d]);
      }
      reach[d] = high - low;
    }
    const int64_t columns = std::min<int64_t>(width, kPixelsAtOnce);
    int64_t rows = std::max<int64_t>(1, std::min<int64_t>(height, pixels / columns));
    const int64_t rowBytes = c.sourceChannels * (reach[0] + 1) * (columns * c.stride[2] + reach[2]) * bytes;
    while (rows > 1 && rowBytes * (rows * c.stride[1] + reach[1]) > kPatchBytes) rows--;
    return Blocks(c.gradOut.size, rows, columns);
  }

  // What belongs to a group.
  Image<const T> sourceOf(int64_t group) const { return c_.source.fromChannel(group * c_.sourceChannels); }
  Image<const T> gradOutOf(int64_t group) const { return c_.gradOut.fromChannel(group * c_.outChannels); }

  // Adds what the blocks from `first` to `last` give to all sums of a group. The same thread goes on with the next group
  // or, up to `end`, with the next blocks.
  void addUnit(int64_t group, int64_t first, int64_t last, int64_t end, T* sums, double* biasSums, bool fresh) {
    const int64_t blockElements = patch_.copied ? patch_.elements(c_.sourceChannels) : 0;
    const int64_t most = (last - first) * blocks_.pixels();
    T* patches = static_cast<T*>(scratch(kPatchSlot, (last - first) * blockElements * static_cast<int64_t>(sizeof(T))));
    auto** starts = static_cast<const T**>(scratch(kPixelSlot, rows_ * 8 + most * 8));
    auto* offsets = reinterpret_cast<int32_t*>(starts + rows_);
    int32_t* gradientOffsets = offsets + most;
    T* gradients = static_cast<T*>(scratch(kGradientSlot, panels_ * most * width_ * static_cast<int64_t>(sizeof(T))));

    const Image<const T> image = sourceOf(group);
    auto sampleOf = [&](int64_t b) { return b / blocks_.perSample(); };
    auto blockOf = [&](int64_t b) { return blocks_.at(b % blocks_.perSample()); };
    auto imageOf = [&](int64_t b) {
      Image<const T> own = image;
      own.data += sampleOf(b) * image.sampleStep;
      return own;
    };
    const T* base = patch_.copied ? patches : patch_.inPlace(imageOf(first), blockOf(first));
    int64_t pixels = 0;
    for (int64_t b = first; b < last; b++) {
      const Block block = blockOf(b);
      const int64_t start = patch_.copied ? (b - first) * blockElements : patch_.inPlace(imageOf(b), block) - base;
      for (int64_t h = 0; h < block.size[1]; h++) {
        for (int64_t w = 0; w < block.size[2]; w++) {
          offsets[pixels++] = static_cast<int32_t>(start + patch_.pixelOffset(0, h, w));
        }
      }
    }
    for (int64_t p = 0; p < pixels; p++) gradientOffsets[p] = static_cast<int32_t>(p * width_);
    for (int64_t c = 0, k = 0; c < c_.sourceChannels; c++) {
      for (int64_t t = 0; t < c_.tapCount; t++) starts[k++] = base + c * patch_.channelPitch + patch_.tapOffset(c_.taps[t]);
    }

    // Patches by channels and gradients by panels; then all tiles.
    const int64_t copies = patch_.copied ? c_.sourceChannels : 0;
    const int64_t copyGrain = kGrain / 16 / std::max<int64_t>(1, pixels * width_) + 1;
    parallelFor(copies + panels_, copyGrain, [&](int64_t begin, int64_t end) {
      for (int64_t item = begin; item < end; item++) {
        if (item < copies) {
          for (int64_t b = first; b < last; b++) {
            Image<const T> channel = imageOf(b);
            channel.data += item * channel.channelStep;
            patch_.copy(patches + (b - first) * blockElements + item * patch_.channelPitch, channel, 1, blockOf(b));
          }
        } else {
          const int64_t panel = item - copies;
          T* to = gradients + panel * pixels * width_;
          for (int64_t b = first; b < last; b++) to = turnGradient(to, group, panel, sampleOf(b), blockOf(b));
          if (c_.gradBias != nullptr) {
            addBias(biasSums + (group * panels_ + panel) * width_, gradients + panel * pixels * width_, pixels);
          }
        }
      }
    });
    const bool another = group + 1 < c_.groups;
    const int64_t nextGroup = another ? group + 1 : 0;
    const int64_t nextFirst = another ? first : last, nextLast = another ? last : std::min<int64_t>(last + perUnit_, end);
    const Ahead<T> source(sourceOf(nextGroup), c_.sourceChannels, blocks_, nextFirst, nextLast, &patch_);
    const Ahead<T> gradOut(gradOutOf(nextGroup), c_.outChannels, blocks_, nextFirst, nextLast, nullptr);
    const int64_t tileGrain = kGrain / std::max<int64_t>(1, kTileRows * width_ * pixels) + 1;
    parallelFor(panels_ * tiles_.count, tileGrain, [&](int64_t begin, int64_t end) {
      constexpr int lanes = kLanes<VectorOf<T>>;
      for (int64_t item = begin; item < end; item++) {
        const int64_t panel = item / tiles_.count, t = item % tiles_.count;
        source.ask(item, panels_ * tiles_.count);
        gradOut.ask(item, panels_ * tiles_.count);
        const int rows = static_cast<int>(tiles_.size(t));
        Tile<T> tile{};
        tile.rows = starts + tiles_.begin(t);
        tile.rowOffsets = offsets;
        tile.columns = gradients + panel * pixels * width_;
        tile.columnOffsets = gradientOffsets;
        tile.depth = pixels;
        tile.out = sums + ((group * panels_ + panel) * rows_ + tiles_.begin(t)) * width_;
        tile.outStep = width_;
        tile.lastLanes = lanes;
        tile.alpha = 1;
        tile.beta = fresh ? T(0) : T(1);
        tileFunction<T>(rows, c_.outChannels - panel * width_ > lanes ? 2 : 1)(tile);
      }
    });
  }

  // Writes [pixel][width] of a block and returns where the next goes.
  T* turnGradient(T* to, int64_t group, int64_t panel, int64_t sample, const Block& block) {
    const Image<const T> g = gradOutOf(group);
    const int64_t columns = std::min<int64_t>(width_, c_.outChannels - panel * width_);
    const T* from = g.data + sample * g.sampleStep + panel * width_ * g.channelStep +
                    block.from[0] * g.step[0] + block.from[1] * g.step[1] + block.from[2] * g.step[2];
    int64_t lines = block.size[1], length = block.size[2];
    if (g.step[1] == length * g.step[2]) {  // one row after the other
      length *= lines;
      lines = 1;
    }
    for (int64_t h = 0; h < lines; h++, to += length * width_) {
      packColumns<T>(to, width_, {from + h * g.step[1], g.step[2], g.channelStep}, length, columns);
    }
    return to;
  }

  void addBias(double* sums, const T* gradients, int64_t pixels) {
    using V = VectorOf<T>;
    constexpr int lanes = kLanes<V>;
    for (int64_t j = 0; j < width_; j += lanes) {
      V sum[2] = {};
      for (int64_t p = 0; p < pixels; p++) sum[p % 2] += load<V>(gradients + p * width_ + j);
      sum[0] += sum[1];
      for (int i = 0; i < lanes; i++) sums[j + i] += sum[0][i];
    }
  }

  void writeResults(int64_t elements, int64_t biases) {
    bool inOrder = c_.weightSourceStep == c_.tapCount;
    for (int64_t t = 0; t < c_.tapCount; t++) inOrder = inOrder && c_.taps[t].weight == t;
    const int64_t items = c_.groups * panels_ * tiles_.count;
    parallelFor(items, kGrain / 8 / (kTileRows * width_ * partials_) + 1, [&](int64_t begin, int64_t end) {
      for (int64_t item = begin; item < end; item++) {
        const int64_t t = item % tiles_.count, panel = item / tiles_.count;  // of all groups
        const int64_t row = tiles_.begin(t), rows = tiles_.size(t);
        T* sums = sums_ + (panel * rows_ + row) * width_;
        for (int64_t part = 1; part < partials_; part++) {
          const T* more = sums + part * elements;
          for (int64_t i = 0; i < rows * width_; i++) sums[i] += more[i];
        }
        const int64_t group = panel / panels_, channel = panel % panels_ * width_;
        const int64_t columns = std::min<int64_t>(width_, c_.outChannels - channel);
        if (inOrder) {
          scatterTile(&c_.weightAt(group, row, channel), 1, c_.weightOutStep, sums, width_, rows, columns);
          continue;
        }
        for (int64_t i = 0; i < rows; i++) {
          for (int64_t j = 0; j < columns; j++) c_.weightAt(group, row + i, channel + j) = sums[i * width_ + j];
        }
      }
    });
    if (c_.gradBias == nullptr) return;
    for (int64_t g = 0; g < c_.groups; g++) {
      for (int64_t c = 0; c < c_.outChannels; c++) {
        double sum = 0;
        for (int64_t part = 0; part < partials_; part++) sum += biasSums_[part * biases + g * panels_ * width_ + c];
        c_.gradBias[(g * c_.outChannels + c) * c_.biasStep] = static_cast<T>(sum);
      }
    }
  }

  const WeightGradient<T>& c_;
  const int64_t rows_, width_, panels_;
  const EvenParts tiles_;
  const Blocks blocks_;
  const Patch patch_;
  int64_t perUnit_ = 1, partials_ = 1;
  T* sums_ = nullptr;
  double* biasSums_ = nullptr;
};

}  // namespace

template <typename T>
void gradientByTiles(const WeightGradient<T>& work) {
  ByTiles<T>(work).run();
}

template void gradientByTiles<float>(const WeightGradient<float>&);
template void gradientByTiles<double>(const WeightGradient<double>&);

}  // namespace flambeau::FLAMBEAU_ISA
