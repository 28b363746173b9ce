// Which files a table consists of: those named, or those of one split in a folder laid out as on the Hugging Face Hub
// (`data/train-00000-of-00002.parquet`, `train.csv`, `train/part.jsonl`).

import fs from 'node:fs/promises';
import path from 'node:path';
import { DatasetError, ValueError } from '../../errors.js';
import { explainDiskError, isMissing } from '../../io/disk-error.js';

/** Names by which splits are known where none was asked for. */
const splitNames = ['train', 'training', 'test', 'testing', 'validation', 'valid', 'val', 'dev', 'eval'];

export interface TableFilesOptions {
  /** The function that is called, for errors. */
  readonly caller: string;
  /** The endings of files in a folder that count. */
  readonly extensions: readonly string[];
  readonly split: string | undefined;
}

/**
 * The files in the order of their names.
 * @throws DatasetError when there are none, or the files of several splits and none was chosen
 */
export async function tableFiles(
  location: string | readonly string[],
  { caller, extensions, split }: TableFilesOptions,
): Promise<string[]> {
  const paths = typeof location === 'string' ? [location] : location;
  if (!Array.isArray(paths) || paths.length === 0 || paths.some((file) => typeof file !== 'string' || file === '')) {
    throw new ValueError(`${caller}: expected a file, a list of files, or a folder`);
  }
  const [first] = paths as readonly string[];
  if (paths.length > 1 || !(await isFolder(first!, caller))) {
    if (split !== undefined) throw new ValueError(`${caller}: split goes with a folder, not with files`);
    return [...(paths as readonly string[])];
  }
  const all = await fs.readdir(first!, { recursive: true, withFileTypes: true });
  const found = all
    .filter(
      (entry) => !entry.isDirectory() && extensions.some((extension) => entry.name.toLowerCase().endsWith(extension)),
    )
    .map((entry) => path.relative(first!, path.join(entry.parentPath ?? entry.path, entry.name)))
    .filter((name) => !isAside(name))
    .sort((a, b) => (a < b ? -1 : 1));
  if (found.length === 0) {
    throw new DatasetError(`${caller}: there are no files (${extensions.join(', ')}) in the folder ${first}`);
  }
  const chosen = split === undefined ? found : found.filter((name) => wordsOf(name).includes(split.toLowerCase()));
  if (chosen.length === 0) {
    throw new DatasetError(`${caller}: no file in ${first} is of split '${split}': ${found.slice(0, 10).join(', ')}`);
  }
  const splits = new Set(chosen.flatMap((name) => wordsOf(name).filter((word) => splitNames.includes(word))));
  if (split === undefined && splits.size > 1) {
    throw new DatasetError(
      `${caller}: ${first} has files of several splits (${[...splits].join(', ')}): choose one with 'split', or name files`,
    );
  }
  return chosen.map((name) => path.join(first!, name));
}

/** Files that begin with a point, and the descriptions that the Hub's tools leave beside a table. */
function isAside(name: string): boolean {
  const parts = name.split(path.sep);
  return parts.some((part) => part.startsWith('.')) || /^dataset_infos?\.json$/.test(parts.at(-1)!);
}

async function isFolder(location: string, caller: string): Promise<boolean> {
  try {
    return (await fs.stat(location)).isDirectory();
  } catch (error) {
    const reason = isMissing(error) ? 'there is nothing of that name' : explainDiskError(error);
    throw new DatasetError(`${caller}: can't read ${location}: ${reason}`, { cause: error });
  }
}

/** `data/train-00000-of-00002.parquet` has the words data, train, 00000, of, 00002, parquet. */
function wordsOf(name: string): string[] {
  return name.toLowerCase().split(/[^a-z0-9]+/);
}
