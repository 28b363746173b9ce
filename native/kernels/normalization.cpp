// The table of normalisations.
#include "normalization.h"

#include "kernels.h"

namespace flambeau::FLAMBEAU_ISA {

void fillNorm(NormKernels& table) {
  table.batchNorm = batchNorm;
  table.batchNormWith = batchNormWith;
  table.batchNormBackward = batchNormBackward;
  table.layerNorm = layerNorm;
  table.layerNormBackward = layerNormBackward;
}

}  // namespace flambeau::FLAMBEAU_ISA
