// Results as tables: for the screen and, in Markdown, for docs/performance.md.

import type { Compared, Timing } from './comparison.js';
import type { Machine } from './machine.js';
import type { GrowthPoint, PeerResult } from './results.js';

/** A duration in the unit that suits it. */
export function duration(seconds: number): string {
  if (seconds < 1e-3) return `${(seconds * 1e6).toPrecision(3)} µs`;
  return seconds < 1 ? `${(seconds * 1e3).toPrecision(3)} ms` : `${seconds.toPrecision(3)} s`;
}

const megabytes = (bytes: number | undefined): string => (bytes === undefined ? '' : `${(bytes / 1e6).toFixed(0)} MB`);
const percent = (part: number): string => `${(part * 100).toFixed(0)} %`;

/** How near a row comes to the bound the machine sets: arithmetic, or memory. */
export function shareOfPeak({ flops, bytes, threads, flambeau }: Compared, machine: Machine | undefined): string {
  const which = threads === 1 ? 0 : 1;
  if (flops !== undefined && machine?.flops) return percent(flops / flambeau.median / machine.flops[which]);
  if (bytes !== undefined && machine?.bytes)
    return `${percent(bytes / flambeau.median / machine.bytes[which])} (memory)`;
  return '';
}

/** Half the distance between the slowest and the fastest round, as a part of the median. */
const spread = ({ median, range }: Timing): string => `±${percent((range[1] - range[0]) / 2 / median)}`;

export function rowTable(rows: readonly Compared[], machine: Machine | undefined): string[][] {
  return [
    ['row', 'flambeau', 'spread', 'PyTorch', 'threads', 'ratio', 'last runs', 'of peak', 'memory', "PyTorch's"],
    ...rows.map((row) => [
      row.row,
      duration(row.flambeau.median),
      spread(row.flambeau),
      duration(row.pytorch.median),
      row.pytorch.setting,
      row.ratio.toFixed(2),
      row.ratios.map((ratio) => ratio.toFixed(2)).join(', '),
      shareOfPeak(row, machine),
      megabytes(row.flambeau.peakMemory),
      megabytes(row.pytorch.peakMemory),
    ]),
  ];
}

export function growthTable(points: readonly GrowthPoint[], grows: 'batch' | 'width'): string[][] {
  const values = [...new Set(points.map((point) => point[grows]))].sort((a, b) => a - b);
  const at = (value: number, threads: 1 | 2): GrowthPoint | undefined =>
    points.find((point) => point[grows] === value && point.threads === threads);
  const cells = (point: GrowthPoint | undefined): string[] =>
    point
      ? [
          duration(point.flambeau.median),
          duration(point.pytorch.median),
          (point.pytorch.median / point.flambeau.median).toFixed(2),
        ]
      : ['', '', ''];
  return [
    [grows, 'flambeau, 1 thread', 'PyTorch', 'ratio', 'flambeau, 2 threads', 'PyTorch', 'ratio'],
    ...values.map((value) => [String(value), ...cells(at(value, 1)), ...cells(at(value, 2))]),
  ];
}

export function peerTable(results: readonly PeerResult[]): string[][] {
  const names = [...new Set(results.flatMap(({ peers }) => Object.keys(peers)))];
  const cell = (value: Timing | string | undefined): string =>
    typeof value === 'object' ? duration(value.median) : value === undefined ? '' : 'not there';
  return [
    ['row', 'flambeau', ...names],
    ...results.map(({ row, flambeau, peers }) => [row, duration(flambeau.median), ...names.map((n) => cell(peers[n]))]),
  ];
}

/** Columns side by side, the first to the left, the others to the right. */
export function plainText(table: readonly (readonly string[])[]): string {
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table
    .map((row) =>
      row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
    )
    .join('\n');
}

export function markdown([head, ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head!), line(head!.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}
