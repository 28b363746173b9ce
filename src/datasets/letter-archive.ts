// From an archive in notMNIST's layout (`TOP/A/name.png` to `TOP/J/name.png`) to a pack of all letters that can be read.
// Every image is decoded once here, so that none can fail later; what can't be read is listed with the reason.

import { DatasetError } from '../errors.js';
import { readArchive, type ArchiveEntry } from '../io/archive.js';
import { decodePng } from '../io/png.js';
import { PackWriter, type PackEntry, type PackSeal } from './image-pack.js';

/** The names of the classes; a label is a place in this list. */
export const letterClasses = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J'] as const;

/** Width and height of every letter. */
export const letterSide = 28;

/** The numbers by which a pack's index tells the splits apart. */
export const splitCodes = { train: 0, test: 1 } as const;

/** An image file that is not part of the data set, and why. */
export interface SkippedFile {
  /** Class folder and name: `A/name.png`. */
  readonly file: string;
  readonly reason: string;
}

export interface PackedLetters extends PackSeal {
  readonly skipped: readonly SkippedFile[];
  /** How many letters each split has. */
  readonly train: number;
  readonly test: number;
}

const limits = { entries: 1e6, entryBytes: 2 ** 24, totalBytes: 2 ** 32 };

/**
 * Packs the letters of an archive into `packPath`. The archive's own `TOP/test.txt` says which paths are for testing;
 * without one, one in seven is, by a hash of the file's name: a font keeps its name in all classes and so stays whole.
 * @throws DatasetError when the archive can't be trusted or read, a class has no readable letter, or a name comes twice
 */
export async function packLetters(
  archive: string,
  packPath: string,
  options: { signal?: AbortSignal | undefined; progress?: ((read: number, total: number) => void) | undefined },
): Promise<PackedLetters> {
  const writer = await PackWriter.create(packPath);
  try {
    const sorter = new LetterSorter(archive, writer);
    await readArchive(archive, (entry) => sorter.take(entry), { ...options, limits });
    const entries = sorter.finish();
    const seal = await writer.finish(entries);
    const test = entries.filter(({ split }) => split === splitCodes.test).length;
    return { ...seal, skipped: sorter.skipped, train: entries.length - test, test };
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

class LetterSorter {
  readonly skipped: SkippedFile[] = [];
  private readonly letters = new Map<string, Omit<PackEntry, 'split'>>();
  private readonly folders = new Set<string>();
  private readonly filesIn = new Map<string, number>();
  private testList: string | undefined;

  constructor(
    private readonly archive: string,
    private readonly writer: PackWriter,
  ) {}

  async take({ path, bytes }: ArchiveEntry): Promise<void> {
    const parts = path.split('/');
    if (bytes === undefined) {
      this.folders.add(parts.at(-1)!);
      return;
    }
    const name = parts.pop()!;
    const folder = parts.pop() ?? '';
    if (parts.length === 0 && name === 'test.txt') this.testList = bytes.toString();
    const label = letterClasses.findIndex((letter) => letter === folder);
    // Beside the letters there may be licences, lists, and what file managers leave.
    if (label < 0 || parts.length > 1 || !/\.png$/i.test(name) || name.startsWith('._')) return;
    const file = `${folder}/${name}`;
    if (this.letters.has(file))
      throw new DatasetError(`${this.archive} holds '${file}' twice: it is no letter archive`);
    this.filesIn.set(folder, (this.filesIn.get(folder) ?? 0) + 1);
    const reason = whyUnreadable(bytes);
    if (reason !== undefined) {
      this.skipped.push({ file, reason });
      return;
    }
    this.letters.set(file, { ...(await this.writer.add(bytes)), name: file, label });
  }

  /** The letters by class and name, each with its split. */
  finish(): PackEntry[] {
    this.checkClasses();
    this.skipped.sort((a, b) => compare(a.file, b.file));
    const isTest = this.splitter();
    return [...this.letters.values()]
      .sort((a, b) => a.label - b.label || compare(a.name, b.name))
      .map((letter) => ({ ...letter, split: isTest(letter.name) ? splitCodes.test : splitCodes.train }));
  }

  private checkClasses(): void {
    const found = new Set([...this.letters.values()].map(({ label }) => letterClasses[label]!));
    const lacking = letterClasses.filter((letter) => !found.has(letter));
    if (lacking.length === 0) return;
    const reasons = lacking.map((letter) => {
      const files = this.filesIn.get(letter) ?? 0;
      if (files > 0) return `of the ${files} files in class folder '${letter}' none can be read as a letter`;
      return this.folders.has(letter) ? `class folder '${letter}' is empty` : `class folder '${letter}' is missing`;
    });
    throw new DatasetError(
      `${this.archive} is no complete letter archive: ${reasons.join('; ')}. Expected are folders A to J with PNG images.`,
    );
  }

  private splitter(): (file: string) => boolean {
    if (this.testList === undefined) return (file) => hashName(file.slice(file.indexOf('/') + 1)) % 7 === 0;
    const listed = new Set<string>();
    const known = new Set([...this.letters.keys(), ...this.skipped.map(({ file }) => file)]);
    for (const line of this.testList.split('\n')) {
      const file = line.trim().split('/').slice(-2).join('/');
      if (file === '') continue;
      if (!known.has(file)) throw new DatasetError(`${this.archive}: test.txt names '${file}', which is not there`);
      listed.add(file);
    }
    return (file) => listed.has(file);
  }
}

/** Why bytes are no letter; undefined when they are one. */
function whyUnreadable(bytes: Uint8Array): string | undefined {
  try {
    const { width, height } = decodePng(bytes, 'the file', { side: 1024 });
    if (width === letterSide && height === letterSide) return undefined;
    return `it has ${width}x${height} pixels, not ${letterSide}x${letterSide}`;
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    return error.cause instanceof Error ? error.cause.message : error.message;
  }
}

/** Order by code units, the same in every language and on every system. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A 32-bit hash of a file's name: FNV-1a over its UTF-8 bytes, its bits then mixed as MurmurHash3 does at its end. */
export function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
