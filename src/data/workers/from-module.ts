// Which module a function or class can be imported from in another thread.

const homes = new WeakMap<object, string>();

/**
 * Marks a function (or class) as exported by a module, so that worker threads can find it there: functions themselves don't
 * travel between threads. It is returned as it is.
 *
 * ```ts
 * export function pad(samples: Sample[]): Batch { ... }
 * const loader = new DataLoader(dataset, { numWorkers: 2, collateFn: fromModule(import.meta.url, pad) });
 * ```
 * @param moduleUrl the `import.meta.url` of the module that exports `fn`
 */
export function fromModule<F extends (...args: never) => unknown>(moduleUrl: string, fn: F): F {
  homes.set(fn, moduleUrl);
  return fn;
}

/** The module a function was marked with, or that a class names itself. A class inherits no module: it isn't its parent. */
export function moduleUrlOf(value: object): string | undefined {
  const marked = homes.get(value);
  if (marked !== undefined) return marked;
  if (!Object.hasOwn(value, 'moduleUrl')) return undefined;
  const { moduleUrl } = value as { readonly moduleUrl?: unknown };
  return typeof moduleUrl === 'string' ? moduleUrl : undefined;
}
