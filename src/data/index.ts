// `flambeau/data`: data sets, samplers and the DataLoader.

export { Dataset, IterableDataset, type Samples } from './dataset.js';
export { DataLoader, type DataLoaderConstructor } from './loader.js';
export type { BatchOptions, LoaderOptions, SampleOptions, StreamBatchOptions, StreamSampleOptions } from './options.js';
export type { LoaderState } from './resumption.js';

export { TensorDataset } from './tensor-dataset.js';
export { Subset } from './subset.js';
export { ConcatDataset } from './concat-dataset.js';
export { ChainDataset } from './chain-dataset.js';
export { StackDataset } from './stack-dataset.js';
export { randomSplit } from './random-split.js';

export type { Sampler, SamplerOptions, Sized } from './samplers/sampler.js';
export { SequentialSampler } from './samplers/sequential-sampler.js';
export { RandomSampler, type RandomSamplerOptions } from './samplers/random-sampler.js';
export { SubsetRandomSampler } from './samplers/subset-random-sampler.js';
export { WeightedRandomSampler, type WeightedRandomSamplerOptions } from './samplers/weighted-random-sampler.js';
export { BatchSampler } from './samplers/batch-sampler.js';
export { DistributedSampler, type DistributedSamplerOptions } from './samplers/distributed-sampler.js';

export { defaultCollate, defaultConvert, registerCollate } from './collate.js';
// All of this module, so that a program can add to its interface `CollatedTypes`.
export * from './collated.js';
export { bytes, Bytes } from './bytes.js';

export { getWorkerInfo, type WorkerInfo } from './worker-info.js';
export { fromModule } from './workers/from-module.js';
