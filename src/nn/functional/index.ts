// Layers and losses as functions, as `nn.functional`.

export * from './activation.js';
export * from './convolution.js';
export * from './cross-entropy.js';
export * from './dropout.js';
export * from './linear.js';
export * from './normalization.js';
export * from './pad.js';
export * from './pooling.js';
export type { Reduction, ReductionOptions } from './reduction.js';
export * from './regression-loss.js';
export { embedding, type EmbeddingOptions } from './sparse.js';
