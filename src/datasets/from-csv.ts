// Tables in CSV files.

import { DatasetError } from '../errors.js';
import { readCsv } from '../io/csv.js';
import { inferTyping, typingLength, typingRecords, type CsvType } from './table/csv-types.js';
import { tableFiles } from './table/table-files.js';
import { openTable, type TableOptions } from './table/table-options.js';
import { chooseColumns, type Row } from './table/table-source.js';
import type { TableStream } from './table/table-stream.js';
import type { Table } from './table/table.js';

/** How `fromCsv` reads a table. */
export interface CsvOptions<T = Row> extends TableOptions<T> {
  /** What stands between fields; default a comma, a tab for files named `.tsv`. */
  readonly delimiter?: string;
  /** What stands around fields; default `"`; null for nothing. */
  readonly quote?: string | null;
  /** How the text is encoded, by a name that `TextDecoder` knows; default `utf-8`. */
  readonly encoding?: string;
  /** Whether the first line has the names of the columns (default), or these names themselves where it has not. */
  readonly header?: true | readonly string[];
  /** The types of columns, by name; default what the first 10,000 records look like. */
  readonly types?: Readonly<Record<string, CsvType>>;
  /** Fields that stand for a missing value (null); default the empty one, which in columns of texts is a text. */
  readonly nulls?: readonly string[];
}

/**
 * Opens a table in CSV files (`.csv`, `.tsv`, also with `.gz` behind): a file, several, or a folder. Columns are numbers, truth
 * values or texts; numbers with leading zeros, or beyond 2^53, are texts.
 *
 * ```ts
 * const houses = await fromCsv('houses.csv', { columns: ['rooms', 'area', 'price'] });
 * const { rooms, price } = await houses.getItem(0);
 * ```
 * @throws DatasetError naming the file and line that is not well formed, or has a value of another type
 */
export function fromCsv<T = Row>(
  location: string | readonly string[],
  options: CsvOptions<T> & { readonly streaming: true },
): Promise<TableStream<T>>;
export function fromCsv<T = Row>(
  location: string | readonly string[],
  options?: CsvOptions<T> & { readonly streaming?: false | undefined },
): Promise<Table<T>>;
export async function fromCsv<T>(
  location: string | readonly string[],
  options: CsvOptions<T> = {},
): Promise<Table<T> | TableStream<T>> {
  const caller = 'fromCsv';
  const { header = true, types = {}, nulls, delimiter, quote, encoding } = options;
  const extensions = ['.csv', '.tsv', '.csv.gz', '.tsv.gz'];
  const files = await tableFiles(location, { caller, extensions, split: options.split });
  const dialect = { delimiter, quote, encoding };
  const records: (readonly string[])[] = [];
  let length = 0;
  for await (const { fields } of readCsv(files[0]!, dialect)) {
    length += fields.reduce((sum, text) => sum + text.length, 0);
    if (records.push(fields) > typingRecords || length > typingLength) break;
  }
  const fields = header === true ? records.shift() : header;
  if (fields === undefined) throw new DatasetError(`${caller}: ${files[0]} is empty`);
  if (records.some((record) => record.length !== fields.length)) {
    throw new DatasetError(
      `${caller}: ${files[0]} has ${records[0]!.length} fields a record, but ${fields.length} names were given`,
    );
  }
  const columns = chooseColumns(options.columns, fields, caller);
  const typing = inferTyping(records, fields, types, nulls);
  const source = { format: 'csv', files, columns, fields, hasHeader: header === true, typing, dialect } as const;
  return openTable(source, options, { media: {}, classes: {} }, caller);
}
