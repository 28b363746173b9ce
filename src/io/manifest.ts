// A small JSON file beside data that says what was verified, so that the next run need not verify it again. Written
// whole or not at all, and read as if it could say anything.

import fs from 'node:fs/promises';
import { writeFileAtomic } from './atomic-file.js';
import { isMissing } from './disk-error.js';

/**
 * Reads a manifest. Undefined when there is none, when it is no JSON, or when `check` finds something missing in it.
 * @param check turns the parsed JSON into a manifest, or into undefined when it is none
 */
export async function readManifest<T>(path: string, check: (value: unknown) => T | undefined): Promise<T | undefined> {
  let text: string;
  try {
    text = await fs.readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  try {
    return check(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export async function writeManifest(path: string, manifest: object): Promise<void> {
  await writeFileAtomic(path, [Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)]);
}

/** Whether a parsed JSON value is an object whose named fields have the given `typeof`. */
export function hasFields<K extends string>(
  value: unknown,
  fields: Readonly<Record<K, 'string' | 'number' | 'boolean' | 'object'>>,
): value is Record<K, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(fields).every(([name, type]) => typeof (value as Record<string, unknown>)[name] === type);
}

/** What identifies a state of a file without reading it: its size in bytes and when it was last written. */
export interface FileStamp {
  readonly size: number;
  readonly mtimeMs: number;
}

/** The stamp of a file; undefined when there is no such file. */
export async function fileStamp(path: string): Promise<FileStamp | undefined> {
  try {
    const { size, mtimeMs } = await fs.stat(path);
    return { size, mtimeMs };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

export function sameStamp(a: FileStamp | undefined, b: FileStamp | undefined): boolean {
  return a !== undefined && b !== undefined && a.size === b.size && a.mtimeMs === b.mtimeMs;
}
