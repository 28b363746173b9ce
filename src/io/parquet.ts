// Parquet files, a row group at a time. The decoder is `hyparquet`; what it may believe is checked before
// (`parquet-guard.ts`). It is loaded with the first file.

import type * as Hyparquet from 'hyparquet';
import type { AsyncBuffer, Compressors, FileMetaData, SchemaElement, SchemaTree } from 'hyparquet';
import type * as Levels from 'hyparquet/src/schema.js';
import fs, { type FileHandle } from 'node:fs/promises';
import { DatasetError } from '../errors.js';
import { errorCode, explainDiskError } from './disk-error.js';
import { boundedCompressors, checkPages, chunkRanges, type ParquetLimits, type ReadHeader } from './parquet-guard.js';

export type { ParquetLimits } from './parquet-guard.js';

/** The element type of a list of numbers. */
export type ListElement = 'float32' | 'float64' | 'int32' | 'int64';

export interface ParquetColumn {
  readonly name: string;
  /** Of a list of numbers, the type of these. */
  readonly listOf: ListElement | undefined;
  /** The names of the fields, where it is a structure. */
  readonly fields: readonly string[] | undefined;
  /** Of decimal numbers, how many digits stand behind the point. */
  readonly decimals: number | undefined;
}

/** A row: its values by the names of the columns. */
export type ParquetRow = Record<string, unknown>;

/** Kinds of whole numbers that 32 bits with a sign hold. */
const small = new Set<SchemaElement['converted_type']>(['INT_8', 'INT_16', 'INT_32', 'UINT_8', 'UINT_16']);

interface Decoder {
  readonly hyparquet: typeof Hyparquet;
  readonly levels: typeof Levels;
  readonly readHeader: ReadHeader;
  readonly compressors: Compressors;
}

let decoder: Promise<Decoder> | undefined;

async function loadDecoder(): Promise<Decoder> {
  const [hyparquet, levels, { parquetHeader }, { decompressZstd, compressors }] = await Promise.all([
    import('hyparquet'),
    import('hyparquet/src/schema.js'),
    import('hyparquet/src/column.js'),
    import('hyparquet-compressors'),
  ]);
  const bounded = boundedCompressors({
    ...compressors,
    ZSTD: (input: Uint8Array, length: number) => decompressZstd(input, new Uint8Array(length)),
  });
  return { hyparquet, levels, readHeader: parquetHeader, compressors: bounded };
}

/** An opened file. `close` it when done. */
export class ParquetFile {
  private constructor(
    readonly path: string,
    readonly columns: readonly ParquetColumn[],
    private readonly handle: FileHandle,
    private readonly bytes: number,
    private readonly metadata: FileMetaData,
    private readonly schema: SchemaTree,
    private readonly decoder: Decoder,
    private readonly limits: ParquetLimits,
  ) {}

  /** Reads a file's description. @throws DatasetError when it can't be read, or is no Parquet file */
  static async open(path: string, limits: ParquetLimits = {}): Promise<ParquetFile> {
    let handle: FileHandle | undefined;
    try {
      handle = await fs.open(path, 'r');
      const { size } = await handle.stat();
      decoder ??= loadDecoder();
      const ready = await decoder;
      const metadata = await ready.hyparquet.parquetMetadataAsync(asyncBuffer(handle, size), { geoparquet: false });
      const schema = ready.hyparquet.parquetSchema(metadata);
      checkMetadata(metadata, schema);
      checkRows(metadata, size, limits);
      return new ParquetFile(path, schema.children.map(describeColumn), handle, size, metadata, schema, ready, limits);
    } catch (error) {
      await handle?.close();
      throw unreadable(path, error);
    }
  }

  /** How many rows each row group has. */
  get groupRows(): readonly number[] {
    return this.metadata.row_groups.map(({ num_rows }) => Number(num_rows));
  }

  /** What the writer noted beside the data, by keys such as `huggingface`. */
  get notes(): ReadonlyMap<string, string> {
    return new Map(this.metadata.key_value_metadata?.map(({ key, value }) => [key, value ?? '']));
  }

  /**
   * The rows of one row group.
   * @throws DatasetError when they are damaged, too many, or packed in a way that is not known
   */
  async readGroup(index: number, columns: readonly string[]): Promise<ParquetRow[]> {
    const { hyparquet, readHeader, compressors, levels } = this.decoder;
    const { getTreePath, getMaxRepetitionLevel, getMaxDefinitionLevel } = levels;
    const group = this.metadata.row_groups[index]!;
    const file = asyncBuffer(this.handle, this.bytes);
    try {
      for (const [meta, { start, end }] of chunkRanges(group, columns, this.bytes)) {
        const path = getTreePath(this.schema, meta.path_in_schema);
        checkPages(await file.slice(start, end), meta, {
          ...{ repetition: getMaxRepetitionLevel(path), definition: getMaxDefinitionLevel(path) },
          ...{ rows: Number(group.num_rows), limits: this.limits, compressors, readHeader },
        });
      }
      const metadata = { ...this.metadata, row_groups: [group], num_rows: group.num_rows };
      const values = new Map(columns.map((name) => [name, 0]));
      const rows = await hyparquet.parquetReadObjects({
        ...{ file, metadata, compressors, utf8: false, geoparquet: false },
        columns: [...columns],
        onChunk: ({ columnName, columnData }) => values.set(columnName, values.get(columnName)! + columnData.length),
      });
      checkCounts(rows, values, Number(group.num_rows));
      // Lists that are missing come as undefined.
      for (const row of rows) for (const name of columns) row[name] ??= null;
      for (const { name, decimals } of this.columns) {
        if (decimals !== undefined && columns.includes(name)) roundDecimals(rows, name, decimals);
      }
      return rows;
    } catch (error) {
      throw unreadable(this.path, error);
    }
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

function asyncBuffer(handle: FileHandle, byteLength: number): AsyncBuffer {
  return {
    byteLength,
    async slice(start, end = byteLength) {
      if (!(start >= 0 && end >= start && end <= byteLength)) throw new Error('it is cut short');
      const bytes = new Uint8Array(end - start);
      for (let filled = 0; filled < bytes.length;) {
        // One call reads at most 2 GiB.
        const { bytesRead } = await handle.read(
          bytes,
          filled,
          Math.min(bytes.length - filled, 2 ** 30),
          start + filled,
        );
        if (bytesRead === 0) throw new Error('it is cut short');
        filled += bytesRead;
      }
      return bytes.buffer;
    },
  };
}

/** Every row group must have each column of the schema once: what the decoder can't place it would not wait for. */
function checkMetadata({ schema, row_groups: groups }: FileMetaData, tree: SchemaTree): void {
  if (schema.some(({ name }) => name === '__proto__')) throw new Error("a column is called '__proto__'");
  const leaves = JSON.stringify(leafPaths(tree).sort());
  for (const { num_rows: rows, columns } of groups) {
    if (!(Number(rows) >= 0 && Number.isSafeInteger(Number(rows)))) throw new Error('its row counts make no sense');
    const paths = columns.map(({ meta_data: meta }) => JSON.stringify(meta?.path_in_schema));
    if (JSON.stringify(paths.sort()) !== leaves) throw new Error('a row group has not the columns of its schema');
  }
}

/** A page of a few bytes can stand for millions of rows that are all the same, and a file have thousands of them. */
function checkRows({ row_groups: groups }: FileMetaData, bytes: number, limits: ParquetLimits): void {
  const most = limits.rows ?? Math.max(2 ** 24, 8 * bytes);
  const rows = groups.reduce((sum, { num_rows }) => sum + Number(num_rows), 0);
  if (rows > most) throw new Error(`it has ${rows} rows, more than ${most} (limits.rows)`);
}

/** The decoder multiplies by a power of ten, which leaves 0.30000000000000004 where 0.3 was written. */
function roundDecimals(rows: readonly ParquetRow[], name: string, digits: number): void {
  for (const row of rows) {
    const value = row[name];
    if (typeof value === 'number' && Math.abs(value) < 1e21) row[name] = Number(value.toFixed(Math.min(digits, 100)));
  }
}

function leafPaths({ children, path }: SchemaTree): string[] {
  return children.length === 0 ? [JSON.stringify(path)] : children.flatMap(leafPaths);
}

function describeColumn(node: SchemaTree): ParquetColumn {
  const { name, converted_type: converted } = node.element;
  const isDecimal = converted === 'DECIMAL' && node.children.length === 0;
  const structure = node.children.length > 0 && converted === undefined && !isList(node);
  return {
    name,
    listOf: listOf(node),
    fields: structure ? node.children.map(({ element }) => element.name) : undefined,
    decimals: isDecimal ? (node.element.scale ?? 0) : undefined,
  };
}

function checkCounts(rows: readonly ParquetRow[], values: ReadonlyMap<string, number>, expected: number): void {
  if (rows.length !== expected) throw new Error(`a row group has ${rows.length} rows instead of ${expected}`);
  for (const [name, count] of values) {
    if (count !== expected) throw new Error(`column '${name}' has ${count} values for ${expected} rows`);
  }
}

function isList({ element }: SchemaTree): boolean {
  return element.converted_type === 'LIST' || element.logical_type?.type === 'LIST';
}

/** A list is a group with one repeated group in it, and in that its elements. */
function listOf(node: SchemaTree): ListElement | undefined {
  const repeated = isList(node) ? node.children[0] : undefined;
  const item = repeated?.children.length === 1 ? repeated.children[0]! : repeated;
  if (item === undefined || item.children.length > 0) return undefined;
  const { type, converted_type: converted, logical_type: logical } = item.element;
  if (logical !== undefined && logical.type !== 'INTEGER') return undefined;
  if (type === 'FLOAT' || type === 'DOUBLE') return type === 'FLOAT' ? 'float32' : 'float64';
  if (type === 'INT32') return converted === undefined || small.has(converted) ? 'int32' : undefined;
  return type === 'INT64' && (converted === undefined || converted === 'INT_64') ? 'int64' : undefined;
}

function unreadable(path: string, error: unknown): unknown {
  if (error instanceof DatasetError || !(error instanceof Error)) return error;
  // Where the decoder stumbles over something it did not expect, what it says is of no use to anyone.
  const stumbled = error instanceof TypeError || error instanceof RangeError;
  const known = errorCode(error)?.startsWith('E') && !stumbled ? explainDiskError(error) : error.message;
  const reason = stumbled ? 'it is damaged' : known;
  return new DatasetError(`${path} can't be read as a Parquet file: ${reason}`, { cause: error });
}
