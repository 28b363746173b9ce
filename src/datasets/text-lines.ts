// Text files, each line a sample.

import path from 'node:path';
import { Dataset } from '../data/dataset.js';
import { DatasetError, IndexError, ValueError } from '../errors.js';
import { checkEncoding, readTextFile, type TextEncoding } from '../io/text-file.js';
import { applyTransform, type TransformLike } from '../transforms/transform.js';

/** Options of `TextLines.load`. */
export interface TextLinesOptions<T = string> {
  /** One file or several, read one after the other; one whose name ends in `.gz` is unpacked. */
  readonly path: string | readonly string[];
  /** What to make of a line, such as a `Vocabulary`; by default it stays a text. */
  readonly transform?: TransformLike<string, T> | undefined;
  /** Whether lines with nothing but spaces are left out; default false. */
  readonly skipEmpty?: boolean;
  /** How the files are encoded; default `utf8`. */
  readonly encoding?: TextEncoding;
}

/** The lines of one file, in shared memory. */
interface FileLines {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Where each line begins and ends, in turn. */
  readonly bounds: Uint32Array;
  /** The number of each line in its file, from 1. */
  readonly numbers: Uint32Array;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * The lines of text files, without what ends them. The text lies in shared memory; a line is decoded when it is asked for.
 *
 * ```ts
 * const lines = await TextLines.load({ path: 'poems.txt' });
 * const vocabulary = Vocabulary.build(lines.texts());
 * const encoded = await TextLines.load({ path: 'poems.txt', transform: vocabulary });
 * const loader = new DataLoader(encoded, { batchSize: 16, collateFn: padCollate });
 * ```
 */
export class TextLines<T = string> extends Dataset<T> {
  static readonly moduleUrl = import.meta.url;

  readonly length: number;

  private constructor(
    private readonly files: readonly FileLines[],
    private readonly transform: TransformLike<string, T> | undefined,
  ) {
    super();
    this.length = files.reduce((sum, { numbers }) => sum + numbers.length, 0);
  }

  /** Reads the files. @throws DatasetError when one can't be read or is in another encoding */
  static async load<T = string>(options: TextLinesOptions<T>): Promise<TextLines<T>> {
    const { transform, skipEmpty = false, encoding = 'utf8' } = options;
    const paths: readonly string[] = typeof options.path === 'string' ? [options.path] : options.path;
    if (!Array.isArray(paths) || paths.length === 0 || paths.some((file) => typeof file !== 'string' || file === '')) {
      throw new ValueError('TextLines: path must be a file, or a list of files');
    }
    checkEncoding(encoding, 'TextLines');
    const files: FileLines[] = [];
    for (const file of paths as readonly string[]) {
      files.push(splitLines(file, await readTextFile(file, encoding), skipEmpty));
    }
    const dataset = new TextLines(files, transform);
    if (dataset.length > 0) return dataset;
    throw new DatasetError(`TextLines: there are no lines in ${paths.join(', ')}`);
  }

  /** Line `index`, transformed. @throws IndexError when there is none */
  getItem(index: number): T {
    const text = this.getText(index);
    return this.transform === undefined ? (text as T) : applyTransform(this.transform, text);
  }

  /** Line `index` before any transform. @throws IndexError when there is none */
  getText(index: number): string {
    const [file, line] = this.place(index);
    return lineOf(file, line);
  }

  /** Where a line stands: `poems.txt:12`. @throws IndexError when there is none */
  nameOf(index: number): string {
    const [file, line] = this.place(index);
    return `${path.basename(file.path)}:${file.numbers[line]}`;
  }

  /** All lines in turn, before any transform: what `Vocabulary.build` takes. */
  *texts(): Generator<string, void, undefined> {
    for (const file of this.files) for (let line = 0; line < file.numbers.length; line++) yield lineOf(file, line);
  }

  override toString(): string {
    return `TextLines ${this.files.map((file) => path.basename(file.path)).join(', ')}: ${this.length} lines`;
  }

  private place(index: number): [FileLines, number] {
    if (Number.isInteger(index) && index >= 0) {
      let line = index;
      for (const file of this.files) {
        if (line < file.numbers.length) return [file, line];
        line -= file.numbers.length;
      }
    }
    throw new IndexError(
      `TextLines: index ${index} is out of range for ${this.length} lines (0 to ${this.length - 1})`,
    );
  }
}

function lineOf({ bytes, bounds }: FileLines, line: number): string {
  const start = bounds[2 * line]!;
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, bounds[2 * line + 1]! - start).toString();
}

function splitLines(file: string, content: Buffer, skipEmpty: boolean): FileLines {
  const bytes = new Uint8Array(new SharedArrayBuffer(content.length));
  bytes.set(content);
  const bounds: number[] = [];
  const numbers: number[] = [];
  for (let start = 0, number = 1; start < content.length; number++) {
    const found = content.indexOf(lineFeed, start);
    const next = found < 0 ? content.length : found;
    const end = next > start && content[next - 1] === carriageReturn ? next - 1 : next;
    if (!skipEmpty || content.subarray(start, end).toString().trim() !== '') {
      bounds.push(start, end);
      numbers.push(number);
    }
    start = next + 1;
  }
  return { path: file, bytes, bounds: shared(bounds), numbers: shared(numbers) };
}

function shared(numbers: readonly number[]): Uint32Array {
  const array = new Uint32Array(new SharedArrayBuffer(4 * numbers.length));
  array.set(numbers);
  return array;
}
