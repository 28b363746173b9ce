// SHA-256 of bytes and of files, as lower-case hex.

import { createReadStream } from 'node:fs';
import { crypto } from './late-modules.js';

export function sha256(bytes: Uint8Array | string): string {
  return crypto().createHash('sha256').update(bytes).digest('hex');
}

/** Reads a file once through; about half a second for 250 MB. */
export async function sha256File(path: string, options: { signal?: AbortSignal | undefined } = {}): Promise<string> {
  const hash = crypto().createHash('sha256');
  const signal = options.signal;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, ...(signal && { signal }) })) {
    hash.update(chunk as Buffer);
  }
  return hash.digest('hex');
}

/** Whether a text has the form of a SHA-256: 64 hex digits. */
export function isSha256(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}
