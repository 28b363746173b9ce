// A batch of pictures as it comes out of a DataLoader, with its labels, as a file to look at.

import { ValueError } from '../errors.js';
import { encodePng } from '../io/png.js';
import { Tensor } from '../tensor/tensor.js';
import { htmlPage } from './html-page.js';
import { gridImage, gridSvg, type GridLayout, type Tile } from './image-grid.js';
import { toImages, type PixelOptions } from './pixels.js';
import { fileKind, writeDrawing } from './write-drawing.js';

/** What stands below pictures: texts, numbers of classes, or a tensor of these `[N]`. */
export type Labels = Tensor | readonly (string | number | bigint)[];

/** How `showBatch` draws. */
export interface ShowBatchOptions extends PixelOptions, GridLayout {
  /** Where to draw: `.svg` and `.html` show the labels, `.png` only the pictures. */
  readonly path: string;
  /** The names of the classes that the labels stand for. */
  readonly classes?: readonly string[] | undefined;
  /** What stands below the pictures; default the batch's own labels. */
  readonly labels?: Labels | undefined;
  /** Most pictures to draw; default 64. */
  readonly count?: number | undefined;
}

const caller = 'showBatch';
const kinds = ['svg', 'html', 'png'] as const;
const imageFields = ['image', 'images', 'x', 'input', 'inputs', 'pixels'];
const labelFields = ['label', 'labels', 'y', 'target', 'targets', 'class'];

/**
 * Draws the pictures of a batch in a grid, their labels below them. A batch is a tensor `[N, C, H, W]` or `[N, H, W]`, a pair
 * of such a tensor and its labels, or an object with fields such as `image` and `label`.
 *
 * ```ts
 * for await (const batch of loader) {
 *   await showBatch(batch, { path: 'batch.html', classes: train.classes, mean: [0.5], std: [0.5] });
 *   break;
 * }
 * ```
 * @throws ValueError when there are no pictures in the batch, or labels don't fit; ShapeError for pictures of another shape
 */
export async function showBatch(batch: unknown, options: ShowBatchOptions): Promise<void> {
  const { path, count = 64, classes } = options;
  const kind = fileKind(path, kinds, caller);
  if (!(Number.isInteger(count) && count > 0))
    throw new ValueError(`${caller}: count must be a whole number above 0, got ${count}`);
  const found = partsOf(batch);
  const all = found.images.shape[0] ?? 0;
  if (kind === 'png' && options.labels !== undefined) {
    throw new ValueError(`${caller}: a .png has no texts: draw labels into an .svg or .html`);
  }
  const captions = captionsOf(options.labels ?? found.labels, all, classes);
  const shown = all > count ? found.images.narrow(0, 0, count) : found.images;
  const tiles = toImages(shown, options, caller).map((image, i): Tile => ({ image, caption: captions?.[i] }));
  if (kind === 'png') return writeDrawing(path, encodePng(gridImage(tiles, options)), caller);
  if (kind === 'svg') return writeDrawing(path, gridSvg(tiles, options), caller);
  const { title = tiles.length < all ? `${tiles.length} of ${all} pictures` : `${all} pictures`, ...layout } = options;
  await writeDrawing(path, htmlPage(title, [gridSvg(tiles, { ...layout, title: undefined })]), caller);
}

function partsOf(batch: unknown): { images: Tensor; labels: Labels | undefined } {
  if (batch instanceof Tensor) return { images: batch, labels: undefined };
  if (Array.isArray(batch)) {
    const [images, labels] = batch as readonly unknown[];
    if (images instanceof Tensor) return { images, labels: isLabels(labels) ? labels : undefined };
  } else if (typeof batch === 'object' && batch !== null) {
    const fields = batch as Readonly<Record<string, unknown>>;
    const named = imageFields.map((name) => fields[name]).find((value) => value instanceof Tensor);
    const images = named ?? Object.values(fields).find((value) => value instanceof Tensor && value.ndim >= 3);
    const labels = labelFields.map((name) => fields[name]).find(isLabels);
    if (images instanceof Tensor) return { images, labels };
  }
  throw new ValueError(
    `${caller}: expected a tensor of pictures, a pair of pictures and labels, or an object with a field 'image'`,
  );
}

/** Labels of one number or text for each picture; anything else a batch holds can't stand below a picture. */
function isLabels(value: unknown): value is Labels {
  if (value instanceof Tensor) return value.ndim === 1;
  return Array.isArray(value) && value.every((label) => ['string', 'number', 'bigint'].includes(typeof label));
}

/** What stands below each picture. @throws ValueError for labels that are too few, or stand for no class */
export function captionsOf(
  labels: Labels | undefined,
  count: number,
  classes: readonly string[] | undefined,
): string[] | undefined {
  if (labels === undefined) return undefined;
  const values: readonly (string | number | bigint)[] = labels instanceof Tensor ? [...labels.data()] : labels;
  if (values.length !== count)
    throw new ValueError(`${caller}: ${values.length} labels don't go with ${count} pictures`);
  return values.map((value) => {
    if (typeof value === 'string' || classes === undefined) return String(value);
    const name = classes[Number(value)];
    if (name === undefined) throw new ValueError(`${caller}: label ${value} is none of the ${classes.length} classes`);
    return name;
  });
}
