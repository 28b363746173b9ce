// bfloat16: the upper half of a float32. Views of it carry dtype Int16 here, so that no other kernel can take them for numbers.
#pragma once
#include <cstdint>
#include <cstring>

#include "../view.h"

namespace flambeau {

inline float widened(uint16_t bits) {
  uint32_t word = static_cast<uint32_t>(bits) << 16;
  float value;
  memcpy(&value, &word, sizeof value);
  return value;
}

// To the nearest, ties to even; a NaN stays one.
inline uint16_t narrowed(float value) {
  uint32_t word;
  memcpy(&word, &value, sizeof word);
  uint32_t rounded = (word + 0x7fff + (word >> 16 & 1)) >> 16;
  return value != value ? 0x7fc0 : static_cast<uint16_t>(rounded);
}

}  // namespace flambeau
