// Which letters a run uses: a given archive, the original one where it can be reached, else those that come with the package.

import { datasets, DownloadError, type transforms } from 'flambeau';
import type { Options } from './options.js';

type Letters<I> = datasets.NotMNIST<I>;

/** How long the original's server may take to answer before the letters in the package are used. */
const PATIENCE_MS = 5000;

/** The letters to train on and those kept aside. */
export async function loadLetters<I>(
  options: Options,
  transform: transforms.Transform<transforms.Image, I>,
): Promise<{ train: Letters<I>; test: Letters<I> }> {
  const { root, archive, variant } = options;
  const both = async (
    source: Partial<datasets.NotMNISTOptions<I>>,
  ): Promise<{ train: Letters<I>; test: Letters<I> }> => {
    const train = await datasets.NotMNIST.load<I>({ root, transform, ...source, split: 'train' });
    return {
      train,
      test: await datasets.NotMNIST.load<I>({ root, transform, ...source, split: 'test', progress: 'none' }),
    };
  };
  if (archive !== undefined) return both({ archive, variant });
  try {
    return await both({ variant, download: true, connectTimeout: PATIENCE_MS, retries: 0 });
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    const reason = error.message.split('\n')[1]?.trim();
    console.log(
      `The original notMNIST archive is not to be had (${reason}): using the letters that come with flambeau, rendered from open fonts.`,
    );
    return both({ variant: 'letters' });
  }
}
