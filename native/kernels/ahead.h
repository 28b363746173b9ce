// What the next work reads of an image comes to the second-level cache while the present one computes: a share of its lines
// is asked for with every tile. The processor's own prefetching starts anew with every channel, and misses the first lines.
#pragma once
#include <algorithm>

#include "correlation.h"
#include "tile.h"

namespace flambeau::FLAMBEAU_ISA {

template <typename T>
class Ahead {
 public:
  // What blocks `first` to `last` of the result read of `channels` channels (`image.data`: the first of them, of the first
  // sample), by way of `patch`; without one, just their pixels. Other layouts than row after row are not asked for.
  Ahead(const Image<const T>& image, int64_t channels, const Blocks& blocks, int64_t first, int64_t last, const Patch* patch)
      : image_(image), blocks_(blocks), patch_(patch), first_(first), channels_(channels) {
    if (image.step[2] != 1 || image.step[1] != image.size[2]) return;
    int64_t rows = blocks.largest[1];
    if (patch != nullptr) rows = (rows - 1) * patch->stride[1] + patch->reach[1] + 1;
    lines_ = std::min<int64_t>(rows, image.size[1]) * image.step[1] * static_cast<int64_t>(sizeof(T)) / kLineBytes + 1;
    total_ = (last - first) * channels * lines_;
  }

  // Asks for one of `shares` equal shares.
  void ask(int64_t share, int64_t shares) const {
    const int64_t end = total_ * (share + 1) / shares;
    int64_t at = total_ * share / shares;
    if (at == end) return;
    int64_t line = at % lines_, channel = at / lines_ % channels_, block = first_ + at / lines_ / channels_;
    const char* from = beginning(block, channel);
    for (; at < end; at++) {
      if (line == lines_) {
        line = 0;
        if (++channel == channels_) {
          channel = 0;
          block++;
        }
        from = beginning(block, channel);
      }
      __builtin_prefetch(from + line++ * kLineBytes, 0, 2);
    }
  }

 private:
  const char* beginning(int64_t index, int64_t channel) const {
    const Block block = blocks_.at(index % blocks_.perSample());
    int64_t offset = index / blocks_.perSample() * image_.sampleStep + channel * image_.channelStep;
    for (int d = 0; d < 2; d++) {
      const int64_t at = patch_ == nullptr ? block.from[d] : block.from[d] * patch_->stride[d] + patch_->low[d];
      offset += std::max<int64_t>(0, at) * image_.step[d];
    }
    return reinterpret_cast<const char*>(image_.data + offset);
  }

  const Image<const T> image_;
  const Blocks& blocks_;
  const Patch* patch_;
  int64_t first_, channels_, lines_ = 1, total_ = 0;
};

}  // namespace flambeau::FLAMBEAU_ISA
