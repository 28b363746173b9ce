// What a convolution and its gradient with respect to the input have in common: every pixel of the result is a weighted
// sum over some places ("taps") around a pixel of the source, over all channels of its group.
#pragma once
#include "patch.h"

namespace flambeau::FLAMBEAU_ISA {

template <typename T>
struct Correlation {
  int64_t samples, groups;
  // Both images begin at the first group's first channel; channels are those of one group.
  Image<const T> source;
  int64_t sourceChannels;
  Image<T> out;
  int64_t outChannels;
  // Source place = output pixel * stride + tap.
  int64_t stride[3];
  const Tap* taps;
  int64_t tapCount;
  const T* weight;
  int64_t weightGroupStep, weightOutStep, weightSourceStep;
  const T* bias;  // one per output channel, or null
  int64_t biasStep;
  bool relu;

  int64_t depth() const { return sourceChannels * tapCount; }
};

// Computes all of `out`, by whichever of the two ways below takes less time.
template <typename T>
void correlate(const Correlation<T>& work);

// correlation_pixels.cpp: pixels are the rows of tiles and output channels their columns. Vectors are full whatever the
// image's size and stride, but results are turned on their way out.
template <typename T>
void correlateByPixels(const Correlation<T>& work);
// correlation_channels.cpp: output channels are the rows and neighbouring pixels the columns. For few output channels
// or few taps.
template <typename T>
void correlateByChannels(const Correlation<T>& work);

// The blocks in which an image's pixels are worked through: even parts of its rows and columns, one depth each.
struct Blocks {
  int64_t size[3];  // of the image
  int64_t largest[3];
  int64_t rowParts, columnParts;

  Blocks(const int64_t (&imageSize)[3], int64_t rows, int64_t columns) {
    for (int d = 0; d < 3; d++) size[d] = imageSize[d];
    rowParts = (size[1] + rows - 1) / rows;
    columnParts = (size[2] + columns - 1) / columns;
    largest[0] = 1;
    largest[1] = (size[1] + rowParts - 1) / rowParts;
    largest[2] = (size[2] + columnParts - 1) / columnParts;
  }
  int64_t perSample() const { return size[0] * rowParts * columnParts; }
  int64_t pixels() const { return largest[1] * largest[2]; }
  Block at(int64_t index) const {
    const int64_t column = index % columnParts, row = index / columnParts % rowParts;
    Block block;
    block.from[0] = index / columnParts / rowParts;
    block.size[0] = 1;
    block.from[1] = size[1] * row / rowParts;
    block.size[1] = size[1] * (row + 1) / rowParts - block.from[1];
    block.from[2] = size[2] * column / columnParts;
    block.size[2] = size[2] * (column + 1) / columnParts - block.from[2];
    return block;
  }
};

// Scratch of convolutions; slots below are those of products.
enum ConvolutionSlot { kWeightSlot = 6, kTableSlot, kPatchSlot, kPixelSlot, kSumSlot, kGradientSlot, kPartialSlot };

}  // namespace flambeau::FLAMBEAU_ISA
