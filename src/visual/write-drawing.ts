// Drawings as files.

import path from 'node:path';
import { FlambeauError, ValueError } from '../errors.js';
import { writeFileAtomic } from '../io/atomic-file.js';
import { explainDiskError } from '../io/disk-error.js';

/** The ending of a file name, in lower case, which must be one of `kinds`. @throws ValueError for another one */
export function fileKind<K extends string>(file: string, kinds: readonly K[], caller: string): K {
  const ending = typeof file === 'string' ? path.extname(file).slice(1).toLowerCase() : '';
  const kind = kinds.find((one) => one === ending);
  if (kind !== undefined) return kind;
  throw new ValueError(`${caller}: the path must end in .${kinds.join(', .')}, got '${file}'`);
}

/** Writes a whole file; folders on the way are made. @throws FlambeauError when the disk does not let it */
export async function writeDrawing(file: string, content: string | Uint8Array, caller: string): Promise<void> {
  try {
    await writeFileAtomic(file, [typeof content === 'string' ? Buffer.from(content) : content]);
  } catch (error) {
    throw new FlambeauError(`${caller}: can't write ${file}: ${explainDiskError(error)}`, { cause: error });
  }
}
