// Elementwise kernels of integers and bool, all in int64: operands of narrower types are widened piece by piece and
// results cut back, which wraps around as the narrow type would.
#pragma once
#include "../kernels/operations.h"
#include "../view.h"

namespace flambeau {

// `n` contiguous elements of an integer type or bool, to and from int64 (bool: 0 and 1).
void widen(DType from, const void* data, int64_t* to, int64_t n);
void narrow(DType to, const int64_t* from, void* data, int64_t n);

void integerUnary(UnaryOp op, const View& out, const View& input, double a, double b);
void integerBinary(BinaryOp op, const View& out, const View& left, const View& right);
void integerCompare(CompareOp op, const View& out, const View& left, const View& right);
void integerLogicalNot(const View& out, const View& input);
void integerAddScaled(bool divide, const View& out, const View& input, const View& left, const View& right,
                      double scale);

}  // namespace flambeau
