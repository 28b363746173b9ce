// Fashion-MNIST: pieces of clothing in MNIST's form, 28x28 pixels, grey.

import type { Tensor } from '../tensor/tensor.js';
import { IdxImages, openIdx, type IdxOptions, type IdxSource } from './idx-images.js';
import type { PublishedFile } from './published-file.js';

const bases = [
  'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/',
  'https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/',
];

// The SHA-256 of the files whose MD5 the publishers and torchvision list.
function published(file: string, size: number, sha256: string): PublishedFile {
  return { file, size, sha256, bases };
}

const source: IdxSource = {
  name: 'FashionMNIST',
  classes: ['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'],
  train: {
    images: published(
      'train-images-idx3-ubyte.gz',
      26_421_880,
      '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84',
    ),
    labels: published(
      'train-labels-idx1-ubyte.gz',
      29_515,
      'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845',
    ),
  },
  test: {
    images: published(
      't10k-images-idx3-ubyte.gz',
      4_422_102,
      '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073',
    ),
    labels: published(
      't10k-labels-idx1-ubyte.gz',
      5148,
      '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5',
    ),
  },
};

/**
 * Pieces of clothing: `{ image: float32 [1, 28, 28] from 0 to 1, label: 0 to 9 }`, 60,000 to train on and 10,000 to test
 * (Xiao, Rasul and Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms", 2017,
 * https://github.com/zalandoresearch/fashion-mnist).
 *
 * ```ts
 * const test = await FashionMNIST.load({ root: 'data', split: 'test', download: true });
 * console.log(test.classes[test.getItem(0).label]); // Ankle boot
 * ```
 */
export class FashionMNIST<I = Tensor, L = number> extends IdxImages<I, L> {
  static readonly moduleUrl = import.meta.url;

  /**
   * Opens the data set, fetching it first where needed and allowed (30.9 MB).
   * @throws DatasetError saying what is missing or wrong and what to do about it
   */
  static async load<I = Tensor, L = number>(options: IdxOptions<I, L>): Promise<FashionMNIST<I, L>> {
    const { transform, targetTransform } = options;
    return new FashionMNIST(await openIdx(source, options), { transform, targetTransform });
  }
}
