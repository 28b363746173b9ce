// How often each class was taken for each other one.

import { IndexError, ShapeError, ValueError } from '../errors.js';
import { Tensor } from '../tensor/tensor.js';
import { faintInk, isDark, shade } from './palette.js';
import { element, fitted, label, rounded, svgDocument, textWidth } from './svg.js';

/** Numbers of classes, one for each sample. */
export type ClassNumbers = Tensor | readonly (number | bigint)[];

/**
 * Counts a classifier's answers by what was right: `counts[actual][predicted]`.
 *
 * ```ts
 * const confusion = new ConfusionMatrix(test.classes);
 * for await (const { image, label } of loader) confusion.add(label, model(image).argmax(1));
 * console.log(confusion.accuracy, String(confusion));
 * await writeFile('confusion.svg', confusion.toSvg());
 * ```
 */
export class ConfusionMatrix {
  /** How often a sample of class `actual` was taken for `predicted`: `counts[actual][predicted]`. */
  readonly counts: readonly (readonly number[])[];
  private readonly rows: number[][];

  /** @param classes the names of the classes, in the order of their numbers @throws ValueError when there are none */
  constructor(readonly classes: readonly string[]) {
    if (!Array.isArray(classes) || classes.length === 0) {
      throw new ValueError('ConfusionMatrix: expected the names of the classes');
    }
    this.rows = classes.map(() => classes.map(() => 0));
    this.counts = this.rows;
  }

  /**
   * Counts the answers of a batch.
   * @param actual the right classes `[N]` @param predicted what the model took them for `[N]`
   * @throws ShapeError when they are not equally many, IndexError for a number that stands for no class
   */
  add(actual: ClassNumbers, predicted: ClassNumbers): void {
    const [rights, guesses] = [numbersOf(actual), numbersOf(predicted)];
    if (rights.length !== guesses.length) {
      throw new ShapeError(
        `ConfusionMatrix: ${rights.length} right classes don't go with ${guesses.length} predictions`,
      );
    }
    for (const number of [...rights, ...guesses]) {
      if (this.rows[number] === undefined) {
        throw new IndexError(`ConfusionMatrix: ${number} is no class, only 0 to ${this.classes.length - 1} are`);
      }
    }
    rights.forEach((row, i) => this.rows[row]![guesses[i]!]!++);
  }

  /** How many samples were counted. */
  get total(): number {
    return this.rows.flat().reduce((sum, count) => sum + count, 0);
  }

  /** The share of right answers, from 0 to 1; NaN before any. */
  get accuracy(): number {
    return this.rows.reduce((sum, row, i) => sum + row[i]!, 0) / this.total;
  }

  /** Of each class: of its samples, the share that was found; of what was taken for it, the share that was right. */
  perClass(): { name: string; recall: number; precision: number; count: number }[] {
    return this.classes.map((name, i) => {
      const count = this.rows[i]!.reduce((sum, value) => sum + value, 0);
      const guessed = this.rows.reduce((sum, row) => sum + row[i]!, 0);
      return { name, recall: this.rows[i]![i]! / count, precision: this.rows[i]![i]! / guessed, count };
    });
  }

  /** The matrix as an SVG document: the darker a field, the larger its share of its row. */
  toSvg(options: { readonly title?: string } = {}): string {
    const { classes, rows } = this;
    const names = Math.min(Math.max(...classes.map((name) => textWidth(name))), 140);
    const widest = Math.max(...rows.flat().map((count) => textWidth(String(count), 11)));
    const cell = classes.length > 40 ? 14 : Math.max(28, widest + 8);
    const above = 62 + (names > cell ? names * 0.75 : 14);
    const left = 34 + names;
    const size = classes.length * cell;
    const title = options.title ?? `accuracy ${(100 * this.accuracy).toFixed(2)} % of ${this.total}`;
    const parts = [
      label(title, left, 22, { 'font-size': 15, 'font-weight': 600 }),
      label('predicted', left + size / 2, 46, { 'text-anchor': 'middle', fill: faintInk }),
      turned('actual', 16, above + size / 2, -90, 'middle', faintInk),
    ];
    classes.forEach((name, i) => {
      const middle = above + (i + 0.5) * cell;
      parts.push(label(fitted(name, 140), left - 8, middle + 4, { 'text-anchor': 'end' }));
      const x = left + (i + 0.5) * cell;
      parts.push(
        names > cell
          ? turned(fitted(name, 140), x + 4, above - 8, -45, 'start')
          : label(name, x, above - 8, { 'text-anchor': 'middle' }),
      );
    });
    rows.forEach((row, i) => parts.push(drawRow(row, left, above + i * cell, cell)));
    const right = names > cell ? names * 0.75 : 0;
    return svgDocument(left + size + 20 + right, above + size + 20, parts);
  }

  /** The counts as a table of text. */
  toString(): string {
    const { classes, rows } = this;
    const name = Math.max(...classes.map(({ length }) => length), 6);
    const width =
      Math.max(...rows.flat().map((count) => String(count).length), ...classes.map(({ length }) => length)) + 2;
    const line = (head: string, cells: readonly (string | number)[]): string =>
      head.padEnd(name) + cells.map((cell) => String(cell).padStart(width)).join('');
    return [line('', classes), ...rows.map((row, i) => line(classes[i]!, row))].join('\n');
  }
}

function numbersOf(numbers: ClassNumbers): number[] {
  if (!(numbers instanceof Tensor)) return Array.from(numbers, Number);
  if (numbers.ndim !== 1) {
    throw new ShapeError(
      `ConfusionMatrix: expected classes [N], got [${numbers.shape.join(', ')}]; argmax(1) makes them of logits`,
    );
  }
  return Array.from(numbers.data(), Number);
}

function drawRow(row: readonly number[], left: number, top: number, cell: number): string {
  const total = row.reduce((sum, count) => sum + count, 0);
  return row
    .map((count, k) => {
      // Small shares are what one looks for: they are drawn darker than they are.
      const share = total === 0 ? 0 : (count / total) ** 0.6;
      const x = left + k * cell;
      const field = element('rect', { x, y: top, width: cell - 1, height: cell - 1, fill: shade(share) });
      const fill = isDark(share) ? '#ffffff' : undefined;
      const text = { 'text-anchor': 'middle', 'font-size': 11, fill };
      return (
        field + (count > 0 && cell >= 28 ? label(String(count), x + cell / 2 - 0.5, top + cell / 2 + 4, text) : '')
      );
    })
    .join('');
}

function turned(text: string, x: number, y: number, angle: number, anchor: string, fill?: string): string {
  return label(text, x, y, { 'text-anchor': anchor, fill, transform: `rotate(${angle} ${rounded(x)} ${rounded(y)})` });
}
