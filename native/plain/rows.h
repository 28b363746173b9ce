// Loops over several operands row by row: what is left when a kernel moves single elements.
#pragma once
#include "walk.h"

namespace flambeau {

// Calls row(offsets, position, n) for the part of every row along the last dim that lies in [begin, end): `offsets[o]` is
// where operand `o` begins, from where it goes on in steps of rowStride(loops, o).
template <typename Row>
void forRows(const Loops& loops, int operands, int64_t begin, int64_t end, const Row& row) {
  if (begin >= end) return;
  int last = loops.ndim - 1;
  int64_t offsets[kMaxOperands];
  if (last < 0) {
    for (int o = 0; o < operands; o++) offsets[o] = 0;
    return row(offsets, begin, end - begin);
  }
  int64_t index[kMaxDims];
  int64_t rest = begin;
  for (int o = 0; o < operands; o++) offsets[o] = loops.offsetOf(o, begin);
  for (int d = last; d >= 0; d--) {
    index[d] = rest % loops.shape[d];
    rest /= loops.shape[d];
  }
  for (int64_t position = begin; position < end;) {
    int64_t n = loops.shape[last] - index[last];
    if (n > end - position) n = end - position;
    row(offsets, position, n);
    position += n;
    for (int o = 0; o < operands; o++) offsets[o] -= index[last] * loops.strides[o][last];
    index[last] = 0;
    for (int d = last - 1; d >= 0; d--) {
      for (int o = 0; o < operands; o++) offsets[o] += loops.strides[o][d];
      if (++index[d] < loops.shape[d]) break;
      for (int o = 0; o < operands; o++) offsets[o] -= index[d] * loops.strides[o][d];
      index[d] = 0;
    }
  }
}

inline int64_t rowStride(const Loops& loops, int o) { return loops.ndim > 0 ? loops.strides[o][loops.ndim - 1] : 0; }

// A view without one of its dims.
inline View without(const View& v, int dim) {
  View w = v;
  w.ndim--;
  for (int d = dim; d < w.ndim; d++) {
    w.shape[d] = v.shape[d + 1];
    w.strides[d] = v.strides[d + 1];
  }
  return w;
}

}  // namespace flambeau
