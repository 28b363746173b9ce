// A folder of pictures, one folder for each class.

import { Dataset } from '../data/dataset.js';
import { ValueError } from '../errors.js';
import { imageDecoder, type ImageDecode, type ImageLimits } from '../io/decode-image.js';
import { rgbImage, type Image } from '../io/image.js';
import type { Tensor } from '../tensor/tensor.js';
import { greyImage } from '../transforms/grayscale.js';
import { decodeFile, fileName, scanClassFolders, type ClassFolders } from './class-folders.js';
import { imageSample, type ImageSample, type SampleTransforms } from './image-sample.js';

/** What pictures of different kinds are brought to: three colours, one grey, or left as they are stored. */
export type ImageMode = 'rgb' | 'grey' | 'stored';

/** Options of `ImageFolder.load`. */
export interface ImageFolderOptions<I = Tensor, L = number> extends SampleTransforms<I, L> {
  /** The folder with the class folders in it. */
  readonly root: string;
  /** `rgb` (default, as in torchvision), `grey`, or `stored`: pictures may then differ in their number of channels. */
  readonly mode?: ImageMode;
  /** The endings of files that count; default `.png`, `.jpg` and `.jpeg`. What a file is, its content says. */
  readonly extensions?: readonly string[];
  /** The largest picture to accept; default 16,384 pixels along a side and 2^26 in all. */
  readonly limits?: ImageLimits;
  readonly signal?: AbortSignal | undefined;
}

const modes: readonly ImageMode[] = ['rgb', 'grey', 'stored'];
const pictureExtensions = ['.png', '.jpg', '.jpeg'];

/**
 * Pictures (PNG and JPEG) in a folder for each class: `{ image: float32 [3, H, W] from 0 to 1, label }`. Pictures of
 * different sizes need a transform that makes them equal before they can be one batch.
 * https://pytorch.org/vision/0.14/generated/torchvision.datasets.ImageFolder.html
 *
 * ```ts
 * // photos/train/cat/1.jpg, photos/train/dog/1.png, ...
 * const transform = new Compose([new Resize([64, 64]), new ToTensor()]);
 * const train = await ImageFolder.load({ root: 'photos/train', transform });
 * ```
 */
export class ImageFolder<I = Tensor, L = number> extends Dataset<ImageSample<I, L>> {
  static readonly moduleUrl = import.meta.url;

  /** The names of the class folders; a label is a place in this list. */
  readonly classes: readonly string[];
  readonly root: string;
  readonly length: number;

  private constructor(
    private readonly folders: ClassFolders,
    private readonly mode: ImageMode,
    private readonly limits: ImageLimits,
    private readonly transforms: SampleTransforms<I, L>,
  ) {
    super();
    this.classes = folders.classes;
    this.root = folders.root;
    this.length = folders.labels.length;
  }

  /**
   * Lists the pictures; each is read and decoded when it is asked for.
   * @throws DatasetError when there are no classes, or a class has no pictures
   */
  static async load<I = Tensor, L = number>(options: ImageFolderOptions<I, L>): Promise<ImageFolder<I, L>> {
    const { root, mode = 'rgb', extensions = pictureExtensions, limits = {}, signal } = options;
    if (!modes.includes(mode)) {
      throw new ValueError(`ImageFolder: mode must be ${modes.join(', ')}, got '${String(mode)}'`);
    }
    const folders = await scanClassFolders(root, 'ImageFolder', { extensions, things: 'pictures', signal });
    const { transform, targetTransform } = options;
    return new ImageFolder(folders, mode, limits, { transform, targetTransform });
  }

  /** The sample at `index`. @throws IndexError when there is none, DatasetError when its file can't be read */
  async getItem(index: number): Promise<ImageSample<I, L>> {
    const picture = this.read(index, await imageDecoder());
    return imageSample(picture, this.folders.labels[index]!, this.transforms);
  }

  /** The decoded picture at `index`, before any transform. @throws as `getItem` */
  async getImage(index: number): Promise<Image> {
    return this.read(index, await imageDecoder());
  }

  /** The file of a sample, below the root. @throws IndexError when there is none */
  nameOf(index: number): string {
    return fileName(this.folders, index, 'ImageFolder');
  }

  /** All labels, before any transform, in the order of the samples. */
  get targets(): Uint32Array {
    return this.folders.labels.slice();
  }

  override toString(): string {
    return `ImageFolder ${this.root}: ${this.length} pictures of ${this.classes.length} classes`;
  }

  private read(index: number, decode: ImageDecode): Image {
    const name = this.nameOf(index);
    const picture = decodeFile(this.folders, name, (bytes, file) => decode(bytes, file, this.limits));
    if (this.mode === 'stored') return picture;
    return this.mode === 'rgb' ? rgbImage(picture) : greyImage(picture);
  }
}
