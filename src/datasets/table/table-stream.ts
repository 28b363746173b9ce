// A table read from beginning to end, never whole in memory.

import { IterableDataset } from '../../data/dataset.js';
import { getWorkerInfo } from '../../data/worker-info.js';
import { typedList } from './column.js';
import { guessMedium, type Medium } from './media.js';
import { rowDecoder, sampleOf, type RowSteps } from './row-steps.js';
import { readBatches, type Row, type TableSource } from './table-source.js';

/**
 * The rows of a table one after the other; made by `fromParquet`, `fromCsv` and `fromJsonLines` with `streaming: true`. Of
 * several workers each reads other row groups, or other thousands of lines.
 */
export class TableStream<T = Row> extends IterableDataset<T> {
  static readonly moduleUrl = import.meta.url;

  /** @internal */
  constructor(
    private readonly source: TableSource,
    private readonly steps: RowSteps<T>,
  ) {
    super();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    const worker = getWorkerInfo();
    const part = worker === null ? undefined : { index: worker.id, count: worker.numWorkers };
    const lists = this.source.format === 'parquet' ? Object.entries(this.source.lists) : [];
    const guessed = new Set<string>();
    let { steps } = this;
    let decodeImage = await rowDecoder(steps);
    for await (const { file, firstRow, rows } of readBatches(this.source, part)) {
      for (const [i, row] of rows.entries()) {
        for (const [name, listOf] of lists) if (Array.isArray(row[name])) row[name] = typedList(row[name], listOf);
        const media = guessesIn(row, guessed);
        if (media !== undefined) {
          steps = withMedia(steps, media);
          decodeImage = await rowDecoder(steps);
        }
        yield sampleOf(row, { file, number: firstRow + i }, steps, decodeImage);
      }
    }
  }

  override toString(): string {
    return `TableStream of ${this.source.files.join(', ')}`;
  }
}

/** What columns that were empty so far hold, as far as it is a picture or a sound: a column's first value says it. */
function guessesIn(row: Row, guessed: Set<string>): Record<string, Medium> | undefined {
  let media: Record<string, Medium> | undefined;
  for (const name in row) {
    const value = row[name];
    if (value === null || value === undefined || guessed.has(name)) continue;
    guessed.add(name);
    const medium = guessMedium(value);
    if (medium !== undefined) media = { ...media, [name]: medium };
  }
  return media;
}

/** What the source itself says of a column comes first. */
function withMedia<T>(steps: RowSteps<T>, media: Record<string, Medium>): RowSteps<T> {
  return { ...steps, features: { ...steps.features, media: { ...media, ...steps.features.media } } };
}
