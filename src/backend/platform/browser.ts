// What differs between Node and a browser, as a browser does it.

import { FlambeauError } from '../../errors.js';
import type { Backend } from '../backend.js';
import type { Collect } from './node.js';

/** The compiled backend is Node's. */
export function loadNativeBackend(): Backend | undefined {
  return undefined;
}

/** A value that holds inside a function's synchronous run: browsers have no context that follows an await. */
export class AsyncContext<T> {
  private readonly values: T[] = [];

  run<R>(value: T, fn: () => R): R {
    this.values.push(value);
    let result: R;
    try {
      result = fn();
    } finally {
      this.values.pop();
    }
    if (result instanceof Promise) {
      throw new FlambeauError(
        'in a browser a mode such as noGrad can not follow an async function: await first, and put the mode around ' +
          'what computes',
      );
    }
    return result;
  }

  /** The value of the innermost `run` around the caller. */
  get(): T | undefined {
    return this.values.at(-1);
  }
}

/** An environment variable: browsers have none. */
export function env(_name: string): string | undefined {
  return undefined;
}

/** What the engine's array buffers take: browsers don't tell. */
export function arrayBufferBytes(): number | undefined {
  return undefined;
}

/** The engine's collector: browsers don't lend it. */
export function findCollector(): Collect | undefined {
  return undefined;
}

/** Files are Node's. */
export function writeText(path: string, _text: string): Promise<void> {
  return Promise.reject(new FlambeauError(`a browser can't write the file ${path}: take the text itself`));
}
