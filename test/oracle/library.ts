// What of the library the oracle calls by name: everything that is public.

import * as flambeau from 'flambeau';
import { Tensor } from 'flambeau';

export type Call = (...args: unknown[]) => unknown;

export const functions: Readonly<Record<string, unknown>> = { ...flambeau };

/** Both ways to call an operation: the function, and the tensor's method (or property); undefined where there is none. */
export function waysToCall(name: string): { fn: Call | undefined; method: Call | undefined } {
  const fn = functions[name];
  const property = Object.getOwnPropertyDescriptor(Tensor.prototype, name);
  const method = property?.value as unknown;
  const read = property?.get?.bind.bind(property.get) as ((input: unknown) => () => unknown) | undefined;
  return {
    fn: typeof fn === 'function' ? (fn as Call) : undefined,
    method: read
      ? (input) => read(input)()
      : typeof method === 'function'
        ? (input, ...rest) => (method as Call).apply(input, rest)
        : undefined,
  };
}
