// Convolutions over one to three spatial dims: the result, and the gradient with respect to the input, both as
// correlations. That gradient, with a stride, falls into one correlation for each residue of a pixel's coordinates:
// each meets a subset of the window's taps, and none of them steps.
#include <vector>

#include "convolution_weight.h"
#include "correlation.h"
#include "kernels.h"
#include "tile.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

// Three spatial dims for all: those that are missing come first, with size 1.
struct Window3 {
  int64_t kernel[3] = {1, 1, 1}, stride[3] = {1, 1, 1}, padding[3] = {}, dilation[3] = {1, 1, 1}, groups;

  explicit Window3(const Geometry& g) : groups(g.groups) {
    for (int d = 0; d < g.dims; d++) {
      const int to = 3 - g.dims + d;
      kernel[to] = g.kernel[d];
      stride[to] = g.stride[d];
      padding[to] = g.padding[d];
      dilation[to] = g.dilation[d];
    }
  }
};

template <typename T>
Image<T> imageOf(const View& v, int dims) {
  Image<T> image;
  image.data = v.as<T>();
  image.sampleStep = v.strides[0];
  image.channelStep = v.strides[1];
  for (int d = 0; d < 3; d++) {
    const int own = d - (3 - dims) + 2;
    image.size[d] = own < 2 ? 1 : v.shape[own];
    image.step[d] = own < 2 ? 0 : v.strides[own];
  }
  return image;
}

// Where the weight of tap (i, j, k) lies from the window's first.
int64_t weightOffset(const View& weight, int dims, const int64_t (&at)[3]) {
  int64_t offset = 0;
  for (int d = 0; d < dims; d++) offset += at[3 - dims + d] * weight.strides[2 + d];
  return offset;
}

// Calls f(place) for all taps of a window, row-major.
template <typename F>
void eachTap(const Window3& w, F f) {
  int64_t at[3];
  for (at[0] = 0; at[0] < w.kernel[0]; at[0]++) {
    for (at[1] = 0; at[1] < w.kernel[1]; at[1]++) {
      for (at[2] = 0; at[2] < w.kernel[2]; at[2]++) f(at);
    }
  }
}

std::vector<Tap> forwardTaps(const Window3& w, const View& weight, int dims) {
  std::vector<Tap> taps;
  eachTap(w, [&](const int64_t (&at)[3]) {
    Tap tap;
    for (int d = 0; d < 3; d++) tap.at[d] = at[d] * w.dilation[d] - w.padding[d];
    tap.weight = weightOffset(weight, dims, at);
    taps.push_back(tap);
  });
  return taps;
}

template <typename T>
void forward(const View& out, const View& input, const View& weight, const View* bias, const Geometry& geometry,
             Activation activation) {
  const Window3 window(geometry);
  const std::vector<Tap> taps = forwardTaps(window, weight, geometry.dims);
  Correlation<T> work{};
  work.samples = out.shape[0];
  work.groups = window.groups;
  work.source = imageOf<const T>(input, geometry.dims);
  work.sourceChannels = input.shape[1] / window.groups;
  work.out = imageOf<T>(out, geometry.dims);
  work.outChannels = out.shape[1] / window.groups;
  for (int d = 0; d < 3; d++) work.stride[d] = window.stride[d];
  work.taps = taps.data();
  work.tapCount = static_cast<int64_t>(taps.size());
  work.weight = weight.as<T>();
  work.weightOutStep = weight.strides[0];
  work.weightSourceStep = weight.strides[1];
  work.weightGroupStep = work.outChannels * weight.strides[0];
  if (bias != nullptr) {
    work.bias = bias->as<T>();
    work.biasStep = bias->strides[0];
  }
  work.relu = activation == Activation::Relu;
  correlate(work);
}

template <typename T>
void backwardInput(const View& gradInput, const View& gradOut, const View& weight, const Geometry& geometry) {
  const Window3 window(geometry);
  Correlation<T> work{};
  work.samples = gradInput.shape[0];
  work.groups = window.groups;
  work.source = imageOf<const T>(gradOut, geometry.dims);
  work.sourceChannels = gradOut.shape[1] / window.groups;
  work.outChannels = gradInput.shape[1] / window.groups;
  for (int d = 0; d < 3; d++) work.stride[d] = 1;
  work.weight = weight.as<T>();
  work.weightOutStep = weight.strides[1];
  work.weightSourceStep = weight.strides[0];
  work.weightGroupStep = work.sourceChannels * weight.strides[0];
  const Image<T> whole = imageOf<T>(gradInput, geometry.dims);
  std::vector<Tap> taps;
  int64_t residue[3];
  for (residue[0] = 0; residue[0] < window.stride[0]; residue[0]++) {
    for (residue[1] = 0; residue[1] < window.stride[1]; residue[1]++) {
      for (residue[2] = 0; residue[2] < window.stride[2]; residue[2]++) {
        // Pixel x = stride * x' + residue gets from tap k the gradient at (x + padding - k * dilation) / stride.
        taps.clear();
        eachTap(window, [&](const int64_t (&at)[3]) {
          Tap tap;
          for (int d = 0; d < 3; d++) {
            const int64_t place = residue[d] + window.padding[d] - at[d] * window.dilation[d];
            if (place % window.stride[d] != 0) return;
            tap.at[d] = place / window.stride[d];
          }
          tap.weight = weightOffset(weight, geometry.dims, at);
          taps.push_back(tap);
        });
        work.out = whole;
        for (int d = 0; d < 3; d++) {
          work.out.data += residue[d] * whole.step[d];
          work.out.step[d] = whole.step[d] * window.stride[d];
          work.out.size[d] = (whole.size[d] - residue[d] + window.stride[d] - 1) / window.stride[d];
        }
        work.taps = taps.data();
        work.tapCount = static_cast<int64_t>(taps.size());
        correlate(work);
      }
    }
  }
}

template <typename T>
void backwardWeight(const View& gradWeight, const View* gradBias, const View& gradOut, const View& input,
                    const Geometry& geometry) {
  const Window3 window(geometry);
  const std::vector<Tap> taps = forwardTaps(window, gradWeight, geometry.dims);
  WeightGradient<T> work{};
  work.samples = gradOut.shape[0];
  work.groups = window.groups;
  work.source = imageOf<const T>(input, geometry.dims);
  work.sourceChannels = input.shape[1] / window.groups;
  work.gradOut = imageOf<const T>(gradOut, geometry.dims);
  work.outChannels = gradOut.shape[1] / window.groups;
  for (int d = 0; d < 3; d++) work.stride[d] = window.stride[d];
  work.taps = taps.data();
  work.tapCount = static_cast<int64_t>(taps.size());
  work.gradWeight = gradWeight.as<T>();
  work.weightOutStep = gradWeight.strides[0];
  work.weightSourceStep = gradWeight.strides[1];
  if (gradBias != nullptr) {
    work.gradBias = gradBias->as<T>();
    work.biasStep = gradBias->strides[0];
  }
  gradientOfWeight(work);
}

void convolution(const View& out, const View& input, const View& weight, const View* bias, const Geometry& geometry,
                 Activation activation) {
  out.dtype == DType::Float64 ? forward<double>(out, input, weight, bias, geometry, activation)
                              : forward<float>(out, input, weight, bias, geometry, activation);
}

void convolutionBackwardInput(const View& gradInput, const View& gradOut, const View& weight,
                              const Geometry& geometry) {
  gradInput.dtype == DType::Float64 ? backwardInput<double>(gradInput, gradOut, weight, geometry)
                                    : backwardInput<float>(gradInput, gradOut, weight, geometry);
}

void convolutionBackwardWeight(const View& gradWeight, const View* gradBias, const View& gradOut, const View& input,
                               const Geometry& geometry) {
  gradWeight.dtype == DType::Float64 ? backwardWeight<double>(gradWeight, gradBias, gradOut, input, geometry)
                                     : backwardWeight<float>(gradWeight, gradBias, gradOut, input, geometry);
}

}  // namespace

template <typename T>
void correlate(const Correlation<T>& work) {
  const double pixels = static_cast<double>(work.out.size[0] * work.out.size[1] * work.out.size[2]);
  if (pixels == 0 || work.samples * work.groups * work.outChannels == 0) return;
  // Machine cycles per pixel, two vectors multiplied and added in each, plus what it costs to turn and store results.
  constexpr int lanes = kLanes<VectorOf<T>>;
  const int64_t width = work.out.size[2], vectors = (work.outChannels + lanes - 1) / lanes;
  const double depth = static_cast<double>(work.depth()), channels = static_cast<double>(work.outChannels);
  const double byPixels = depth * static_cast<double>(vectors) / 2 + 0.5 * channels;
  const double fill = static_cast<double>(width) / static_cast<double>((width + lanes - 1) / lanes * lanes);
  const double byChannels = 1.1 * depth * channels / (2 * lanes * fill) + 0.1 * channels;
  byPixels < byChannels ? correlateByPixels(work) : correlateByChannels(work);
}

template void correlate<float>(const Correlation<float>&);
template void correlate<double>(const Correlation<double>&);

void fillConvolution(ProductKernels& table) {
  table.convolution = convolution;
  table.convolutionBackwardInput = convolutionBackwardInput;
  table.convolutionBackwardWeight = convolutionBackwardWeight;
}

}  // namespace flambeau::FLAMBEAU_ISA
