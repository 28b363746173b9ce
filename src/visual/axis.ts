// Axes: which numbers to mark on them, how to write these, and where a value lies.

/** How values are laid out along an axis. */
export type ScaleKind = 'linear' | 'log';

/** From values to places. */
export interface Scale {
  readonly ticks: readonly number[];
  place(value: number): number;
  format(tick: number): string;
}

/**
 * A scale over the values from `low` to `high`, which are drawn at `from` and `to`; it is widened to the next ticks.
 * @param options.wanted about how many ticks to have
 * @param options.tight whether the values end where the axis ends, without being widened
 */
export function makeScale(
  kind: ScaleKind,
  [low, high]: readonly [number, number],
  [from, to]: readonly [number, number],
  { wanted = 5, tight = false }: { wanted?: number; tight?: boolean } = {},
): Scale {
  return kind === 'log' ? logScale(low, high, from, to) : linearScale(low, high, from, to, wanted, tight);
}

function linearScale(low: number, high: number, from: number, to: number, wanted: number, tight: boolean): Scale {
  const [first, last] = low === high ? spread(low) : [low, high];
  const step = niceStep((last - first) / wanted);
  const [least, most] = tight ? [first, last] : [Math.floor(first / step) * step, Math.ceil(last / step - 1e-9) * step];
  const ticks: number[] = [];
  for (let i = Math.ceil(least / step - 1e-9); i * step <= most + step * 1e-9; i++) ticks.push(i * step);
  return {
    ticks,
    place: (value) => from + ((value - least) / (most - least)) * (to - from),
    format: (tick) => formatTick(tick, step),
  };
}

/** Something to draw on around a single value. */
function spread(value: number): [number, number] {
  const reach = value === 0 ? 1 : Math.abs(value) / 2;
  return [value - reach, value + reach];
}

/** 1, 2 or 5 times a power of ten, the next above. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const share = rough / power;
  return (share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10) * power;
}

function logScale(low: number, high: number, from: number, to: number): Scale {
  const [least, most] = low === high ? [low / 2, high * 2] : [low, high];
  const decades = Math.log10(most / least);
  const digits = decades < 1.5 ? [1, 2, 3, 5, 7] : decades < 3 ? [1, 2, 5] : [1];
  const every = Math.max(1, Math.ceil(decades / 8));
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(least)); power <= Math.ceil(Math.log10(most)); power++) {
    if (power % every !== 0) continue;
    for (const digit of digits) {
      const tick = Number(`${digit}e${power}`);
      if (tick >= least * 0.999 && tick <= most * 1.001) ticks.push(tick);
    }
  }
  const start = Math.log(least);
  return {
    ticks,
    place: (value) => from + ((Math.log(value) - start) / (Math.log(most) - start)) * (to - from),
    format: (tick) => (tick >= 1e-3 && tick < 1e5 ? shortNumber(tick) : tick.toExponential(0).replace('e+', 'e')),
  };
}

/** A tick with as many digits as the step between ticks asks for. */
function formatTick(tick: number, step: number): string {
  const size = Math.max(Math.abs(tick), step);
  if (size >= 1e6 || step < 1e-4) return tick === 0 ? '0' : shortNumber(tick);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return tick.toFixed(decimals).replace(/^-(0(\.0*)?)$/, '$1');
}

/** A number in at most four digits, without trailing zeros. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '-∞';
  return String(Number(value.toPrecision(4))).replace('e+', 'e');
}
