// Layers and losses as functions, as `nn.functional`.

export * from './activation.js';
export { scaledDotProductAttention, type AttentionOptions } from './attention.js';
export {
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  type ConvolutionOptions,
  type TransposedConvolutionOptions,
} from './convolution.js';
export * from './cross-entropy.js';
export * from './ctc.js';
export * from './distance.js';
export * from './dropout.js';
export * from './grid.js';
export * from './interpolate.js';
export * from './linear.js';
export * from './normalization.js';
export * from './pad.js';
export * from './pooling.js';
export type { Reduction, ReductionOptions } from './reduction.js';
export * from './regression-loss.js';
export { embedding, embeddingBag, type BagMode, type EmbeddingBagOptions, type EmbeddingOptions } from './sparse.js';
export * from './vision.js';
