// A table in memory, read by row.

import { Dataset } from '../../data/dataset.js';
import { DatasetError, IndexError } from '../../errors.js';
import type { ListElement } from '../../io/parquet.js';
import { columnValue, shareColumn, type Column } from './column.js';
import { guessMedium, type Medium } from './media.js';
import { rowDecoder, sampleOf, type RowSteps } from './row-steps.js';
import { readBatches, type Row, type TableSource } from './table-source.js';

/** Rows whose fields are data themselves would make a column of each. */
const mostColumns = 10_000;

/** Rows that lie together: a row group, or a thousand lines. */
interface TablePart {
  readonly file: string;
  /** Which row of the file the first is. */
  readonly firstRow: number;
  /** Which row of the table the first is. */
  readonly start: number;
  readonly rows: number;
  readonly columns: Readonly<Record<string, Column>>;
}

/**
 * A table whose rows are samples; made by `fromParquet`, `fromCsv` and `fromJsonLines`. It lies in shared memory, column by
 * column; pictures and sounds are decoded when their row is asked for.
 */
export class Table<T = Row> extends Dataset<T> {
  static readonly moduleUrl = import.meta.url;

  readonly length: number;

  private constructor(
    readonly columns: readonly string[],
    private readonly parts: readonly TablePart[],
    private readonly steps: RowSteps<T>,
  ) {
    super();
    this.length = parts.reduce((sum, { rows }) => sum + rows, 0);
  }

  /** @internal Reads a whole source. */
  static async read<T>(
    source: TableSource,
    steps: RowSteps<T>,
    signal: AbortSignal | undefined,
    progress: (rows: number) => void,
  ): Promise<Table<T>> {
    const lists = source.format === 'parquet' ? source.lists : {};
    const names = new Set(source.columns);
    const parts: TablePart[] = [];
    let start = 0;
    for await (const { file, firstRow, rows } of readBatches(source)) {
      signal?.throwIfAborted();
      const found = source.columns ?? [...new Set(rows.flatMap((row) => Object.keys(row)))];
      for (const name of found) names.add(name);
      if (source.columns === undefined && names.size > mostColumns) {
        throw new DatasetError(
          `${file}: there are more than ${mostColumns} different fields up to row ${firstRow + rows.length}: name those that ` +
            'are wanted, { columns: [...] }, or write what differs from row to row into one field',
        );
      }
      parts.push({ file, firstRow, start, rows: rows.length, columns: shareRows(rows, found, lists) });
      start += rows.length;
      progress(start);
    }
    const columns = [...names];
    const absent = Object.keys(steps.features.media).find((name) => !names.has(name));
    if (absent !== undefined)
      throw new DatasetError(`${source.files[0]} has no column '${absent}', only ${columns.join(', ')}`);
    const media = { ...guessMedia(columns, parts), ...steps.features.media };
    return new Table(columns, parts, { ...steps, features: { ...steps.features, media } });
  }

  /** The sample made of row `index`. @throws IndexError when there is none, DatasetError when it can't be decoded */
  async getItem(index: number): Promise<T> {
    const decode = await rowDecoder(this.steps);
    const { file, firstRow, start } = this.partOf(index);
    return sampleOf(this.getRow(index), { file, number: firstRow + index - start }, this.steps, decode);
  }

  /** Row `index` as it is stored: nothing decoded, nothing transformed. @throws IndexError when there is none */
  getRow(index: number): Row {
    const part = this.partOf(index);
    return Object.fromEntries(this.columns.map((name) => [name, valueAt(part, name, index - part.start)]));
  }

  /** All values of one column as they are stored. @throws IndexError when there is no such column */
  column(name: string): unknown[] {
    if (!this.columns.includes(name)) {
      throw new IndexError(`Table: there is no column '${name}', only ${this.columns.join(', ')}`);
    }
    return this.parts.flatMap((part) => Array.from({ length: part.rows }, (_, i) => valueAt(part, name, i)));
  }

  /** The names of the classes that a column's numbers stand for, where the file says so. */
  classesOf(name: string): readonly string[] | undefined {
    return this.steps.features.classes[name];
  }

  override toString(): string {
    return `Table: ${this.length} rows of ${this.columns.join(', ')}`;
  }

  private partOf(index: number): TablePart {
    if (!(Number.isInteger(index) && index >= 0 && index < this.length)) {
      throw new IndexError(`Table: index ${index} is out of range for ${this.length} rows (0 to ${this.length - 1})`);
    }
    let [low, high] = [0, this.parts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.parts[middle]!.start <= index) low = middle;
      else high = middle - 1;
    }
    return this.parts[low]!;
  }
}

/** In JSON Lines a column may come up only in a later part. */
function valueAt({ columns }: TablePart, name: string, i: number): unknown {
  const column = columns[name];
  return column === undefined ? null : columnValue(column, i);
}

function shareRows(
  rows: readonly Row[],
  names: readonly string[],
  lists: Readonly<Record<string, ListElement>>,
): Record<string, Column> {
  const columns = names.map((name) => {
    const values = rows.map((row) => (Object.hasOwn(row, name) ? row[name] : null));
    return [name, shareColumn(values, name, lists[name])] as const;
  });
  return Object.fromEntries(columns);
}

function guessMedia(columns: readonly string[], parts: readonly TablePart[]): Record<string, Medium> {
  const guesses: Record<string, Medium> = {};
  for (const name of columns) {
    const part = parts.find(({ columns }) => columns[name] !== undefined && firstPresent(columns[name]) >= 0);
    const medium = part && guessMedium(valueAt(part, name, firstPresent(part.columns[name]!)));
    if (medium !== undefined) guesses[name] = medium;
  }
  return guesses;
}

function firstPresent({ length, present }: Column): number {
  if (present !== undefined) return present.indexOf(1);
  return length > 0 ? 0 : -1;
}
