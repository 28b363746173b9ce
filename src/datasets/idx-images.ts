// Data sets published as IDX files: all pictures in one file, all labels in another, for training and for testing. They
// are unpacked into shared memory when they are opened.

import path from 'node:path';
import { Dataset } from '../data/dataset.js';
import { DatasetError, IndexError, ValueError } from '../errors.js';
import { readIdx, type IdxArray } from '../io/idx.js';
import type { Image } from '../io/image.js';
import type { Tensor } from '../tensor/tensor.js';
import { imageSample, type ImageSample, type SampleTransforms } from './image-sample.js';
import { fetchPublished, type FetchOptions, type PublishedFile } from './published-file.js';

/** Which images: those to train on, or those to test on. */
export type IdxSplit = 'train' | 'test' | 'all';

/** Options of `MNIST.load` and `FashionMNIST.load`. */
export interface IdxOptions<I = Tensor, L = number> extends FetchOptions, SampleTransforms<I, L> {
  /** `train` (default), `test`, or `all`: those for training, then those for testing. */
  readonly split?: IdxSplit;
}

/** The files of one split. */
interface SplitFiles {
  readonly images: PublishedFile;
  readonly labels: PublishedFile;
}

/** Where a data set of this form comes from, and what its labels mean. */
export interface IdxSource {
  /** Its name, and that of its folder below the root. */
  readonly name: string;
  readonly classes: readonly string[];
  readonly train: SplitFiles;
  readonly test: SplitFiles;
}

/** An opened data set's pictures, one after the other, and their labels, in shared memory. */
export interface IdxContent {
  readonly name: string;
  readonly split: IdxSplit;
  readonly classes: readonly string[];
  readonly height: number;
  readonly width: number;
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
}

/** Small grey pictures with labels; the data sets of this form extend it, each with a `load` of its own. */
export abstract class IdxImages<I = Tensor, L = number> extends Dataset<ImageSample<I, L>> {
  readonly classes: readonly string[];
  readonly length: number;
  readonly split: IdxSplit;

  protected constructor(
    private readonly content: IdxContent,
    private readonly transforms: SampleTransforms<I, L>,
  ) {
    super();
    this.classes = content.classes;
    this.split = content.split;
    this.length = content.labels.length;
  }

  /** The sample at `index`. @throws IndexError when there is none */
  getItem(index: number): ImageSample<I, L> {
    const picture = this.getImage(index);
    return imageSample(picture, this.content.labels[index]!, this.transforms);
  }

  /** The picture at `index` before any transform; its pixels are the data set's own, not a copy. @throws IndexError */
  getImage(index: number): Image {
    if (!(Number.isInteger(index) && index >= 0 && index < this.length)) {
      throw new IndexError(
        `${this.content.name}: index ${index} is out of range for ${this.length} pictures (0 to ${this.length - 1})`,
      );
    }
    const { width, height, pixels } = this.content;
    const size = width * height;
    return { data: pixels.subarray(index * size, (index + 1) * size), width, height, channels: 1 };
  }

  /** All labels, before any transform, in the order of the samples. */
  get targets(): Uint8Array {
    return this.content.labels.slice();
  }

  override toString(): string {
    return `${this.content.name}, ${this.split}: ${this.length} pictures`;
  }
}

/**
 * Fetches what is missing and allowed to be fetched, and unpacks it. The files lie in `root/NAME/raw`, as torchvision
 * keeps them, so that what it has fetched is found.
 * @throws DatasetError when a file is missing, can't be fetched, or is damaged
 */
export async function openIdx(source: IdxSource, options: IdxOptions<unknown, unknown>): Promise<IdxContent> {
  const { root, split = 'train', signal } = options;
  const { name, classes } = source;
  if (typeof root !== 'string' || root === '') throw new ValueError(`${name}: root must be a folder, such as 'data'`);
  if (split !== 'train' && split !== 'test' && split !== 'all') {
    throw new ValueError(`${name}: split must be 'train', 'test' or 'all', got '${String(split)}'`);
  }
  const folder = path.join(root, name, 'raw');
  const parts: { images: IdxArray; labels: IdxArray }[] = [];
  for (const files of split === 'all' ? [source.train, source.test] : [source[split]]) {
    signal?.throwIfAborted();
    const [images, labels] = [
      await readIdx(await fetchFile(files.images, folder, name, options), { ndim: 3 }),
      await readIdx(await fetchFile(files.labels, folder, name, options), { ndim: 1 }),
    ];
    checkPart(images, labels, source, folder);
    parts.push({ images, labels });
  }
  const [, height, width] = parts[0]!.images.shape as [number, number, number];
  const pixels = joined(parts.map(({ images }) => images.data));
  const labels = joined(parts.map(({ labels }) => labels.data));
  return { name, split, classes, height, width, pixels, labels };
}

function fetchFile(
  file: PublishedFile,
  folder: string,
  name: string,
  options: IdxOptions<unknown, unknown>,
): Promise<string> {
  const hint = `Or fetch ${file.file} in another way and put it into ${folder}.`;
  return fetchPublished(file, folder, options, { dataset: name, hint });
}

function checkPart(images: IdxArray, labels: IdxArray, { name, classes }: IdxSource, folder: string): void {
  const problem = (what: string): DatasetError => new DatasetError(`${name} in ${folder} makes no sense: ${what}`);
  if (images.shape[0] !== labels.shape[0]) {
    throw problem(`there are ${images.shape[0]} pictures and ${labels.shape[0]} labels`);
  }
  const beyond = labels.data.findIndex((label) => label >= classes.length);
  if (beyond >= 0) throw problem(`label ${beyond} is ${labels.data[beyond]}, but there are ${classes.length} classes`);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(new SharedArrayBuffer(parts.reduce((sum, part) => sum + part.length, 0)));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
