// The numbers by which the addon knows kernels and operations: their places in these lists. The addon has lists of its
// own (native/run.cpp, native/kernels/operations.h); `checkOperations` refuses one that was built from others.

import type { BinaryOp, CompareOp, PredicateOp, RandomOp, ReduceOp, UnaryOp, OptimizerStep } from '../backend.js';
import { FlambeauError } from '../../errors.js';

type ScatterOp = 'set' | 'add' | 'multiply' | 'max' | 'min';

/** Numbers by name; a list that lacks a name of the type does not compile. */
function numbered<Name extends string>() {
  return <const List extends readonly Name[]>(
    list: [Name] extends [List[number]] ? List : never,
  ): { readonly [name in Name]: number } =>
    Object.fromEntries(list.map((name, number) => [name, number])) as { [name in Name]: number };
}

const kernelNames = [
  ...(['fill', 'fillInt64', 'arange', 'copy', 'concatenate', 'unary', 'predicate', 'binary', 'compare'] as const),
  ...([
    'where',
    'addScaled',
    'lerp',
    'readScalar',
    'reduce',
    'variance',
    'logSumExp',
    'extremum',
    'cumulative',
  ] as const),
  ...(['cumulativeExtremum', 'sort', 'topk', 'matmul', 'convolution', 'convolutionBackwardInput'] as const),
  ...(['convolutionBackwardWeight', 'maxPool', 'maxPoolBackward', 'averagePool', 'averagePoolBackward'] as const),
  ...(['adaptiveAveragePool', 'adaptiveAveragePoolBackward', 'adaptiveMaxPool', 'batchNorm', 'batchNormWith'] as const),
  ...(['batchNormBackward', 'layerNorm', 'layerNormBackward', 'softmax', 'softmaxBackward', 'crossEntropy'] as const),
  ...(['crossEntropyBackward', 'attention', 'attentionBackward', 'gather', 'scatter', 'indexSelect'] as const),
  ...(['indexAdd', 'index', 'indexPut', 'countNonzero', 'nonzero', 'random', 'bernoulliFrom'] as const),
  ...(['optimizerStep', 'widenBfloat16', 'narrowBfloat16', 'matmulBfloat16'] as const),
] as const;

export const kernel = numbered<(typeof kernelNames)[number]>()(kernelNames);

// prettier-ignore
export const unaryOps = numbered<UnaryOp>()([
  'neg', 'abs', 'sign', 'square', 'bitwiseNot', 'floor', 'ceil', 'round', 'trunc', 'exp', 'exp2', 'expm1', 'log',
  'log1p', 'log2', 'log10', 'sqrt', 'rsqrt', 'reciprocal', 'sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'sinh', 'cosh',
  'tanh', 'asinh', 'acosh', 'atanh', 'erf', 'erfc', 'lgamma', 'digamma', 'sigmoid', 'logSigmoid', 'relu', 'silu',
  'mish', 'softsign', 'hardswish', 'hardsigmoid', 'gelu', 'geluTanh', 'leakyRelu', 'elu', 'softplus', 'clamp',
]);
export const predicateOps = numbered<PredicateOp>()(['isnan', 'isinf', 'isfinite', 'logicalNot']);
// prettier-ignore
export const binaryOps = numbered<BinaryOp>()([
  'add', 'sub', 'mul', 'div', 'floorDiv', 'truncDiv', 'remainder', 'fmod', 'pow', 'atan2', 'hypot', 'maximum',
  'minimum', 'addMultiple', 'bitwiseAnd', 'bitwiseOr', 'bitwiseXor', 'leftShift', 'rightShift', 'sigmoidBackward',
  'tanhBackward', 'reluBackward', 'leakyReluBackward', 'geluBackward', 'geluTanhBackward', 'siluBackward', 'eluBackward',
  'softplusBackward', 'clampBackward',
]);
// prettier-ignore
export const compareOps = numbered<CompareOp>()([
  'eq', 'ne', 'lt', 'le', 'gt', 'ge', 'logicalAnd', 'logicalOr', 'logicalXor',
]);
// prettier-ignore
export const reduceOps = numbered<ReduceOp>()([
  'sum', 'mean', 'prod', 'max', 'min', 'any', 'all', 'sumOfSquares', 'sumOfAbs',
]);
export const scatterOps = numbered<ScatterOp>()(['set', 'add', 'multiply', 'max', 'min']);
// prettier-ignore
export const randomOps = numbered<RandomOp>()([
  'uniform', 'normal', 'bernoulli', 'exponential', 'randint', 'randperm',
]);
export const optimizerKinds = numbered<OptimizerStep['kind']>()(['sgd', 'adam', 'adamw']);

/** Compares these lists with the addon's. */
export function checkOperations(addonNames: string): void {
  const names = (list: object) => Object.keys(list).join() + ',';
  const here =
    `kernel:${names(kernel)};unary:${names(unaryOps)};predicate:${names(predicateOps)};binary:${names(binaryOps)};` +
    `compare:${names(compareOps)};reduce:${names(reduceOps)};scatter:${names(scatterOps)};` +
    `random:${names(randomOps)};optimizer:${names(optimizerKinds)};`;
  if (addonNames !== here) {
    throw new FlambeauError(
      'the native addon was built from other sources than this library: run `node scripts/build-native.js`',
    );
  }
}
