// Data sets that are folders of files, one folder for each class: `root/cat/1.png`, `root/dog/deeper/2.png`. Which files
// there are is looked up once; the list lies in shared memory, so that a million of them costs each worker nothing.

import { readFileSync, type Dirent } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { DatasetError, IndexError, ValueError } from '../errors.js';
import { errorCode, explainDiskError } from '../io/disk-error.js';
import { sharedString, shareStrings, type SharedStrings } from './shared-strings.js';

/** The files found, by class and name. */
export interface ClassFolders {
  readonly root: string;
  /** The names of the class folders; a label is a place in this list. */
  readonly classes: readonly string[];
  /** Paths below the root, with `/` between the parts. */
  readonly files: SharedStrings;
  readonly labels: Uint32Array;
}

export interface ScanOptions {
  /** The endings of the files that count, in whatever case, with or without the dot. */
  readonly extensions: readonly string[];
  /** What one of the files is called in errors: `pictures`. */
  readonly things: string;
  readonly signal?: AbortSignal | undefined;
}

/** Deeper folders are taken for links that lead in a circle. */
const deepest = 32;

/**
 * Lists the files of all classes. Links to files and folders are followed; names that begin with a dot are passed over.
 * @param dataset the data set's name for errors
 * @throws DatasetError when there is no such folder, no class in it, or a class without files
 */
export async function scanClassFolders(root: string, dataset: string, options: ScanOptions): Promise<ClassFolders> {
  if (typeof root !== 'string' || root === '') throw new ValueError(`${dataset}: root must be a folder`);
  const { things, signal } = options;
  const extensions = options.extensions.map((text) => (text.startsWith('.') ? text : `.${text}`).toLowerCase());
  try {
    const entries = await readFolder(root);
    const classes: string[] = [];
    for (const entry of entries) if (await isFolder(root, entry)) classes.push(entry.name);
    if (classes.length === 0) throw noClasses(root, dataset, things, entries.length);
    const files: string[] = [];
    const labels: number[] = [];
    for (const [label, name] of classes.entries()) {
      const others = new Map<string, number>();
      for await (const file of walk(root, name, deepest, signal)) {
        const extension = path.posix.extname(file).toLowerCase();
        if (extensions.includes(extension)) {
          files.push(file);
          labels.push(label);
        } else others.set(extension, (others.get(extension) ?? 0) + 1);
      }
      if (labels.at(-1) !== label) throw emptyClass(path.join(root, name), dataset, things, extensions, others);
    }
    return { root, classes, files: shareStrings(files), labels: shareNumbers(labels) };
  } catch (error) {
    signal?.throwIfAborted();
    if (errorCode(error) === undefined) throw error;
    throw new DatasetError(`${dataset}: can't read the folder ${root}: ${explainDiskError(error)}`, { cause: error });
  }
}

function shareNumbers(numbers: readonly number[]): Uint32Array {
  const shared = new Uint32Array(new SharedArrayBuffer(4 * numbers.length));
  shared.set(numbers);
  return shared;
}

/** What is in a folder, ordered by code units: the same on every system. */
async function readFolder(folder: string): Promise<Dirent[]> {
  const entries = await fs.readdir(folder, { withFileTypes: true });
  return entries
    .filter(({ name }) => !name.startsWith('.'))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

async function isFolder(parent: string, entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  return (await fs.stat(path.join(parent, entry.name))).isDirectory();
}

async function* walk(
  root: string,
  folder: string,
  depth: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<string, void, undefined> {
  signal?.throwIfAborted();
  if (depth === 0) throw new DatasetError(`${path.join(root, folder)} is too deep: do links lead in a circle?`);
  for (const entry of await readFolder(path.join(root, folder))) {
    const name = `${folder}/${entry.name}`;
    if (await isFolder(path.join(root, folder), entry)) yield* walk(root, name, depth - 1, signal);
    else if (entry.isFile() || entry.isSymbolicLink()) yield name;
  }
}

function noClasses(root: string, dataset: string, things: string, entries: number): DatasetError {
  const found = entries === 0 ? 'it is empty' : 'it has files, but no folders';
  return new DatasetError(
    `${dataset}: there are no classes in ${root}: ${found}. Expected is a folder for each class with its ${things} in it: ` +
      `${path.join(root, 'CLASS', 'FILE')}`,
  );
}

function emptyClass(
  folder: string,
  dataset: string,
  things: string,
  extensions: readonly string[],
  others: ReadonlyMap<string, number>,
): DatasetError {
  const met = [...others].map(([extension, count]) => `${count} ${extension === '' ? 'without an ending' : extension}`);
  const found = met.length === 0 ? 'it is empty' : `there are other files (${met.join(', ')})`;
  return new DatasetError(
    `${dataset}: class folder ${folder} has no ${things} (${extensions.join(', ')}): ${found}. Put some into it, or ` +
      'remove it.',
  );
}

/** The path of file `index` below the root. @throws IndexError when there is none */
export function fileName({ files, labels }: ClassFolders, index: number, dataset: string): string {
  if (!(Number.isInteger(index) && index >= 0 && index < labels.length)) {
    throw new IndexError(
      `${dataset}: index ${index} is out of range for ${labels.length} files (0 to ${labels.length - 1})`,
    );
  }
  return sharedString(files, index);
}

/**
 * What is in file `name`. Read in one go: through the thread pool it takes four times the time, and samples that come back
 * in another order than they were asked for would draw other random numbers. Several at once is what workers are for.
 * @throws DatasetError when it can't be read
 */
export function fileContent({ root }: ClassFolders, name: string): Buffer {
  const file = path.join(root, name);
  try {
    return readFileSync(file);
  } catch (error) {
    throw new DatasetError(`${file} can't be read: ${explainDiskError(error)}`, { cause: error });
  }
}

/**
 * File `name` decoded. What `decode` finds wrong with it is told with what can be done.
 * @throws DatasetError when it can't be read or decoded
 */
export function decodeFile<T>(folders: ClassFolders, name: string, decode: (bytes: Buffer, file: string) => T): T {
  const bytes = fileContent(folders, name);
  try {
    return decode(bytes, path.join(folders.root, name));
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    throw new DatasetError(`${error.message}. Replace the file, or remove it from its folder.`, { cause: error });
  }
}
