// What a training run measures, step by step, and its curves.

import { ValueError } from '../errors.js';
import { Tensor } from '../tensor/tensor.js';
import { shortNumber, type ScaleKind } from './axis.js';
import { htmlPage, htmlTable } from './html-page.js';
import { chartParts, type Mark, type Series } from './line-chart.js';
import { seriesColour } from './palette.js';
import { element, label, svgDocument } from './svg.js';
import { fileKind, writeDrawing } from './write-drawing.js';

/** How a log is drawn. */
export interface TrainingLogOptions {
  readonly title?: string | undefined;
  /** What the steps count; default `step`. */
  readonly xLabel?: string | undefined;
  /** From 0 (default) to below 1: how much noisy curves are smoothed; what was measured is drawn faintly behind. */
  readonly smoothing?: number | undefined;
  /** Panels whose values are laid out logarithmically, by name: `{ loss: 'log' }`. */
  readonly scales?: Readonly<Record<string, ScaleKind>> | undefined;
  /** Pixels; default 720. */
  readonly width?: number | undefined;
}

interface Measured {
  readonly steps: number[];
  readonly values: number[];
}

const kinds = ['svg', 'html', 'csv', 'jsonl'] as const;

/**
 * Keeps what a training run measures and draws it, a panel for each quantity. Names of one quantity share a panel: what
 * stands before a slash (`loss/train`, `loss/test`), else the last word (`train loss`, `test loss`).
 *
 * ```ts
 * const log = new TrainingLog();
 * log.add(step, { 'loss/train': loss.item() });
 * log.add(step, { 'loss/test': testLoss, 'accuracy/test': accuracy });
 * log.mark(step, 'epoch 1');
 * await log.save('runs/letters.html', { smoothing: 0.9, scales: { loss: 'log' } });
 * ```
 */
export class TrainingLog {
  private readonly measured = new Map<string, Measured>();
  private readonly markers: Mark[] = [];

  /**
   * Adds what was measured at a step. Values that are not finite are kept; in the picture they interrupt the curve.
   * @param values numbers, or tensors of one element
   * @throws ValueError for a step that is no whole number, or a value that is neither
   */
  add(step: number, values: Readonly<Record<string, number | Tensor>>): void {
    if (!Number.isSafeInteger(step)) throw new ValueError(`TrainingLog: a step must be a whole number, got ${step}`);
    const numbers = Object.entries(values).map(([name, value]) => [name, numberOf(name, value)] as const);
    if (Object.hasOwn(values, 'step')) throw new ValueError("TrainingLog: 'step' is the first argument, not a value");
    for (const [name, value] of numbers) {
      let series = this.measured.get(name);
      if (series === undefined) this.measured.set(name, (series = { steps: [], values: [] }));
      series.steps.push(step);
      series.values.push(value);
    }
  }

  /** Marks a step, such as the end of an epoch, in all panels. */
  mark(step: number, label: string): void {
    this.markers.push({ step, label });
  }

  /** What was measured so far. */
  get names(): readonly string[] {
    return [...this.measured.keys()];
  }

  /** The steps and values of one quantity. @throws ValueError when there is none of that name */
  series(name: string): { readonly steps: readonly number[]; readonly values: readonly number[] } {
    const found = this.measured.get(name);
    if (found !== undefined) return found;
    throw new ValueError(`TrainingLog: nothing is called '${name}', only ${this.names.join(', ') || 'nothing at all'}`);
  }

  /** The curves as an SVG document, its panels one below the other. @throws ValueError when nothing was measured */
  toSvg(options: TrainingLogOptions = {}): string {
    const { title, xLabel, smoothing, scales = {}, width = 720 } = options;
    const panels = this.panels();
    const missing = Object.keys(scales).find((name) => !panels.has(name));
    if (missing !== undefined) {
      throw new ValueError(
        `TrainingLog: scales names '${missing}', but the panels are ${[...panels.keys()].join(', ')}`,
      );
    }
    const height = panels.size > 1 ? 280 : 360;
    const above = title === undefined ? 0 : 34;
    const steps = [...this.measured.values()].flatMap(({ steps }) => steps);
    const xRange = [least(steps), greatest(steps)] as const;
    const parts = [...panels].map(([name, series], i) => {
      const marks = this.markers;
      const chart = { title: name, xLabel, smoothing, marks, width, height, xRange, yScale: scales[name] };
      return element('g', { transform: `translate(0 ${above + i * height})` }, chartParts(series, chart).join('\n'));
    });
    const head = title === undefined ? [] : [label(title, 20, 26, { 'font-size': 18, 'font-weight': 600 })];
    return svgDocument(width, above + panels.size * height, [...head, ...parts]);
  }

  /**
   * Writes the log: as a picture (`.svg`), a page with the curves and a table (`.html`), or its numbers (`.csv`, `.jsonl`;
   * what is not finite is null there).
   * @throws ValueError for another ending or when nothing was measured, FlambeauError when the disk does not let it
   */
  async save(path: string, options: TrainingLogOptions = {}): Promise<void> {
    const kind = fileKind(path, kinds, 'TrainingLog');
    if (kind === 'svg') return writeDrawing(path, this.toSvg(options), 'TrainingLog');
    if (kind === 'html') return writeDrawing(path, this.toHtml(options), 'TrainingLog');
    const rows = this.rows();
    const lines =
      kind === 'csv' ? csvLines(this.names, rows) : rows.map((row) => JSON.stringify(Object.fromEntries(row)));
    await writeDrawing(path, lines.map((line) => `${line}\n`).join(''), 'TrainingLog');
  }

  private toHtml(options: TrainingLogOptions): string {
    const { title = 'training', ...rest } = options;
    const rows = [...this.measured].map(([name, { steps, values }]) => {
      const finite = values.filter(Number.isFinite);
      return [name, String(steps.at(-1)), ...[values.at(-1)!, least(finite), greatest(finite)].map(shortNumber)];
    });
    return htmlPage(title, [this.toSvg(rest), htmlTable(['', 'last step', 'last', 'least', 'greatest'], rows)]);
  }

  private panels(): Map<string, Series[]> {
    if (this.measured.size === 0) throw new ValueError('TrainingLog: nothing was measured yet: call add(step, values)');
    const panels = new Map<string, Series[]>();
    // What has one name has one colour in all panels.
    const colours = new Map<string, string>();
    for (const [name, { steps, values }] of this.measured) {
      const slash = name.indexOf('/');
      const panel = slash > 0 ? name.slice(0, slash) : name.slice(name.lastIndexOf(' ') + 1);
      const label = slash > 0 ? name.slice(slash + 1) : name.slice(0, Math.max(name.lastIndexOf(' '), 0)) || name;
      const colour = colours.get(label) ?? seriesColour(colours.size);
      colours.set(label, colour);
      const series = { name: label, steps, values, colour };
      panels.set(panel, [...(panels.get(panel) ?? []), series]);
    }
    return panels;
  }

  /** By step in the order of time: the step and what was measured there. */
  private rows(): [string, number][][] {
    const rows = new Map<number, Map<string, number>>();
    for (const [name, { steps, values }] of this.measured) {
      steps.forEach((step, i) => {
        const row = rows.get(step) ?? new Map([['step', step]]);
        rows.set(step, row.set(name, values[i]!));
      });
    }
    return [...rows].sort(([a], [b]) => a - b).map(([, row]) => [...row]);
  }
}

function least(numbers: readonly number[]): number {
  return numbers.reduce((least, number) => Math.min(least, number), Infinity);
}

function greatest(numbers: readonly number[]): number {
  return numbers.reduce((greatest, number) => Math.max(greatest, number), -Infinity);
}

function numberOf(name: string, value: number | Tensor): number {
  if (typeof value === 'number') return value;
  if (value instanceof Tensor && value.numel() === 1) return Number(value.item());
  const shown = value instanceof Tensor ? `a tensor [${value.shape.join(', ')}]` : String(value);
  throw new ValueError(`TrainingLog: '${name}' must be a number or a tensor of one element, got ${shown}`);
}

function csvLines(names: readonly string[], rows: readonly [string, number][][]): string[] {
  const quoted = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const columns = ['step', ...names];
  return [
    columns.map(quoted).join(','),
    ...rows.map((row) => {
      const values = new Map(row);
      return columns.map((name) => String(values.get(name) ?? '')).join(',');
    }),
  ];
}
