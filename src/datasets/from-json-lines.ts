// Tables in JSON Lines files.

import type { LineLimits } from '../io/json-lines.js';
import { tableFiles } from './table/table-files.js';
import { openTable, type TableOptions } from './table/table-options.js';
import type { Row } from './table/table-source.js';
import type { TableStream } from './table/table-stream.js';
import type { Table } from './table/table.js';

/** How `fromJsonLines` reads a table. */
export interface JsonLinesOptions<T = Row> extends TableOptions<T> {
  /** How long a line may be. */
  readonly limits?: LineLimits;
}

/**
 * Opens a table in JSON Lines files (`.jsonl`, `.ndjson`, `.json`, also with `.gz` behind): an object on each line, its fields
 * the columns. Read as a whole, a field that a row doesn't have is null; as a stream it is not there. Whole numbers beyond 2^53 are bigints.
 *
 * ```ts
 * const reviews = await fromJsonLines('reviews.jsonl', { transforms: { text: vocabulary } });
 * const { text, stars } = await reviews.getItem(0);
 * ```
 * @throws DatasetError naming the file and line that is no JSON object
 */
export function fromJsonLines<T = Row>(
  location: string | readonly string[],
  options: JsonLinesOptions<T> & { readonly streaming: true },
): Promise<TableStream<T>>;
export function fromJsonLines<T = Row>(
  location: string | readonly string[],
  options?: JsonLinesOptions<T> & { readonly streaming?: false | undefined },
): Promise<Table<T>>;
export async function fromJsonLines<T>(
  location: string | readonly string[],
  options: JsonLinesOptions<T> = {},
): Promise<Table<T> | TableStream<T>> {
  const caller = 'fromJsonLines';
  const extensions = ['.jsonl', '.ndjson', '.json', '.jsonl.gz', '.ndjson.gz', '.json.gz'];
  const files = await tableFiles(location, { caller, extensions, split: options.split });
  const source = { format: 'jsonLines', files, columns: options.columns, limits: options.limits ?? {} } as const;
  return openTable(source, options, { media: {}, classes: {} }, caller);
}
