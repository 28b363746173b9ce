// Random numbers: the generator is plain/random.h, here are normal numbers in vectors.
#include "../plain/random.h"

#include "kernels.h"
#include "vector_math.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

void normalBlocks(float* data, int64_t blocks, double mean, double deviation) {
  constexpr int64_t kBlock = 16, kBatch = 64;
  alignas(64) float u[kBatch * kBlock / 2], v[kBatch * kBlock / 2];
  const F32 m = splat<F32>(mean), d = splat<F32>(deviation);
  for (int64_t first = 0; first < blocks; first += kBatch) {
    int64_t count = blocks - first < kBatch ? blocks - first : kBatch;
    float* batch = data + first * kBlock;
    for (int64_t b = 0; b < count; b++) {
      memcpy(u + b * 8, batch + b * kBlock, 8 * sizeof(float));
      memcpy(v + b * 8, batch + b * kBlock + 8, 8 * sizeof(float));
    }
    // An odd number of blocks may leave a vector half full: what is computed of the rest is not used.
    for (int64_t i = 0; i < count * 8; i += kLanes<F32>) {
      F32 radius = sqrt(-2.0f * log(1.0f - load<F32>(u + i)));
      F32 angle = load<F32>(v + i) * splat<F32>(6.283185307179586476925);
      store<F32>(u + i, fma(radius * cos(angle), d, m));
      store<F32>(v + i, fma(radius * sin(angle), d, m));
    }
    for (int64_t b = 0; b < count; b++) {
      memcpy(batch + b * kBlock, u + b * 8, 8 * sizeof(float));
      memcpy(batch + b * kBlock + 8, v + b * 8, 8 * sizeof(float));
    }
  }
}

void random(RandomOp op, const View& out, uint32_t* state, double a, double b) {
  drawRandom(op, out, state, a, b, normalBlocks);
}

}  // namespace

void fillRandom(RandomKernels& table) {
  table.random = random;
  table.bernoulliFrom = drawBernoulli;
}

}  // namespace flambeau::FLAMBEAU_ISA
