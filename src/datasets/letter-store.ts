// From a source of letters to an opened pack: found prepared, or prepared once under a lock that processes sharing the
// root wait for. A manifest written last says what the pack was made of; a pack without a fitting manifest counts as not
// there, so that whatever interrupts the work, the next run starts clean.

import fs from 'node:fs/promises';
import path from 'node:path';
import { DatasetError } from '../errors.js';
import { removeLeftovers } from '../io/atomic-file.js';
import { sha256File } from '../io/checksum.js';
import { errorCode, explainDiskError } from '../io/disk-error.js';
import { isAbandoned, withLock, type Lock } from '../io/lock.js';
import { fileStamp, hasFields, readManifest, sameStamp, writeManifest, type FileStamp } from '../io/manifest.js';
import { Progress, type ProgressMode } from '../io/progress.js';
import { openPack, type ImagePack, type PackSeal } from './image-pack.js';
import { packLetters, type SkippedFile } from './letter-archive.js';

/** One place letters come from, and the folder their pack belongs in. */
export interface LetterSource {
  readonly folder: string;
  /** The SHA-256 the archive must have, where one is published. */
  readonly sha256: string | undefined;
  /** The archive's path where it needn't be fetched. */
  readonly archive: string | undefined;
  /** What the letters are, in words that can be shown. */
  describe(archiveSha256: string): string;
  /** Makes sure that the archive is there and verified, and says where. */
  fetch(): Promise<string>;
}

export interface StoreOptions {
  readonly progress: ProgressMode;
  /** Whether images left out and other processes waited for are told of where no progress is shown; default false. */
  readonly notices?: boolean;
  readonly signal: AbortSignal | undefined;
}

/** Letters ready to be read. */
export interface StoredLetters {
  readonly pack: ImagePack;
  /** What they are, in words that can be shown. */
  readonly source: string;
  readonly folder: string;
  readonly skipped: readonly SkippedFile[];
}

/** Changes when packs or manifests are made differently, so that older ones are made anew. */
const format = 1;

interface Manifest extends PackSeal {
  readonly format: typeof format;
  readonly archiveSha256: string;
  /** When the archive was last looked at; left out for a published one, which is known by its checksum. */
  readonly archiveStamp?: FileStamp | undefined;
  readonly skipped: readonly SkippedFile[];
}

interface Opened {
  readonly pack: ImagePack;
  readonly skipped: readonly SkippedFile[];
  readonly archiveSha256: string;
}

/**
 * Opens the pack of a source, making it first if needed.
 * @throws DatasetError when the archive is missing, can't be fetched, trusted or read, or the disk is full
 */
export async function openLetters(source: LetterSource, options: StoreOptions): Promise<StoredLetters> {
  const { signal } = options;
  const { folder, archive } = source;
  const onWait = (holder: string): void => {
    tell(`waiting for ${holder}, which is preparing the same letters`, options);
  };
  signal?.throwIfAborted();
  try {
    if (archive !== undefined && (await fileStamp(archive)) === undefined) {
      throw new DatasetError(`there is no archive ${archive}: check the path`);
    }
    const lockPath = `${folder}.lock`;
    const prepared = await openPrepared(source);
    // A process killed after its last step leaves its lock and perhaps more to be cleared away.
    const opened =
      prepared !== undefined && !(await isAbandoned(lockPath))
        ? prepared
        : await withLock(lockPath, (lock) => prepare(source, options, lock), { signal, onWait });
    const { pack, skipped, archiveSha256 } = opened;
    return { pack, skipped, folder, source: source.describe(archiveSha256) };
  } catch (error) {
    signal?.throwIfAborted();
    if (errorCode(error) === undefined) throw error;
    throw new DatasetError(`can't prepare the letters in ${folder}: ${explainDiskError(error)}`, { cause: error });
  }
}

function packPath({ folder }: LetterSource): string {
  return path.join(folder, 'letters.pack');
}

function manifestPath({ folder }: LetterSource): string {
  return path.join(folder, 'manifest.json');
}

/** The pack of an earlier run; undefined when there is none, it is not whole, or its archive has changed. */
async function openPrepared(source: LetterSource): Promise<Opened | undefined> {
  const manifest = await readManifest(manifestPath(source), parseManifest);
  if (manifest === undefined || !(await isCurrent(source, manifest))) return undefined;
  const pack = await openPack(packPath(source), manifest);
  return pack && { pack, skipped: manifest.skipped, archiveSha256: manifest.archiveSha256 };
}

function parseManifest(value: unknown): Manifest | undefined {
  const fields = { format: 'number', size: 'number', indexSha256: 'string', archiveSha256: 'string' } as const;
  if (!hasFields(value, { ...fields, skipped: 'object' })) return undefined;
  return value.format === format && Array.isArray(value.skipped) ? (value as unknown as Manifest) : undefined;
}

async function isCurrent({ sha256, archive }: LetterSource, manifest: Manifest): Promise<boolean> {
  if (archive === undefined) return manifest.archiveSha256 === sha256;
  // An archive that was only copied or touched still has the content that was packed.
  return (
    sameStamp(await fileStamp(archive), manifest.archiveStamp) || (await sha256File(archive)) === manifest.archiveSha256
  );
}

async function prepare(source: LetterSource, options: StoreOptions, lock: Lock): Promise<Opened> {
  await fs.mkdir(source.folder, { recursive: true });
  await removeLeftovers(source.folder);
  const prepared = await openPrepared(source);
  if (prepared !== undefined) return prepared;
  const archive = await source.fetch();
  // What was made of another archive goes, the manifest first: it must not vouch for a new pack.
  await fs.rm(manifestPath(source), { force: true });
  await fs.rm(packPath(source), { force: true });
  await pack(source, archive, options, lock);
  const opened = await openPrepared(source);
  if (opened !== undefined) return opened;
  throw new DatasetError(`what was written to ${source.folder} can't be read back: is another program changing it?`);
}

async function pack(source: LetterSource, archive: string, options: StoreOptions, lock: Lock): Promise<void> {
  const { signal, progress: mode } = options;
  const stamp = await fileStamp(archive);
  const archiveSha256 = source.sha256 ?? (await sha256File(archive, { signal }));
  const line = new Progress({ label: `preparing ${path.basename(archive)}`, unit: 'bytes', mode });
  const progress = (read: number, total: number): void => line.update(read, undefined, total);
  try {
    const { skipped, size, indexSha256, train, test } = await packLetters(archive, packPath(source), {
      signal,
      progress,
    });
    await lock.assertHeld();
    if (!sameStamp(stamp, await fileStamp(archive))) {
      throw new DatasetError(`${archive} was changed while it was read: run it again when it is complete`);
    }
    const manifest: Manifest = {
      ...{ format, archiveSha256, size, indexSha256, skipped },
      ...(source.archive !== undefined && { archiveStamp: stamp }),
    };
    await writeManifest(manifestPath(source), { archive, train, test, ...manifest });
    if (skipped.length > 0) tell(describeSkipped(skipped, train + test), options, line);
  } finally {
    line.finish();
  }
}

/** Writes a line of its own, above the bar where there is one. */
function tell(text: string, { progress, notices = false }: StoreOptions, line?: Progress): void {
  if (progress === 'none' && !notices) return;
  const shown = progress === 'none' ? undefined : line;
  (shown ?? new Progress({ label: 'letters', mode: 'lines' })).note(text);
}

function describeSkipped(skipped: readonly SkippedFile[], kept: number): string {
  const shown = skipped.slice(0, 5).map(({ file, reason }) => `${file} (${reason})`);
  const more = skipped.length > shown.length ? ` and ${skipped.length - shown.length} more` : '';
  return `skipped ${skipped.length} of ${kept + skipped.length} images that can't be read: ${shown.join(', ')}${more}`;
}
