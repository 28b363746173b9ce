// Rows of whole training steps.

import { autocast, inferenceMode, nn, optim, randint, randn, type Tensor } from 'flambeau';
import type { Program, Rows } from './row.js';

function step(loss: () => Tensor, optimizer: optim.Optimizer): Program {
  return {
    run: () => {
      optimizer.zeroGrad();
      loss().backward();
      optimizer.step();
    },
  };
}

function tinyMlp(): Program {
  const model = new nn.Sequential(new nn.Linear(2, 16), new nn.Tanh(), new nn.Linear(16, 1));
  const criterion = new nn.MSELoss();
  const [x, y] = [randn([32, 2]), randn([32, 1])];
  return step(() => criterion(model(x), y), new optim.SGD(model.parameters(), { lr: 0.1 }));
}

/** Multiplications and additions of the products of one step: forward, and backward twice (the first layer once). */
function denseFlops(batch: number, widths: readonly number[]): number {
  const products = widths.slice(1).map((width, i) => 2 * batch * width * widths[i]!);
  return products.reduce((sum, flops, i) => sum + flops * (i === 0 ? 2 : 3), 0);
}

const mlp = (mixed: boolean) => (): Program => {
  const model = new nn.Sequential(
    new nn.Linear(784, 512),
    new nn.ReLU(),
    new nn.Linear(512, 256),
    new nn.ReLU(),
    new nn.Linear(256, 10),
  );
  const criterion = new nn.CrossEntropyLoss();
  const [x, y] = [randn([128, 784]), randint(0, 10, [128])];
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.05, momentum: 0.9 });
  const loss = (): Tensor => criterion(model(x), y);
  return { ...step(mixed ? () => autocast(loss) : loss, optimizer), flops: denseFlops(128, [784, 512, 256, 10]) };
};

function cnnModel(norm: boolean): nn.Sequential {
  const after = (channels: number): nn.Module[] => (norm ? [new nn.BatchNorm2d(channels)] : []);
  const layers: nn.Module[] = [
    new nn.Conv2d(1, 32, 3, { padding: 1 }),
    ...after(32),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(32, 64, 3, { padding: 1 }),
    ...after(64),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(64 * 49, 128),
    new nn.ReLU(),
    new nn.Linear(128, 10),
  ];
  return new nn.Sequential(...(layers as nn.Sequential[]));
}

/** Of the model's products: 28 x 28 x 9 x 1 x 32, 14 x 14 x 9 x 32 x 64, 3136 x 128, 128 x 10, an image. */
const cnnProducts = [2 * 784 * 9 * 32, 2 * 196 * 9 * 32 * 64, 2 * 3136 * 128, 2 * 1280];

const cnn = (norm: boolean) => (): Program => {
  const model = cnnModel(norm);
  const criterion = new nn.CrossEntropyLoss();
  const [x, y] = [randn([128, 1, 28, 28]), randint(0, 10, [128])];
  const flops = cnnProducts.reduce((sum, product, i) => sum + 128 * product * (i === 0 ? 2 : 3), 0);
  return { ...step(() => criterion(model(x), y), new optim.Adam(model.parameters())), flops };
};

const inference = (batch: number, norm: boolean) => (): Program => {
  const model = cnnModel(norm).eval();
  const x = randn([batch, 1, 28, 28]);
  const flops = batch * cnnProducts.reduce((sum, product) => sum + product, 0);
  return { run: () => inferenceMode(() => model(x)), flops };
};

function encoder(): Program {
  const model = new nn.TransformerEncoderLayer(128, 4, { dimFeedforward: 512, batchFirst: true, dropout: 0 });
  const criterion = new nn.MSELoss();
  const [x, y] = [randn([32, 64, 128]), randn([32, 64, 128])];
  // A token's products: 4 of 128 x 128, 2 of 128 x 512, and 2 x 64 x 128 of attention; three times with the gradients.
  const flops = 3 * 2 * 32 * 64 * (4 * 128 ** 2 + 2 * 128 * 512 + 2 * 64 * 128);
  return { ...step(() => criterion(model(x), y), new optim.Adam(model.parameters())), flops };
}

function lstm(): Program {
  const model = new nn.LSTM(64, 128, { batchFirst: true });
  const head = new nn.Linear(128, 10);
  const criterion = new nn.CrossEntropyLoss();
  const [x, y] = [randn([32, 50, 64]), randint(0, 10, [32])];
  const optimizer = new optim.Adam([...model.parameters(), ...head.parameters()]);
  const loss = (): Tensor => criterion(head(model(x)[0].select(1, -1)), y);
  return { ...step(loss, optimizer), flops: 3 * 2 * 32 * 50 * 4 * 128 * (64 + 128) };
}

function embeddingBag(): Program {
  const bag = new nn.EmbeddingBag(20_000, 64, { mode: 'mean' });
  const head = new nn.Linear(64, 4);
  const criterion = new nn.CrossEntropyLoss();
  const [words, y] = [randint(0, 20_000, [64, 100]), randint(0, 4, [64])];
  const optimizer = new optim.SGD([...bag.parameters(), ...head.parameters()], { lr: 0.1 });
  return step(() => criterion(head(bag(words)), y), optimizer);
}

export const training: Rows = {
  'W4 tiny MLP step': tinyMlp,
  'W5 MLP step': mlp(false),
  'W5 MLP step, autocast': mlp(true),
  'W6 CNN step': cnn(true),
  'W6 CNN step, no batch norm': cnn(false),
  'W7 CNN inference, batch 1': inference(1, true),
  'W7 CNN inference, batch 128': inference(128, true),
  'W7 CNN inference, batch 1, no batch norm': inference(1, false),
  'W7 CNN inference, batch 128, no batch norm': inference(128, false),
  'W8 encoder layer step': encoder,
  'LSTM step': lstm,
  'embedding bag step': embeddingBag,
};

/** The step whose time is followed as batch and width grow: 64 -> width -> width -> 10, plain SGD. */
export function growing(batch: number, width: number): Program {
  const model = new nn.Sequential(
    new nn.Linear(64, width),
    new nn.ReLU(),
    new nn.Linear(width, width),
    new nn.ReLU(),
    new nn.Linear(width, 10),
  );
  const criterion = new nn.CrossEntropyLoss();
  const [x, y] = [randn([batch, 64]), randint(0, 10, [batch])];
  const optimizer = new optim.SGD(model.parameters(), { lr: 1e-3 });
  return { ...step(() => criterion(model(x), y), optimizer), flops: denseFlops(batch, [64, width, width, 10]) };
}
