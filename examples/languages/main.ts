// Which language are three words in? Trained on the Universal Declaration of Human Rights in sixteen languages (README.md says
// where the texts come from); the last nine of its thirty articles are kept aside for the test. A text is a bag of its letter
// sequences, hashed into a table of vectors. pytorch.py is the same program in Python.
//
//   npx tsx examples/languages/main.ts [--epochs N]
//
//   5519 pieces of text to train on, 2879 to test
//   epoch 1  loss 2.305
//   ...
//   epoch 8  loss 0.075
//   test accuracy 91.1 %
//
// pytorch.py prints the same lines: the same loss in every epoch, and 91.1 %.

import { readdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { data, inferenceMode, io, manualSeed, nn, optim, tensor, type Tensor } from 'flambeau';

const { values } = parseArgs({ options: { epochs: { type: 'string', default: '8' } } });
const folder = new URL('declaration/', import.meta.url);
const languages = readdirSync(folder)
  .map((file) => file.replace('.txt', ''))
  .sort();

const WORDS = 3;
const FIRST_TEST_ARTICLE = 22;
const BUCKETS = 4096;

interface Piece {
  readonly text: string;
  readonly language: number;
}

/** Runs of three words from the articles that `wanted` accepts. */
class Pieces extends data.Dataset<Piece> {
  private readonly pieces: Piece[] = [];

  constructor(wanted: (article: number) => boolean) {
    super();
    languages.forEach((name, language) => {
      for (const line of readFileSync(new URL(`${name}.txt`, folder), 'utf8')
        .trim()
        .split('\n')) {
        const [article, paragraph] = line.split('\t') as [string, string];
        if (!wanted(Number(article))) continue;
        const words = paragraph.toLowerCase().split(' ');
        for (let i = 0; i + WORDS <= words.length; i += WORDS) {
          this.pieces.push({ text: words.slice(i, i + WORDS).join(' '), language });
        }
      }
    });
  }

  get length(): number {
    return this.pieces.length;
  }

  getItem(index: number): Piece {
    return this.pieces[index]!;
  }
}

/** The buckets that a text's sequences of one to four letters fall into. */
function features(text: string): bigint[] {
  const padded = ` ${text} `;
  const found: bigint[] = [];
  for (let begin = 0; begin < padded.length; begin++) {
    let hash = 0;
    for (let end = begin; end < Math.min(begin + 4, padded.length); end++) {
      hash = (Math.imul(hash, 31) + padded.charCodeAt(end)) >>> 0;
      found.push(BigInt(hash % BUCKETS));
    }
  }
  return found;
}

/** A batch as the model takes it: the features of all pieces end to end, where each piece begins, and the languages. */
function collate(pieces: readonly Piece[]): { features: Tensor; offsets: Tensor; languages: Tensor } {
  const all: bigint[] = [];
  const offsets: bigint[] = [];
  for (const { text } of pieces) {
    offsets.push(BigInt(all.length));
    all.push(...features(text));
  }
  const labels = pieces.map(({ language }) => BigInt(language));
  return { features: tensor(all), offsets: tensor(offsets), languages: tensor(labels) };
}

class LanguageClassifier extends nn.Module {
  bag = new nn.EmbeddingBag(BUCKETS, 32);
  output = new nn.Linear(32, languages.length);

  override forward(features: Tensor, offsets: Tensor): Tensor {
    return this.output(this.bag(features, offsets));
  }
}

manualSeed(0);
const train = new Pieces((article) => article < FIRST_TEST_ARTICLE);
const test = new Pieces((article) => article >= FIRST_TEST_ARTICLE);
console.log(`${train.length} pieces of text to train on, ${test.length} to test`);

const model = new LanguageClassifier();
const criterion = new nn.CrossEntropyLoss();
const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
const loader = new data.DataLoader(train, { batchSize: 64, shuffle: true, collateFn: collate });

for (let epoch = 1; epoch <= Number(values.epochs); epoch++) {
  const progress = new io.Progress({ label: `epoch ${epoch}/${values.epochs}`, total: loader.length, unit: 'batches' });
  let [total, done] = [0, 0];
  for await (const batch of loader) {
    optimizer.zeroGrad();
    const loss = criterion(model(batch.features, batch.offsets), batch.languages);
    loss.backward();
    optimizer.step();
    total += loss.item();
    progress.update(++done, { loss: loss.item() });
  }
  progress.finish();
  console.log(`epoch ${epoch}  loss ${(total / done).toFixed(3)}`);
}

let right = 0;
await inferenceMode(async () => {
  for await (const batch of new data.DataLoader(test, { batchSize: 256, collateFn: collate })) {
    const guesses = model(batch.features, batch.offsets).argmax(1);
    right += guesses.eq(batch.languages).sum().item();
  }
});
console.log(`test accuracy ${((100 * right) / test.length).toFixed(1)} %`);
