// Copies between any two dtypes and layouts.
#include <cstring>
#include <type_traits>

#include "../plain/transpose.h"
#include "../plain/walk.h"
#include "kernels.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

constexpr int64_t kGrain = 32768;

// bool, told from uint8 by its type.
struct Flag {
  uint8_t value;
};

template <typename To, typename From>
To convert(From value) {
  if constexpr (std::is_same_v<From, Flag>) {
    return convert<To>(value.value);
  } else if constexpr (std::is_same_v<To, Flag>) {
    return Flag{static_cast<uint8_t>(value != 0)};
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    // As the processor converts: through int32 (uint8: through int64), where what doesn't fit, and NaN, becomes the
    // least number; cutting that to the type keeps the low bits.
    double wide = value;
    if constexpr (std::is_same_v<To, int64_t> || std::is_same_v<To, uint8_t>) {
      return static_cast<To>(wide >= -0x1p63 && wide < 0x1p63 ? static_cast<int64_t>(wide) : INT64_MIN);
    } else {
      return static_cast<To>(wide > -0x1p31 - 1 && wide < 0x1p31 ? static_cast<int32_t>(wide) : INT32_MIN);
    }
  } else {
    return static_cast<To>(value);
  }
}

template <typename To, typename From>
void convertLoop(char* const* p, int64_t n) {
  auto* to = reinterpret_cast<To*>(p[0]);
  auto* from = reinterpret_cast<const From*>(p[1]);
  for (int64_t i = 0; i < n; i++) to[i] = convert<To>(from[i]);
}

using Loop = void (*)(char* const* pointers, int64_t n);

template <typename To>
Loop loopFrom(DType from) {
  switch (from) {
    case DType::Float32: return convertLoop<To, float>;
    case DType::Float64: return convertLoop<To, double>;
    case DType::Int64: return convertLoop<To, int64_t>;
    case DType::Int32: return convertLoop<To, int32_t>;
    case DType::Int16: return convertLoop<To, int16_t>;
    case DType::Int8: return convertLoop<To, int8_t>;
    case DType::UInt8: return convertLoop<To, uint8_t>;
    case DType::Bool: return convertLoop<To, Flag>;
  }
  return nullptr;
}

Loop loopOf(DType to, DType from) {
  switch (to) {
    case DType::Float32: return loopFrom<float>(from);
    case DType::Float64: return loopFrom<double>(from);
    case DType::Int64: return loopFrom<int64_t>(from);
    case DType::Int32: return loopFrom<int32_t>(from);
    case DType::Int16: return loopFrom<int16_t>(from);
    case DType::Int8: return loopFrom<int8_t>(from);
    case DType::UInt8: return loopFrom<uint8_t>(from);
    case DType::Bool: return loopFrom<Flag>(from);
  }
  return nullptr;
}

void copy(const View& out, const View& input) {
  const View* views[] = {&out, &input};
  if (out.dtype == input.dtype) {
    int64_t size = bytesOf(out.dtype);
    if (transpose(out, input)) return;
    return walkPieces(2, views, kGrain, [&](char* const* p, int64_t n) {
      if (p[0] != p[1]) memmove(p[0], p[1], static_cast<size_t>(n * size));
    });
  }
  Loop loop = loopOf(out.dtype, input.dtype);
  walkPieces(2, views, kGrain, [&](char* const* p, int64_t n) { loop(p, n); });
}

}  // namespace

void fillCopy(ElementwiseKernels& table) { table.copy = copy; }

}  // namespace flambeau::FLAMBEAU_ISA
