// Where a table's rows come from and how they are read: batch by batch, from files of one of three formats. A source is
// plain, so that a worker can read it for itself.

import { DatasetError, ValueError } from '../../errors.js';
import { readCsv, type CsvFormat } from '../../io/csv.js';
import { readJsonLines, type LineLimits } from '../../io/json-lines.js';
import { ParquetFile, type ListElement, type ParquetLimits } from '../../io/parquet.js';
import { csvValue, type CsvTyping } from './csv-types.js';

/** A row: its values by the names of the columns; null where a value is missing. */
export type Row = Record<string, unknown>;

export interface ParquetSource {
  readonly format: 'parquet';
  readonly files: readonly string[];
  readonly columns: readonly string[];
  /** The columns that are lists of numbers, and of which. */
  readonly lists: Readonly<Record<string, ListElement>>;
  readonly limits: ParquetLimits;
}

export interface CsvSource {
  readonly format: 'csv';
  readonly files: readonly string[];
  readonly columns: readonly string[];
  /** The columns of the files, of which `columns` are wanted. */
  readonly fields: readonly string[];
  readonly hasHeader: boolean;
  readonly typing: CsvTyping;
  readonly dialect: CsvFormat;
}

export interface JsonLinesSource {
  readonly format: 'jsonLines';
  readonly files: readonly string[];
  /** Undefined: all that come. */
  readonly columns: readonly string[] | undefined;
  readonly limits: LineLimits;
}

export type TableSource = ParquetSource | CsvSource | JsonLinesSource;

/** Which batches to read: those whose number leaves `index` when divided by `count`. */
export interface Part {
  readonly index: number;
  readonly count: number;
}

const batchRows = 1024;

/**
 * The rows of a source in their order, in batches: a row group each, or 1024 rows.
 * @throws DatasetError naming the file, and the line where there are lines, that can't be read
 */
export function readBatches(source: TableSource, part: Part = { index: 0, count: 1 }): AsyncGenerator<Row[]> {
  if (source.format === 'parquet') return parquetBatches(source, part);
  return inBatches(source.format === 'csv' ? csvRows(source) : jsonRows(source), part);
}

async function* parquetBatches({ files, columns, limits }: ParquetSource, part: Part): AsyncGenerator<Row[]> {
  let number = 0;
  for (const path of files) {
    const file = await ParquetFile.open(path, limits);
    try {
      checkColumns(
        path,
        file.columns.map(({ name }) => name),
        columns,
      );
      for (let group = 0; group < file.groupRows.length; group++) {
        if (number++ % part.count === part.index) yield await file.readGroup(group, columns);
      }
    } finally {
      await file.close();
    }
  }
}

/** Rows are made only of the batches that are wanted. */
async function* inBatches(rows: AsyncGenerator<() => Row>, { index, count }: Part): AsyncGenerator<Row[]> {
  let number = 0;
  let inBatch = 0;
  let batch: Row[] = [];
  for await (const row of rows) {
    if (number % count === index) batch.push(row());
    if (++inBatch < batchRows) continue;
    if (batch.length > 0) yield batch;
    [number, inBatch, batch] = [number + 1, 0, []];
  }
  if (batch.length > 0) yield batch;
}

async function* csvRows({ files, columns, fields, hasHeader, typing, dialect }: CsvSource): AsyncGenerator<() => Row> {
  const places = columns.map((name) => fields.indexOf(name));
  for (const path of files) {
    let first = hasHeader;
    for await (const { line, fields: texts } of readCsv(path, dialect)) {
      if (first) {
        first = false;
        checkHeader(path, texts, fields);
        continue;
      }
      yield () => {
        const row: Row = {};
        columns.forEach((name, i) => {
          const place = places[i]!;
          row[name] = csvValue(texts[place]!, place, typing, () => `${path}, line ${line}: field '${name}'`);
        });
        return row;
      };
    }
  }
}

async function* jsonRows({ files, columns, limits }: JsonLinesSource): AsyncGenerator<() => Row> {
  for (const path of files) {
    for await (const { value } of readJsonLines(path, limits)) {
      yield () => {
        if (columns === undefined) return value;
        return Object.fromEntries(columns.map((name) => [name, Object.hasOwn(value, name) ? value[name] : null]));
      };
    }
  }
}

function checkHeader(path: string, found: readonly string[], expected: readonly string[]): void {
  if (found.length === expected.length && found.every((name, i) => name === expected[i])) return;
  throw new DatasetError(`${path} has the columns ${found.join(', ')}, the file before it ${expected.join(', ')}`);
}

function checkColumns(path: string, found: readonly string[], wanted: readonly string[]): void {
  const missing = wanted.find((name) => !found.includes(name));
  if (missing !== undefined) throw new DatasetError(`${path} has no column '${missing}', only ${found.join(', ')}`);
}

/** The columns asked for, of those there are. @throws ValueError for one that isn't there */
export function chooseColumns(
  wanted: readonly string[] | undefined,
  found: readonly string[],
  caller: string,
): readonly string[] {
  const twice = found.find((name, i) => found.indexOf(name) !== i);
  if (twice !== undefined) throw new DatasetError(`${caller}: the column '${twice}' comes twice`);
  if (found.includes('__proto__')) throw new DatasetError(`${caller}: a column is called '__proto__'`);
  const missing = wanted?.find((name) => !found.includes(name));
  if (missing === undefined) return wanted ?? found;
  throw new ValueError(`${caller}: there is no column '${missing}', only ${found.join(', ')}`);
}
