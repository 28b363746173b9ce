// Curves over steps, such as the loss of a training run, as SVG.

import { ValueError } from '../errors.js';
import { makeScale, type Scale, type ScaleKind } from './axis.js';
import { faintInk, gridLine, ink, seriesColour } from './palette.js';
import { smoothed } from './smoothing.js';
import { element, label, rounded, svgDocument, textWidth } from './svg.js';

/** One curve. */
export interface Series {
  /** What stands in the legend. */
  readonly name: string;
  /** One value for each step; what is not finite interrupts the curve. */
  readonly values: readonly number[];
  /** The steps the values belong to; default 0, 1, 2, ... */
  readonly steps?: readonly number[] | undefined;
  /** Default one of a palette that people with any kind of colour vision tell apart. */
  readonly colour?: string | undefined;
}

/** A line across the chart at a step. */
export interface Mark {
  readonly step: number;
  readonly label: string;
}

/** How `lineChart` draws. */
export interface LineChartOptions {
  readonly title?: string | undefined;
  /** What the steps count; default `step`. */
  readonly xLabel?: string | undefined;
  readonly yLabel?: string | undefined;
  /** How the values are laid out; `log` leaves out what is not above 0. Default `linear`. */
  readonly yScale?: ScaleKind | undefined;
  /**
   * From 0 (default) to below 1: how much curves of twenty values or more are smoothed (see `smoothed`); what they were is
   * drawn faintly behind.
   */
  readonly smoothing?: number | undefined;
  /** Lines across the chart, such as the ends of epochs. */
  readonly marks?: readonly Mark[] | undefined;
  /** The first and last step that the axis shows; default those of the curves. */
  readonly xRange?: readonly [number, number] | undefined;
  /** Pixels; default 720. */
  readonly width?: number | undefined;
  /** Pixels; default 360. */
  readonly height?: number | undefined;
}

/** Where the curves are drawn. */
interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

interface Curve {
  readonly name: string;
  readonly colour: string;
  readonly points: readonly (readonly [number, number])[];
  readonly smooth: readonly (readonly [number, number])[] | undefined;
}

/**
 * Draws curves over steps as an SVG document: axes with units, a legend where there are several curves.
 *
 * ```ts
 * const svg = lineChart([{ name: 'training', values: losses }], { title: 'loss', yScale: 'log', smoothing: 0.9 });
 * ```
 * @throws ValueError when there is nothing to draw, or steps and values differ in number
 */
export function lineChart(series: readonly Series[], options: LineChartOptions = {}): string {
  const { width = 720, height = 360 } = options;
  return svgDocument(width, height, chartParts(series, options));
}

/** The elements of a chart, to be placed in a larger picture. */
export function chartParts(series: readonly Series[], options: LineChartOptions = {}): string[] {
  const { title, xLabel = 'step', yLabel, yScale = 'linear', marks = [], width = 720, height = 360 } = options;
  if (yScale !== 'linear' && yScale !== 'log') {
    throw new ValueError(`lineChart: yScale must be linear or log, got '${String(yScale)}'`);
  }
  if (series.length === 0) throw new ValueError('lineChart: expected at least one series');
  const curves = series.map((one, i) => makeCurve(one, i, options.smoothing ?? 0, yScale));
  const points = curves.flatMap((curve) => curve.points.filter(([, y]) => Number.isFinite(y)));
  if (points.length === 0) {
    const kind = yScale === 'log' ? 'finite values above 0, which a log scale needs' : 'finite values';
    throw new ValueError(`lineChart: ${series.map(({ name }) => `'${name}'`).join(', ')} have no ${kind}`);
  }
  const hasLegend = curves.length > 1;
  const above = (title === undefined ? 12 : 34) + (hasLegend ? 22 : 0);
  const [lowY, highY] = extent(points, 1);
  const vertical = [height - 44, above] as const;
  const y = makeScale(yScale, [lowY, highY], vertical);
  const widest = Math.max(...y.ticks.map((tick) => textWidth(y.format(tick))));
  const frame = {
    left: 20 + widest + (yLabel === undefined ? 0 : 18),
    right: width - 20,
    top: above,
    bottom: height - 44,
  };
  const x = makeScale('linear', options.xRange ?? extent(points, 0), [frame.left, frame.right], {
    wanted: 7,
    tight: true,
  });
  return [
    ...(title === undefined ? [] : [label(title, frame.left, 22, { 'font-size': 15, 'font-weight': 600 })]),
    ...(hasLegend ? legend(curves, frame.left, above - 14, frame.right) : []),
    ...grid(x, y, frame, marks.length > 0),
    ...drawMarks(marks, x, frame),
    ...curves.flatMap((curve) => drawCurve(curve, x, y)),
    label(xLabel, (frame.left + frame.right) / 2, height - 8, { 'text-anchor': 'middle', fill: faintInk }),
    ...(yLabel === undefined ? [] : [verticalLabel(yLabel, 16, (frame.top + frame.bottom) / 2)]),
  ];
}

/** Fewer values are no noise. */
const fewest = 20;

function makeCurve({ name, values, steps, colour }: Series, i: number, smoothing: number, yScale: ScaleKind): Curve {
  if (steps !== undefined && steps.length !== values.length) {
    throw new ValueError(`lineChart: '${name}' has ${values.length} values for ${steps.length} steps`);
  }
  const shown = (value: number): number => (yScale === 'log' && !(value > 0) ? NaN : value);
  const pair = (list: readonly number[]): [number, number][] => list.map((value, k) => [steps?.[k] ?? k, shown(value)]);
  const course =
    yScale === 'log'
      ? smoothed(
          values.map((value) => Math.log(shown(value))),
          smoothing,
        ).map(Math.exp)
      : smoothed(values, smoothing);
  const smooth = smoothing === 0 || values.length < fewest ? undefined : pair(course);
  return { name, colour: colour ?? seriesColour(i), points: pair(values), smooth };
}

function extent(points: readonly (readonly [number, number])[], axis: 0 | 1): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const point of points) {
    low = Math.min(low, point[axis]);
    high = Math.max(high, point[axis]);
  }
  return [low, high];
}

function grid(x: Scale, y: Scale, { left, right, top, bottom }: Frame, hasMarks: boolean): string[] {
  const rows = y.ticks.map(
    (tick) =>
      element('path', { d: `M${rounded(left)} ${rounded(y.place(tick))}H${rounded(right)}`, stroke: gridLine }) +
      label(y.format(tick), left - 8, y.place(tick) + 4, { 'text-anchor': 'end' }),
  );
  const columns = x.ticks.map((tick) => {
    const at = rounded(x.place(tick));
    // Lines of the grid and marks would be too many lines.
    const line = element('path', {
      d: `M${at} ${rounded(hasMarks ? bottom : top)}V${rounded(bottom + 4)}`,
      stroke: gridLine,
    });
    return line + label(x.format(tick), x.place(tick), bottom + 18, { 'text-anchor': 'middle' });
  });
  const axis = element('path', { d: `M${rounded(left)} ${rounded(bottom)}H${rounded(right)}`, stroke: faintInk });
  return [...rows, ...columns, axis];
}

/** Lines with their labels, as far as these have room. */
function drawMarks(marks: readonly Mark[], x: Scale, { left, right, top, bottom }: Frame): string[] {
  let free = left;
  return marks.map(({ step, label: text }) => {
    const at = x.place(step);
    if (!(at >= left - 0.5 && at <= right + 0.5)) return '';
    const d = `M${rounded(at)} ${rounded(top)}V${rounded(bottom)}`;
    const line = element('path', { d, stroke: '#b0b0b0', 'stroke-dasharray': '3 3' });
    if (at - 8 - textWidth(text, 10) < free) return line;
    free = at;
    return line + label(text, at - 4, top + 10, { 'text-anchor': 'end', 'font-size': 10, fill: faintInk });
  });
}

function drawCurve({ colour, points, smooth }: Curve, x: Scale, y: Scale): string[] {
  const line = (list: readonly (readonly [number, number])[], attributes: Record<string, string | number>): string => {
    const placed = list.map(([step, value]) => [x.place(step), y.place(value)] as const);
    return (
      element('path', {
        d: pathOf(thinned(placed)),
        fill: 'none',
        stroke: colour,
        'stroke-linejoin': 'round',
        ...attributes,
      }) + lonePoints(placed, colour)
    );
  };
  if (smooth === undefined) return [line(points, { 'stroke-width': 1.75 })];
  return [line(points, { 'stroke-opacity': 0.3 }), line(smooth, { 'stroke-width': 2.25 })];
}

type Point = readonly [number, number];

/** A path that is interrupted where a value is missing. */
function pathOf(points: readonly Point[]): string {
  let path = '';
  let pen = 'M';
  for (const [x, y] of points) {
    if (Number.isFinite(y)) path += `${pen}${rounded(x)} ${rounded(y)}`;
    pen = Number.isFinite(y) ? 'L' : 'M';
  }
  return path;
}

/** Values without a neighbour, which a line does not show. */
function lonePoints(points: readonly Point[], colour: string): string {
  const missing = (i: number): boolean => !Number.isFinite(points[i]?.[1] ?? NaN);
  return points
    .map(([x, y], i) =>
      !missing(i) && missing(i - 1) && missing(i + 1) ? element('circle', { cx: x, cy: y, r: 3, fill: colour }) : '',
    )
    .join('');
}

/** Of the points in one column of pixels the first, lowest, highest and last: the picture is the same, the file small. */
function thinned(points: readonly Point[]): readonly Point[] {
  if (points.length < 4000) return points;
  const kept: Point[] = [];
  for (let start = 0; start < points.length;) {
    const column = Math.floor(points[start]![0] * 2);
    let end = start;
    let [lowest, highest] = [start, start];
    for (; end < points.length && Math.floor(points[end]![0] * 2) === column; end++) {
      if (!Number.isFinite(points[end]![1])) break;
      if (points[end]![1] < points[lowest]![1]) lowest = end;
      if (points[end]![1] > points[highest]![1]) highest = end;
    }
    if (end === start) end++;
    const chosen = new Set([start, Math.min(lowest, highest), Math.max(lowest, highest), end - 1]);
    for (const i of chosen) kept.push(points[i]!);
    start = end;
  }
  return kept;
}

function legend(curves: readonly Curve[], left: number, y: number, right: number): string[] {
  let x = left;
  return curves.map(({ name, colour }) => {
    const entry =
      element('path', { d: `M${rounded(x)} ${rounded(y - 4)}h18`, stroke: colour, 'stroke-width': 3 }) +
      label(name, x + 24, y, { fill: ink });
    x += 24 + textWidth(name) + 20;
    return x - 20 > right + textWidth(name) ? '' : entry;
  });
}

function verticalLabel(text: string, x: number, y: number): string {
  return label(text, x, y, {
    'text-anchor': 'middle',
    fill: faintInk,
    transform: `rotate(-90 ${rounded(x)} ${rounded(y)})`,
  });
}
