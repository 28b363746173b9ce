// The normalisations' kernels, which normalization.cpp puts into the table.
#pragma once
#include "../view.h"

namespace flambeau::FLAMBEAU_ISA {

// batch_norm.cpp
void batchNorm(const View& out, const View& mean, const View& rstd, const View& input, const View* weight,
               const View* bias, const View* runningMean, const View* runningVariance, double momentum, double eps);
void batchNormWith(const View& out, const View& input, const View& mean, const View& rstd, const View* weight,
                   const View* bias);
void batchNormBackward(const View* gradInput, const View* gradWeight, const View* gradBias, const View& gradOut,
                       const View& input, const View& mean, const View& rstd, const View* weight,
                       bool batchStatistics);

// layer_norm.cpp
void layerNorm(const View& out, const View& mean, const View& rstd, const View& input, const View* weight,
               const View* bias, double eps);
void layerNormBackward(const View* gradInput, const View* gradWeight, const View* gradBias, const View& gradOut,
                       const View& input, const View& mean, const View& rstd, const View* weight);

}  // namespace flambeau::FLAMBEAU_ISA
