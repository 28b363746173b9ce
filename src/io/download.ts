// Fetches a file so that it can be relied on: it goes on where it was cut off, tries other mirrors, checks size and
// SHA-256, and appears under its name only when all of that is done. Two processes that want the same file wait for each
// other; a manifest beside the file lets the next run trust it without reading it.

import fs from 'node:fs/promises';
import path from 'node:path';
import { DatasetError, DownloadError } from '../errors.js';
import { moveIntoPlace, removeLeftovers } from './atomic-file.js';
import { backOffDelay, pause, type BackOff } from './back-off.js';
import { isSha256, sha256File } from './checksum.js';
import { explainDiskError, isDiskFull, isFileError } from './disk-error.js';
import { TransferFailure } from './http-request.js';
import { isAbandoned, withLock, type Lock } from './lock.js';
import { fileStamp, hasFields, readManifest, sameStamp, writeManifest, type FileStamp } from './manifest.js';
import { PartialFile } from './partial-file.js';
import { formatBytes } from './progress.js';
import { RateMeter } from './rate.js';
import { transfer } from './transfer.js';

/** How far a download is. */
export interface DownloadProgress {
  /** The file's name. */
  readonly file: string;
  /** Bytes that are there, those of earlier attempts included. */
  readonly received: number;
  /** Bytes in all; undefined when the server doesn't say. */
  readonly total: number | undefined;
  /** Bytes per second, smoothed. */
  readonly rate: number;
  /** Seconds left at this rate; undefined while unknown. */
  readonly eta: number | undefined;
}

/** How patient a download is. Times are milliseconds. */
export interface NetworkOptions {
  /** How often a mirror is tried again after attempts that brought nothing new; default 4. */
  readonly retries?: number;
  /** Time until a server's answer must have begun; default 15 s. */
  readonly connectTimeout?: number;
  /** Time without a byte after which a connection is given up; default 30 s. */
  readonly stallTimeout?: number;
  /**
   * Bytes per second that must come on average in every stretch of `stallTimeout`; default 1000. What is slower is given up, tried
   * once more, and left for the next mirror: after a minute, by default. 0 waits for any speed.
   */
  readonly minSpeed?: number;
  /** Waits between attempts; default 0.5 s, doubling up to 15 s. */
  readonly backOff?: BackOff;
}

/** Options of `download`. */
export interface DownloadOptions extends NetworkOptions {
  /** Where the file is to be; folders are made as needed. */
  readonly path: string;
  /** Mirrors, the preferred one first. */
  readonly urls: readonly string[];
  /** The size in bytes, if known. */
  readonly size?: number | undefined;
  /** The SHA-256 as hex digits, if known; without it only a complete transfer can be promised, not the right content. */
  readonly sha256?: string | undefined;
  /** The most bytes to accept when `size` is not given; default 16 GiB. */
  readonly maxSize?: number;
  readonly progress?: ((event: DownloadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called when another process is fetching the same file and this one waits for it. */
  readonly onWait?: ((holder: string) => void) | undefined;
  /** A sentence for the error when no mirror works: what else can be done. */
  readonly hint?: string | undefined;
}

/** A file that was fetched and verified. */
export interface DownloadedFile {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
  /** False when the file was there already. */
  readonly fetched: boolean;
}

const longestWait = 60_000;
const progressInterval = 50;

/**
 * Makes sure that a verified file is at `path`, fetching it if needed. Proxies are taken from `HTTP_PROXY`,
 * `HTTPS_PROXY` and `NO_PROXY`.
 * @throws DownloadError when no mirror delivers the file as it was published; DatasetError when the disk is full;
 *   the signal's reason when aborted. What had arrived stays as `NAME.part`, to go on from, never to be trusted.
 */
export async function download(options: DownloadOptions): Promise<DownloadedFile> {
  checkOptions(options);
  try {
    const lockPath = `${options.path}.lock`;
    const known = await recall(options);
    // A process killed after its last step leaves its lock and perhaps more to be cleared away.
    if (known !== undefined && !(await isAbandoned(lockPath))) return known;
    const { signal, onWait } = options;
    return await withLock(lockPath, (lock) => fetchLocked(options, lock), { signal, onWait });
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!isFileError(error)) throw error;
    throw new DatasetError(`can't write ${options.path}: ${explainDiskError(error)}`, { cause: error });
  }
}

/** A file that an earlier run, or a person, has put at `path`, if it is the right one; never uses the network. */
export async function findDownloaded(options: DownloadOptions): Promise<DownloadedFile | undefined> {
  checkOptions(options);
  return (await recall(options)) ?? (await adopt(options));
}

function checkOptions({ urls, sha256, size, retries = 0, minSpeed = 0 }: DownloadOptions): void {
  if (urls.length === 0) throw new DatasetError('download: no URL to fetch from');
  if (sha256 !== undefined && !isSha256(sha256)) {
    throw new DatasetError(`download: sha256 must be 64 lower-case hex digits, got '${sha256}'`);
  }
  if (size !== undefined && !(Number.isSafeInteger(size) && size >= 0)) {
    throw new DatasetError(`download: size must be a whole number of bytes, got ${size}`);
  }
  if (!(Number.isInteger(retries) && retries >= 0)) {
    throw new DatasetError(`download: retries must be a whole number from 0 on, got ${retries}`);
  }
  if (!(minSpeed >= 0))
    throw new DatasetError(`download: minSpeed must be bytes per second from 0 on, got ${minSpeed}`);
}

interface Manifest extends FileStamp {
  readonly sha256: string;
}

function manifestPath(file: string): string {
  return `${file}.manifest.json`;
}

/** The file as an earlier run verified it; undefined when there is none or it has changed since. */
async function recall({ path: file, sha256, size }: DownloadOptions): Promise<DownloadedFile | undefined> {
  const stamp = await fileStamp(file);
  if (stamp === undefined) return undefined;
  const manifest = await readManifest(manifestPath(file), (value) =>
    hasFields(value, { size: 'number', mtimeMs: 'number', sha256: 'string' }) ? (value as Manifest) : undefined,
  );
  if (manifest === undefined || !sameStamp(stamp, manifest)) return undefined;
  if (manifest.sha256 !== (sha256 ?? manifest.sha256) || manifest.size !== (size ?? manifest.size)) return undefined;
  return { path: file, size: manifest.size, sha256: manifest.sha256, fetched: false };
}

async function fetchLocked(options: DownloadOptions, lock: Lock): Promise<DownloadedFile> {
  const { path: file } = options;
  const part = new PartialFile(file);
  await removeLeftovers(path.dirname(file), `${path.basename(file)}.`);
  const known = (await recall(options)) ?? (await adopt(options));
  if (known !== undefined) {
    await part.discard();
    return known;
  }
  try {
    await checkSpace(options, part);
    const digest = await fetchFromMirrors(options, part);
    await part.flush();
    const stamp = (await fileStamp(part.path))!;
    await lock.assertHeld();
    // The manifest first: it says nothing about any other file than the one with this size and time.
    await writeManifest(manifestPath(file), { ...stamp, sha256: digest });
    await moveIntoPlace(part.path, file);
    await part.forgetOrigin();
    return { path: file, size: stamp.size, sha256: digest, fetched: true };
  } catch (error) {
    if (isDiskFull(error)) await part.discard();
    throw error;
  }
}

/** Takes a file that is there without a manifest (put there by hand, copied) if it is the expected one. */
async function adopt({ path: file, sha256, signal }: DownloadOptions): Promise<DownloadedFile | undefined> {
  const stamp = await fileStamp(file);
  if (stamp === undefined || sha256 === undefined) return undefined;
  if ((await sha256File(file, { signal })) !== sha256) return undefined;
  try {
    await writeManifest(manifestPath(file), { ...stamp, sha256 });
  } catch (error) {
    // Only the next run's time is lost, as where a folder may be read but not written.
    if (!isFileError(error)) throw error;
  }
  return { path: file, size: stamp.size, sha256, fetched: false };
}

/** Says before the transfer what would otherwise be found out in its middle. */
async function checkSpace({ path: file, size }: DownloadOptions, part: PartialFile): Promise<void> {
  if (size === undefined) return;
  const folder = path.dirname(file);
  const space = await fs.statfs(folder).catch(() => undefined);
  // Some network file systems report no blocks at all.
  if (space === undefined || space.blocks === 0) return;
  const missing = size - (await part.size());
  const free = space.bavail * space.bsize;
  if (missing <= free) return;
  throw new DatasetError(
    `not enough room in ${folder} for ${path.basename(file)}: ${formatBytes(missing)} needed, ${formatBytes(free)} free; ` +
      'free some space or choose another folder',
  );
}

/** Tries the mirrors in turn and returns the SHA-256 of the complete, verified partial file. */
async function fetchFromMirrors(options: DownloadOptions, part: PartialFile): Promise<string> {
  const failures: string[] = [];
  const report = progressReporter(options, await part.size());
  for (const url of options.urls) {
    try {
      return await fetchFrom(url, options, part, report);
    } catch (error) {
      if (!(error instanceof TransferFailure)) throw error;
      failures.push(`  ${url}: ${error.message}`);
    }
  }
  const kept = await part.size();
  throw new DownloadError(
    [
      `could not download ${path.basename(options.path)}:`,
      ...failures,
      kept > 0
        ? `${formatBytes(kept)} have arrived and are kept; running it again goes on from there.`
        : 'Check the network; behind a proxy, set HTTP_PROXY and HTTPS_PROXY.',
      ...(options.hint === undefined ? [] : [options.hint]),
    ].join('\n'),
  );
}

async function fetchFrom(
  url: string,
  options: DownloadOptions,
  part: PartialFile,
  onBytes: (received: number, total: number | undefined) => void,
): Promise<string> {
  const { size, sha256, signal, retries = 4, backOff = { initial: 500, longest: 15_000 } } = options;
  const { maxSize = 2 ** 34, connectTimeout = 15_000, stallTimeout = 30_000, minSpeed = 1000 } = options;
  // Only what goes clearly beyond the furthest point reached counts as progress, so that the attempts come to an end.
  const worthwhile = Math.max(1, Math.min(65_536, (size ?? Infinity) / 100));
  let furthest = await part.size();
  let fruitless = 0;
  for (;;) {
    try {
      const verified = sha256 !== undefined;
      const limits = { size, maxSize, verified, connectTimeout, stallTimeout, minSpeed };
      const { resumed } = await transfer(url, part, { ...limits, signal, onBytes });
      const digest = await sha256File(part.path, { signal });
      if (sha256 === undefined || digest === sha256) return digest;
      await part.discard();
      // Something joined from parts deserves one more try in one piece.
      throw new TransferFailure(
        `what arrived has the wrong checksum (sha256 ${digest}, expected ${sha256}) and was deleted`,
        resumed ? 'once' : 'never',
      );
    } catch (error) {
      if (!(error instanceof TransferFailure)) throw error;
      const reached = await part.size();
      if (reached >= furthest + worthwhile) fruitless = 0;
      furthest = Math.max(furthest, reached);
      const allowed = { never: 0, once: Math.min(1, retries), often: retries }[error.retry];
      if (fruitless >= allowed) throw error;
      const wait = Math.max(backOffDelay(fruitless, backOff), error.waitMilliseconds ?? 0);
      if (wait > longestWait) throw error;
      fruitless++;
      await pause(wait, signal);
    }
  }
}

function progressReporter(
  { path: file, progress }: DownloadOptions,
  initial: number,
): (received: number, total: number | undefined) => void {
  if (progress === undefined) return () => undefined;
  const name = path.basename(file);
  const rate = new RateMeter(initial);
  let last = -Infinity;
  return (received, total) => {
    const now = performance.now();
    if (now - last < progressInterval && received !== total) return;
    last = now;
    rate.update(received, now);
    progress({ file: name, received, total, rate: rate.perSecond, eta: rate.secondsLeft(total) });
  };
}
