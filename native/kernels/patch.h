// What a block of output pixels reads of an image. With padding, the part of the image is copied into a patch whose
// border is 0, so that every tap of every pixel has a plain address: pixel + tap. Without, the image itself is read.
#pragma once
#include <cstdint>

namespace flambeau::FLAMBEAU_ISA {

// Channels of samples over three spatial dims (depth, height, width), of any strides.
template <typename T>
struct Image {
  T* data;
  int64_t sampleStep, channelStep;
  int64_t size[3], step[3];

  // The same image without the channels before `channel`.
  Image fromChannel(int64_t channel) const {
    Image rest = *this;
    rest.data += channel * channelStep;
    return rest;
  }
  // How far some of its channels lie apart.
  int64_t span(int64_t channels) const { return channels * (channelStep < 0 ? -channelStep : channelStep); }
};

// One place of the window: where it lies from a pixel's origin, and where its weight lies from the window's first.
struct Tap {
  int64_t at[3];
  int64_t weight;
};

// A box of output pixels.
struct Block {
  int64_t from[3], size[3];
};

struct Patch {
  int64_t low[3], reach[3];  // the least coordinate of the taps, and how far beyond it they go
  int64_t stride[3];         // from one output pixel to the next
  int64_t pitch[3];          // elements per source coordinate; of columns only if they are not split
  int64_t channelPitch;
  int64_t columnPhases = 1;  // columns x with equal x % phases lie together, so that neighbouring pixels do too
  int64_t columns = 0;       // of one phase
  bool copied = true;

  // For blocks of up to `largest` pixels. `span`: how far addresses go between channels (and samples, where one base
  // serves several); `splitColumns`: neighbouring pixels are to be neighbours in the patch.
  template <typename T>
  Patch(const Tap* taps, int64_t count, const int64_t (&stride)[3], const Image<const T>& image,
        int64_t span, const int64_t (&outSize)[3], const int64_t (&largest)[3], bool splitColumns);

  int64_t tapOffset(const Tap& tap) const;
  int64_t pixelOffset(int64_t d, int64_t h, int64_t w) const {
    return d * stride[0] * pitch[0] + h * stride[1] * pitch[1] + w * (columnPhases > 1 ? 1 : stride[2]) * pitch[2];
  }
  // The elements that `channels` channels take, with room for a vector beyond.
  int64_t elements(int64_t channels) const { return channels * channelPitch + 64; }

  // Copies what `block` reads of the channels of `image` (`image.data`: the first of them, of one sample).
  template <typename T>
  void copy(T* to, const Image<const T>& image, int64_t channels, const Block& block) const;
  // Where the block's first pixel lies in an image that is not copied.
  template <typename T>
  const T* inPlace(const Image<const T>& image, const Block& block) const;
};

}  // namespace flambeau::FLAMBEAU_ISA
