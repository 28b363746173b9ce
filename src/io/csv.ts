// CSV files as a stream of records, by `csv-parse`, which is loaded with the first file.

import { Readable } from 'node:stream';
import { DatasetError } from '../errors.js';
import { checkEncoding, decodedText } from './decoded-text.js';

/** One record's fields, and the line it ends on, from 1. */
export interface CsvRecord {
  readonly line: number;
  readonly fields: readonly string[];
}

export interface CsvFormat {
  /** What stands between fields; default a comma, a tab for files named `.tsv`. */
  readonly delimiter?: string | undefined;
  /** What stands around fields that have delimiters or line ends in them; default `"`. Null: nothing does. */
  readonly quote?: string | null | undefined;
  /** How the text is encoded, by a name that `TextDecoder` knows: `utf-8` (default), `utf-16le`, `latin1`, `shift_jis`. */
  readonly encoding?: string | undefined;
  /** Most characters of one record; default 2^24. One quote that is not closed would otherwise swallow the file. */
  readonly recordLength?: number | undefined;
}

/** What csv-parse finds wrong, for people. */
const problems: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote is not closed',
  CSV_INVALID_CLOSING_QUOTE: 'something stands behind a closing quote',
  INVALID_OPENING_QUOTE: 'a quote stands in the middle of a field',
  CSV_MAX_RECORD_SIZE: 'a record is longer than what is accepted',
  CSV_RECORD_INCONSISTENT_FIELDS_LENGTH: 'a record has not as many fields as the first',
};

/**
 * The records of a CSV file in turn, the first line among them; empty lines are passed over.
 * @throws DatasetError naming the line that is not well formed
 */
export async function* readCsv(path: string, format: CsvFormat = {}): AsyncGenerator<CsvRecord, void, undefined> {
  const { delimiter = /\.tsv(\.gz)?$/i.test(path) ? '\t' : ',', quote = '"', recordLength = 2 ** 24 } = format;
  const { encoding = 'utf-8' } = format;
  checkEncoding(encoding);
  const { parse, CsvError } = await import('csv-parse');
  const parser = parse({
    delimiter,
    quote,
    bom: true,
    info: true,
    skip_empty_lines: true,
    max_record_size: recordLength,
  });
  const text = Readable.from(decodedText(path, encoding));
  text.once('error', (error) => parser.destroy(error));
  text.pipe(parser);
  try {
    for await (const { info, record } of parser as AsyncIterable<{ info: { lines: number }; record: string[] }>) {
      yield { line: info.lines, fields: record };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { lines } = error as unknown as { lines?: number };
    const reason = problems[error.code] ?? error.message;
    throw new DatasetError(`${path}, line ${lines ?? '?'}: ${reason}`, { cause: error });
  } finally {
    text.destroy();
    parser.destroy();
  }
}
