// A text classifier: the mean of the words' vectors and a linear layer. Texts are lists of words that lie end to end in a batch.

import { data, nn, optim, tensor, type Tensor } from 'flambeau';
import { Draws } from './draws.js';
import { trained } from './train.js';

const TOPICS = 4;
const WORDS = 120;

type Sample = readonly [words: readonly number[], topic: number];

/** Texts of 3 to 14 words; half of the words are drawn from their topic's own part of the vocabulary. */
class Texts extends data.Dataset<Sample> {
  private readonly samples: Sample[] = [];

  constructor(count: number) {
    super();
    const draws = new Draws(5);
    const own = WORDS / (2 * TOPICS);
    for (let i = 0; i < count; i++) {
      const topic = draws.whole(TOPICS);
      const words = Array.from({ length: 3 + draws.whole(12) }, () =>
        draws.unit() < 0.5 ? topic * own + draws.whole(own) : draws.whole(WORDS),
      );
      this.samples.push([words, topic]);
    }
  }

  get length(): number {
    return this.samples.length;
  }

  getItem(index: number): Sample {
    return this.samples[index]!;
  }
}

function endToEnd(samples: readonly Sample[]): [words: Tensor, offsets: Tensor, topics: Tensor] {
  const words: bigint[] = [];
  const offsets: bigint[] = [];
  for (const [text] of samples) {
    offsets.push(BigInt(words.length));
    words.push(...text.map(BigInt));
  }
  return [tensor(words), tensor(offsets), tensor(samples.map(([, topic]) => BigInt(topic)))];
}

class TextClassifier extends nn.Module {
  embedding = new nn.EmbeddingBag(WORDS, 16);
  head = new nn.Linear(16, TOPICS);

  override forward(words: Tensor, offsets: Tensor): Tensor {
    return this.head(this.embedding(words, offsets));
  }
}

export function train(steps: number): Promise<number[]> {
  const model = new TextClassifier();
  const optimizer = new optim.SGD(model.parameters(), { lr: 1 });
  const scheduler = new optim.lrScheduler.StepLR(optimizer, 80, { gamma: 0.5 });
  const loader = new data.DataLoader(new Texts(400), { batchSize: 16, shuffle: true, collateFn: endToEnd });
  return trained({ loader, model, criterion: new nn.CrossEntropyLoss(), optimizer, scheduler }, steps);
}
