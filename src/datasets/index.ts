// Data sets that fetch and prepare themselves: `flambeau/datasets`.

export { NotMNIST, type LetterSample, type NotMNISTOptions, type NotMNISTSplit } from './notmnist.js';
export type { NotMNISTVariant } from './notmnist-source.js';
export type { SkippedFile } from './letter-archive.js';
export {
  Progress,
  type ProgressFields,
  type ProgressMode,
  type ProgressOptions,
  type ProgressStream,
} from '../io/progress.js';
export type { DownloadProgress, NetworkOptions } from '../io/download.js';
