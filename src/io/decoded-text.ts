// A text file of any encoding as a stream of texts.

import { isUtf8 } from 'node:buffer';
import { DatasetError, ValueError } from '../errors.js';
import { byteStream } from './byte-stream.js';

const lineFeed = 0x0a;

/** @throws ValueError when nothing is known of such an encoding */
export function checkEncoding(encoding: string): void {
  try {
    new TextDecoder(encoding);
  } catch {
    throw new ValueError(`the encoding '${encoding}' is not known; 'utf-8', 'utf-16le' and 'latin1' are, for example`);
  }
}

/**
 * The text of a file in pieces, without a byte order mark.
 * @param encoding a label of https://encoding.spec.whatwg.org/#names-and-labels
 * @throws DatasetError naming the line that is not in this encoding
 */
export async function* decodedText(path: string, encoding: string): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let line = 1;
  // What stands behind the last line feed: a character may be cut in two where pieces meet.
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of byteStream(path)) {
    let text: string;
    try {
      text = decoder.decode(chunk, { stream: true });
    } catch (error) {
      throw undecodable(path, encoding, line + badLine(Buffer.concat([rest, chunk]), decoder.encoding), error);
    }
    rest = chunk.subarray(chunk.lastIndexOf(lineFeed) + 1);
    line += linesIn(text);
    yield text;
  }
  let last: string;
  try {
    last = decoder.decode();
  } catch (error) {
    throw undecodable(path, encoding, line, error);
  }
  if (last !== '') yield last;
}

function linesIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** How many lines of some bytes are in order before one that is not. */
function badLine(bytes: Buffer, encoding: string): number {
  let count = 0;
  if (encoding !== 'utf-8') return count;
  for (let start = 0; ; count++) {
    const end = bytes.indexOf(lineFeed, start);
    if (end < 0 || !isUtf8(bytes.subarray(start, end))) return count;
    start = end + 1;
  }
}

function undecodable(path: string, encoding: string, line: number, cause: unknown): DatasetError {
  return new DatasetError(
    `${path}, line ${line}: the text is not encoded in ${encoding}: say in what, for example { encoding: 'latin1' }`,
    { cause },
  );
}
