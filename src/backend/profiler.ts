// Where time and memory go: while a profile is taken, every kernel call passes through a recorder in front of the backend.

import { FlambeauError } from '../errors.js';
import { backend, replaceBackend } from './active.js';
import type { Backend } from './backend.js';

/** One kernel call. Times in milliseconds since the profile began. */
export interface KernelCall {
  /** The kernel, with its operation where it has several: `binary.add`. */
  readonly name: string;
  readonly start: number;
  readonly duration: number;
  /** Bytes allocated by living tensors after the call. */
  readonly allocated: number;
  /** The shapes of the call's operands, the result first. */
  readonly shapes: readonly (readonly number[])[];
}

/** The calls of one kernel together. */
export interface KernelSummary {
  readonly name: string;
  readonly calls: number;
  /** Milliseconds in all. */
  readonly total: number;
  /** Milliseconds a call. */
  readonly mean: number;
  /** The part of all kernels' time. */
  readonly share: number;
}

/** What a profile found. */
export class Profile {
  constructor(
    readonly calls: readonly KernelCall[],
    /** Milliseconds from beginning to end, JavaScript and waiting included. */
    readonly duration: number,
    /** The most bytes that living tensors held. */
    readonly peakMemory: number,
  ) {}

  /** Kernels by the time they took, the longest first. */
  kernels(): KernelSummary[] {
    const totals = new Map<string, { calls: number; total: number }>();
    for (const { name, duration } of this.calls) {
      const entry = totals.get(name) ?? { calls: 0, total: 0 };
      totals.set(name, { calls: entry.calls + 1, total: entry.total + duration });
    }
    const all = this.calls.reduce((sum, call) => sum + call.duration, 0);
    return [...totals]
      .map(([name, { calls, total }]) => ({
        name,
        calls,
        total,
        mean: total / calls,
        share: all === 0 ? 0 : total / all,
      }))
      .sort((a, b) => b.total - a.total);
  }

  /** The summary as text, the `rows` longest kernels first. */
  table({ rows = 20 }: { rows?: number } = {}): string {
    const kernels = this.kernels();
    const inKernels = kernels.reduce((sum, kernel) => sum + kernel.total, 0);
    const width = Math.max(6, ...kernels.slice(0, rows).map(({ name }) => name.length));
    const line = (name: string, calls: string, total: string, mean: string, share: string): string =>
      `${name.padEnd(width)}  ${calls.padStart(8)}  ${total.padStart(10)}  ${mean.padStart(10)}  ${share.padStart(7)}`;
    return [
      line('kernel', 'calls', 'total ms', 'mean µs', 'share'),
      ...kernels
        .slice(0, rows)
        .map(({ name, calls, total, mean, share }) =>
          line(name, String(calls), total.toFixed(3), (mean * 1000).toFixed(1), `${(share * 100).toFixed(1)} %`),
        ),
      ...(kernels.length > rows ? [`... and ${kernels.length - rows} more`] : []),
      `${inKernels.toFixed(3)} ms in kernels of ${this.duration.toFixed(3)} ms; peak memory ${(this.peakMemory / 1e6).toFixed(1)} MB`,
    ].join('\n');
  }

  /** The calls and the memory as a JSON text that `chrome://tracing` and Perfetto read. */
  chromeTrace(): string {
    const place = { pid: 1, tid: 1 };
    const events = this.calls.flatMap(({ name, start, duration, allocated, shapes }) => [
      { ...place, name, ph: 'X', ts: start * 1000, dur: duration * 1000, args: { shapes } },
      { ...place, name: 'memory', ph: 'C', ts: (start + duration) * 1000, args: { allocated } },
    ]);
    return JSON.stringify({ traceEvents: events, displayTimeUnit: 'ms' });
  }
}

/** Methods that own memory or only tell: not worth a line. */
const unrecorded = new Set<PropertyKey>([
  'name',
  'describe',
  'getNumThreads',
  'setNumThreads',
  'allocate',
  'release',
  'stepEnded',
  'share',
  'adopt',
  'memory',
  'resetPeakMemory',
]);

function shapesIn(args: readonly unknown[]): (readonly number[])[] {
  return args.flatMap((arg) =>
    typeof arg === 'object' && arg !== null && 'shape' in arg && Array.isArray(arg.shape)
      ? [arg.shape as readonly number[]]
      : [],
  );
}

function recorder(inner: Backend, began: number, calls: KernelCall[]): Backend {
  return new Proxy(inner, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function' || unrecorded.has(key)) return value;
      const kernel = value as (...args: unknown[]) => unknown;
      return (...args: unknown[]): unknown => {
        const start = performance.now();
        const result = kernel.apply(target, args);
        const end = performance.now();
        calls.push({
          name: typeof args[0] === 'string' ? `${String(key)}.${args[0]}` : String(key),
          start: start - began,
          duration: end - start,
          allocated: target.memory().allocated,
          shapes: shapesIn(args),
        });
        return result;
      };
    },
  });
}

let running = false;

/**
 * Runs `fn`, which may be async, and tells what its kernels cost.
 *
 * ```ts
 * const profile = await profiler.profile(() => trainOneEpoch());
 * console.log(profile.table());
 * ```
 */
export async function profile(fn: () => unknown): Promise<Profile> {
  if (running) throw new FlambeauError('profile: a profile is already being taken');
  running = true;
  const inner = backend;
  const calls: KernelCall[] = [];
  const began = performance.now();
  inner.resetPeakMemory();
  replaceBackend(recorder(inner, began, calls));
  try {
    await fn();
  } finally {
    replaceBackend(inner);
    running = false;
  }
  return new Profile(calls, performance.now() - began, inner.memory().peak);
}
