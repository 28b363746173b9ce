// What has arrived of a download so far (`NAME.part`), and where it came from (`NAME.part.json`), so that another attempt
// or another run can go on instead of starting over. Never trusted: the whole is verified before it gets its name.

import fs, { type FileHandle } from 'node:fs/promises';
import { fileStamp, hasFields, readManifest, writeManifest } from './manifest.js';

/** Where the first byte came from. `validator` is the server's ETag or date, by which it knows whether it has changed. */
export interface Origin {
  readonly url: string;
  readonly validator?: string;
}

export class PartialFile {
  readonly path: string;
  private readonly infoPath: string;

  /** @param target the file's path when it will be complete */
  constructor(target: string) {
    this.path = `${target}.part`;
    this.infoPath = `${target}.part.json`;
  }

  /** How many bytes are there; 0 when nothing is. */
  async size(): Promise<number> {
    return (await fileStamp(this.path))?.size ?? 0;
  }

  origin(): Promise<Origin | undefined> {
    return readManifest(this.infoPath, (value) => {
      if (!hasFields(value, { url: 'string' })) return undefined;
      const { url, validator } = value as { url: string; validator?: unknown };
      return typeof validator === 'string' ? { url, validator } : { url };
    });
  }

  /** Opens the file empty, for content of the given origin. */
  async start(origin: Origin): Promise<FileHandle> {
    const handle = await fs.open(this.path, 'w');
    try {
      await writeManifest(this.infoPath, origin);
    } catch (error) {
      await handle.close();
      throw error;
    }
    return handle;
  }

  /** Opens the file as it is, to be written on at its end. */
  resume(): Promise<FileHandle> {
    return fs.open(this.path, 'r+');
  }

  /** Makes sure that the content is on the disk, not only on its way there. */
  async flush(): Promise<void> {
    const handle = await fs.open(this.path, 'r+');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  async forgetOrigin(): Promise<void> {
    await fs.rm(this.infoPath, { force: true });
  }

  async discard(): Promise<void> {
    await fs.rm(this.path, { force: true });
    await this.forgetOrigin();
  }
}
