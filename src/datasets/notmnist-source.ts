// Where notMNIST's letters come from: the two published archives, an archive on this machine, or the letters that come
// with this package; and what each of them is called. Preparing them is `letter-store.ts`.

import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ValueError } from '../errors.js';
import { sha256 } from '../io/checksum.js';
import type { LetterSource } from './letter-store.js';
import type { NotMNISTOptions } from './notmnist.js';
import { fetchPublished, type PublishedFile } from './published-file.js';

/** Which archive: the original, small or large, or the letters that come with the package. */
export type NotMNISTVariant = 'small' | 'large' | 'letters';

type Options = NotMNISTOptions<unknown, unknown>;

/** An archive that is published, and what is known of it. */
export interface PublishedArchive extends PublishedFile {
  /** What it is called: `notMNIST small`. */
  readonly name: string;
}

const originals: Readonly<Record<'small' | 'large', PublishedArchive>> = {
  small: {
    name: 'notMNIST small',
    file: 'notMNIST_small.tar.gz',
    size: 8_458_043,
    sha256: '76b2ef7ccc56452964780569db37b279c9cbe1bf442c3b38be784752683b3cec',
    bases: ['http://yaroslavvb.com/upload/notMNIST/'],
  },
  large: {
    name: 'notMNIST large',
    file: 'notMNIST_large.tar.gz',
    size: 247_336_696,
    sha256: '1e8261b75484b520dc76027f5c22af50fe608e3bb16277caec086eb928f9b61c',
    bases: ['http://yaroslavvb.com/upload/notMNIST/'],
  },
};
const ownLetters = fileURLToPath(new URL('../../assets/letters.tar.gz', import.meta.url));

/** The source that the options ask for. @throws ValueError for options that make no sense */
export function sourceFor(options: Options): LetterSource {
  const { root, variant = 'small', archive } = options;
  if (typeof root !== 'string' || root === '') throw new ValueError("NotMNIST: root must be a folder, such as 'data'");
  if (variant !== 'small' && variant !== 'large' && variant !== 'letters') {
    throw new ValueError(`NotMNIST: variant must be 'small', 'large' or 'letters', got '${String(variant)}'`);
  }
  if (archive !== undefined) return localArchive(path.resolve(archive), root);
  const folder = path.join(root, 'NotMNIST', variant);
  if (variant !== 'letters') return publishedSource(originals[variant], folder, options);
  return {
    folder,
    sha256: undefined,
    archive: ownLetters,
    describe: () => "flambeau's own letters, drawn from openly licensed fonts; not notMNIST",
    fetch: () => Promise.resolve(ownLetters),
  };
}

/** A published archive, fetched beside the folder of its pack. */
export function publishedSource(archive: PublishedArchive, folder: string, options: Options): LetterSource {
  const { name, file, sha256 } = archive;
  const hint = `Or fetch ${file} in another way and pass its path as 'archive'.`;
  return {
    folder,
    sha256,
    archive: undefined,
    describe: () => `${name}, the original archive`,
    fetch: () => fetchPublished(archive, path.dirname(folder), options, { dataset: 'NotMNIST', hint }),
  };
}

function localArchive(archive: string, root: string): LetterSource {
  const name = path.basename(archive);
  // Packs of different archives must not replace each other, also where the archives have the same name.
  const key = sha256(archive).slice(0, 12);
  return {
    folder: path.join(root, 'NotMNIST', `archive-${key}`),
    sha256: undefined,
    archive,
    describe(digest) {
      const known = Object.values(originals).find((original) => original.sha256 === digest);
      if (known !== undefined) return `${known.name}, the original archive, from ${name}`;
      return `the archive ${name}, sha256 ${digest.slice(0, 12)}; not a published notMNIST archive`;
    },
    fetch: () => Promise.resolve(archive),
  };
}
