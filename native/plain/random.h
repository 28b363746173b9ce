// Random numbers, as the kernels' table offers them; the instruction set lends its logarithm and sine.
#pragma once
#include "../kernels/operations.h"
#include "../view.h"

namespace flambeau {

// Turns blocks of sixteen uniform numbers into normal ones: with u from the first eight and v from the others
// sqrt(-2 log(1 - u)) times the cosine and the sine of 2 pi v.
using NormalBlocks = void (*)(float* data, int64_t blocks, double mean, double deviation);

// `state`: the 628 words described in backend.ts.
void drawRandom(RandomOp op, const View& out, uint32_t* state, double a, double b, NormalBlocks normals);
void drawBernoulli(const View& out, const View& probabilities, uint32_t* state);

}  // namespace flambeau
