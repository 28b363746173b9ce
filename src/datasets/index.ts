// Data sets that fetch and prepare themselves: `flambeau/datasets`.

export { NotMNIST, type NotMNISTOptions, type NotMNISTSplit } from './notmnist.js';
export type { NotMNISTVariant } from './notmnist-source.js';
export { MNIST } from './mnist.js';
export { FashionMNIST } from './fashion-mnist.js';
export type { IdxOptions, IdxSplit } from './idx-images.js';
export { ImageFolder, type ImageFolderOptions, type ImageMode } from './image-folder.js';
export { AudioFolder, type AudioFolderOptions, type AudioSample } from './audio-folder.js';
export { TextLines, type TextLinesOptions } from './text-lines.js';
export { TextFolder, type TextFolderOptions, type TextSample } from './text-folder.js';
export { Vocabulary, type VocabularyBuildOptions, type VocabularyOptions } from './vocabulary.js';
export type { Tokenizer } from './tokenizer.js';
export { fromParquet, type ParquetOptions } from './from-parquet.js';
export { fromCsv, type CsvOptions } from './from-csv.js';
export { fromJsonLines, type JsonLinesOptions } from './from-json-lines.js';
export { Table } from './table/table.js';
export { TableStream } from './table/table-stream.js';
export type { TableOptions } from './table/table-options.js';
export type { Row } from './table/table-source.js';
export type { Waveform } from './table/media.js';
export type { CsvType } from './table/csv-types.js';
export type { ParquetLimits } from '../io/parquet.js';
export type { LineLimits } from '../io/json-lines.js';
export { padCollate, padSamples } from './pad-collate.js';
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
