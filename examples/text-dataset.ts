// A custom data set of texts, read in shuffled batches of two: the last batch is short.
//
//   npx tsx examples/text-dataset.ts
//
//   5 samples; the first: { Text: 'Happy', Class: 'Positive' }
//   [ 'Amazing', 'Glum' ] [ 'Positive', 'Negative' ]
//   [ 'Sad', 'Unhappy' ] [ 'Negative', 'Negative' ]
//   [ 'Happy' ] [ 'Positive' ]
import { data, manualSeed } from 'flambeau';

manualSeed(0);

interface Sample {
  Text: string;
  Class: string;
}

class TextDataset extends data.Dataset<Sample> {
  constructor(
    private readonly texts: readonly string[],
    private readonly labels: readonly string[],
  ) {
    super();
  }

  get length(): number {
    return this.texts.length;
  }

  getItem(index: number): Sample {
    return { Text: this.texts[index]!, Class: this.labels[index]! };
  }
}

const dataset = new TextDataset(
  ['Happy', 'Amazing', 'Sad', 'Unhappy', 'Glum'],
  ['Positive', 'Positive', 'Negative', 'Negative', 'Negative'],
);
console.log(`${dataset.length} samples; the first:`, dataset.getItem(0));

const loader = new data.DataLoader(dataset, { batchSize: 2, shuffle: true });
for await (const { Text, Class } of loader) console.log(Text, Class);
