// Rows of the DataLoader: whole epochs, of which the unit is a sample, and the time to the first batch from new workers.

import { DataLoader, type Dataset } from 'flambeau/data';
import { ArrayDataset, PngDataset, type Sample } from '../loader-datasets.js';
import type { Program, Rows } from './row.js';

function loaderOf(dataset: Dataset<Sample>, numWorkers: number): DataLoader<unknown> {
  return new DataLoader(dataset, { batchSize: 64, shuffle: true, numWorkers, persistentWorkers: numWorkers > 0 });
}

const epochs = (makeDataset: () => Dataset<Sample>, numWorkers: number) => (): Program => {
  const dataset = makeDataset();
  const batches = loaderOf(dataset, numWorkers);
  return {
    run: async () => {
      for await (const _ of batches);
    },
    repeats: dataset.length,
  };
};

/** From asking for an iterator to its first batch, without the end of its workers. */
const firstBatch = (numWorkers: number) => (): Program => {
  const dataset = new ArrayDataset();
  return {
    timesItself: true,
    run: async () => {
      const batches = new DataLoader(dataset, { batchSize: 64, shuffle: true, numWorkers });
      const start = performance.now();
      const iterator = batches[Symbol.asyncIterator]();
      await iterator.next();
      const seconds = (performance.now() - start) / 1000;
      await iterator.return?.();
      return seconds;
    },
  };
};

export const loader: Rows = {
  'W9 loader, array, a sample': epochs(() => new ArrayDataset(), 0),
  'W9 loader, PNG files, a sample': epochs(() => new PngDataset(), 0),
  'W9 loader, PNG files, 2 workers, a sample': epochs(() => new PngDataset(), 2),
  'W9 loader, 2 workers, first batch': firstBatch(2),
};
