// What may be there at once or only later: most samples and batches are, and waiting for those that are would cost a turn of
// the event loop each.

/** A value, or a promise for it. */
export type Eventual<T> = T | PromiseLike<T>;

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** Goes on with a value now if it is there, else when it is. */
export function whenReady<T, R>(value: Eventual<T>, next: (value: T) => R): R | PromiseLike<Awaited<R>> {
  return isThenable(value) ? (value.then(next) as PromiseLike<Awaited<R>>) : next(value);
}
