// Tables in Parquet files.

import { DatasetError } from '../errors.js';
import { ParquetFile, type ListElement, type ParquetLimits } from '../io/parquet.js';
import { readFeatures } from './table/media.js';
import { tableFiles } from './table/table-files.js';
import { openTable, type TableOptions } from './table/table-options.js';
import { chooseColumns, type Row } from './table/table-source.js';
import type { TableStream } from './table/table-stream.js';
import type { Table } from './table/table.js';

/** How `fromParquet` reads a table. */
export interface ParquetOptions<T = Row> extends TableOptions<T> {
  /** How large a row group may be. */
  readonly limits?: ParquetLimits;
}

/**
 * Opens a table in Parquet files: a file, several, or a folder as on the Hugging Face Hub. int64 columns are bigints, lists of
 * numbers typed arrays, pictures `{ bytes, path }` are decoded, and class labels are numbers (their names: `classesOf`).
 *
 * ```ts
 * const train = await fromParquet('mnist/data', { split: 'train' });
 * const { image, label } = await train.getItem(0); // float32 [1, 28, 28], 5
 * for await (const row of await fromParquet('logs.parquet', { streaming: true })) { ... }
 * ```
 * @throws DatasetError when a file is missing, damaged, or makes no sense
 */
export function fromParquet<T = Row>(
  location: string | readonly string[],
  options: ParquetOptions<T> & { readonly streaming: true },
): Promise<TableStream<T>>;
export function fromParquet<T = Row>(
  location: string | readonly string[],
  options?: ParquetOptions<T> & { readonly streaming?: false | undefined },
): Promise<Table<T>>;
export async function fromParquet<T>(
  location: string | readonly string[],
  options: ParquetOptions<T> = {},
): Promise<Table<T> | TableStream<T>> {
  const caller = 'fromParquet';
  const { limits = {} } = options;
  const files = await tableFiles(location, { caller, extensions: ['.parquet'], split: options.split });
  const first = await ParquetFile.open(files[0]!, limits);
  await first.close();
  const names = first.columns.map(({ name }) => name);
  if (names.length === 0) throw new DatasetError(`${caller}: ${first.path} has no columns`);
  const columns = chooseColumns(options.columns, names, caller);
  const lists = first.columns.flatMap(({ name, listOf }): [string, ListElement][] => (listOf ? [[name, listOf]] : []));
  const source = { format: 'parquet', files, columns, lists: Object.fromEntries(lists), limits } as const;
  return openTable(source, options, readFeatures(first.notes.get('huggingface')), caller);
}
