// From a row as it is stored to a sample: pictures and sounds decoded, columns transformed, then the whole row.

import { imageDecoder, type ImageDecode } from '../../io/decode-image.js';
import { isImage } from '../../io/image.js';
import { ToTensor } from '../../transforms/to-tensor.js';
import { applyTransform, type TransformLike } from '../../transforms/transform.js';
import { decodeMedia, type Features, type RowPlace } from './media.js';
import type { Row } from './table-source.js';

/** What happens to a row on its way. Plain fields and transforms, so that it can travel. */
export interface RowSteps<T> {
  readonly features: Features;
  /** For a column, what to make of its decoded value; pictures without one become tensors. */
  readonly transforms: Readonly<Record<string, TransformLike<never, unknown>>>;
  /** What to make of the row after that; without one it is the sample. */
  readonly transform: TransformLike<Row, T> | undefined;
}

const toTensor = new ToTensor();

/** The decoder of pictures, which JPEG needs to wait for; undefined where no column holds any. */
export async function rowDecoder({ features }: RowSteps<unknown>): Promise<ImageDecode | undefined> {
  return Object.values(features.media).includes('image') ? imageDecoder() : undefined;
}

/** The sample that a row becomes; the row itself is used up. @throws DatasetError when something in it can't be decoded */
export function sampleOf<T>(row: Row, place: RowPlace, steps: RowSteps<T>, decodeImage: ImageDecode | undefined): T {
  const { features, transforms, transform } = steps;
  decodeMedia(row, features, place, decodeImage);
  for (const [name, value] of Object.entries(row)) {
    const step = Object.hasOwn(transforms, name) ? transforms[name] : undefined;
    if (step !== undefined) row[name] = applyTransform(step, value as never);
    else if (isImage(value)) row[name] = toTensor.forward(value);
  }
  // Without a transform T is what it defaults to.
  return transform === undefined ? (row as T) : applyTransform(transform, row);
}
