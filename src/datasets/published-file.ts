// Files that data sets are published in: asked for at mirrors given by the user first, then at the addresses known here,
// verified against the published checksum, and shown on a line of progress.

import path from 'node:path';
import { DatasetError } from '../errors.js';
import {
  download,
  findDownloaded,
  type DownloadOptions,
  type DownloadProgress,
  type NetworkOptions,
} from '../io/download.js';
import { quietMode } from '../io/late-line.js';
import { formatBytes, type ProgressMode } from '../io/progress.js';
import { TransferLine } from '../io/transfer-line.js';

/** A file that is published, and what is known of it. */
export interface PublishedFile {
  readonly file: string;
  readonly size: number;
  readonly sha256: string;
  /** The addresses of the folders it is published in, the preferred one first. */
  readonly bases: readonly string[];
}

/** The options of every data set that can fetch itself. */
export interface FetchOptions extends NetworkOptions {
  /** The folder for downloads and prepared data, such as `data`; it can be shared by all data sets and processes. */
  readonly root: string;
  /** Whether files may be fetched when they are not there; default false. */
  readonly download?: boolean;
  /** Addresses of folders to look for the files in before the original's. */
  readonly mirrors?: readonly string[];
  /**
   * How to show progress on standard error, or who is told of it. Default `auto`: a bar on a terminal, nothing elsewhere;
   * `lines` is for logs.
   */
  readonly progress?: ProgressMode | ((event: DownloadProgress) => void);
  readonly signal?: AbortSignal | undefined;
}

/** How lines of progress are to look when the options may name a callback instead. */
export function progressMode({ progress = 'auto' }: Pick<FetchOptions, 'progress'>): Exclude<ProgressMode, 'auto'> {
  return typeof progress === 'function' ? 'none' : quietMode(progress);
}

/** Whether what is worth a line of its own (files left out, another process waited for) is told even without a bar. */
export function tellsNotices({ progress = 'auto' }: Pick<FetchOptions, 'progress'>): boolean {
  return progress !== 'none' && typeof progress !== 'function';
}

/**
 * Makes sure that a published file is in `folder`, verified, and says where.
 * @param dataset the data set's name for errors
 * @param hint a sentence on what to do when it can't be fetched
 * @throws DatasetError when it is neither there nor to be had
 */
export async function fetchPublished(
  { file, size, sha256, bases }: PublishedFile,
  folder: string,
  options: FetchOptions,
  { dataset, hint }: { dataset: string; hint: string },
): Promise<string> {
  const addresses = [...(options.mirrors ?? []), ...bases];
  const urls = addresses.map((address) => (address.endsWith('/') ? address : `${address}/`) + file);
  const request: DownloadOptions = {
    ...networkOptions(options),
    path: path.join(folder, file),
    urls,
    size,
    sha256,
    hint,
  };
  if (options.download !== true) {
    const found = await findDownloaded(request);
    if (found !== undefined) return found.path;
    throw new DatasetError(
      `${dataset} is not in ${options.root}: pass download: true to fetch ${formatBytes(size)} from ` +
        `${new URL(urls[0]!).host}. ${hint}`,
    );
  }
  const line = new TransferLine(progressMode(options));
  const progress = typeof options.progress === 'function' ? options.progress : line.report;
  try {
    return (await download({ ...request, progress })).path;
  } finally {
    line.finish();
  }
}

function networkOptions(options: FetchOptions): Partial<DownloadOptions> {
  const { retries, connectTimeout, stallTimeout, minSpeed, backOff, signal } = options;
  return {
    signal,
    ...(retries !== undefined && { retries }),
    ...(connectTimeout !== undefined && { connectTimeout }),
    ...(stallTimeout !== undefined && { stallTimeout }),
    ...(minSpeed !== undefined && { minSpeed }),
    ...(backOff !== undefined && { backOff }),
  };
}
