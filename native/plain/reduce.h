// The way of every reduction through its input. Sums are added up pairwise: short runs in many accumulators, the runs'
// sums in a cascade whose depth grows with the logarithm; where work is cut depends on the sizes alone. Two ways:
//   rows     the reduced elements of one result are close together: one result after the other, vectors along the row
//   columns  neighbouring results are closer together: many results at once, vectors across them
// What is done with elements is the instruction set's: a table of loops over contiguous arrays.
#pragma once
#include "walk.h"

namespace flambeau {

// Loops of one operation over one element type. An accumulator is a vector of the instruction set, seen as memory.
struct ReduceLoops {
  int elementBytes;
  int vectorBytes;
  int64_t run;  // the most elements that `reduceRun` adds up without losing digits
  // The elements x[0..n), all joined into one accumulator. `shift`: the number of the result, or null.
  void (*reduceRun)(const void* x, int64_t n, const void* shift, void* accumulator);
  // Joins the lanes of an accumulator into one element.
  void (*fold)(const void* accumulator, void* result);
  // acc[i] = join(acc[i], x[i]) for n results; the first row starts them. `shifts`: a number per result, or null.
  void (*joinRow)(void* acc, const void* x, const void* shifts, int64_t n, bool first);
  void (*joinFourRows)(void* acc, const void* const rows[4], int64_t n);
  // acc[i] = join(acc[i], other[i]) of n results or lanes.
  void (*join)(void* acc, const void* other, int64_t n);
  void (*fillIdentity)(void* results, int64_t n);
};

// Converts `n` elements to the loops' element type, for kernels that don't read their input as it lies in memory.
using ConvertElements = void (*)(DType from, const void* data, void* to, int64_t n);

class Reduction {
 public:
  // `second`: another output of the same shape, operand 2 of the loops over the kept dims.
  Reduction(const ReduceLoops& loops, ConvertElements convert, const View& out, const View& input,
            const View* second = nullptr);

  int64_t results() const { return kept_.numel; }
  // Operand 0: the output, 1: the input.
  const Loops& kept() const { return kept_; }

  // One result per kept position, in the order of the loops over the kept dims.
  void run(void* results, const void* shifts) const;

 private:
  struct Cascade;
  struct Piece;

  const char* at(int64_t offset) const;
  const void* fetch(void* buffer, const char* base, const Loops& loops, int operand, int64_t position, int64_t n,
                    bool contiguous) const;
  bool byColumns() const;
  void rows(char* results, const char* shifts) const;
  void reduceRow(int64_t result, int64_t begin, int64_t end, const void* shift, void* accumulator) const;
  void columns(char* results, const char* shifts) const;
  void reduceRows(const Piece& piece, int64_t begin, int64_t end, char* acc, char* spare, const char* shifts) const;

  const ReduceLoops& loops_;
  ConvertElements convert_;
  const View& input_;
  Loops kept_, reduced_;
};

}  // namespace flambeau
