// A picture of one run: the losses of both libraries on top, how far they are apart below.

import { differences, type Curves } from './comparison.js';
import type { FloatType } from './runs.js';

const WIDTH = 720;
const LEFT = 64;
const RIGHT = 16;
const UPPER = { top: 40, bottom: 250 };
const LOWER = { top: 300, bottom: 440 };
const HEIGHT = 480;

const THEIRS = '#f2b27a';
const OURS = '#1f4e8c';
const DOUBLE = '#2a7d46';
const NUDGED = '#b0b0b0';

/** What is not there at all is drawn here: the difference of equal numbers. */
const SMALLEST = 1e-17;

interface Panel {
  readonly top: number;
  readonly bottom: number;
}

function line(values: readonly number[], y: (value: number) => number, colour: string, width: number): string {
  const x = (i: number): number => LEFT + (i / Math.max(values.length - 1, 1)) * (WIDTH - LEFT - RIGHT);
  const points = values.map((value, i) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  return `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linejoin="round"/>`;
}

function text(x: number, y: number, content: string, rest = ''): string {
  return `<text x="${x}" y="${y}" ${rest}>${content}</text>`;
}

/** Horizontal lines with their values to the left. */
function grid(values: readonly number[], y: (value: number) => number, show: (value: number) => string): string[] {
  return values.flatMap((value) => {
    const at = Number(y(value).toFixed(1));
    return [
      `<line x1="${LEFT}" y1="${at}" x2="${WIDTH - RIGHT}" y2="${at}" stroke="#e4e4e4"/>`,
      text(LEFT - 8, at + 4, show(value), 'text-anchor="end"'),
    ];
  });
}

function legend(y: number, entries: readonly [label: string, colour: string][]): string[] {
  return entries.flatMap(([label, colour], i) => {
    const x = LEFT + i * 220;
    return [
      `<line x1="${x}" y1="${y - 4}" x2="${x + 24}" y2="${y - 4}" stroke="${colour}" stroke-width="3"/>`,
      text(x + 30, y, label),
    ];
  });
}

function largestSoFar(values: readonly number[]): number[] {
  let largest = 0;
  return values.map((value) => (largest = Math.max(largest, value)));
}

/** The picture as SVG. */
export function drawCurves(name: string, curves: Readonly<Record<FloatType, Curves>>): string {
  const { flambeau, pytorch, nudged } = curves.float32;
  const highest = Math.max(...pytorch, ...flambeau);
  const within = ({ top, bottom }: Panel, part: number): number => bottom - part * (bottom - top);
  const loss = (value: number): number => within(UPPER, value / highest);
  const decades = Math.log10(SMALLEST);
  const apart = (value: number): number => within(LOWER, 1 - Math.log10(Math.max(value, SMALLEST)) / decades);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="#222222">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    text(LEFT, 22, `${name}: loss of each step, float32`, 'font-size="14" font-weight="bold"'),
    ...grid(
      [0, 0.25, 0.5, 0.75, 1].map((part) => part * highest),
      loss,
      (value) => value.toFixed(2),
    ),
    line(pytorch, loss, THEIRS, 5),
    line(flambeau, loss, OURS, 1.2),
    ...legend(270, [
      ['PyTorch', THEIRS],
      ['flambeau', OURS],
    ]),
    ...grid([1, 1e-4, 1e-8, 1e-12, 1e-16], apart, (value) => (value === 1 ? '1' : value.toExponential(0))),
    line(largestSoFar(differences(nudged, pytorch)), apart, NUDGED, 1.2),
    line(largestSoFar(differences(flambeau, pytorch)), apart, OURS, 1.2),
    line(largestSoFar(differences(curves.float64.flambeau, curves.float64.pytorch)), apart, DOUBLE, 1.2),
    ...legend(LOWER.bottom + 24, [
      ['largest difference so far', OURS],
      ['the same in float64', DOUBLE],
      ['PyTorch nudged', NUDGED],
    ]),
    '</svg>',
    '',
  ].join('\n');
}
