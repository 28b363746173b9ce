// Text files as UTF-8 bytes, checked: a file in another encoding is an error, not a text full of question marks.

import { isUtf8 } from 'node:buffer';
import fs from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { DatasetError, ValueError } from '../errors.js';
import { mostUnpacked } from './byte-stream.js';
import { errorCode, explainDiskError } from './disk-error.js';

/** How a text file's bytes stand for characters. */
export type TextEncoding = 'utf8' | 'latin1' | 'utf16le';

const encodings: readonly TextEncoding[] = ['utf8', 'latin1', 'utf16le'];
const mostBytes = 2 ** 32 - 1;
const unpack = promisify(gunzip);

/** @throws ValueError for an encoding that is not known */
export function checkEncoding(encoding: TextEncoding, where: string): void {
  if (encodings.includes(encoding)) return;
  throw new ValueError(`${where}: encoding must be ${encodings.join(', ')}, got '${String(encoding)}'`);
}

/**
 * A text file's content as UTF-8 without a byte order mark; one whose name ends in `.gz` is unpacked.
 * @throws DatasetError when it can't be read, or isn't in the encoding it is said to be in
 * @internal
 */
export async function readTextFile(path: string, encoding: TextEncoding): Promise<Buffer> {
  let content: Buffer;
  let most = mostBytes;
  try {
    content = await fs.readFile(path);
    if (path.endsWith('.gz')) {
      most = Math.min(most, mostUnpacked(content.length));
      content = await unpack(content, { maxOutputLength: most });
    }
  } catch (error) {
    const code = errorCode(error);
    const tooLarge = code === 'ERR_BUFFER_TOO_LARGE' ? `it unpacks to more than ${most} bytes` : undefined;
    const damaged = code?.startsWith('Z_') ? 'it is damaged, or not packed with gzip' : tooLarge;
    throw new DatasetError(`${path} can't be read: ${damaged ?? explainDiskError(error)}`, { cause: error });
  }
  return asUtf8(content, path, encoding);
}

/** Bytes of a text as UTF-8 without a byte order mark. @throws DatasetError when they aren't in that encoding @internal */
export function asUtf8(content: Buffer, path: string, encoding: TextEncoding): Buffer {
  if (encoding !== 'utf8') return withoutMark(Buffer.from(content.toString(encoding)));
  if (isUtf8(content)) return withoutMark(content);
  throw new DatasetError(`${path} is no UTF-8 text: ${describeBad(content)}`);
}

function withoutMark(text: Buffer): Buffer {
  return text[0] === 0xef && text[1] === 0xbb && text[2] === 0xbf ? text.subarray(3) : text;
}

function describeBad(content: Buffer): string {
  if (content[0] === 0xff && content[1] === 0xfe) return "it begins as UTF-16 does: pass encoding: 'utf16le'";
  let line = 1;
  for (let start = 0; ; line++) {
    const end = content.indexOf(0x0a, start);
    if (!isUtf8(content.subarray(start, end < 0 ? undefined : end)) || end < 0) break;
    start = end + 1;
  }
  return `line ${line} has bytes that are none. Convert the file, or pass its encoding ('latin1' takes any bytes)`;
}
