// The way of every elementwise kernel through its operands, whatever their strides: in pieces in which all of them are
// contiguous. An operand that isn't is gathered into a small buffer first, and a result scattered from one, so that
// there is one loop per operation, over plain arrays.
#pragma once
#include "../view.h"

namespace flambeau {

constexpr int kMaxOperands = 4;
// The longest piece where an operand goes through a buffer.
constexpr int64_t kPiece = 1024;

// pointers[i]: `n` contiguous elements of operand i.
using PieceFunction = void (*)(const void* context, char* const* pointers, int64_t n);

// `views[0]` is written, the others are read; all have the shape of views[0]. Work is cut into chunks of about
// `grain` elements for the thread pool.
void walk(int count, const View* const* views, int64_t grain, PieceFunction function, const void* context);

// The same with a lambda (pointers, n).
template <typename Body>
void walkPieces(int count, const View* const* views, int64_t grain, const Body& body) {
  walk(
      count, views, grain,
      [](const void* context, char* const* pointers, int64_t n) {
        (*static_cast<const Body*>(context))(pointers, n);
      },
      &body);
}

// A nest of loops over several operands that step alike: dims of size 1 dropped, dims that lie seamlessly in all
// operands merged, the one in which operand 0 steps least last.
struct Loops {
  int ndim;
  int64_t numel;
  int64_t shape[kMaxDims];
  int64_t strides[kMaxOperands][kMaxDims];

  Loops(int count, const View* const* views, bool reorder = true);
  // The element offset of operand `o` at row-major position `position`.
  int64_t offsetOf(int o, int64_t position) const;
  // Operand `o`, seen in the loops' dims.
  View view(int o, const View& of) const;
  // Whether operand `o` lies in the loops' order without gaps.
  bool contiguous(int o) const;
};

// Copies `n` elements of operand `o` from row-major position `position` on into a contiguous buffer, or back.
void gatherElements(void* buffer, const void* data, int elementBytes, const Loops& loops, int o, int64_t position,
                    int64_t n);
void scatterElements(void* data, const void* buffer, int elementBytes, const Loops& loops, int o, int64_t position,
                     int64_t n);

}  // namespace flambeau
