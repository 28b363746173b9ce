// The DataLoader, beside the same program in loader.py: samples per second over whole epochs, and the time from asking for an
// iterator to its first batch, workers started included. One JSON line per row.
//
//   node --import tsx bench/loader.ts array|png WORKERS [EPOCHS]

import { manualSeed, setNumThreads } from 'flambeau';
import { DataLoader } from 'flambeau/data';
import { ArrayDataset, PngDataset } from './loader-datasets.js';

const [kind = 'array', workers = '0', epochs = '10'] = process.argv.slice(2);
const numWorkers = Number(workers);
setNumThreads(2);
manualSeed(0);

function report(what: string, value: number, unit: string): void {
  console.log(JSON.stringify({ row: `W9 ${kind} ${numWorkers} workers${what}`, value, unit }));
}

const dataset = kind === 'array' ? new ArrayDataset() : new PngDataset();
const persistentWorkers = numWorkers > 0;
const loader = new DataLoader(dataset, { batchSize: 64, shuffle: true, numWorkers, persistentWorkers });

const started = performance.now();
const iterator = loader[Symbol.asyncIterator]();
await iterator.next();
const first = performance.now() - started;
for await (const _ of iterator);

const rates: number[] = [];
for (let epoch = 0; epoch < Number(epochs); epoch++) {
  const start = performance.now();
  let samples = 0;
  for await (const [images] of loader) samples += images.shape[0]!;
  rates.push((samples / (performance.now() - start)) * 1000);
}
rates.sort((a, b) => a - b);
report('', rates[rates.length >> 1]!, 'samples/s');
report(', first batch', first, 'ms');
