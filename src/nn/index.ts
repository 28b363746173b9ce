// Modules, layers and losses, as `nn`.

import '../ops/methods.js';

export { Module, type ForwardHook, type ForwardPreHook, type HookHandle } from './module.js';
export { ManualModule, type InputGradients } from './manual-module.js';
export type { BackwardHook } from './backward-hooks.js';
export { Buffer, Parameter, type BufferOptions, type ParameterOptions } from './parameter.js';
export type { LoadOptions, LoadReport, StateDict } from './state-dict.js';
export type { SummaryOptions } from './summary.js';
export * from './activation.js';
export * from './attention.js';
export * from './batch-norm.js';
export * from './containers.js';
export * from './convolution.js';
export * from './dropout.js';
export * from './flatten.js';
export * from './layer-norm.js';
export * from './linear.js';
export * from './loss.js';
export * from './padding.js';
export * from './pooling.js';
export * from './recurrent.js';
export * from './sparse.js';
export * from './transformer.js';
export * from './transposed-convolution.js';
export * from './vision.js';
export * as functional from './functional/index.js';
export * as init from './init.js';
export * as utils from './utils/index.js';
