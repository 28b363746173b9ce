// Data sets that fetch and prepare themselves: `flambeau/datasets`.

export { NotMNIST, type NotMNISTOptions, type NotMNISTSplit } from './notmnist.js';
export type { NotMNISTVariant } from './notmnist-source.js';
export { MNIST } from './mnist.js';
export { FashionMNIST } from './fashion-mnist.js';
export type { IdxOptions, IdxSplit } from './idx-images.js';
export { ImageFolder, type ImageFolderOptions, type ImageMode } from './image-folder.js';
export type { SkippedFile } from './letter-archive.js';
export type { ImageSample, SampleTransforms } from './image-sample.js';
export type { FetchOptions } from './published-file.js';
export {
  Progress,
  type ProgressFields,
  type ProgressMode,
  type ProgressOptions,
  type ProgressStream,
} from '../io/progress.js';
export type { DownloadProgress, NetworkOptions } from '../io/download.js';
