// Modules, layers and losses, as `nn`.

import '../ops/methods.js';

export { Module, type ForwardHook, type ForwardPreHook, type HookHandle } from './module.js';
export type { BackwardHook } from './backward-hooks.js';
export { Buffer, Parameter, type BufferOptions, type ParameterOptions } from './parameter.js';
export type { LoadOptions, LoadReport, StateDict } from './state-dict.js';
export * from './activation.js';
export * from './batch-norm.js';
export * from './containers.js';
export * from './convolution.js';
export * from './dropout.js';
export * from './flatten.js';
export * from './linear.js';
export * from './loss.js';
export * from './pooling.js';
export * from './sparse.js';
export * as functional from './functional/index.js';
export * as init from './init.js';
