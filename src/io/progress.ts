// A line that shows how far something is: a bar that is written again in place on a terminal, a plain line now and then
// elsewhere (a log file, CI), nothing when told so. It owns no timer and catches no signal: it draws when it is updated,
// so it works in a synchronous loop and never keeps a process open.

import { RateMeter } from './rate.js';

/** The part of `process.stderr` that is used. */
export interface ProgressStream {
  /** Takes the text of a line, or of a bar with what puts the cursor back to its beginning. */
  write(text: string): unknown;
  /** Whether it is a terminal. */
  readonly isTTY?: boolean;
  /** How many characters a line of it has. */
  readonly columns?: number;
}

/** `auto` is a bar on a terminal and lines elsewhere. */
export type ProgressMode = 'auto' | 'bar' | 'lines' | 'none';

/** Values shown behind the bar, such as the loss: numbers with four significant digits, texts as they are. */
export type ProgressFields = Readonly<Record<string, number | string>>;

/** Options of `Progress`. */
export interface ProgressOptions {
  /** What is going on: a file's name, `epoch 1/5`. */
  readonly label: string;
  /** How much there is; left out when unknown. */
  readonly total?: number | undefined;
  /** What is counted: `bytes` are shown as kB and MB, anything else by its name (default `steps`). */
  readonly unit?: string;
  /** Default `auto`. */
  readonly mode?: ProgressMode;
  /** Where to draw; default standard error, so that results on standard output stay clean. */
  readonly stream?: ProgressStream;
  /** What is already done and is not to count for the rate. */
  readonly initial?: number;
}

/** Whether a line can be written again in place. */
export function isTerminal(stream: ProgressStream): boolean {
  return stream.isTTY === true && process.env.TERM !== 'dumb';
}

const redrawInterval = 100;
const lineInterval = 10_000;
const barWidth = 24;
const eraseToEnd = '\u001b[K';

/**
 * Shows how far something is, how fast it goes and how long the rest takes.
 *
 * ```ts
 * const progress = new Progress({ label: 'epoch 1/5', total: loader.length, unit: 'batches' });
 * for await (const batch of loader) progress.update(++done, { loss: loss.item() });
 * progress.finish();
 * ```
 */
export class Progress {
  private readonly label: string;
  private readonly unit: string;
  private readonly stream: ProgressStream;
  private readonly shape: 'bar' | 'lines' | 'none';
  private readonly rate: RateMeter;
  private readonly started = performance.now();
  private total: number | undefined;
  private done: number;
  private readonly initial: number;
  private fields: ProgressFields = {};
  private lastDrawn: number;
  private finished = false;

  constructor(options: ProgressOptions) {
    const { label, total, unit = 'steps', mode = 'auto', stream = process.stderr, initial = 0 } = options;
    this.label = label;
    this.total = total;
    this.unit = unit;
    this.stream = stream;
    this.shape = mode === 'auto' ? (isTerminal(stream) ? 'bar' : 'lines') : mode;
    this.initial = initial;
    this.done = initial;
    this.rate = new RateMeter(initial, this.started);
    this.lastDrawn = this.shape === 'lines' ? this.started : -Infinity;
  }

  /**
   * Tells how much is done in all (not since the last call) and what else is worth showing. Cheap enough for every step.
   * @param total a total that became known, or changed, on the way
   */
  update(done: number, fields?: ProgressFields, total?: number): void {
    if (this.finished || this.shape === 'none') return;
    this.done = done;
    if (fields !== undefined) this.fields = fields;
    if (total !== undefined) this.total = total;
    const now = performance.now();
    if (now - this.lastDrawn < (this.shape === 'bar' ? redrawInterval : lineInterval)) return;
    this.lastDrawn = now;
    this.rate.update(done, now);
    this.draw(this.describe(this.rate.perSecond, this.rate.secondsLeft(this.total)));
  }

  /** Writes a line of its own above the bar. */
  note(text: string): void {
    if (this.shape === 'none') return;
    this.stream.write(this.shape === 'bar' ? `\r${text}${eraseToEnd}\n` : `${text}\n`);
    this.lastDrawn = this.shape === 'bar' ? -Infinity : this.lastDrawn;
  }

  /** Draws the last state and the time it all took, and ends the line. Further calls do nothing. */
  finish(fields?: ProgressFields): void {
    if (this.finished) return;
    this.finished = true;
    if (this.shape === 'none') return;
    if (fields !== undefined) this.fields = fields;
    const seconds = (performance.now() - this.started) / 1000;
    const average = seconds > 0 ? (this.done - this.initial) / seconds : 0;
    this.draw(this.describe(average, undefined, seconds));
    if (this.shape === 'bar') this.stream.write('\n');
  }

  private describe(perSecond: number, left: number | undefined, took?: number): string {
    const { done, total, unit } = this;
    const parts = [this.label];
    if (total !== undefined && total > 0) {
      const share = Math.min(1, done / total);
      parts.push(`${String(Math.floor(share * 100)).padStart(3)}%`);
      if (this.shape === 'bar') parts.push(bar(share));
    }
    parts.push(formatAmount(done, total, unit));
    if (perSecond > 0) parts.push(`${formatQuantity(perSecond, unit)}/s`);
    if (left !== undefined) parts.push(`${formatDuration(left)} left`);
    if (took !== undefined) parts.push(`in ${formatDuration(took)}`);
    for (const [name, value] of Object.entries(this.fields)) parts.push(`${name} ${formatField(value)}`);
    return parts.join('  ');
  }

  private draw(text: string): void {
    if (this.shape === 'lines') {
      this.stream.write(`${text}\n`);
      return;
    }
    // A line that wraps could not be written over; the last column stays free, where some terminals wrap already.
    const room = (this.stream.columns ?? 80) - 1;
    this.stream.write(`\r${text.length > room ? text.slice(0, room) : text}${eraseToEnd}`);
  }
}

function bar(share: number): string {
  const full = Math.round(share * barWidth);
  return `[${'#'.repeat(full)}${'.'.repeat(barWidth - full)}]`;
}

function formatAmount(done: number, total: number | undefined, unit: string): string {
  if (unit !== 'bytes') return total === undefined ? `${done} ${unit}` : `${done}/${total} ${unit}`;
  return total === undefined ? formatBytes(done) : `${formatBytes(done)} of ${formatBytes(total)}`;
}

function formatQuantity(value: number, unit: string): string {
  if (unit === 'bytes') return formatBytes(value);
  return `${value >= 100 ? value.toFixed(0) : value.toPrecision(3)} ${unit}`;
}

function formatField(value: number | string): string {
  if (typeof value === 'string') return value;
  return Number.isInteger(value) ? String(value) : value.toPrecision(4);
}

/** A number of bytes for people, in powers of 1000: `8.46 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let power = 0;
  let value = bytes;
  while (value >= 999.5 && power < units.length - 1) {
    value /= 1000;
    power++;
  }
  return `${power === 0 ? Math.round(value) : value.toPrecision(3)} ${units[power]!}`;
}

/** Seconds as `m:ss`, from an hour on as `h:mm:ss`. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${two(whole % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
}
