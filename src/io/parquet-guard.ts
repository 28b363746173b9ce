// What a Parquet file claims, compared with what there is, before its decoder believes it: a page header of a few bytes
// can promise billions of values. Reasons for refusal are plain Errors; `parquet.ts` adds the file's name.

import type { ColumnMetaData, CompressionCodec, Compressors, PageHeader, RowGroup } from 'hyparquet';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import * as zlib from 'node:zlib';
import { crc32 } from './crc32.js';
import { checkRuns, hasRuns } from './parquet-runs.js';

/** How much a Parquet file may hold; what claims more is refused before it is unpacked. */
export interface ParquetLimits {
  /** Most rows of a file; default 2^24, or eight times its bytes: more than a row for each bit says nothing in any of them. */
  readonly rows?: number;
  /** Most values of one column in one row group; default 2^24. */
  readonly values?: number;
  /** Most bytes of one column in one row group once it is unpacked; default 2^31. */
  readonly bytes?: number;
}

/** Where a column's part of a row group lies in the file. */
export interface ChunkRange {
  readonly start: number;
  readonly end: number;
}

/** Reads a page header at the place of the reader, which goes on to behind it. */
export type ReadHeader = (reader: { view: DataView; offset: number }) => PageHeader;

/** What is known of a column beside what its part of a row group says. */
export interface ColumnContext {
  /** The highest repetition and definition level. */
  readonly repetition: number;
  readonly definition: number;
  readonly rows: number;
  readonly limits: ParquetLimits;
  readonly compressors: Compressors;
  readonly readHeader: ReadHeader;
}

/** The parts of a row group that belong to the given columns, each checked to lie within the file. */
export function chunkRanges(
  group: RowGroup,
  columns: readonly string[],
  fileBytes: number,
): [ColumnMetaData, ChunkRange][] {
  const chunks: [ColumnMetaData, ChunkRange][] = [];
  for (const { meta_data: meta, file_path: elsewhere } of group.columns) {
    if (meta === undefined) throw new Error('it is encrypted, or a column has no description');
    if (!columns.includes(meta.path_in_schema[0]!)) continue;
    if (elsewhere) throw new Error('a column lies in another file');
    // Some programs write 0 where there is no dictionary.
    const start = Number(meta.dictionary_page_offset || meta.data_page_offset);
    const end = start + Number(meta.total_compressed_size);
    if (!(start >= 4 && end >= start && end <= fileBytes)) throw new Error('a column lies beyond its end');
    chunks.push([meta, { start, end }]);
  }
  return chunks;
}

/**
 * Goes through the pages of a column's part of a row group. Checksums are compared where there are any.
 * @throws Error when pages lie beyond the end, are too many, or have not the values that were announced
 */
export function checkPages(chunk: ArrayBuffer, meta: ColumnMetaData, context: ColumnContext): void {
  const { rows, limits, readHeader } = context;
  const { values: mostValues = 2 ** 24, bytes: mostBytes = 2 ** 31 } = limits;
  const name = meta.path_in_schema.join('.');
  const announced = Number(meta.num_values);
  if (announced > mostValues || rows > mostValues) {
    throw new Error(
      `column '${name}' has ${Math.max(announced, rows)} values in one row group, more than ${mostValues}`,
    );
  }
  const reader = { view: new DataView(chunk), offset: 0 };
  let values = 0;
  let unpacked = 0;
  while (values < announced) {
    if (reader.offset >= chunk.byteLength) throw new Error(`column '${name}' has not as many values as announced`);
    const header = readHeader(reader);
    const { compressed_page_size: packed, uncompressed_page_size: bytes } = header;
    if (!(packed >= 0 && bytes >= 0 && reader.offset + packed <= chunk.byteLength)) {
      throw new Error(`a page of column '${name}' lies beyond its end`);
    }
    unpacked += bytes;
    if (unpacked > mostBytes) throw new Error(`column '${name}' unpacks to more than ${mostBytes} bytes`);
    const page = new Uint8Array(chunk, reader.offset, packed);
    if (header.crc !== undefined && crc32(page) !== header.crc >>> 0) {
      throw new Error(`the checksum of a page of column '${name}' is wrong`);
    }
    const dictionary = header.dictionary_page_header?.num_values ?? 0;
    if (!(dictionary >= 0 && dictionary <= mostValues))
      throw new Error(`the dictionary of column '${name}' is too large`);
    values += checkValues(page, header, meta, announced - values, context);
    reader.offset += packed;
  }
}

/** @returns how many values a page has */
function checkValues(
  packed: Uint8Array,
  header: PageHeader,
  { type, codec, path_in_schema: path }: ColumnMetaData,
  most: number,
  { repetition, definition, compressors }: ColumnContext,
): number {
  const { data_page_header: first, data_page_header_v2: second } = header;
  const values = first?.num_values ?? second?.num_values ?? 0;
  const nulls = second?.num_nulls ?? 0;
  if (!(values >= 0 && values <= most)) throw new Error(`column '${path.join('.')}' has more values than announced`);
  if (!(nulls >= 0 && nulls <= values)) throw new Error(`column '${path.join('.')}' has more gaps than values`);
  const layout = { values, repetition, definition, boolean: type === 'BOOLEAN' };
  if (first !== undefined) {
    const plain = { ...layout, encoding: first.encoding };
    const bytes = header.uncompressed_page_size;
    if (hasRuns(plain)) checkRuns(codec === 'UNCOMPRESSED' ? packed : unpack(packed, bytes, codec, compressors), plain);
  }
  if (second !== undefined) {
    const { repetition_levels_byte_length: repeated, definition_levels_byte_length: defined } = second;
    const levels = repeated + defined;
    if (!(repeated >= 0 && defined >= 0 && levels <= packed.length)) throw new Error('a page is damaged');
    // The levels are never packed, what follows may be.
    checkRuns(packed, { ...layout, encoding: undefined, levelBytes: { repetition: repeated, definition: defined } });
    const rest = { ...layout, encoding: second.encoding, repetition: 0, definition: 0 };
    if (!hasRuns(rest)) return values;
    const body = packed.subarray(levels);
    const isPacked = second.is_compressed !== false && codec !== 'UNCOMPRESSED';
    checkRuns(isPacked ? unpack(body, header.uncompressed_page_size - levels, codec, compressors) : body, rest);
  }
  return values;
}

function unpack(bytes: Uint8Array, length: number, codec: CompressionCodec, compressors: Compressors): Uint8Array {
  const decompress = compressors[codec];
  if (decompress === undefined) throw new Error(`it is packed with ${codec}, which is not known here`);
  return decompress(bytes, length);
}

/** Newer versions of Node have it. */
const zstdDecompressSync = (zlib as { zstdDecompressSync?: typeof gunzipSync }).zstdDecompressSync;

/**
 * Decompressors that write no more than a page is said to have, and fail when it has less. What Node has itself is faster
 * than what `packages` has in JavaScript.
 */
export function boundedCompressors(packages: Compressors): Compressors {
  const native = (decompress: typeof gunzipSync) => (input: Uint8Array, length: number) =>
    decompress(input, { maxOutputLength: Math.max(1, length) });
  const all: Compressors = {
    ...packages,
    GZIP: native(gunzipSync),
    BROTLI: native(brotliDecompressSync),
    ...(zstdDecompressSync !== undefined && { ZSTD: native(zstdDecompressSync) }),
  };
  return Object.fromEntries(
    Object.entries(all).map(([codec, decompress]) => [
      codec,
      (input: Uint8Array, length: number): Uint8Array => {
        const output = decompress(input, length);
        if (output.length === length) return output;
        throw new Error(`a page has ${output.length} bytes instead of ${length}`);
      },
    ]),
  );
}
