// Files as a program meets them: weights, pictures, downloads, archives, and a line that shows how far things are.

export { readArchive, unpackArchive, type ArchiveEntry, type ArchiveLimits, type ArchiveOptions } from './archive.js';
export { loadCheckpoint, saveCheckpoint } from './checkpoint.js';
export {
  download,
  type DownloadedFile,
  type DownloadOptions,
  type DownloadProgress,
  type NetworkOptions,
} from './download.js';
export { decodeImage, type ImageLimits } from './decode-image.js';
export type { Image } from './image.js';
export { decodeJpeg, type JpegLimits } from './jpeg.js';
export { decodePng, encodePng, type PngLimits } from './png.js';
export { load } from './load.js';
export type { PlainValue } from './plain-value.js';
export {
  Progress,
  type ProgressFields,
  type ProgressMode,
  type ProgressOptions,
  type ProgressStream,
} from './progress.js';
export type { Sound } from './sound.js';
export { decodeWav, type WavLimits } from './wav.js';
export { save, type SaveOptions, type TensorDict } from './safetensors.js';
