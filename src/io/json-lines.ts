// JSON Lines: a JSON object on each line (https://jsonlines.org), read as a stream.

import { isUtf8 } from 'node:buffer';
import { DatasetError } from '../errors.js';
import { byteStream } from './byte-stream.js';
import { crypto } from './late-modules.js';

/** One line, which it is, from 1, and how to make an object of it. */
export interface JsonLine {
  readonly line: number;
  /** @throws DatasetError naming the line, when it is no JSON object */
  parse(): Record<string, unknown>;
}

/** How long lines may be. */
export interface LineLimits {
  /** Most bytes of one line; default 2^28. */
  readonly lineBytes?: number;
}

const lineFeed = 0x0a;

/**
 * The lines of a JSON Lines file in turn; empty ones are passed over. A line that nobody parses costs little: of several
 * workers each wants others. Whole numbers beyond 2^53, which JavaScript's own parser rounds, become bigints.
 * @throws DatasetError naming the line that is too long
 */
export async function* readJsonLines(path: string, limits: LineLimits = {}): AsyncGenerator<JsonLine, void, undefined> {
  for await (const { line, bytes } of lines(path, limits.lineBytes ?? 2 ** 28)) {
    const start = line === 1 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
    if (isBlank(bytes, start)) continue;
    const parse = (): Record<string, unknown> => {
      if (!isUtf8(bytes)) throw new DatasetError(`${path}, line ${line}: it is no UTF-8 text`);
      return parseObject(bytes.toString('utf8', start), path, line);
    };
    yield { line, parse };
  }
}

/** Nothing but spaces, tabs and carriage returns. */
function isBlank(bytes: Buffer, start: number): boolean {
  for (let i = start; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false;
  }
  return true;
}

function parseObject(text: string, path: string, line: number): Record<string, unknown> {
  let value: unknown;
  try {
    value = parseJson(text);
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

/** In front of the digits of a bigint while they are a string; no file can know it. */
let bigintMark: string | undefined;

function parseJson(text: string): unknown {
  const value = JSON.parse(text) as unknown;
  const mark = (bigintMark ??= `bigint ${crypto().randomUUID()}:`);
  const marked = /\d{16}/.test(text) ? markBigints(text, mark) : undefined;
  if (marked === undefined) return value;
  return JSON.parse(marked, (_, value: unknown) =>
    typeof value === 'string' && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value,
  );
}

/** The same JSON with large whole numbers as marked strings; undefined when there are none. */
function markBigints(text: string, mark: string): string | undefined {
  const quoteOrNumber = /"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
  let marked = '';
  let copied = 0;
  for (let found = quoteOrNumber.exec(text); found !== null; found = quoteOrNumber.exec(text)) {
    const { 0: token, index } = found;
    if (token === '"') quoteOrNumber.lastIndex = endOfString(text, index + 1);
    else if (/^-?\d{16,20}$/.test(token) && !Number.isSafeInteger(Number(token))) {
      marked += `${text.slice(copied, index)}"${mark}${token}"`;
      copied = index + token.length;
    }
  }
  return copied === 0 ? undefined : marked + text.slice(copied);
}

/** The place behind the quote that ends a string which begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return text.length;
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
