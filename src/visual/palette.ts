// The colours that pictures are drawn in. Series are told apart by people with any kind of colour vision: the eight
// colours of Okabe and Ito (https://jfly.uni-koeln.de/color/), without their yellow, which is too light for lines.

export const ink = '#222222';
export const faintInk = '#666666';
export const gridLine = '#e3e3e3';
export const background = '#ffffff';
export const right = '#00735c';
export const wrong = '#c04b00';

const series = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#222222'] as const;

/** The colour of series number `i`; after the seventh they come again. */
export function seriesColour(i: number): string {
  return series[i % series.length]!;
}

type Rgb = readonly [number, number, number];

/** From nothing to all, light to dark in one hue; prints well in grey. */
const shades: readonly Rgb[] = [
  [250, 252, 254],
  [190, 217, 236],
  [90, 160, 207],
  [0, 100, 165],
  [8, 40, 90],
];

/** The shade for a share from 0 to 1. */
export function shade(share: number): string {
  const place = Math.min(Math.max(share, 0), 1) * (shades.length - 1);
  const below = Math.min(Math.floor(place), shades.length - 2);
  const mixed = shades[below]!.map((from, i) => Math.round(from + (place - below) * (shades[below + 1]![i]! - from)));
  return `rgb(${mixed.join(',')})`;
}

/** Whether white is easier to read on a shade than ink. */
export function isDark(share: number): boolean {
  return share > 0.55;
}
