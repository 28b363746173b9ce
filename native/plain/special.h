// Special functions that the C library lacks, or has not for threads.
#pragma once

namespace flambeau {

float logGamma(float x);
double logGamma(double x);
float digamma(float x);
double digamma(double x);

}  // namespace flambeau
