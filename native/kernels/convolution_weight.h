// The gradient of a convolution with respect to its weight (and bias): for each tap, channel and output channel a sum over
// all pixels of all samples.
#pragma once
#include "patch.h"

namespace flambeau::FLAMBEAU_ISA {

template <typename T>
struct WeightGradient {
  int64_t samples, groups;
  // Both images begin at the first group's first channel; channels are those of one group.
  Image<const T> source;
  int64_t sourceChannels;
  Image<const T> gradOut;
  int64_t outChannels;
  // Source place = output pixel * stride + tap.
  int64_t stride[3];
  const Tap* taps;
  int64_t tapCount;
  T* gradWeight;
  int64_t weightOutStep, weightSourceStep;
  T* gradBias;  // or null
  int64_t biasStep;

  int64_t rows() const { return sourceChannels * tapCount; }
  T& weightAt(int64_t group, int64_t row, int64_t channel) const {
    return gradWeight[(group * outChannels + channel) * weightOutStep + row / tapCount * weightSourceStep +
                      taps[row % tapCount].weight];
  }
};

template <typename T>
void gradientOfWeight(const WeightGradient<T>& work);

// convolution_weight_tiles.cpp: taps of channels are the rows of tiles, output channels the columns, pixels the depth.
template <typename T>
void gradientByTiles(const WeightGradient<T>& work);
// convolution_weight_dots.cpp: dot products along the rows of images, for few output channels or few taps. Neighbouring
// pixels of gradOut are neighbours in memory.
template <typename T>
void gradientByDots(const WeightGradient<T>& work);

}  // namespace flambeau::FLAMBEAU_ISA
