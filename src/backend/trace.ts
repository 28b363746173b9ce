// Where a profile listens: operations, backward nodes and optimisers say here when they begin and end. Without a listener that
// costs them one comparison.

/** What an event of a profile is: a step of the program as the user wrote it, or a kernel call below it. */
export type EventKind = 'operation' | 'backward' | 'kernel' | 'range';

export interface Tracer {
  /** @param args among them the tensors whose shapes are kept */
  enter(name: string, kind: EventKind, args: readonly unknown[]): void;
  leave(): void;
}

/** The listener; null while no profile is taken. */
export let tracer: Tracer | null = null;

export function setTracer(next: Tracer | null): void {
  tracer = next;
}

/** Runs a synchronous `fn` as an event, if anybody listens. */
export function traced<R>(name: string, kind: EventKind, fn: () => R, args: readonly unknown[] = []): R {
  const listener = tracer;
  if (listener === null) return fn();
  listener.enter(name, kind, args);
  try {
    return fn();
  } finally {
    listener.leave();
  }
}
