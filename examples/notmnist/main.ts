// The main example: notMNIST from download to a classifier that reads letters it has never seen. See `--help`.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  backendInfo,
  data,
  FlambeauError,
  inferenceMode,
  io,
  manualSeed,
  nn,
  optim,
  save,
  transforms,
  visual,
} from 'flambeau';
import { loadLetters } from './letters.js';
import { LetterCNN, LetterMLP } from './model.js';
import { readOptions, UsageError, type Options } from './options.js';
import { Tally, type Report } from './report.js';

async function main(options: Options): Promise<void> {
  const backend = backendInfo();
  const epochs = options.epochs ?? (backend.name === 'native' ? 5 : 1);
  if (backend.name !== 'native')
    console.log('No compiled kernels: computing in plain TypeScript, much slower, so one epoch by default.');
  manualSeed(options.seed);

  const transform = new transforms.Compose([new transforms.ToTensor(), new transforms.Normalize([0.5], [0.5])]);
  const { train, test } = await loadLetters(options, transform);
  console.log(`${train.source}: ${train.length} letters to train on, ${test.length} to test`);

  const loading = { batchSize: options.batchSize, numWorkers: options.workers };
  const trainLoader = new data.DataLoader(train, {
    ...loading,
    shuffle: true,
    ...(options.workers > 0 && { persistentWorkers: true }),
  });
  const testLoader = new data.DataLoader(test, loading);

  const model = options.model === 'cnn' ? new LetterCNN() : new LetterMLP();
  const criterion = new nn.CrossEntropyLoss();
  const optimizer = new optim.Adam(model.parameters(), { lr: options.lr });

  const losses: number[] = [];
  const started = performance.now();
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const progress = new io.Progress({ label: `epoch ${epoch}/${epochs}`, total: trainLoader.length, unit: 'batches' });
    let done = 0;
    for await (const { image, label } of trainLoader) {
      optimizer.zeroGrad();
      const loss = criterion(model(image), label);
      loss.backward();
      optimizer.step();
      losses.push(loss.item());
      progress.update(++done, { loss: loss.item() });
    }
    const epochLosses = losses.slice(-done);
    progress.finish({ 'mean loss': epochLosses.reduce((sum, loss) => sum + loss, 0) / done });
  }
  const seconds = (performance.now() - started) / 1000;

  const tally = new Tally(test.classes);
  const shown: visual.Prediction[] = [];
  model.eval();
  await inferenceMode(async () => {
    for await (const { image, label } of testLoader) {
      const predicted = model(image).argmax(1);
      for (let i = 0; i < image.shape[0]!; i++) {
        const actual = test.classes[label.select(0, i).item()]!;
        const guess = test.classes[predicted.select(0, i).item()]!;
        tally.add(actual, guess);
        shown.push({ image: image.select(0, i), predicted: guess, actual });
      }
    }
  });

  console.log(
    `trained in ${seconds.toFixed(1)} s; test accuracy ${(tally.accuracy * 100).toFixed(2)} %\n${tally.table()}`,
  );
  const report: Report = {
    dataset: train.source,
    trainSize: train.length,
    testSize: test.length,
    epochs,
    testAccuracy: tally.accuracy,
    seconds,
    perClass: tally.perClass(),
  };
  await mkdir(options.out, { recursive: true });
  await writeFile(join(options.out, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  const marks = Array.from({ length: epochs }, (_, i) => ({
    step: (i + 1) * trainLoader.length - 1,
    label: `epoch ${i + 1}`,
  }));
  const curve = visual.lineChart([{ name: 'loss', values: losses }], { title: 'training loss', smoothing: 0.9, marks });
  const grid = visual.predictionGrid(choose(shown), { columns: 12, tileWidth: 56, mean: [0.5], std: [0.5] });
  await writeFile(join(options.out, 'loss.svg'), curve);
  await writeFile(join(options.out, 'predictions.svg'), grid);
  await save(model.stateDict(), join(options.out, 'model.safetensors'));
  console.log(`report.json, loss.svg, predictions.svg and model.safetensors are in ${options.out}`);
}

/** Letters for the picture: a third of them mistakes where there are as many, spread over the test letters. */
function choose(predictions: readonly visual.Prediction[], count = 96): visual.Prediction[] {
  const spread = (list: readonly visual.Prediction[], wanted: number): visual.Prediction[] => {
    const step = Math.max(list.length / Math.max(wanted, 1), 1);
    return Array.from({ length: Math.min(wanted, list.length) }, (_, i) => list[Math.floor(i * step)]!);
  };
  const wrong = spread(
    predictions.filter(({ predicted, actual }) => predicted !== actual),
    count / 3,
  );
  const right = spread(
    predictions.filter(({ predicted, actual }) => predicted === actual),
    count - wrong.length,
  );
  return [...wrong, ...right].sort((a, b) => (a.actual < b.actual ? -1 : a.actual > b.actual ? 1 : 0));
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options) await main(options);
} catch (error) {
  if (!(error instanceof UsageError || error instanceof FlambeauError)) throw error;
  console.error(error instanceof UsageError ? `${error.message} (see --help)` : `${error.name}: ${error.message}`);
  process.exitCode = 1;
}
