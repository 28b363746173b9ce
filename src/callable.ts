// Objects that are called like functions: `model(x)`, `transform(image)`. The base constructor returns a function whose prototype
// is the class's; class fields of subclasses are set on that function.

/** The method that runs when an instance is called, with the call's arguments in an array. */
export const CALL = Symbol('call');

/** The base of classes with callable instances. A subclass declares the call's types in an interface of its own name. */
export abstract class Callable {
  constructor() {
    return bareCallable(new.target.prototype);
  }

  /** @internal */
  abstract [CALL](inputs: unknown[]): unknown;
}

/** A callable object of a class, on which no constructor has run. */
export function bareCallable<T extends Callable>(prototype: T): T {
  const self = ((...inputs: unknown[]): unknown => self[CALL](inputs)) as unknown as T;
  Object.setPrototypeOf(self, prototype);
  // A function's own name and length would hide fields of these names.
  delete (self as { name?: unknown }).name;
  delete (self as { length?: unknown }).length;
  return self;
}
