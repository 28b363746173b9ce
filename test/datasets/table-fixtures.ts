// Tables as the Hugging Face Hub's tools lay them out, in Parquet files made here.

import fs from 'node:fs/promises';
import path from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { SchemaElement } from 'hyparquet';
import { encodePng } from '../../src/io/png.js';

/** A grey picture of 2x2 pixels, all of one value. */
export function picture(value: number): Uint8Array {
  return encodePng({ data: new Uint8Array(4).fill(value), width: 2, height: 2, channels: 1 });
}

/** A column's schema and its values. */
export interface ParquetColumnRecipe {
  readonly schema: readonly SchemaElement[];
  readonly data: unknown[];
}

const optional = { repetition_type: 'OPTIONAL' } as const;

/** A column of plain values. */
export function plain(name: string, element: Omit<SchemaElement, 'name'>, data: unknown[]): ParquetColumnRecipe {
  return { schema: [{ name, ...optional, ...element }], data };
}

/** A column of `{ bytes, path }`, as pictures and sounds are stored. */
export function media(
  name: string,
  data: ({ bytes: Uint8Array | null; path: string | null } | null)[],
): ParquetColumnRecipe {
  const schema: SchemaElement[] = [
    { name, ...optional, num_children: 2 },
    { name: 'bytes', ...optional, type: 'BYTE_ARRAY' },
    { name: 'path', ...optional, type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  ];
  return { schema, data };
}

/** A column of lists. */
export function lists(name: string, element: Omit<SchemaElement, 'name'>, data: unknown[]): ParquetColumnRecipe {
  const schema: SchemaElement[] = [
    { name, ...optional, num_children: 1, converted_type: 'LIST' },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', ...optional, ...element },
  ];
  return { schema, data };
}

/** Writes a file; `features` become the Hub's note about the columns. */
export async function writeParquet(
  file: string,
  columns: readonly ParquetColumnRecipe[],
  { rowGroupSize = 4, features }: { rowGroupSize?: number; features?: object } = {},
): Promise<void> {
  const buffer = parquetWriteBuffer({
    schema: [{ name: 'root', num_children: columns.length }, ...columns.flatMap(({ schema }) => schema)],
    columnData: columns.map(({ schema, data }) => ({ name: schema[0]!.name, data })),
    rowGroupSize,
    ...(features && { kvMetadata: [{ key: 'huggingface', value: JSON.stringify({ info: { features } }) }] }),
  });
  await fs.mkdir(path.dirname(file), { recursive: true });
  await fs.writeFile(file, Buffer.from(buffer));
}

/** Files of text by their names. */
export async function putFiles(root: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await fs.mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await fs.writeFile(path.join(root, name), content);
  }
}
