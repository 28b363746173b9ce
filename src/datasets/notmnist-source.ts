// Where notMNIST's letters come from, and how they get from there into a pack under `root`: found, or fetched and
// verified, then packed once under a lock. A manifest written last says what the pack was made of; a pack without a
// fitting manifest counts as not there.

import fs from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { DatasetError, ValueError } from '../errors.js';
import { removeLeftovers } from '../io/atomic-file.js';
import { sha256, sha256File } from '../io/checksum.js';
import { errorCode, explainDiskError } from '../io/disk-error.js';
import { download, findDownloaded, type DownloadOptions } from '../io/download.js';
import { withLock, type Lock } from '../io/lock.js';
import { fileStamp, hasFields, readManifest, sameStamp, writeManifest, type FileStamp } from '../io/manifest.js';
import { formatBytes, Progress, type ProgressMode } from '../io/progress.js';
import { TransferLine } from '../io/transfer-line.js';
import { openPack, type ImagePack, type PackSeal } from './image-pack.js';
import { packLetters, type SkippedFile } from './letter-archive.js';
import type { NotMNISTOptions } from './notmnist.js';

export type NotMNISTVariant = 'small' | 'large' | 'letters';

/** The published archives. */
const originals = {
  small: {
    file: 'notMNIST_small.tar.gz',
    size: 8_458_043,
    sha256: '76b2ef7ccc56452964780569db37b279c9cbe1bf442c3b38be784752683b3cec',
  },
  large: {
    file: 'notMNIST_large.tar.gz',
    size: 247_336_696,
    sha256: '1e8261b75484b520dc76027f5c22af50fe608e3bb16277caec086eb928f9b61c',
  },
} as const;
const originalFolder = 'http://yaroslavvb.com/upload/notMNIST/';
const ownLetters = fileURLToPath(new URL('../../assets/letters.tar.gz', import.meta.url));

/** Changes when packs or manifests are made differently, so that older ones are made anew. */
const format = 1;

interface PreparedManifest extends PackSeal {
  readonly format: typeof format;
  readonly archiveSha256: string;
  /** When the archive was last looked at; undefined for a published one, which is known by its checksum. */
  readonly archiveStamp?: FileStamp;
  readonly skipped: readonly SkippedFile[];
}

export interface PreparedLetters {
  readonly pack: ImagePack;
  readonly source: string;
  readonly folder: string;
  readonly skipped: readonly SkippedFile[];
}

/** Opens the pack that belongs to the options, making it first if needed. */
export async function prepareLetters(options: NotMNISTOptions<unknown, unknown>): Promise<PreparedLetters> {
  const { root, variant = 'small', archive, signal } = options;
  if (typeof root !== 'string' || root === '') throw new ValueError("NotMNIST: root must be a folder, such as 'data'");
  if (!['small', 'large', 'letters'].includes(variant)) {
    throw new ValueError(`NotMNIST: variant must be 'small', 'large' or 'letters', got '${String(variant)}'`);
  }
  signal?.throwIfAborted();
  const origin = archive === undefined ? originFor(variant, options) : localArchive(path.resolve(archive), root);
  if (origin.archive !== undefined && (await fileStamp(origin.archive)) === undefined) {
    throw new DatasetError(`there is no archive ${origin.archive}: check the path`);
  }
  try {
    const prepared =
      (await openPrepared(origin)) ??
      (await withLock(`${origin.folder}.lock`, (lock) => prepare(origin, options, lock), { signal }));
    return { ...prepared, folder: origin.folder, source: origin.describe(prepared.archiveSha256) };
  } catch (error) {
    signal?.throwIfAborted();
    if (errorCode(error) === undefined) throw error;
    throw new DatasetError(`can't prepare NotMNIST in ${origin.folder}: ${explainDiskError(error)}`, { cause: error });
  }
}

/** One source of letters and the folder its pack belongs in. */
interface Origin {
  readonly folder: string;
  /** The SHA-256 the archive must have, where one is published. */
  readonly sha256: string | undefined;
  /** The archive's path where it needn't be fetched. */
  readonly archive: string | undefined;
  describe(archiveSha256: string): string;
  /** Makes sure that the archive is there, and says where. */
  fetch(): Promise<string>;
}

function originFor(variant: NotMNISTVariant, options: NotMNISTOptions<unknown, unknown>): Origin {
  const folder = path.join(options.root, 'NotMNIST', variant);
  if (variant === 'letters') {
    return {
      folder,
      sha256: undefined,
      archive: ownLetters,
      describe: () => "flambeau's own letters, drawn from openly licensed fonts; not notMNIST",
      fetch: () => Promise.resolve(ownLetters),
    };
  }
  const { file, size, sha256: expected } = originals[variant];
  return {
    folder,
    sha256: expected,
    archive: undefined,
    describe: () => `notMNIST ${variant}, the original archive`,
    async fetch() {
      const bases = [...(options.mirrors ?? []), originalFolder];
      const target = path.join(options.root, 'NotMNIST', file);
      const urls = bases.map((base) => (base.endsWith('/') ? base : `${base}/`) + file);
      return fetchOriginal({ ...pickNetworkOptions(options), path: target, urls, size, sha256: expected }, options);
    },
  };
}

function localArchive(archive: string, root: string): Origin {
  const name = path.basename(archive);
  // Packs of different archives must not replace each other, also where the archives have the same name.
  const key = sha256(archive).slice(0, 12);
  return {
    folder: path.join(root, 'NotMNIST', `archive-${key}`),
    sha256: undefined,
    archive,
    describe(digest) {
      const known = Object.entries(originals).find(([, original]) => original.sha256 === digest);
      if (known !== undefined) return `notMNIST ${known[0]}, the original archive, from ${name}`;
      return `the archive ${name}, sha256 ${digest.slice(0, 12)}; not a published notMNIST archive`;
    },
    fetch: () => Promise.resolve(archive),
  };
}

function pickNetworkOptions(options: NotMNISTOptions<unknown, unknown>): Partial<DownloadOptions> {
  const { retries, connectTimeout, stallTimeout, backOff, signal } = options;
  return {
    signal,
    ...(retries !== undefined && { retries }),
    ...(connectTimeout !== undefined && { connectTimeout }),
    ...(stallTimeout !== undefined && { stallTimeout }),
    ...(backOff !== undefined && { backOff }),
  };
}

async function fetchOriginal(request: DownloadOptions, options: NotMNISTOptions<unknown, unknown>): Promise<string> {
  const hint = `Or fetch ${path.basename(request.path)} in another way and pass its path as 'archive'.`;
  if (options.download !== true) {
    const found = await findDownloaded(request);
    if (found !== undefined) return found.path;
    throw new DatasetError(
      `NotMNIST is not in ${options.root}: pass download: true to fetch ${formatBytes(request.size ?? 0)} from ` +
        `${new URL(request.urls[0]!).host}. ${hint}`,
    );
  }
  const line = new TransferLine(progressMode(options));
  const progress = typeof options.progress === 'function' ? options.progress : line.report;
  try {
    return (await download({ ...request, progress, hint })).path;
  } finally {
    line.finish();
  }
}

function progressMode({ progress = 'auto' }: NotMNISTOptions<unknown, unknown>): ProgressMode {
  return typeof progress === 'function' ? 'none' : progress;
}

interface Opened {
  readonly pack: ImagePack;
  readonly skipped: readonly SkippedFile[];
  readonly archiveSha256: string;
}

function packPath({ folder }: Origin): string {
  return path.join(folder, 'letters.pack');
}

function manifestPath({ folder }: Origin): string {
  return path.join(folder, 'manifest.json');
}

/** The pack of an earlier run; undefined when there is none, it is not whole, or its archive has changed. */
async function openPrepared(origin: Origin): Promise<Opened | undefined> {
  const manifest = await readManifest(manifestPath(origin), parseManifest);
  if (manifest === undefined || !(await isCurrent(origin, manifest))) return undefined;
  const pack = await openPack(packPath(origin), manifest);
  return pack && { pack, skipped: manifest.skipped, archiveSha256: manifest.archiveSha256 };
}

function parseManifest(value: unknown): PreparedManifest | undefined {
  const fields = { format: 'number', size: 'number', indexSha256: 'string', archiveSha256: 'string' } as const;
  if (!hasFields(value, { ...fields, skipped: 'object' })) return undefined;
  return value.format === format && Array.isArray(value.skipped) ? (value as unknown as PreparedManifest) : undefined;
}

async function isCurrent({ sha256: expected, archive }: Origin, manifest: PreparedManifest): Promise<boolean> {
  if (archive === undefined) return manifest.archiveSha256 === expected;
  // An archive that was only copied or touched still has the content that was packed.
  return (
    sameStamp(await fileStamp(archive), manifest.archiveStamp) || (await sha256File(archive)) === manifest.archiveSha256
  );
}

async function prepare(origin: Origin, options: NotMNISTOptions<unknown, unknown>, lock: Lock): Promise<Opened> {
  const { signal } = options;
  const prepared = await openPrepared(origin);
  if (prepared !== undefined) return prepared;
  await fs.mkdir(origin.folder, { recursive: true });
  await removeLeftovers(origin.folder);
  const archive = await origin.fetch();
  const stamp = await fileStamp(archive);
  const archiveSha256 = origin.sha256 ?? (await sha256File(archive, { signal }));
  const line = new Progress({
    label: `preparing ${path.basename(archive)}`,
    unit: 'bytes',
    mode: progressMode(options),
  });
  const report = (read: number, total: number): void => line.update(read, undefined, total);
  try {
    // The old manifest goes first: it must not vouch for the new pack.
    await fs.rm(manifestPath(origin), { force: true });
    const { skipped, size, indexSha256, train, test } = await packLetters(archive, packPath(origin), {
      signal,
      progress: report,
    });
    await lock.assertHeld();
    if (!sameStamp(stamp, await fileStamp(archive))) {
      throw new DatasetError(`${archive} was changed while it was read: run it again when it is complete`);
    }
    const archiveStamp = origin.archive === undefined ? {} : { archiveStamp: stamp };
    await writeManifest(manifestPath(origin), {
      ...{ format, archive, archiveSha256, ...archiveStamp, train, test, size, indexSha256, skipped },
    });
    if (skipped.length > 0) line.note(describeSkipped(skipped, train + test));
  } finally {
    line.finish();
  }
  const opened = await openPrepared(origin);
  if (opened !== undefined) return opened;
  throw new DatasetError(`what was written to ${origin.folder} can't be read back: is another program changing it?`);
}

function describeSkipped(skipped: readonly SkippedFile[], kept: number): string {
  const shown = skipped.slice(0, 5).map(({ file, reason }) => `${file} (${reason})`);
  const more = skipped.length > shown.length ? ` and ${skipped.length - shown.length} more` : '';
  return `skipped ${skipped.length} of ${kept + skipped.length} images that can't be read: ${shown.join(', ')}${more}`;
}
