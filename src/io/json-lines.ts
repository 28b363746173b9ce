// JSON Lines: a JSON object on each line (https://jsonlines.org), read as a stream.

import { isUtf8 } from 'node:buffer';
import { DatasetError } from '../errors.js';
import { byteStream } from './byte-stream.js';

/** One line's object, and which line it is, from 1. */
export interface JsonLine {
  readonly line: number;
  readonly value: Record<string, unknown>;
}

export interface LineLimits {
  /** Most bytes of one line; default 2^28. */
  readonly lineBytes?: number;
}

const lineFeed = 0x0a;

/**
 * The objects of a JSON Lines file in turn; empty lines are passed over.
 * @throws DatasetError naming the line that is no JSON object, or too long
 */
export async function* readJsonLines(path: string, limits: LineLimits = {}): AsyncGenerator<JsonLine, void, undefined> {
  for await (const { line, bytes } of lines(path, limits.lineBytes ?? 2 ** 28)) {
    const start = line === 1 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
    if (!isUtf8(bytes)) throw new DatasetError(`${path}, line ${line}: it is no UTF-8 text`);
    const text = bytes.toString('utf8', start);
    if (text.trim() !== '') yield { line, value: parseObject(text, path, line) };
  }
}

function parseObject(text: string, path: string, line: number): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const hint = line === 1 && /^\s*\[/.test(text) ? '; the file seems to be one JSON array, not JSON Lines' : '';
    throw new DatasetError(`${path}, line ${line}: it is no JSON (${(error as Error).message})${hint}`, {
      cause: error,
    });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new DatasetError(
      `${path}, line ${line}: expected an object, got ${Array.isArray(value) ? 'an array' : String(value)}`,
    );
  }
  if (Object.hasOwn(value, '__proto__')) throw new DatasetError(`${path}, line ${line}: a field is called '__proto__'`);
  return value as Record<string, unknown>;
}

async function* lines(path: string, most: number): AsyncGenerator<{ line: number; bytes: Buffer }, void, undefined> {
  let line = 1;
  let parts: Buffer[] = [];
  let length = 0;
  const take = (part: Buffer): void => {
    length += part.length;
    if (length > most) throw new DatasetError(`${path}, line ${line}: it is longer than ${most} bytes`);
    parts.push(part);
  };
  for await (const chunk of byteStream(path)) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      take(chunk.subarray(start, end));
      yield { line, bytes: parts.length === 1 ? parts[0]! : Buffer.concat(parts) };
      line++;
      parts = [];
      length = 0;
      start = end + 1;
    }
    take(chunk.subarray(start));
  }
  if (length > 0) yield { line, bytes: Buffer.concat(parts) };
}
