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

/** Which part of a source to read. */
export interface Part {
  readonly index: number;
  readonly count: number;
}

/** Rows that lie together in a file: a row group, or 1024 rows. */
export interface RowBatch {
  readonly file: string;
  /** Which row of the file the first is, from 0. */
  readonly firstRow: number;
  readonly rows: Row[];
}

const batchRows = 1024;

/**
 * The rows of a source in their order, in batches. Of several parts each has other row groups of Parquet files; of files of
 * text, other files where there are as many, other thousands of lines where there are fewer.
 * @throws DatasetError naming the file, and the line where there are lines, that can't be read
 */
export function readBatches(source: TableSource, part: Part = { index: 0, count: 1 }): AsyncGenerator<RowBatch> {
  return source.format === 'parquet' ? parquetBatches(source, part) : textBatches(source, part);
}

async function* parquetBatches({ files, columns, limits }: ParquetSource, part: Part): AsyncGenerator<RowBatch> {
  let number = 0;
  for (const path of files) {
    const file = await ParquetFile.open(path, limits);
    try {
      checkColumns(
        path,
        file.columns.map(({ name }) => name),
        columns,
      );
      let firstRow = 0;
      for (const [group, rows] of file.groupRows.entries()) {
        if (number++ % part.count === part.index && rows > 0) {
          yield { file: path, firstRow, rows: await file.readGroup(group, columns) };
        }
        firstRow += rows;
      }
    } finally {
      await file.close();
    }
  }
}

async function* textBatches(source: CsvSource | JsonLinesSource, part: Part): AsyncGenerator<RowBatch> {
  const { files } = source;
  const byFile = files.length >= part.count;
  let number = 0;
  for (const [place, file] of files.entries()) {
    if (byFile && place % part.count !== part.index) continue;
    const isWanted = (): boolean => byFile || number % part.count === part.index;
    let firstRow = 0;
    let inBatch = 0;
    let rows: Row[] = [];
    for await (const row of source.format === 'csv' ? csvRows(source, file) : jsonRows(source, file)) {
      // A row is made only where it is wanted.
      if (isWanted()) rows.push(row());
      if (++inBatch < batchRows) continue;
      if (rows.length > 0) yield { file, firstRow, rows };
      [firstRow, inBatch, rows] = [firstRow + inBatch, 0, []];
      number++;
    }
    if (rows.length > 0) yield { file, firstRow, rows };
    number++;
  }
}

async function* csvRows(source: CsvSource, path: string): AsyncGenerator<() => Row> {
  const { columns, fields, hasHeader, typing, dialect } = source;
  const placeOf = new Map(fields.map((name, place) => [name, place]));
  const places = columns.map((name) => placeOf.get(name));
  let first = true;
  for await (const { line, fields: texts } of readCsv(path, dialect)) {
    if (first) {
      first = false;
      if (hasHeader) {
        checkHeader(path, texts, fields);
        continue;
      }
      checkWidth(path, line, texts, fields);
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

async function* jsonRows({ columns, limits }: JsonLinesSource, path: string): AsyncGenerator<() => Row> {
  for await (const { parse } of readJsonLines(path, limits)) {
    yield () => {
      const value = parse();
      if (columns === undefined) return value;
      return Object.fromEntries(columns.map((name) => [name, Object.hasOwn(value, name) ? value[name] : null]));
    };
  }
}

/** Within a file all records are as wide as the first. */
function checkWidth(path: string, line: number, texts: readonly string[], fields: readonly string[]): void {
  if (texts.length === fields.length) return;
  throw new DatasetError(`${path}, line ${line}: there are ${texts.length} fields for ${fields.length} names`);
}

function checkHeader(path: string, found: readonly string[], expected: readonly string[]): void {
  if (found.length === expected.length && found.every((name, i) => name === expected[i])) return;
  throw new DatasetError(`${path} has the columns ${found.join(', ')}, the file before it ${expected.join(', ')}`);
}

function checkColumns(path: string, found: readonly string[], wanted: readonly string[]): void {
  const names = new Set(found);
  const missing = wanted.find((name) => !names.has(name));
  if (missing !== undefined) throw new DatasetError(`${path} has no column '${missing}', only ${found.join(', ')}`);
}

/** The columns asked for, of those there are. @throws ValueError for one that isn't there */
export function chooseColumns(
  wanted: readonly string[] | undefined,
  found: readonly string[],
  caller: string,
): readonly string[] {
  const names = new Set<string>();
  const twice = found.find((name) => names.size === names.add(name).size);
  if (twice !== undefined) throw new DatasetError(`${caller}: the column '${twice}' comes twice`);
  if (names.has('__proto__')) throw new DatasetError(`${caller}: a column is called '__proto__'`);
  const missing = wanted?.find((name) => !names.has(name));
  if (missing === undefined) return wanted ?? found;
  throw new ValueError(`${caller}: there is no column '${missing}', only ${found.join(', ')}`);
}
