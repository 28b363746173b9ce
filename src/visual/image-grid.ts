// Pictures in rows and columns, each with a caption: as SVG, as HTML, or as pixels.

import { ValueError } from '../errors.js';
import { rgbImage, type Image } from '../io/image.js';
import { encodePng } from '../io/png.js';
import { faintInk } from './palette.js';
import { element, fitted, label, svgDocument } from './svg.js';

/** A picture of a grid. */
export interface Tile {
  readonly image: Image;
  readonly caption?: string | undefined;
  /** The colour of the caption; default a grey. */
  readonly colour?: string | undefined;
  /** The colour of a frame around the picture; default none. */
  readonly frame?: string | undefined;
}

/** How a grid of pictures is laid out. */
export interface GridLayout {
  /** How many pictures stand in a row; default about as many as make the grid half as high as wide. */
  readonly columns?: number | undefined;
  /** How many pixels wide a picture is drawn; default 64 for small ones, larger ones as they are, up to 192. */
  readonly tileWidth?: number | undefined;
  readonly title?: string | undefined;
}

const gap = 8;
const captionHeight = 18;

export function columnsFor(count: number, { columns }: GridLayout): number {
  const chosen = columns ?? Math.max(Math.ceil(Math.sqrt(count * 1.6)), Math.min(count, 4));
  if (!(Number.isInteger(chosen) && chosen > 0))
    throw new ValueError(`columns must be a whole number above 0, got ${chosen}`);
  return Math.min(chosen, count);
}

function tileWidthFor({ width }: Image, { tileWidth }: GridLayout): number {
  const chosen = tileWidth ?? Math.min(Math.max(width, 64), 192);
  if (!(chosen > 0 && chosen <= 4096)) throw new ValueError(`tileWidth must be from 1 to 4096 pixels, got ${chosen}`);
  return chosen;
}

/** The grid as an SVG document, its pictures within. */
export function gridSvg(tiles: readonly Tile[], layout: GridLayout): string {
  const columns = columnsFor(tiles.length, layout);
  const width = tileWidthFor(tiles[0]!.image, layout);
  const height = Math.max(...tiles.map(({ image }) => (width * image.height) / image.width));
  const below = tiles.some(({ caption }) => caption !== undefined) ? captionHeight : 0;
  const above = layout.title === undefined ? 0 : 26;
  const parts = tiles.map((tile, i) => {
    const x = gap + (i % columns) * (width + gap);
    const y = above + gap + Math.floor(i / columns) * (height + below + gap);
    return drawTile(tile, x, y, width, height);
  });
  const title =
    layout.title === undefined ? [] : [label(layout.title, gap, 22, { 'font-size': 15, 'font-weight': 600 })];
  const rows = Math.ceil(tiles.length / columns);
  return svgDocument(columns * (width + gap) + gap, above + rows * (height + below + gap) + gap, [...title, ...parts]);
}

function drawTile(
  { image, caption, colour = faintInk, frame }: Tile,
  x: number,
  y: number,
  width: number,
  height: number,
): string {
  const drawn = (width * image.height) / image.width;
  const top = y + (height - drawn) / 2;
  const picture = element('image', {
    x,
    y: top,
    width,
    height: drawn,
    href: dataUrl(image, width),
    preserveAspectRatio: 'none',
  });
  const around = {
    x: x - 2,
    y: top - 2,
    width: width + 4,
    height: drawn + 4,
    fill: 'none',
    stroke: frame,
    'stroke-width': 3,
  };
  const text = caption === undefined ? '' : fitted(caption, width + gap);
  return (
    picture +
    (frame === undefined ? '' : element('rect', around)) +
    (text === '' ? '' : label(text, x + width / 2, y + height + 14, { 'text-anchor': 'middle', fill: colour }))
  );
}

/** A PNG within a document. Small pictures are enlarged here: programs that show SVG would blur their pixels. */
export function dataUrl(image: Image, width: number): string {
  const factor = Math.max(1, Math.ceil(width / image.width));
  return `data:image/png;base64,${Buffer.from(encodePng(enlarged(image, factor))).toString('base64')}`;
}

function enlarged(image: Image, factor: number): Image {
  if (factor === 1) return image;
  const { width, height, channels } = image;
  const data = new Uint8Array(width * height * channels * factor * factor);
  const target = { data, width: width * factor, height: height * factor, channels };
  for (let y = 0, to = 0; y < target.height; y++) {
    const row = Math.floor(y / factor) * width;
    for (let x = 0; x < target.width; x++) {
      const from = (row + Math.floor(x / factor)) * channels;
      for (let k = 0; k < channels; k++) data[to++] = image.data[from + k]!;
    }
  }
  return target;
}

/** The grid as one picture, without captions: pictures of one size, white between them, alpha laid on white. */
export function gridImage(tiles: readonly Tile[], layout: GridLayout): Image {
  const columns = columnsFor(tiles.length, layout);
  const space = 2;
  const { width, height } = tiles[0]!.image;
  const grey = tiles.every(({ image }) => image.channels === 1);
  const channels = grey ? 1 : 3;
  const factor = layout.tileWidth === undefined ? 1 : Math.max(1, Math.round(layout.tileWidth / width));
  const [tileWidth, tileHeight] = [width * factor, height * factor];
  const total = {
    width: columns * (tileWidth + space) + space,
    height: Math.ceil(tiles.length / columns) * (tileHeight + space) + space,
  };
  const data = new Uint8Array(total.width * total.height * channels).fill(255);
  tiles.forEach(({ image }, i) => {
    const pixels = enlarged(grey ? image : rgbImage(onWhite(image)), factor);
    const left = space + (i % columns) * (tileWidth + space);
    const top = space + Math.floor(i / columns) * (tileHeight + space);
    for (let y = 0; y < tileHeight; y++) {
      const row = pixels.data.subarray(y * tileWidth * channels, (y + 1) * tileWidth * channels);
      data.set(row, ((top + y) * total.width + left) * channels);
    }
  });
  return { data, ...total, channels };
}

function onWhite(image: Image): Image {
  if (image.channels !== 4) return image;
  const data = image.data.slice();
  for (let i = 0; i < data.length; i += 4) {
    const alpha = data[i + 3]! / 255;
    for (let k = 0; k < 3; k++) data[i + k] = Math.round(data[i + k]! * alpha + 255 * (1 - alpha));
  }
  return { ...image, data };
}
