// notMNIST: the letters A to J in many fonts, 28x28 pixels, grey. This file is the data set as a program sees it; how it
// is fetched is `notmnist-source.ts`, how it is prepared `letter-store.ts`, how it lies in memory `image-pack.ts`.

import { Dataset } from '../data/dataset.js';
import { DatasetError, IndexError, ValueError } from '../errors.js';
import type { Image } from '../io/image.js';
import { decodePng } from '../io/png.js';
import type { Tensor } from '../tensor/tensor.js';
import { greyImage } from '../transforms/grayscale.js';
import { packedBytes, packedName, type ImagePack } from './image-pack.js';
import { imageSample, type ImageSample, type SampleTransforms } from './image-sample.js';
import { letterClasses, splitCodes, type SkippedFile } from './letter-archive.js';
import { openLetters } from './letter-store.js';
import { sourceFor, type NotMNISTVariant } from './notmnist-source.js';
import { progressMode, tellsNotices, type FetchOptions } from './published-file.js';

/** Which letters: those to train on, those to test on, or all. */
export type NotMNISTSplit = 'train' | 'test' | 'all';

/** Options of `NotMNIST.load`. */
export interface NotMNISTOptions<I = Tensor, L = number> extends FetchOptions, SampleTransforms<I, L> {
  /**
   * `small` (default; 18,724 letters, a download of 8.5 MB), `large` (529,000 letters, 247 MB), or `letters`: letters of
   * openly licensed fonts in the same form that come with this package, for when there is no network.
   */
  readonly variant?: NotMNISTVariant;
  /** `train` (default), `test` or `all`. */
  readonly split?: NotMNISTSplit;
  /** An archive on this machine to be used in place of a download; its checksum is recorded, not compared. */
  readonly archive?: string | undefined;
}

/**
 * The letters A to J in many fonts: `{ image: float32 [1, 28, 28] from 0 to 1, label: 0 to 9 }`. An image is decoded when
 * it is asked for. http://yaroslavvb.blogspot.com/2011/09/notmnist-dataset.html
 *
 * ```ts
 * const train = await NotMNIST.load({ root: 'data', split: 'train', download: true });
 * const { image, label } = train.getItem(0);
 * ```
 */
export class NotMNIST<I = Tensor, L = number> extends Dataset<ImageSample<I, L>> {
  static readonly moduleUrl = import.meta.url;

  readonly classes: readonly string[] = letterClasses;
  readonly length: number;

  private constructor(
    /** Where the letters come from, in words that can be shown. */
    readonly source: string,
    readonly split: NotMNISTSplit,
    /** Image files that could not be read and are left out, with the reasons. */
    readonly skipped: readonly SkippedFile[],
    /** Where the prepared letters are kept. */
    readonly folder: string,
    private readonly pack: ImagePack,
    /** The places of this split's letters in the pack, in shared memory. */
    private readonly members: Uint32Array,
    private readonly transforms: SampleTransforms<I, L>,
  ) {
    super();
    this.length = members.length;
  }

  /**
   * Opens the data set, fetching and preparing it first where needed and allowed. Prepared once, it opens in milliseconds.
   * @throws DatasetError saying what is missing or wrong and what to do about it
   */
  static async load<I = Tensor, L = number>(options: NotMNISTOptions<I, L>): Promise<NotMNIST<I, L>> {
    const { split = 'train', transform, targetTransform, signal } = options;
    if (split !== 'train' && split !== 'test' && split !== 'all') {
      throw new ValueError(`NotMNIST: split must be 'train', 'test' or 'all', got '${String(split)}'`);
    }
    const { pack, source, skipped, folder } = await openLetters(sourceFor(options), {
      progress: progressMode(options),
      notices: tellsNotices(options),
      signal,
    });
    return new NotMNIST(source, split, skipped, folder, pack, membersOf(pack, split), { transform, targetTransform });
  }

  /** The letter at `index`. @throws IndexError when there is none */
  getItem(index: number): ImageSample<I, L> {
    const picture = this.getImage(index);
    return imageSample(picture, this.pack.labels[this.members[index]!]!, this.transforms);
  }

  /** The decoded image at `index`, before any transform. @throws IndexError when there is none */
  getImage(index: number): Image {
    const place = this.place(index);
    try {
      return greyImage(decodePng(packedBytes(this.pack, place), () => packedName(this.pack, place)));
    } catch (error) {
      // It could be read when it was packed.
      const reason = error instanceof Error ? error.message : String(error);
      throw new DatasetError(`${reason}. The prepared data is damaged: delete ${this.folder} and load it again`, {
        cause: error,
      });
    }
  }

  /** The file a letter came from: `A/name.png`. @throws IndexError when there is none */
  nameOf(index: number): string {
    return packedName(this.pack, this.place(index));
  }

  /** All labels, before any transform, in the order of the samples. */
  get targets(): Uint8Array {
    return Uint8Array.from(this.members, (place) => this.pack.labels[place]!);
  }

  override toString(): string {
    return `NotMNIST (${this.source}), ${this.split}: ${this.length} letters`;
  }

  private place(index: number): number {
    const place = this.members[index];
    if (place === undefined) {
      throw new IndexError(
        `NotMNIST: index ${index} is out of range for ${this.length} letters (0 to ${this.length - 1})`,
      );
    }
    return place;
  }
}

function membersOf({ splits }: ImagePack, split: NotMNISTSplit): Uint32Array {
  const isMember = (code: number): boolean => split === 'all' || code === splitCodes[split];
  let count = 0;
  for (const code of splits) if (isMember(code)) count++;
  const members = new Uint32Array(new SharedArrayBuffer(4 * count));
  let next = 0;
  splits.forEach((code, place) => {
    if (isMember(code)) members[next++] = place;
  });
  return members;
}
