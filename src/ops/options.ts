// Arguments with defaults, which may stand in PyTorch's order or be fields of an options object in the same place.

import { Tensor } from '../tensor/tensor.js';

/** Whether what stands where an argument could is an options object. */
export function isOptions<T extends object>(value: T | Tensor | number | undefined): value is T;
export function isOptions(value: unknown): value is object;
export function isOptions(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !(value instanceof Tensor);
}
