// What of the library the oracle calls by name.

import * as creation from '../../src/tensor/create.js';
import * as randomness from '../../src/tensor/random.js';
import * as operations from '../../src/ops/index.js';
import { Tensor } from '../../src/tensor/tensor.js';

export type Call = (...args: unknown[]) => unknown;

export const functions: Readonly<Record<string, unknown>> = { ...operations, ...creation, ...randomness };

/** Both ways to call an operation: the function, and the tensor's method; undefined where there is none. */
export function waysToCall(name: string): { fn: Call | undefined; method: Call | undefined } {
  const fn = functions[name];
  const descriptor = Object.getOwnPropertyDescriptor(Tensor.prototype, name);
  const get = descriptor?.get as Call | undefined;
  const value: unknown = descriptor?.value;
  const method: unknown = value ?? (get && ((input: Tensor) => get.call(input)));
  const bound = (input: unknown, ...rest: unknown[]): unknown => {
    if (get) return get.call(input);
    return (method as Call).apply(input, rest);
  };
  return {
    fn: typeof fn === 'function' ? (fn as Call) : undefined,
    method: typeof method === 'function' ? bound : undefined,
  };
}
