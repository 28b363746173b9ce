// Pictures with what a model took them for.

import { ValueError } from '../errors.js';
import type { Tensor } from '../tensor/tensor.js';
import { gridSvg, type GridLayout, type Tile } from './image-grid.js';
import { right, wrong } from './palette.js';
import { toImages, type PixelOptions } from './pixels.js';

/** One picture, what a model took it for, and what it is. */
export interface Prediction {
  /** `[C, H, W]` or `[H, W]` */
  readonly image: Tensor;
  readonly predicted: string;
  readonly actual: string;
}

/**
 * Draws pictures with what a model took them for as an SVG document. Mistakes are framed and say what it was, so that they
 * are not told by their colour alone.
 *
 * ```ts
 * await writeFile('predictions.svg', predictionGrid([{ image, predicted: 'C', actual: 'G' }], { columns: 12 }));
 * ```
 * @throws ValueError when there are no predictions, ShapeError for pictures of another shape
 */
export function predictionGrid(predictions: readonly Prediction[], options: GridLayout & PixelOptions = {}): string {
  if (predictions.length === 0) throw new ValueError('predictionGrid: expected at least one prediction');
  const tiles = predictions.map(({ image, predicted, actual }): Tile => {
    const batch = image.ndim === 2 ? image.unsqueeze(0) : image;
    const [pixels] = toImages(batch.unsqueeze(0), options, 'predictionGrid');
    const isRight = predicted === actual;
    return {
      image: pixels!,
      caption: isRight ? predicted : `${predicted}, not ${actual}`,
      colour: isRight ? right : wrong,
      frame: isRight ? undefined : wrong,
    };
  });
  return gridSvg(tiles, options);
}
