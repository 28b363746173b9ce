// Transforms of samples: `flambeau/transforms`.

export { RandomAffine, type RandomAffineOptions } from './affine.js';
export { ColorJitter, type ColorJitterOptions, type Jitter } from './color-jitter.js';
export { Compose } from './compose.js';
export { CenterCrop, RandomCrop, type RandomCropOptions } from './crop.js';
export type { Fill } from './fill.js';
export { RandomHorizontalFlip, RandomVerticalFlip, type FlipOptions } from './flip.js';
export { Grayscale } from './grayscale.js';
export { Lambda } from './lambda.js';
export { Normalize } from './normalize.js';
export { Pad, type Padding, type PadOptions } from './pad.js';
export type { PaddingMode } from './picture.js';
export type { Interpolation } from './resample.js';
export { Resize, type ResizeOptions } from './resize.js';
export { RandomResizedCrop, type RandomResizedCropOptions } from './resized-crop.js';
export { RandomRotation, type RandomRotationOptions } from './rotation.js';
export { ToTensor } from './to-tensor.js';
export { applyTransform, type Picture, type Transform, type TransformLike } from './transform.js';
export type { WarpInterpolation } from './warp-image.js';
export type { Image } from '../io/image.js';

export type { SoundPadding, WindowName } from './fourier.js';
export { MelSpectrogram, type MelScaleName, type MelSpectrogramOptions } from './mel-spectrogram.js';
export { Resample, type ResampleOptions, type ResamplingMethod } from './sound-rate.js';
export { Spectrogram, type SpectrogramOptions } from './spectrogram.js';
