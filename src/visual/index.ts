// Looking at data and at training: `flambeau/visual`.

export { showBatch, type Labels, type ShowBatchOptions } from './show-batch.js';
export { predictionGrid, type Prediction } from './prediction-grid.js';
export { ConfusionMatrix, type ClassNumbers } from './confusion-matrix.js';
export { TrainingLog, type TrainingLogOptions } from './training-log.js';
export { lineChart, type LineChartOptions, type Mark, type Series } from './line-chart.js';
export { smoothed } from './smoothing.js';
export type { ScaleKind } from './axis.js';
export type { GridLayout } from './image-grid.js';
export type { PixelOptions } from './pixels.js';
export {
  SummaryWriter,
  type EventOptions,
  type ImageFormat,
  type SummaryWriterOptions,
} from './tensorboard/summary-writer.js';
export {
  Progress,
  type ProgressFields,
  type ProgressMode,
  type ProgressOptions,
  type ProgressStream,
} from '../io/progress.js';
