// The operations that kernels know by number. The order is that of the lists in src/backend/native/operations.ts; the
// addon hands these names out and the adapter refuses to start if they differ.
#pragma once

namespace flambeau {

#define FLAMBEAU_UNARY_OPS(X)                                                                                         \
  X(neg) X(abs) X(sign) X(square) X(bitwiseNot) X(floor) X(ceil) X(round) X(trunc) X(exp) X(exp2) X(expm1) X(log)     \
  X(log1p) X(log2) X(log10) X(sqrt) X(rsqrt) X(reciprocal) X(sin) X(cos) X(tan) X(asin) X(acos) X(atan) X(sinh)       \
  X(cosh) X(tanh) X(asinh) X(acosh) X(atanh) X(erf) X(erfc) X(lgamma) X(digamma) X(sigmoid) X(logSigmoid) X(relu)     \
  X(silu) X(mish) X(softsign) X(hardswish) X(hardsigmoid) X(gelu) X(geluTanh) X(leakyRelu) X(elu) X(softplus) X(clamp)
#define FLAMBEAU_PREDICATE_OPS(X) X(isnan) X(isinf) X(isfinite) X(logicalNot)
#define FLAMBEAU_BINARY_OPS(X)                                                                                        \
  X(add) X(sub) X(mul) X(div) X(floorDiv) X(truncDiv) X(remainder) X(fmod) X(pow) X(atan2) X(hypot) X(maximum)        \
  X(minimum) X(addMultiple) X(bitwiseAnd) X(bitwiseOr) X(bitwiseXor) X(leftShift) X(rightShift) X(sigmoidBackward) X(tanhBackward)   \
  X(reluBackward) X(leakyReluBackward) X(geluBackward) X(geluTanhBackward) X(siluBackward) X(eluBackward)             \
  X(softplusBackward) X(clampBackward)
#define FLAMBEAU_COMPARE_OPS(X) X(eq) X(ne) X(lt) X(le) X(gt) X(ge) X(logicalAnd) X(logicalOr) X(logicalXor)
#define FLAMBEAU_REDUCE_OPS(X) X(sum) X(mean) X(prod) X(max) X(min) X(any) X(all) X(sumOfSquares) X(sumOfAbs)
#define FLAMBEAU_SCATTER_OPS(X) X(set) X(add) X(multiply) X(max) X(min)
#define FLAMBEAU_RANDOM_OPS(X) X(uniform) X(normal) X(bernoulli) X(exponential) X(randint) X(randperm)
#define FLAMBEAU_OPTIMIZER_KINDS(X) X(sgd) X(adam) X(adamw)

#define FLAMBEAU_ENUMERATOR(name) name,
enum class UnaryOp : int { FLAMBEAU_UNARY_OPS(FLAMBEAU_ENUMERATOR) };
enum class PredicateOp : int { FLAMBEAU_PREDICATE_OPS(FLAMBEAU_ENUMERATOR) };
enum class BinaryOp : int { FLAMBEAU_BINARY_OPS(FLAMBEAU_ENUMERATOR) };
enum class CompareOp : int { FLAMBEAU_COMPARE_OPS(FLAMBEAU_ENUMERATOR) };
enum class ReduceOp : int { FLAMBEAU_REDUCE_OPS(FLAMBEAU_ENUMERATOR) };
enum class ScatterOp : int { FLAMBEAU_SCATTER_OPS(FLAMBEAU_ENUMERATOR) };
enum class RandomOp : int { FLAMBEAU_RANDOM_OPS(FLAMBEAU_ENUMERATOR) };
enum class OptimizerKind : int { FLAMBEAU_OPTIMIZER_KINDS(FLAMBEAU_ENUMERATOR) };
#undef FLAMBEAU_ENUMERATOR

}  // namespace flambeau
