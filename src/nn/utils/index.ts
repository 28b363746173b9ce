// Tools around modules, as `nn.utils`.

export { clipGradNorm_, clipGradValue_, type ClipGradNormOptions } from './clip-grad.js';
export { parametersToVector, vectorToParameters } from './vector.js';
export { removeWeightNorm, weightNorm, type WeightNormOptions } from './weight-norm.js';
export {
  packPaddedSequence,
  packSequence,
  padPackedSequence,
  padSequence,
  unpackSequence,
  unpadSequence,
  PackedSequence,
  type PackOptions,
  type SequenceLengths,
  type UnpackOptions,
} from '../packed-sequence.js';
