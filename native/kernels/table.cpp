// The table of one instruction set.
#include "kernels.h"

namespace flambeau::FLAMBEAU_ISA {

Kernels makeTable() {
  Kernels table{};
  fillElementwise(table.elementwise);
  fillCopy(table.elementwise);
  fillFill(table.elementwise);
  fillReduction(table.reduction);
  fillAlong(table.reduction);
  fillOptimizer(table.optimizer);
  fillProduct(table.product);
  fillConvolution(table.product);
  fillMaxPool(table.pool);
  fillAveragePool(table.pool);
  fillNorm(table.norm);
  fillSoftmax(table.softmax);
  fillAttention(table.softmax);
  fillSort(table.sort);
  fillIndex(table.index);
  fillRandom(table.random);
  fillBfloat16(table.bfloat16);
  return table;
}

}  // namespace flambeau::FLAMBEAU_ISA
