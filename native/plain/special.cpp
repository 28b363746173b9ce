#include "special.h"

#include <math.h>

namespace flambeau {

// The reentrant form: the plain one writes the sign to a global.
double logGamma(double x) {
  int sign;
  return lgamma_r(x, &sign);
}
float logGamma(float x) { return static_cast<float>(logGamma(static_cast<double>(x))); }

// Reflection for negative arguments, recurrence up to 10, from there the asymptotic series with Bernoulli numbers.
// Abramowitz and Stegun 6.3.5, 6.3.7, 6.3.18.
double digamma(double x) {
  constexpr double pi = 3.14159265358979323846;
  if (x == 0) return copysign(INFINITY, -x);
  double result = 0;
  if (x < 0) {
    double whole = nearbyint(x);
    if (x == whole) return NAN;
    result = -pi / tan(pi * (x - whole));
    x = 1 - x;
  }
  for (; x < 10; x += 1) result -= 1 / x;
  if (x >= 1e17) return result + log(x);
  double z = 1 / (x * x);
  double series =
      z * (1.0 / 12 - z * (1.0 / 120 - z * (1.0 / 252 - z * (1.0 / 240 - z * (1.0 / 132 - z * (691.0 / 32760 - z / 12))))));
  return result + log(x) - 0.5 / x - series;
}
float digamma(float x) { return static_cast<float>(digamma(static_cast<double>(x))); }

}  // namespace flambeau
