// A transformer encoder, padding masked, says how often the first token of a sequence comes again: never, once or more often.

import { arange, data, nn, optim, tensor, type Tensor } from 'flambeau';
import { Draws } from './draws.js';
import { trained } from './train.js';

const TOKENS = 12;
const LONGEST = 10;
const FEATURES = 32;

type Sample = readonly [tokens: Tensor, again: bigint];

/** Sequences of 4 to LONGEST tokens (1 to TOKENS - 1), padded with 0, and the number of repetitions up to 2. */
class Repetitions extends data.Dataset<Sample> {
  private readonly samples: Sample[] = [];

  constructor(count: number) {
    super();
    const draws = new Draws(4);
    for (let i = 0; i < count; i++) {
      const length = 4 + draws.whole(LONGEST - 3);
      const tokens = Array.from({ length }, () => 1 + draws.whole(TOKENS - 1));
      if (draws.unit() < 0.6) tokens[1 + draws.whole(length - 1)] = tokens[0]!;
      const again = Math.min(tokens.filter((token) => token === tokens[0]).length - 1, 2);
      const padded = Array.from({ length: LONGEST }, (_, place) => BigInt(tokens[place] ?? 0));
      this.samples.push([tensor(padded), BigInt(again)]);
    }
  }

  get length(): number {
    return this.samples.length;
  }

  getItem(index: number): Sample {
    return this.samples[index]!;
  }
}

class Counter extends nn.Module {
  tokens = new nn.Embedding(TOKENS, FEATURES, { paddingIdx: 0 });
  places = new nn.Embedding(LONGEST, FEATURES);
  encoder = new nn.TransformerEncoder(
    new nn.TransformerEncoderLayer(FEATURES, 4, { dimFeedforward: 64, batchFirst: true, activation: 'gelu' }),
    2,
  );
  head = new nn.Linear(FEATURES, 3);

  override forward(tokens: Tensor): Tensor {
    const embedded = this.tokens(tokens).add(this.places(arange(LONGEST)));
    const encoded = this.encoder(embedded, { srcKeyPaddingMask: tokens.eq(0) });
    return this.head(encoded.select(1, 0));
  }
}

export function train(steps: number): Promise<number[]> {
  const model = new Counter();
  const optimizer = new optim.Adam(model.parameters(), { lr: 2e-3, betas: [0.9, 0.98], eps: 1e-9 });
  const scheduler = new optim.lrScheduler.LambdaLR(optimizer, (step) => Math.min(1, (step + 1) / 20));
  const loader = new data.DataLoader(new Repetitions(320), { batchSize: 32, shuffle: true });
  return trained({ loader, model, criterion: new nn.CrossEntropyLoss(), optimizer, scheduler }, steps);
}
