// A small language model whose output layer is its embedding and whose one block is used twice; clipped gradients, AdamW, OneCycle.

import { data, nn, optim, tensor, type Tensor } from 'flambeau';
import { Draws } from './draws.js';
import { trained } from './train.js';

const SYMBOLS = 20;
const CONTEXT = 3;
const FEATURES = 24;

/** Stretches of a sequence in which a symbol mostly follows from the two before it, and the symbol that comes next. */
function contexts(count: number): data.TensorDataset<readonly [Tensor, Tensor]> {
  const draws = new Draws(6);
  const text = [0, 1, 2];
  for (let i = 0; i < count; i++) {
    text.push(draws.unit() < 0.2 ? draws.whole(SYMBOLS) : (3 * text.at(-1)! + text.at(-2)! + 1) % SYMBOLS);
  }
  const symbols = text.map(BigInt);
  const before = Array.from({ length: count }, (_, i) => symbols.slice(i, i + CONTEXT));
  return new data.TensorDataset(tensor(before), tensor(symbols.slice(CONTEXT)));
}

class LanguageModel extends nn.Module {
  embedding = new nn.Embedding(SYMBOLS, FEATURES);
  mix = new nn.Linear(CONTEXT * FEATURES, FEATURES);
  block = new nn.Sequential(
    new nn.LayerNorm(FEATURES),
    new nn.Linear(FEATURES, 48),
    new nn.SiLU(),
    new nn.Linear(48, FEATURES),
  );
  output = new nn.Linear(FEATURES, SYMBOLS);

  constructor() {
    super();
    this.output.weight = this.embedding.weight;
  }

  override forward(symbols: Tensor): Tensor {
    let x = this.mix(this.embedding(symbols).flatten(1));
    for (let i = 0; i < 2; i++) x = x.add(this.block(x));
    return this.output(x);
  }
}

export function train(steps: number): Promise<number[]> {
  const model = new LanguageModel();
  const optimizer = new optim.AdamW(model.parameters(), { lr: 1e-3, weightDecay: 0.05 });
  const scheduler = new optim.lrScheduler.OneCycleLR(optimizer, 0.01, { totalSteps: 200 });
  const loader = new data.DataLoader(contexts(512), { batchSize: 32, shuffle: true });
  return trained({ loader, model, criterion: new nn.CrossEntropyLoss(), optimizer, clip: 1, scheduler }, steps);
}
