// The package's root: tensors, operations and autograd by name, the other parts as namespaces.

export * from './errors.js';
export type { DType, TypedArray } from './backend/dtype.js';
export { Tensor, type NestedArray } from './tensor/tensor.js';
export type { Shape } from './tensor/shape.js';
export * from './tensor/create.js';
export * from './tensor/random.js';
export { Generator, defaultGenerator, initialSeed, manualSeed } from './tensor/generator.js';
export { getDefaultDtype, setDefaultDtype } from './tensor/promotion.js';
export { setPrintoptions, type PrintOptions } from './tensor/printing.js';
export * from './ops/index.js';
export { autocast, isAutocastEnabled, type AutocastOptions } from './autograd/autocast.js';
export { enableGrad, inferenceMode, isGradEnabled, isInferenceModeEnabled, noGrad } from './autograd/mode.js';
export * as autograd from './autograd/index.js';
export * as nn from './nn/index.js';
export * as optim from './optim/index.js';
export * as data from './data/index.js';
export * as transforms from './transforms/index.js';
export * as profiler from './backend/profiler.js';
// Data sets, files and pictures: in a browser these names are there and say that they need Node.
export * from '#files';
export { backendInfo, getNumThreads, setNumThreads, type BackendInfo } from './backend/info.js';
