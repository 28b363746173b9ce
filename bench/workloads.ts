// The workloads measured beside PyTorch's in workloads.py: the same programs, one JSON line per row.
//
//   node --import tsx bench/workloads.ts THREADS [ROW ...]

import { inferenceMode, manualSeed, nn, optim, randint, randn, setNumThreads, type Tensor } from 'flambeau';

const [threads = '2', ...wanted] = process.argv.slice(2);
setNumThreads(Number(threads));
manualSeed(0);

interface Measured {
  readonly value: number;
  readonly unit: string;
}

/** The median duration of a run, in seconds. */
function medianTime(run: () => unknown, times: number, warmup = 5): number {
  for (let i = 0; i < warmup; i++) run();
  const samples = Array.from({ length: times }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  });
  samples.sort((a, b) => a - b);
  return samples[samples.length >> 1]! / 1000;
}

function report(row: string, { value, unit }: Measured): void {
  console.log(JSON.stringify({ row, value, unit }));
}

function trainingStep(
  model: nn.Sequential | nn.TransformerEncoderLayer,
  criterion: nn.MSELoss | nn.CrossEntropyLoss,
  optimizer: optim.Optimizer,
  x: Tensor,
  y: Tensor,
): () => void {
  return () => {
    optimizer.zeroGrad();
    const loss = criterion((model as nn.Sequential)(x), y);
    loss.backward();
    optimizer.step();
  };
}

function matmul(n: number): Measured {
  const [a, b] = [randn([n, n]), randn([n, n])];
  return { value: (2 * n ** 3) / medianTime(() => a.matmul(b), 60) / 1e9, unit: 'GFLOPS' };
}

function million(operation: 'add' | 'relu' | 'sum'): Measured {
  const [a, b] = [randn([1000, 1000]), randn([1000, 1000])];
  const runs = { add: () => a.add(b), relu: () => a.relu(), sum: () => a.sum() };
  return { value: medianTime(runs[operation], 300, 30) * 1e6, unit: 'us' };
}

function ten(): Measured {
  const [a, b] = [randn([10]), randn([10])];
  const thousand = (): void => {
    for (let i = 0; i < 1000; i++) a.add(b);
  };
  return { value: medianTime(thousand, 50) * 1e3, unit: 'us' };
}

function tinyMlp(): Measured {
  const model = new nn.Sequential(new nn.Linear(2, 16), new nn.Tanh(), new nn.Linear(16, 1));
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
  const step = trainingStep(model, new nn.MSELoss(), optimizer, randn([32, 2]), randn([32, 1]));
  return { value: medianTime(step, 1500, 200) * 1e6, unit: 'us' };
}

function mlp(): Measured {
  const model = new nn.Sequential(
    new nn.Linear(784, 512),
    new nn.ReLU(),
    new nn.Linear(512, 256),
    new nn.ReLU(),
    new nn.Linear(256, 10),
  );
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.05, momentum: 0.9 });
  const step = trainingStep(model, new nn.CrossEntropyLoss(), optimizer, randn([128, 784]), randint(0, 10, [128]));
  return { value: medianTime(step, 200, 20) * 1e3, unit: 'ms' };
}

function cnnModel(): nn.Sequential {
  return new nn.Sequential(
    new nn.Conv2d(1, 32, 3, { padding: 1 }),
    new nn.BatchNorm2d(32),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(32, 64, 3, { padding: 1 }),
    new nn.BatchNorm2d(64),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(64 * 49, 128),
    new nn.ReLU(),
    new nn.Linear(128, 10),
  );
}

function cnn(): Measured {
  const model = cnnModel();
  const optimizer = new optim.Adam(model.parameters());
  const step = trainingStep(
    model,
    new nn.CrossEntropyLoss(),
    optimizer,
    randn([128, 1, 28, 28]),
    randint(0, 10, [128]),
  );
  return { value: medianTime(step, 30) * 1e3, unit: 'ms' };
}

function inference(batch: number): Measured {
  const model = cnnModel().eval();
  const x = randn([batch, 1, 28, 28]);
  return { value: inferenceMode(() => medianTime(() => model(x), batch === 1 ? 300 : 30)) * 1e3, unit: 'ms' };
}

function encoder(): Measured {
  const model = new nn.TransformerEncoderLayer(128, 4, { dimFeedforward: 512, batchFirst: true, dropout: 0 });
  const optimizer = new optim.Adam(model.parameters());
  const step = trainingStep(model, new nn.MSELoss(), optimizer, randn([32, 64, 128]), randn([32, 64, 128]));
  return { value: medianTime(step, 40) * 1e3, unit: 'ms' };
}

const rows: Record<string, () => Measured> = {
  'W1 matmul 512': () => matmul(512),
  'W1 matmul 1024': () => matmul(1024),
  'W2 add 1M': () => million('add'),
  'W2 relu 1M': () => million('relu'),
  'W2 sum 1M': () => million('sum'),
  'W3 add 10': ten,
  'W4 tiny MLP step': tinyMlp,
  'W5 MLP step': mlp,
  'W6 CNN step': cnn,
  'W7 CNN inference 1': () => inference(1),
  'W7 CNN inference 128': () => inference(128),
  'W8 encoder layer step': encoder,
};
for (const [name, run] of Object.entries(rows)) {
  if (wanted.length === 0 || wanted.includes(name.split(' ')[0]!)) report(name, run());
}
report('peak memory', { value: process.resourceUsage().maxRSS * 1024, unit: 'bytes' });
