// Files that appear whole or not at all: written under another name beside their place, flushed to the disk, then
// renamed into it. Errors pass through as they are; who calls knows what the file was for.

import fs, { type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { crypto } from './late-modules.js';

const temporaryEnding = '.tmp';

/** A name in the same folder that no other process or thread uses; `removeLeftovers` knows it by its ending. */
export function temporarySibling(target: string): string {
  return `${target}.${process.pid}.${crypto().randomBytes(4).toString('hex')}${temporaryEnding}`;
}

/**
 * Deletes what interrupted writers left in a folder, of files whose names begin with `prefix`. Only for one who holds the lock
 * under which all of them are written.
 */
export async function removeLeftovers(folder: string, prefix = ''): Promise<void> {
  for (const name of await fs.readdir(folder)) {
    if (name.startsWith(prefix) && name.endsWith(temporaryEnding))
      await fs.rm(path.join(folder, name), { recursive: true, force: true });
  }
}

/** Writes all of `bytes`; a single `write` may stop short. Without `position` the handle's own advances. */
export async function writeFully(handle: FileHandle, bytes: Uint8Array, position: number | null = null): Promise<void> {
  let written = 0;
  while (written < bytes.byteLength) {
    const at = position === null ? null : position + written;
    written += (await handle.write(bytes, written, bytes.byteLength - written, at)).bytesWritten;
  }
}

/** Renames a finished file or folder into its place and makes the new name last. */
export async function moveIntoPlace(temporary: string, target: string): Promise<void> {
  await fs.rename(temporary, target);
  // A folder can't be flushed on every system; there the rename is as durable as it gets.
  const folder = await fs.open(path.dirname(target), 'r').catch(() => undefined);
  if (folder === undefined) return;
  try {
    await folder.sync().catch(() => undefined);
  } finally {
    await folder.close();
  }
}

/** A file being written that takes its name only with `commit`. After an error, `discard` removes what there is. */
export class AtomicFile {
  private constructor(
    readonly target: string,
    readonly temporary: string,
    private readonly handle: FileHandle,
  ) {}

  static async create(target: string): Promise<AtomicFile> {
    await fs.mkdir(path.dirname(target), { recursive: true });
    const temporary = temporarySibling(target);
    return new AtomicFile(target, temporary, await fs.open(temporary, 'wx'));
  }

  /** Appends, or writes at a given place of, the file. */
  async write(bytes: Uint8Array, position: number | null = null): Promise<void> {
    await writeFully(this.handle, bytes, position);
  }

  async commit(): Promise<void> {
    await this.handle.sync();
    await this.handle.close();
    await moveIntoPlace(this.temporary, this.target);
  }

  async discard(): Promise<void> {
    await this.handle.close().catch(() => undefined);
    await fs.rm(this.temporary, { force: true });
  }
}

/** Writes a whole file so that a reader meets either what was there before or all of the new content. */
export async function writeFileAtomic(target: string, chunks: Iterable<Uint8Array>): Promise<void> {
  const file = await AtomicFile.create(target);
  try {
    for (const chunk of chunks) await file.write(chunk);
    await file.commit();
  } catch (error) {
    await file.discard();
    throw error;
  }
}
