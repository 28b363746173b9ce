// Draws the ten letters of a font: 28x28, white on black, stretched in both directions until the outline touches all
// four sides, as in notMNIST (where the I of a sans-serif font is therefore a white square).
import { readFileSync } from 'node:fs';
import { createCanvas, Path2D } from '@napi-rs/canvas';
import opentype from 'opentype.js';

export const letters = [...'ABCDEFGHIJ'];
export const side = 28;

/** A code point of the private use area: what a font shows for it is what it shows for a letter it lacks. */
const unassigned = '\u{F8F0}';

/**
 * Draws letters A to J with the font in `file`; ten arrays of side * side grey values, row by row.
 * @throws if a letter is missing, blank, the same as another one, or the font's sign for a missing character.
 */
export function drawLetters(file) {
  const bytes = readFileSync(file);
  const font = opentype.parse(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const seen = new Map([[outlineOf(font, unassigned).toPathData(), 'the sign for a missing character']]);
  return letters.map((letter) => {
    if (font.charToGlyphIndex(letter) === 0) throw new Error(`${letter} is missing`);
    const outline = outlineOf(font, letter);
    const { x1, y1, x2, y2 } = outline.getBoundingBox();
    if (!(x2 > x1 && y2 > y1)) throw new Error(`${letter} is blank`);
    const data = outline.toPathData();
    if (seen.has(data)) throw new Error(`${letter} looks like ${seen.get(data)}`);
    seen.set(data, letter);
    return fill(outline, { x1, y1, x2, y2 });
  });
}

/** The outline of a character at 1,000 units to the em, y pointing down. */
function outlineOf(font, character) {
  return font.charToGlyph(character).getPath(0, 0, 1000);
}

/** Fills an outline, its bounding box stretched to the whole frame. */
function fill(outline, { x1, y1, x2, y2 }) {
  const x = (value) => ((value - x1) / (x2 - x1)) * side;
  const y = (value) => ((value - y1) / (y2 - y1)) * side;
  const path = new Path2D();
  for (const c of outline.commands) {
    if (c.type === 'M') path.moveTo(x(c.x), y(c.y));
    else if (c.type === 'L') path.lineTo(x(c.x), y(c.y));
    else if (c.type === 'Q') path.quadraticCurveTo(x(c.x1), y(c.y1), x(c.x), y(c.y));
    else if (c.type === 'C') path.bezierCurveTo(x(c.x1), y(c.y1), x(c.x2), y(c.y2), x(c.x), y(c.y));
    else path.closePath();
  }
  const context = createCanvas(side, side).getContext('2d');
  context.fillStyle = 'black';
  context.fillRect(0, 0, side, side);
  context.fillStyle = 'white';
  context.fill(path);
  const { data } = context.getImageData(0, 0, side, side);
  return Uint8Array.from({ length: side * side }, (_, pixel) => data[4 * pixel]);
}
