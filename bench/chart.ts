// The growth of a step's time as a picture: logarithmic axes, one panel for the batch, one for the width.

import type { GrowthPoint } from './results.js';

const WIDTH = 360;
const HEIGHT = 260;
const MARGIN = { left: 52, right: 20, top: 34, bottom: 36 };

type Grows = 'batch' | 'width';
const lines = [
  { side: 'flambeau', threads: 1, colour: '#d1495b', dash: '4 3' },
  { side: 'flambeau', threads: 2, colour: '#d1495b', dash: '' },
  { side: 'pytorch', threads: 1, colour: '#30638e', dash: '4 3' },
  { side: 'pytorch', threads: 2, colour: '#30638e', dash: '' },
] as const;

function panel(points: readonly GrowthPoint[], grows: Grows, left: number): string {
  const times = points.flatMap(({ flambeau, pytorch }) => [flambeau.median, pytorch.median]);
  const sizes = points.map((point) => point[grows]);
  const [low, high] = [Math.floor(Math.log10(Math.min(...times))), Math.ceil(Math.log10(Math.max(...times)))];
  const [first, last] = [Math.log2(Math.min(...sizes)), Math.log2(Math.max(...sizes))];
  const x = (size: number): number =>
    left + MARGIN.left + ((Math.log2(size) - first) / (last - first)) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (seconds: number): number =>
    MARGIN.top + ((high - Math.log10(seconds)) / (high - low)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const text = (at: number, down: number, words: string, anchor = 'middle'): string =>
    `<text x="${at.toFixed(1)}" y="${down.toFixed(1)}" text-anchor="${anchor}">${words}</text>`;
  const parts: string[] = [text(left + WIDTH / 2, HEIGHT - 4, grows)];
  for (let power = low; power <= high; power++) {
    const label = power >= 0 ? `${10 ** power} s` : power >= -3 ? `${10 ** (power + 3)} ms` : `${10 ** (power + 6)} µs`;
    const level = y(10 ** power).toFixed(1);
    parts.push(
      `<line x1="${left + MARGIN.left}" x2="${left + WIDTH - MARGIN.right}" y1="${level}" y2="${level}" stroke="#ddd"/>`,
    );
    parts.push(text(left + MARGIN.left - 6, y(10 ** power) + 4, label, 'end'));
  }
  for (let power = first; power <= last; power += 2)
    parts.push(text(x(2 ** power), HEIGHT - MARGIN.bottom + 14, String(2 ** power)));
  for (const { side, threads, colour, dash } of lines) {
    const way = points
      .filter((point) => point.threads === threads)
      .sort((a, b) => a[grows] - b[grows])
      .map((point) => `${x(point[grows]).toFixed(1)},${y(point[side].median).toFixed(1)}`);
    parts.push(
      `<polyline points="${way.join(' ')}" fill="none" stroke="${colour}" stroke-width="1.6" stroke-dasharray="${dash}"/>`,
    );
  }
  return parts.join('\n');
}

/** An SVG picture of all points. */
export function growthChart(points: readonly GrowthPoint[]): string {
  const legend = lines.map(({ side, threads, colour, dash }, i) => {
    const at = 60 + i * 170;
    return (
      `<line x1="${at}" x2="${at + 26}" y1="14" y2="14" stroke="${colour}" stroke-width="1.6" stroke-dasharray="${dash}"/>` +
      `<text x="${at + 32}" y="18">${side === 'pytorch' ? 'PyTorch' : side}, ${threads} thread${threads === 1 ? '' : 's'}</text>`
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${2 * WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11">`,
    `<rect width="${2 * WIDTH}" height="${HEIGHT}" fill="white"/>`,
    ...legend,
    panel(
      points.filter(({ width }) => width === 256),
      'batch',
      0,
    ),
    panel(
      points.filter(({ batch }) => batch === 64),
      'width',
      WIDTH,
    ),
    '</svg>',
    '',
  ].join('\n');
}
