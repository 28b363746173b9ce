// The gradient of the weight by dot products along image rows (see convolution_weight.h), and the choice between it and
// tiles.
#include <algorithm>

#include "../threads.h"
#include "convolution_weight.h"
#include "correlation.h"
#include "dot.h"
#include "tile.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

// What a patch should take at most.
constexpr int64_t kPatchBytes = 128 << 10;
constexpr int64_t kColumnsAtOnce = 4096;
// Partial sums: how many at most, and the elements they may take together.
constexpr int64_t kPartials = 16, kPartialElements = 2 << 20;
constexpr int64_t kGrain = 1 << 18;

template <typename T>
class ByDots {
 public:
  explicit ByDots(const WeightGradient<T>& work)
      : c_(work),
        rows_(work.rows()),
        blocks_(blocksOf(work)),
        patch_(work.taps, work.tapCount, work.stride, work.source, work.source.span(work.sourceChannels),
               work.gradOut.size, blocks_.largest, work.stride[2] > 1 || work.source.step[2] != 1) {
    rowOffsets_ = static_cast<int32_t*>(scratch(kTableSlot, rows_ * 4));
    for (int64_t c = 0, k = 0; c < work.sourceChannels; c++) {
      for (int64_t t = 0; t < work.tapCount; t++) {
        rowOffsets_[k++] = static_cast<int32_t>(c * patch_.channelPitch + patch_.tapOffset(work.taps[t]));
      }
    }
  }

  void run() {
    const int64_t blocks = c_.samples * blocks_.perSample(), channels = c_.groups * c_.outChannels;
    const int64_t elements = channels * (rows_ + 1);  // the biases follow the weights
    const int64_t parts = std::min<int64_t>(std::min<int64_t>(blocks, kPartials), std::max<int64_t>(1, kPartialElements / elements));
    const EvenParts shares(blocks, (blocks + parts - 1) / parts);
    auto* sums = static_cast<double*>(scratch(kPartialSlot, shares.count * elements * 8));
    for (int64_t i = 0; i < shares.count * elements; i++) sums[i] = 0;
    // One part of the blocks and one group: items that write to sums of their own.
    const int64_t work = std::max<int64_t>(1, blocks / shares.count * rows_ * c_.outChannels * blocks_.pixels());
    parallelFor(shares.count * c_.groups, kGrain / work + 1, [&](int64_t begin, int64_t end) {
      T* patch = static_cast<T*>(scratch(
          kPatchSlot, patch_.copied ? patch_.elements(c_.sourceChannels) * static_cast<int64_t>(sizeof(T)) : 0));
      for (int64_t item = begin; item < end; item++) {
        const int64_t part = item / c_.groups, group = item % c_.groups;
        double* own = sums + part * elements + group * c_.outChannels * (rows_ + 1);
        for (int64_t b = shares.begin(part); b < shares.begin(part + 1); b++) addBlock(patch, group, b, own);
      }
    });
    for (int64_t c = 0; c < channels; c++) {
      double* own = sums + c * (rows_ + 1);
      for (int64_t part = 1; part < shares.count; part++) {
        for (int64_t k = 0; k <= rows_; k++) own[k] += own[part * elements + k];
      }
      for (int64_t k = 0; k < rows_; k++) {
        c_.weightAt(c / c_.outChannels, k, c % c_.outChannels) = static_cast<T>(own[k]);
      }
      if (c_.gradBias != nullptr) c_.gradBias[c * c_.biasStep] = static_cast<T>(own[rows_]);
    }
  }

 private:
  static Blocks blocksOf(const WeightGradient<T>& c) {
    int64_t rows = c.gradOut.size[1];
    const int64_t columns = std::min<int64_t>(c.gradOut.size[2], kColumnsAtOnce);
    const int64_t rowBytes = c.sourceChannels * columns * c.stride[2] * c.stride[1] * static_cast<int64_t>(sizeof(T));
    while (rows > 4 && rowBytes * rows > kPatchBytes) rows = (rows + 1) / 2;
    return Blocks(c.gradOut.size, rows, columns);
  }

  // sums: [output channel][rows and one for the bias]
  void addBlock(T* patch, int64_t group, int64_t index, double* sums) {
    const int64_t sample = index / blocks_.perSample();
    const Block block = blocks_.at(index % blocks_.perSample());
    Image<const T> image = c_.source;
    image.data += sample * image.sampleStep + group * c_.sourceChannels * image.channelStep;
    if (patch_.copied) patch_.copy(patch, image, c_.sourceChannels, block);
    const T* base = patch_.copied ? patch : patch_.inPlace(image, block);
    const Image<const T>& g = c_.gradOut;
    const T* gradOut = g.data + sample * g.sampleStep + group * c_.outChannels * g.channelStep +
                       block.from[0] * g.step[0] + block.from[1] * g.step[1] + block.from[2];
    const DotLines lines = {block.size[2], block.size[1], patch_.pixelOffset(0, 1, 0), g.step[1]};
    for (int64_t c = 0; c < c_.outChannels; c += kDotTileColumns) {
      const int columns = static_cast<int>(std::min<int64_t>(kDotTileColumns, c_.outChannels - c));
      const T* column[kDotTileColumns];
      for (int j = 0; j < columns; j++) column[j] = gradOut + (c + j) * g.channelStep;
      for (int64_t k = 0; k < rows_; k += kDotTileRows) {
        const int rows = static_cast<int>(std::min<int64_t>(kDotTileRows, rows_ - k));
        const T* row[kDotTileRows];
        for (int i = 0; i < rows; i++) row[i] = base + rowOffsets_[k + i];
        T dots[kDotTileRows * kDotTileColumns] = {};
        addDots<T>(rows, columns, row, column, lines, dots);
        for (int i = 0; i < rows; i++) {
          for (int j = 0; j < columns; j++) sums[(c + j) * (rows_ + 1) + k + i] += dots[i * kDotTileColumns + j];
        }
      }
      if (c_.gradBias == nullptr) continue;
      for (int j = 0; j < columns; j++) sums[(c + j) * (rows_ + 1) + rows_] += sumOf(column[j], lines);
    }
  }

  static double sumOf(const T* from, const DotLines& lines) {
    using V = VectorOf<T>;
    constexpr int lanes = kLanes<V>;
    V sum = {};
    for (int64_t line = 0; line < lines.count; line++) {
      const T* at = from + line * lines.columnStep;
      int64_t k = 0;
      for (; k + lanes <= lines.length; k += lanes) sum += load<V>(at + k);
      if (k < lines.length) sum += loadLanes<V>(at + k, lines.length - k);
    }
    return sumLanes(sum);
  }

  const WeightGradient<T>& c_;
  const int64_t rows_;
  const Blocks blocks_;
  const Patch patch_;
  int32_t* rowOffsets_;
};

}  // namespace

template <typename T>
void gradientByDots(const WeightGradient<T>& work) {
  ByDots<T>(work).run();
}

template <typename T>
void gradientOfWeight(const WeightGradient<T>& work) {
  const int64_t pixels = work.gradOut.size[0] * work.gradOut.size[1] * work.gradOut.size[2];
  const int64_t channels = work.groups * work.outChannels;
  if (work.samples * pixels == 0) {
    for (int64_t c = 0; c < channels; c++) {
      for (int64_t k = 0; k < work.rows(); k++) work.weightAt(c / work.outChannels, k, c % work.outChannels) = 0;
      if (work.gradBias != nullptr) work.gradBias[c * work.biasStep] = 0;
    }
    return;
  }
  if (channels == 0 || work.rows() == 0) return;
  // Machine cycles per pixel, two vectors multiplied and added in each, with what it costs to turn gradOut.
  constexpr int lanes = kLanes<VectorOf<T>>;
  const int64_t width = work.gradOut.size[2], vectors = (work.outChannels + lanes - 1) / lanes;
  const double rows = static_cast<double>(work.rows()), columns = static_cast<double>(work.outChannels);
  const double byTiles = rows * static_cast<double>(vectors) / 2 + 0.35 * static_cast<double>(vectors * lanes);
  const double fill = static_cast<double>(width) / static_cast<double>((width + lanes - 1) / lanes * lanes);
  const double load = work.outChannels >= kDotTileColumns ? 1.3 : 2.5;  // what is read for each product
  const double byDots = load * rows * columns / (2 * lanes * fill) + 0.1 * columns;
  byDots < byTiles && work.gradOut.step[2] == 1 ? gradientByDots(work) : gradientByTiles(work);
}

template void gradientOfWeight<float>(const WeightGradient<float>&);
template void gradientOfWeight<double>(const WeightGradient<double>&);

}  // namespace flambeau::FLAMBEAU_ISA
