// Random numbers exactly as PyTorch's CPU generator hands them out, so that a seed means the same numbers.
// The twister: Matsumoto and Nishimura, Mersenne Twister: A 623-dimensionally equidistributed uniform pseudo-random
// number generator, 1998. What is drawn for which distribution follows ATen's CPU samplers.
#include "random.h"

#include <cmath>
#include <cstring>

#include "integers.h"
#include "walk.h"

namespace flambeau {
namespace {

constexpr int kWords = 624, kMiddle = 397;
constexpr double kTwoPi = 6.283185307179586476925;

// The 628 words described in backend.ts.
class Generator {
 public:
  explicit Generator(uint32_t* state) : words_(state) {}

  uint32_t draw32() {
    if (words_[kWords] >= kWords) turn();
    uint32_t y = words_[words_[kWords]++];
    y ^= y >> 11;
    y ^= y << 7 & 0x9d2c5680u;
    y ^= y << 15 & 0xefc60000u;
    return y ^ y >> 18;
  }
  uint64_t draw64() {
    uint64_t high = draw32();
    return high << 32 | draw32();
  }
  // In [0, 1): 24 bits from one draw, 53 from two.
  float uniform32() { return static_cast<float>(draw32() & 0xffffff) * 0x1p-24f; }
  double uniform64() { return static_cast<double>(draw64() & 0x1fffffffffffffull) * 0x1p-53; }

  // Box and Muller's pair: the second one waits for the next call.
  double normal() {
    if (words_[625]) {
      words_[625] = 0;
      double cached;
      memcpy(&cached, words_ + 626, sizeof cached);
      return cached;
    }
    double u1 = uniform64(), u2 = uniform64();
    double radius = std::sqrt(-2 * std::log1p(-u2)), angle = kTwoPi * u1;
    double second = radius * std::sin(angle);
    memcpy(words_ + 626, &second, sizeof second);
    words_[625] = 1;
    return radius * std::cos(angle);
  }

 private:
  void turn() {
    auto mix = [](uint32_t high, uint32_t low) {
      return ((high & 0x80000000u) | (low & 0x7fffffffu)) >> 1 ^ (low & 1 ? 0x9908b0dfu : 0);
    };
    int i = 0;
    for (; i < kWords - kMiddle; i++) words_[i] = words_[i + kMiddle] ^ mix(words_[i], words_[i + 1]);
    for (; i < kWords - 1; i++) words_[i] = words_[i + kMiddle - kWords] ^ mix(words_[i], words_[i + 1]);
    words_[i] = words_[kMiddle - 1] ^ mix(words_[i], words_[0]);
    words_[kWords] = 0;
  }

  uint32_t* words_;
};

// Fills the view with what `next` returns, converted from T: in the order in which the elements lie in memory, as
// PyTorch does, or row-major.
template <typename T, typename Next>
void fillWith(const View& out, Next next, bool inMemoryOrder = true) {
  const View* views[] = {&out};
  Loops loops(1, views, inMemoryOrder);
  alignas(64) T drawn[kPiece];
  alignas(64) char converted[kPiece * 8];
  for (int64_t position = 0; position < loops.numel; position += kPiece) {
    int64_t n = loops.numel - position < kPiece ? loops.numel - position : kPiece;
    for (int64_t i = 0; i < n; i++) drawn[i] = next();
    if (out.dtype == DType::Float32) {
      for (int64_t i = 0; i < n; i++) reinterpret_cast<float*>(converted)[i] = static_cast<float>(drawn[i]);
    } else if (out.dtype == DType::Float64) {
      for (int64_t i = 0; i < n; i++) reinterpret_cast<double*>(converted)[i] = static_cast<double>(drawn[i]);
    } else {
      int64_t whole[kPiece];
      for (int64_t i = 0; i < n; i++) whole[i] = static_cast<int64_t>(drawn[i]);
      narrow(out.dtype, whole, converted, n);
    }
    scatterElements(out.data, converted, bytesOf(out.dtype), loops, 0, position, n);
  }
}

// Sixteen uniform numbers to sixteen normal ones, the first half against the second.
void normalBlock(double* data, double mean, double deviation) {
  for (int i = 0; i < 8; i++) {
    double u1 = 1 - data[i], u2 = data[i + 8];
    double radius = std::sqrt(-2 * std::log(u1)), angle = kTwoPi * u2;
    data[i] = radius * std::cos(angle) * deviation + mean;
    data[i + 8] = radius * std::sin(angle) * deviation + mean;
  }
}
void normalBlocks(double* data, int64_t blocks, double mean, double deviation) {
  for (int64_t i = 0; i < blocks; i++) normalBlock(data + 16 * i, mean, deviation);
}

// Contiguous and at least 16 long; where 16 doesn't divide it, the last sixteen are drawn again.
template <typename T, typename Uniform, typename Blocks>
void normalFill(T* data, int64_t n, double mean, double deviation, Uniform uniform, Blocks blocks) {
  for (int64_t i = 0; i < n; i++) data[i] = uniform();
  blocks(data, n / 16, mean, deviation);
  if (n % 16 == 0) return;
  T* last = data + n - 16;
  for (int i = 0; i < 16; i++) last[i] = uniform();
  blocks(last, 1, mean, deviation);
}

void permutation(const View& out, Generator& generator) {
  auto* to = out.as<int64_t>();
  int64_t n = out.shape[0], stride = out.strides[0];
  for (int64_t i = 0; i < n; i++) to[i * stride] = i;
  bool wide = n >= UINT32_MAX / 20;
  for (int64_t i = 0; i < n - 1; i++) {
    auto rest = static_cast<uint64_t>(n - i);
    int64_t j = i + static_cast<int64_t>((wide ? generator.draw64() : generator.draw32()) % rest);
    int64_t other = to[j * stride];
    to[j * stride] = to[i * stride];
    to[i * stride] = other;
  }
}

}  // namespace

void drawRandom(RandomOp op, const View& out, uint32_t* state, double a, double b, NormalBlocks normals) {
  Generator generator(state);
  bool wide = out.dtype == DType::Float64;
  switch (op) {
    case RandomOp::uniform:
      // Rounded once, as PyTorch's fused multiply-add does it.
      if (wide) return fillWith<double>(out, [&] { return std::fma(generator.uniform64(), b - a, a); });
      return fillWith<double>(out, [&, from = static_cast<float>(a), width = static_cast<float>(b) - static_cast<float>(a)] {
        return static_cast<double>(generator.uniform32()) * width + from;
      });
    case RandomOp::normal:
      if (out.numel() >= 16 && out.contiguous()) {
        if (wide) return normalFill(out.as<double>(), out.numel(), a, b, [&] { return generator.uniform64(); }, normalBlocks);
        if (out.dtype == DType::Float32) {
          return normalFill(out.as<float>(), out.numel(), a, b, [&] { return generator.uniform32(); }, normals);
        }
      }
      return fillWith<double>(out, [&] { return generator.normal() * b + a; });
    case RandomOp::bernoulli: return fillWith<double>(out, [&] { return generator.uniform64() < a ? 1.0 : 0.0; });
    case RandomOp::exponential:
      return fillWith<double>(out, [&] { return -1 / a * std::log(1 - generator.uniform64()); });
    case RandomOp::randint: {
      auto from = static_cast<int64_t>(a);
      auto range = static_cast<uint64_t>(static_cast<int64_t>(b) - from);
      if (range == 0) return;
      if (range >= uint64_t(1) << 32) {
        return fillWith<int64_t>(out, [&] { return from + static_cast<int64_t>(generator.draw64() % range); });
      }
      return fillWith<int64_t>(out, [&] { return from + static_cast<int64_t>(generator.draw32() % range); });
    }
    case RandomOp::randperm:
      if (out.ndim == 1 && out.dtype == DType::Int64) permutation(out, generator);
      return;
  }
}

void drawBernoulli(const View& out, const View& probabilities, uint32_t* state) {
  Generator generator(state);
  const View* views[] = {&probabilities};
  Loops loops(1, views, false);
  int64_t position = 0;
  auto draw = [&] {
    int64_t at = loops.offsetOf(0, position++);
    if (probabilities.dtype == DType::Float64) return generator.uniform64() < probabilities.as<double>()[at] ? 1.0 : 0.0;
    return generator.uniform32() < probabilities.as<float>()[at] ? 1.0 : 0.0;
  };
  fillWith<double>(out, draw, false);
}

}  // namespace flambeau
