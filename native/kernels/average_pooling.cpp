// Means over windows, and their gradients. A line of windows is worked on at once: tap by tap all windows' elements are
// added, so that neighbours go side by side; the sum of a window still runs over its own elements in their order.
#include <type_traits>

#include "pooling.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

enum Slot { kSumSlot, kCountSlot, kTapSlot };

// Calls f(step), with a step that the compiler knows where it is one of the usual ones.
template <typename F>
void withStep(int64_t step, const F& f) {
  if (step == 1) return f(std::integral_constant<int64_t, 1>());
  if (step == 2) return f(std::integral_constant<int64_t, 2>());
  f(step);
}

// The windows of one geometry.
class EvenWindows {
 public:
  EvenWindows(const Geometry& g, bool countPadding, const int64_t (&size)[3])
      : window_(g), countPadding_(countPadding), size_{size[0], size[1], size[2]} {}

  Taps taps(int d, int64_t out) const { return tapsOf(window_, d, out, size_[d]); }

  // How many elements the mean counts along a dim: those inside, or with the padding those of the padded plane.
  int64_t count(int d, int64_t out) const {
    if (!countPadding_) {
      const Taps inside = taps(d, out);
      return inside.last - inside.first;
    }
    const int64_t begin = out * window_.stride[d] - window_.padding[d];
    return std::min(begin + window_.kernel[d], size_[d] + window_.padding[d]) - begin;
  }

  // sums[c] += the elements of window c in a line whose elements lie `step` apart.
  template <typename T>
  void addLine(T* __restrict sums, const T* __restrict line, int64_t step, int64_t windows) const {
    for (int64_t m = 0; m < window_.kernel[2]; m++) {
      eachWindow(m, step, windows, [&](int64_t c, int64_t place) { sums[c] += line[place]; });
    }
  }

  // The elements of window c += shares[c]. Taps backwards: what one element receives comes by ascending windows.
  template <typename T>
  void spreadLine(T* __restrict line, const T* __restrict shares, int64_t step, int64_t windows) const {
    for (int64_t m = window_.kernel[2] - 1; m >= 0; m--) {
      eachWindow(m, step, windows, [&](int64_t c, int64_t place) { line[place] += shares[c]; });
    }
  }

 private:
  // The windows whose tap `m` lies inside, and the place of the tap in the line.
  template <typename F>
  void eachWindow(int64_t m, int64_t step, int64_t windows, const F& f) const {
    const int64_t stride = window_.stride[2], start = m * window_.dilation[2] - window_.padding[2];
    const int64_t first = start < 0 ? (-start + stride - 1) / stride : 0;
    const int64_t last = start < size_[2] ? std::min(windows, (size_[2] - 1 - start) / stride + 1) : 0;
    withStep(stride * step, [&](auto apart) {
      for (int64_t c = first; c < last; c++) f(c, start * step + c * apart);
    });
  }

  Window window_;
  bool countPadding_;
  int64_t size_[3];
};

// The windows of adaptive pooling: as many as the result has.
class AdaptiveWindows {
 public:
  AdaptiveWindows(const int64_t (&outSize)[3], const int64_t (&size)[3])
      : outSize_{outSize[0], outSize[1], outSize[2]}, size_{size[0], size[1], size[2]} {
    auto* columns = scratchOf<Taps>(kTapSlot, outSize[2]);
    for (int64_t c = 0; c < outSize[2]; c++) columns[c] = taps(2, c);
    columns_ = columns;
  }

  Taps taps(int d, int64_t out) const { return adaptiveTaps(out, outSize_[d], size_[d]); }
  int64_t count(int d, int64_t out) const { return taps(d, out).last; }

  template <typename T>
  void addLine(T* __restrict sums, const T* __restrict line, int64_t step, int64_t windows) const {
    for (int64_t c = 0; c < windows; c++) {
      const Taps inside = columns_[c];
      for (int64_t m = 0; m < inside.last; m++) sums[c] += line[inside.at(m) * step];
    }
  }

  template <typename T>
  void spreadLine(T* __restrict line, const T* __restrict shares, int64_t step, int64_t windows) const {
    for (int64_t c = 0; c < windows; c++) {
      const Taps inside = columns_[c];
      for (int64_t m = 0; m < inside.last; m++) line[inside.at(m) * step] += shares[c];
    }
  }

 private:
  int64_t outSize_[3], size_[3];
  const Taps* columns_;
};

// Calls f(line's offset) for the lines that the windows at (a, b) cover.
template <typename T, typename Windows, typename F>
void eachLine(const Planes<T>& planes, const Windows& windows, int64_t a, int64_t b, const F& f) {
  const Taps depth = windows.taps(0, a), row = windows.taps(1, b);
  for (int64_t k = depth.first; k < depth.last; k++) {
    for (int64_t l = row.first; l < row.last; l++) f(depth.at(k) * planes.stride[0] + row.at(l) * planes.stride[1]);
  }
}

// How many elements each window counts along a line.
template <typename T, typename Windows>
const T* countsOf(const Windows& windows, int64_t width) {
  T* counts = scratchOf<T>(kCountSlot, width);
  for (int64_t c = 0; c < width; c++) counts[c] = static_cast<T>(windows.count(2, c));
  return counts;
}

template <typename T, typename Windows>
void means(const View& outView, const View& inputView, const Windows& windows) {
  const Planes<T> out(outView);
  const Planes<const T> input(inputView);
  const int64_t width = out.size[2];
  const T* counts = countsOf<T>(windows, width);
  eachPlane(outView.shape[0] * outView.shape[1], input.elements(), [&](int64_t i) {
    const T* x = input.plane(i);
    T* sums = scratchOf<T>(kSumSlot, width);
    for (int64_t a = 0; a < out.size[0]; a++) {
      for (int64_t b = 0; b < out.size[1]; b++) {
        std::fill(sums, sums + width, T(0));
        eachLine(input, windows, a, b, [&](int64_t at) { windows.addLine(sums, x + at, input.stride[2], width); });
        const T count = static_cast<T>(windows.count(0, a) * windows.count(1, b));
        T* y = out.plane(i) + a * out.stride[0] + b * out.stride[1];
        withStep(out.stride[2], [&](auto step) {
          for (int64_t c = 0; c < width; c++) y[c * step] = sums[c] / (count * counts[c]);
        });
      }
    }
  });
}

template <typename T, typename Windows>
void meansBackward(const View& gradInputView, const View& gradOutView, const Windows& windows) {
  const Planes<T> gradInput(gradInputView);
  const Planes<const T> gradOut(gradOutView);
  const int64_t width = gradOut.size[2];
  const T* counts = countsOf<T>(windows, width);
  eachPlane(gradInputView.shape[0] * gradInputView.shape[1], gradInput.elements(), [&](int64_t i) {
    T* to = gradInput.plane(i);
    T* shares = scratchOf<T>(kSumSlot, width);
    zeroPlane(gradInput, to);
    for (int64_t a = 0; a < gradOut.size[0]; a++) {
      for (int64_t b = 0; b < gradOut.size[1]; b++) {
        const T count = static_cast<T>(windows.count(0, a) * windows.count(1, b));
        const T* from = gradOut.plane(i) + a * gradOut.stride[0] + b * gradOut.stride[1];
        for (int64_t c = 0; c < width; c++) shares[c] = from[c * gradOut.stride[2]] / (count * counts[c]);
        eachLine(gradInput, windows, a, b,
                 [&](int64_t at) { windows.spreadLine(to + at, shares, gradInput.stride[2], width); });
      }
    }
  });
}

template <typename F>
void withFloat(DType type, const F& f) {
  type == DType::Float32 ? f(float()) : f(double());
}

void averagePool(const View& out, const View& input, const Geometry& g, bool countPadding) {
  withFloat(out.dtype, [&](auto zero) {
    using T = decltype(zero);
    means<T>(out, input, EvenWindows(g, countPadding, Planes<T>(input).size));
  });
}

void averagePoolBackward(const View& gradInput, const View& gradOut, const Geometry& g, bool countPadding) {
  withFloat(gradInput.dtype, [&](auto zero) {
    using T = decltype(zero);
    meansBackward<T>(gradInput, gradOut, EvenWindows(g, countPadding, Planes<T>(gradInput).size));
  });
}

void adaptiveAveragePool(const View& out, const View& input) {
  withFloat(out.dtype, [&](auto zero) {
    using T = decltype(zero);
    means<T>(out, input, AdaptiveWindows(Planes<T>(out).size, Planes<T>(input).size));
  });
}

void adaptiveAveragePoolBackward(const View& gradInput, const View& gradOut) {
  withFloat(gradInput.dtype, [&](auto zero) {
    using T = decltype(zero);
    meansBackward<T>(gradInput, gradOut, AdaptiveWindows(Planes<T>(gradOut).size, Planes<T>(gradInput).size));
  });
}

}  // namespace

void fillAveragePool(PoolKernels& table) {
  table.averagePool = averagePool;
  table.averagePoolBackward = averagePoolBackward;
  table.adaptiveAveragePool = adaptiveAveragePool;
  table.adaptiveAveragePoolBackward = adaptiveAveragePoolBackward;
}

}  // namespace flambeau::FLAMBEAU_ISA
