// A folder of texts, one folder for each class, each file a sample.

import { Dataset } from '../data/dataset.js';
import { asUtf8, checkEncoding, type TextEncoding } from '../io/text-file.js';
import { applyTransform, type TransformLike } from '../transforms/transform.js';
import { decodeFile, fileName, scanClassFolders, type ClassFolders } from './class-folders.js';

/** One text and the number of its class. */
export interface TextSample<T = string, L = number> {
  text: T;
  label: L;
}

/** Options of `TextFolder.load`. */
export interface TextFolderOptions<T = string, L = number> {
  /** The folder with the class folders in it. */
  readonly root: string;
  /** What to make of a text, such as a `Vocabulary`; by default it stays one. */
  readonly transform?: TransformLike<string, T> | undefined;
  /** What to make of a label; by default it stays a number. */
  readonly targetTransform?: TransformLike<number, L> | undefined;
  /** The endings of files that count; default `.txt`. */
  readonly extensions?: readonly string[];
  /** How the files are encoded; default `utf8`. */
  readonly encoding?: TextEncoding;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Texts in a folder for each class: `{ text, label }`. A file is read when it is asked for.
 *
 * ```ts
 * // reviews/good/1.txt, reviews/bad/1.txt, ...
 * const vocabulary = Vocabulary.build((await TextFolder.load({ root: 'reviews' })).texts(), { size: 20_000 });
 * const reviews = await TextFolder.load({ root: 'reviews', transform: vocabulary });
 * ```
 */
export class TextFolder<T = string, L = number> extends Dataset<TextSample<T, L>> {
  static readonly moduleUrl = import.meta.url;

  /** The names of the class folders; a label is a place in this list. */
  readonly classes: readonly string[];
  readonly root: string;
  readonly length: number;

  private constructor(
    private readonly folders: ClassFolders,
    private readonly encoding: TextEncoding,
    private readonly transform: TransformLike<string, T> | undefined,
    private readonly targetTransform: TransformLike<number, L> | undefined,
  ) {
    super();
    this.classes = folders.classes;
    this.root = folders.root;
    this.length = folders.labels.length;
  }

  /** Lists the files. @throws DatasetError when there are no classes, or a class has no texts */
  static async load<T = string, L = number>(options: TextFolderOptions<T, L>): Promise<TextFolder<T, L>> {
    const { root, extensions = ['.txt'], encoding = 'utf8', signal, transform, targetTransform } = options;
    checkEncoding(encoding, 'TextFolder');
    const folders = await scanClassFolders(root, 'TextFolder', { extensions, things: 'texts', signal });
    return new TextFolder(folders, encoding, transform, targetTransform);
  }

  /** The sample at `index`. @throws IndexError when there is none, DatasetError when its file can't be read */
  // eslint-disable-next-line @typescript-eslint/require-await -- a file is waited for; that it is read in one go is our affair
  async getItem(index: number): Promise<TextSample<T, L>> {
    const { transform, targetTransform } = this;
    const text = this.read(index);
    const label = this.folders.labels[index]!;
    return {
      // Without a transform T and L are what they default to.
      text: transform === undefined ? (text as T) : applyTransform(transform, text),
      label: targetTransform === undefined ? (label as L) : applyTransform(targetTransform, label),
    };
  }

  /** The file of a sample, below the root. @throws IndexError when there is none */
  nameOf(index: number): string {
    return fileName(this.folders, index, 'TextFolder');
  }

  /** All labels, before any transform, in the order of the samples. */
  get targets(): Uint32Array {
    return this.folders.labels.slice();
  }

  /** All texts in turn, before any transform: what `Vocabulary.build` takes. */
  *texts(): Generator<string, void, undefined> {
    for (let i = 0; i < this.length; i++) yield this.read(i);
  }

  override toString(): string {
    return `TextFolder ${this.root}: ${this.length} texts of ${this.classes.length} classes`;
  }

  private read(index: number): string {
    const name = this.nameOf(index);
    return decodeFile(this.folders, name, (bytes, file) => asUtf8(bytes, file, this.encoding)).toString();
  }
}
