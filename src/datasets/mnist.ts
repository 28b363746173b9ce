// MNIST: handwritten digits, 28x28 pixels, grey.

import type { Tensor } from '../tensor/tensor.js';
import { IdxImages, openIdx, type IdxOptions, type IdxSource } from './idx-images.js';
import type { PublishedFile } from './published-file.js';

// The author's own page has been closed to programs more than once; the copies are the same files.
const bases = [
  'https://ossci-datasets.s3.amazonaws.com/mnist/',
  'https://storage.googleapis.com/cvdf-datasets/mnist/',
  'http://yann.lecun.com/exdb/mnist/',
];

// The SHA-256 of the files whose MD5 the publishers and torchvision list.
function published(file: string, size: number, sha256: string): PublishedFile {
  return { file, size, sha256, bases };
}

const source: IdxSource = {
  name: 'MNIST',
  classes: [...'0123456789'],
  train: {
    images: published(
      'train-images-idx3-ubyte.gz',
      9_912_422,
      '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609',
    ),
    labels: published(
      'train-labels-idx1-ubyte.gz',
      28_881,
      '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c',
    ),
  },
  test: {
    images: published(
      't10k-images-idx3-ubyte.gz',
      1_648_877,
      '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6',
    ),
    labels: published(
      't10k-labels-idx1-ubyte.gz',
      4542,
      'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6',
    ),
  },
};

/**
 * Handwritten digits: `{ image: float32 [1, 28, 28] from 0 to 1, label: 0 to 9 }`, 60,000 to train on and 10,000 to test
 * (LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", 1998).
 *
 * ```ts
 * const train = await MNIST.load({ root: 'data', split: 'train', download: true });
 * const { image, label } = train.getItem(0);
 * ```
 */
export class MNIST<I = Tensor, L = number> extends IdxImages<I, L> {
  static readonly moduleUrl = import.meta.url;

  /**
   * Opens the data set, fetching it first where needed and allowed (11.6 MB).
   * @throws DatasetError saying what is missing or wrong and what to do about it
   */
  static async load<I = Tensor, L = number>(options: IdxOptions<I, L>): Promise<MNIST<I, L>> {
    const { transform, targetTransform } = options;
    return new MNIST(await openIdx(source, options), { transform, targetTransform });
  }
}
