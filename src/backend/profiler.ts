// Where time and memory go: while a profile is taken, every kernel call passes through a recorder in front of the backend, and
// operations, backward nodes and optimisers report to it as well (trace.ts). What is found is `Profile`, in profile.ts.

import { FlambeauError } from '../errors.js';
import { plainBackend, replaceBackend } from './active.js';
import type { Backend } from './backend.js';
import { Profile, type ProfileEvent } from './profile.js';
import type { Storage } from './storage.js';
import { setTracer, tracer, type EventKind, type Tracer } from './trace.js';

export { Profile };
export type { AveragesOptions, EventSummary, ProfileEvent, TableOptions } from './profile.js';
export type { EventKind } from './trace.js';

/** Methods that own memory or only tell: not worth an event. */
const unrecorded = new Set<PropertyKey>([
  'name',
  'describe',
  'getNumThreads',
  'setNumThreads',
  'allocate',
  'mapFile',
  'release',
  'stepEnded',
  'share',
  'adopt',
  'memory',
  'resetPeakMemory',
]);

type Open = { -readonly [key in keyof ProfileEvent]: ProfileEvent[key] };

class Recorder implements Tracer {
  readonly events: Open[] = [];
  readonly began = performance.now();
  private readonly stack: Open[] = [];

  constructor(readonly inner: Backend) {}

  enter(name: string, kind: EventKind, args: readonly unknown[]): void {
    const event: Open = {
      name,
      kind,
      start: 0,
      duration: 0,
      selfTime: 0,
      memory: 0,
      selfMemory: 0,
      allocated: 0,
      depth: this.stack.length,
      shapes: shapesIn(args),
    };
    this.events.push(event);
    this.stack.push(event);
    event.start = performance.now() - this.began;
  }

  leave(): void {
    const end = performance.now() - this.began;
    const event = this.stack.pop()!;
    event.duration = end - event.start;
    // So far its self time is what the events inside took, with the sign changed.
    event.selfTime += event.duration;
    event.memory += event.selfMemory;
    event.allocated = this.inner.memory().allocated;
    const parent = this.stack.at(-1);
    if (parent === undefined) return;
    parent.selfTime -= event.duration;
    parent.memory += event.memory;
  }

  /** A range that has gone on across awaits until now. */
  lastsUntilNow(event: ProfileEvent): void {
    const open = event as Open;
    open.duration = performance.now() - this.began - open.start;
    open.asynchronous = true;
  }

  /** The event that began last and has not ended. */
  current(): ProfileEvent | undefined {
    return this.stack.at(-1);
  }

  /** The backend with every kernel call an event, and every allocation counted for the event it happens in. */
  face(): Backend {
    return new Proxy(this.inner, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key);
        if (key === 'allocate') return (byteLength: number) => this.allocate(byteLength);
        if (key === 'release') return (storage: Storage) => this.release(storage);
        if (typeof value !== 'function' || unrecorded.has(key)) return value;
        const kernel = value as (...args: unknown[]) => unknown;
        return (...args: unknown[]): unknown => {
          this.enter(typeof args[0] === 'string' ? `${String(key)}.${args[0]}` : String(key), 'kernel', args);
          try {
            return kernel.apply(target, args);
          } finally {
            this.leave();
          }
        };
      },
    });
  }

  private allocate(byteLength: number): Storage {
    const event = this.stack.at(-1);
    if (event) event.selfMemory += byteLength;
    return this.inner.allocate(byteLength);
  }

  private release(storage: Storage): void {
    const event = this.stack.at(-1);
    if (event) event.selfMemory -= storage.byteLength;
    this.inner.release(storage);
  }
}

function shapesIn(args: readonly unknown[]): (readonly number[])[] {
  return args.flatMap((arg) =>
    typeof arg === 'object' && arg !== null && 'shape' in arg && Array.isArray(arg.shape)
      ? [arg.shape as readonly number[]]
      : [],
  );
}

let recorder: Recorder | null = null;

/**
 * Runs `fn`, which may be async, and tells what its operations, their gradients and their kernels cost. Only what the calling
 * thread does is seen; taking a profile costs a microsecond or two for each event.
 * https://pytorch.org/docs/stable/profiler.html
 *
 * ```ts
 * const profile = await profiler.profile(() => profiler.recordFunction('step', trainOneStep));
 * console.log(profile.table({ sortBy: 'selfTime', rowLimit: 10 }));
 * await profile.exportChromeTrace('trace.json');
 * ```
 * @throws FlambeauError when a profile is already being taken
 */
export async function profile(fn: () => unknown): Promise<Profile> {
  if (recorder !== null) throw new FlambeauError('profile: a profile is already being taken');
  const inner = plainBackend();
  const current = new Recorder(inner);
  recorder = current;
  inner.resetPeakMemory();
  replaceBackend(current.face());
  setTracer(current);
  try {
    await fn();
  } finally {
    replaceBackend(inner);
    setTracer(null);
    recorder = null;
  }
  return new Profile(current.events, performance.now() - current.began, inner.memory().peak);
}

/**
 * Runs `fn` as a range of its own in the profile that is being taken, if there is one, and returns what it returns. Ranges nest.
 * An async `fn` is a range until its promise settles; events after its first await are not counted as lying inside.
 * https://pytorch.org/docs/stable/generated/torch.autograd.profiler.record_function.html
 */
export function recordFunction<R>(name: string, fn: () => R): R {
  const current = recorder;
  if (current === null || tracer === null) return fn();
  current.enter(name, 'range', []);
  const event = current.current()!;
  let result: R;
  try {
    result = fn();
  } finally {
    current.leave();
  }
  if (typeof result === 'object' && result !== null && 'then' in result && typeof result.then === 'function') {
    const settled = (): void => current.lastsUntilNow(event);
    (result as unknown as PromiseLike<unknown>).then(settled, settled);
  }
  return result;
}
