// What a profile found, and how it is shown: averages by name, a table, a Chrome trace.

import { writeText } from '#platform';

import { ValueError } from '../errors.js';
import type { EventKind } from './trace.js';

/** One event. Times in milliseconds since the profile began; sizes in bytes. */
export interface ProfileEvent {
  /** An operation (`linear`), a node of the graph (`LinearBackward0`), a kernel (`binary.add`), or a range's own name. */
  readonly name: string;
  readonly kind: EventKind;
  readonly start: number;
  readonly duration: number;
  /** The duration without that of the events inside. */
  readonly selfTime: number;
  /** Bytes allocated meanwhile, less those given back at once; what garbage collection frees is not subtracted. */
  readonly memory: number;
  /** The same without what events inside allocated. */
  readonly selfMemory: number;
  /** Bytes held by living tensors at the end of the event. */
  readonly allocated: number;
  /** How many events it lies inside. */
  readonly depth: number;
  /** The shapes of the operands; of a kernel, the result's first. */
  readonly shapes: readonly (readonly number[])[];
  /** The range ran across awaits, so that what lies inside was not told apart from what ran beside it. */
  readonly asynchronous?: boolean;
}

/** The events of one name together; times in milliseconds, sizes in bytes. */
export interface EventSummary {
  readonly name: string;
  readonly kind: EventKind;
  readonly calls: number;
  readonly selfTime: number;
  readonly totalTime: number;
  /** The total time of one call. */
  readonly meanTime: number;
  /** The part of the self time of all events. */
  readonly share: number;
  readonly selfMemory: number;
  readonly memory: number;
  /** The shapes of the calls, where they are kept apart. */
  readonly shapes?: readonly (readonly number[])[];
}

/** Options of `keyAverages`. */
export interface AveragesOptions {
  /** Keeps calls on different shapes apart. */
  groupByInputShape?: boolean;
}

type SortKey = 'selfTime' | 'totalTime' | 'meanTime' | 'selfMemory' | 'memory' | 'calls';
const sortKeys: readonly SortKey[] = ['selfTime', 'totalTime', 'meanTime', 'selfMemory', 'memory', 'calls'];

/** Options of `table`. */
export interface TableOptions extends AveragesOptions {
  /** What the lines are sorted by, the most first: `selfTime` unless given. */
  sortBy?: SortKey;
  /** How many lines; 20 unless given. */
  rowLimit?: number;
  /** Only events of these kinds; all unless given. */
  kinds?: readonly EventKind[];
}

/** What a profile found. */
export class Profile {
  constructor(
    /** All events, by their beginning. */
    readonly events: readonly ProfileEvent[],
    /** Milliseconds from beginning to end, JavaScript and waiting included. */
    readonly duration: number,
    /** The most bytes that living tensors held. */
    readonly peakMemory: number,
  ) {}

  /** The events by name and kind, those with the most self time first. */
  keyAverages({ groupByInputShape = false }: AveragesOptions = {}): EventSummary[] {
    const groups = new Map<string, ProfileEvent[]>();
    for (const event of this.events) {
      const key = `${event.kind} ${event.name}${groupByInputShape ? JSON.stringify(event.shapes) : ''}`;
      const group = groups.get(key);
      if (group) group.push(event);
      else groups.set(key, [event]);
    }
    const sum = (events: readonly ProfileEvent[], key: 'duration' | 'selfTime' | 'memory' | 'selfMemory'): number =>
      events.reduce((total, event) => total + event[key], 0);
    const all = sum(this.events, 'selfTime');
    const summaries = [...groups.values()].map((events): EventSummary => {
      const { name, kind, shapes } = events[0]!;
      const selfTime = sum(events, 'selfTime');
      const totalTime = sum(events, 'duration');
      return {
        name,
        kind,
        calls: events.length,
        selfTime,
        totalTime,
        meanTime: totalTime / events.length,
        share: all === 0 ? 0 : selfTime / all,
        selfMemory: sum(events, 'selfMemory'),
        memory: sum(events, 'memory'),
        ...(groupByInputShape ? { shapes } : {}),
      };
    });
    return summaries.sort((a, b) => b.selfTime - a.selfTime);
  }

  /**
   * The averages as text, a line for each name.
   * @throws ValueError for an unknown `sortBy` or a `rowLimit` below 1
   */
  table({ sortBy = 'selfTime', rowLimit = 20, kinds, groupByInputShape = false }: TableOptions = {}): string {
    if (!sortKeys.includes(sortBy)) {
      throw new ValueError(`table: expected sortBy one of ${sortKeys.join(', ')}, got ${String(sortBy)}`);
    }
    if (!(rowLimit >= 1)) throw new ValueError(`table: expected a rowLimit of 1 or more, got ${rowLimit}`);
    const averages = this.keyAverages({ groupByInputShape })
      .filter(({ kind }) => kinds === undefined || kinds.includes(kind))
      .sort((a, b) => b[sortBy] - a[sortBy]);
    const head = ['name', 'kind', 'self', 'self ms', 'total ms', 'mean µs', 'memory', 'self memory', 'calls'];
    const lines = averages
      .slice(0, rowLimit)
      .map((summary) => [
        summary.name,
        summary.kind,
        `${(summary.share * 100).toFixed(1)} %`,
        summary.selfTime.toFixed(3),
        summary.totalTime.toFixed(3),
        (summary.meanTime * 1000).toFixed(1),
        inBytes(summary.memory),
        inBytes(summary.selfMemory),
        String(summary.calls),
        ...(groupByInputShape ? [JSON.stringify(summary.shapes)] : []),
      ]);
    const table = [groupByInputShape ? [...head, 'shapes'] : head, ...lines];
    const widths = table[0]!.map((_, column) => Math.max(...table.map((line) => line[column]!.length)));
    const text = table.map((line) =>
      line
        .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
        .join('  '),
    );
    const left = averages.length - lines.length;
    const inEvents = this.events.reduce((total, { selfTime }) => total + selfTime, 0);
    return [
      ...text,
      ...(left > 0 ? [`... and ${left} more`] : []),
      `${inEvents.toFixed(3)} ms in events of ${this.duration.toFixed(3)} ms; peak memory ${inBytes(this.peakMemory)}`,
    ].join('\n');
  }

  /** Events and memory as a JSON text that `chrome://tracing` and Perfetto read. */
  chromeTrace(): string {
    const place = { pid: 1, tid: 1 };
    const micro = (milliseconds: number): number => Math.round(milliseconds * 1e6) / 1e3;
    const events = this.events.flatMap((event, id): object[] => {
      const { name, kind, start, duration, memory, allocated, shapes } = event;
      const what = { ...place, name, cat: kind };
      if (event.asynchronous) {
        return [
          { ...what, ph: 'b', id, ts: micro(start), args: {} },
          { ...what, ph: 'e', id, ts: micro(start + duration), args: {} },
        ];
      }
      return [
        { ...what, ph: 'X', ts: micro(start), dur: micro(duration), args: { shapes, memory } },
        ...(kind === 'kernel'
          ? [{ ...place, name: 'memory', ph: 'C', ts: micro(start + duration), args: { allocated } }]
          : []),
      ];
    });
    return JSON.stringify({ traceEvents: events, displayTimeUnit: 'ms' });
  }

  /** Writes the Chrome trace to a file. */
  async exportChromeTrace(path: string): Promise<void> {
    await writeText(path, this.chromeTrace());
  }
}

function inBytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let value = count;
  let unit = 0;
  for (; Math.abs(value) >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${unit === 0 ? value : value.toFixed(2)} ${units[unit]}`;
}
