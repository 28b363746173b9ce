// A two-layer LSTM in both directions reads sequences of different lengths, packed, and says which signal was strongest.

import { cat, data, nn, optim, tensor, type Tensor } from 'flambeau';
import { Draws } from './draws.js';
import { trained } from './train.js';

const SIGNALS = 4;

type Sample = readonly [steps: Tensor, strongest: bigint];

/** Sequences [3 to 12 steps, SIGNALS] and the number of the signal with the largest sum. */
class Signals extends data.Dataset<Sample> {
  private readonly samples: Sample[] = [];

  constructor(count: number) {
    super();
    const draws = new Draws(3);
    for (let i = 0; i < count; i++) {
      const length = 3 + draws.whole(10);
      const steps = Array.from({ length }, () => Array.from({ length: SIGNALS }, () => draws.signed()));
      const sums = Array.from({ length: SIGNALS }, (_, s) => steps.reduce((sum, step) => sum + step[s]!, 0));
      this.samples.push([tensor(steps), BigInt(sums.indexOf(Math.max(...sums)))]);
    }
  }

  get length(): number {
    return this.samples.length;
  }

  getItem(index: number): Sample {
    return this.samples[index]!;
  }
}

function packed(samples: readonly Sample[]): [nn.utils.PackedSequence, Tensor] {
  const sequences = nn.utils.packSequence(
    samples.map(([steps]) => steps),
    { enforceSorted: false },
  );
  return [sequences, tensor(samples.map(([, strongest]) => strongest))];
}

class Reader extends nn.Module {
  lstm = new nn.LSTM(SIGNALS, 16, { numLayers: 2, dropout: 0.2, bidirectional: true });
  head = new nn.Linear(32, SIGNALS);

  override forward(sequences: nn.utils.PackedSequence): Tensor {
    const [, [hidden]] = this.lstm(sequences);
    return this.head(cat([hidden.select(0, -2), hidden.select(0, -1)], 1));
  }
}

export function train(steps: number): Promise<number[]> {
  const model = new Reader();
  const optimizer = new optim.RMSprop(model.parameters(), { lr: 2e-3, eps: 1e-3, centered: true });
  const loader = new data.DataLoader(new Signals(320), { batchSize: 32, shuffle: true, collateFn: packed });
  return trained({ loader, model, criterion: new nn.CrossEntropyLoss(), optimizer }, steps);
}
