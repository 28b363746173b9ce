// A value that holds while a function runs: across its awaits where it is async, without leaking into code that runs beside it.
// While any async run is open the value is read from the platform's asynchronous context, otherwise from a plain field, which
// keeps the common case free.

import { AsyncContext } from '#platform';

export class Region<T> {
  private current: T;
  private openAsyncRuns = 0;
  private readonly context = new AsyncContext<T>();

  /** @param outside the value where no run is */
  constructor(private readonly outside: T) {
    this.current = outside;
  }

  /** The value right now. */
  get(): T {
    return this.openAsyncRuns === 0 ? this.current : (this.context.get() ?? this.outside);
  }

  /**
   * Runs `fn`, which may be async, and returns what it returns.
   * @param ended called once it has returned, thrown or settled
   */
  run<R>(value: T, fn: () => R, ended?: () => void): R {
    const previous = this.current;
    this.current = value;
    let result: R;
    let waits = false;
    try {
      result = this.context.run(value, fn);
      waits = isThenable(result);
    } finally {
      this.current = previous;
      if (!waits) ended?.();
    }
    if (waits) {
      this.openAsyncRuns++;
      const settled = (): void => {
        this.openAsyncRuns--;
        ended?.();
      };
      (result as PromiseLike<unknown>).then(settled, settled);
    }
    return result;
  }

  /** Runs a synchronous `fn`, with less ado: the library's own switch. */
  runSynchronous<R>(value: T, fn: () => R): R {
    const [previous, runs] = [this.current, this.openAsyncRuns];
    this.current = value;
    this.openAsyncRuns = 0;
    try {
      return fn();
    } finally {
      this.current = previous;
      this.openAsyncRuns += runs;
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
