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
    const guesses = new Map<string, Medium | undefined>();
    for await (const rows of readBatches(this.source, part)) {
      for (const row of rows) {
        for (const [name, listOf] of lists) if (Array.isArray(row[name])) row[name] = typedList(row[name], listOf);
        const steps = this.withGuesses(row, guesses);
        yield sampleOf(row, steps, await rowDecoder(steps));
      }
    }
  }

  override toString(): string {
    return `TableStream of ${this.source.files.join(', ')}`;
  }

  /** What a column without a feature holds, its first value says. */
  private withGuesses(row: Row, guesses: Map<string, Medium | undefined>): RowSteps<T> {
    for (const [name, value] of Object.entries(row)) {
      if (value !== null && value !== undefined && !guesses.has(name)) guesses.set(name, guessMedium(value));
    }
    const media = { ...Object.fromEntries([...guesses].filter(([, medium]) => medium !== undefined)) } as Record<
      string,
      Medium
    >;
    const { features } = this.steps;
    return { ...this.steps, features: { ...features, media: { ...media, ...features.media } } };
  }
}
