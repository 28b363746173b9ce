// An optimiser's state as plain objects, numbers and tensors: PyTorch's `{ state, param_groups }` with PyTorch's names, in
// which a parameter is its number, counted over all groups.

import { SerializationError } from '../errors.js';
import { sameShape, show } from '../tensor/shape.js';
import { Tensor } from '../tensor/tensor.js';
import { stateKey } from './state-names.js';

/** What can stand in a state dict. */
export type StateValue = Tensor | number | boolean | string | null | readonly StateValue[];

/** What is remembered of one parameter. */
export type SavedState = Readonly<Record<string, StateValue>>;

/** A group's options; its parameters by number. */
export type SavedGroup = { readonly params: readonly number[] } & Readonly<Record<string, StateValue>>;

/** An optimiser's state and options, with PyTorch's keys. */
export interface OptimizerStateDict {
  readonly state: Readonly<Record<number, SavedState>>;
  readonly param_groups: readonly SavedGroup[];
}

/** An object's fields under their names in a state dict; tensors are the very same, not copies. */
export function packed(fields: object): Record<string, StateValue> {
  const saved: Record<string, StateValue> = {};
  for (const [field, value] of Object.entries(fields)) {
    if (value !== undefined) saved[stateKey(field)] = value as StateValue;
  }
  return saved;
}

/**
 * Fills a fresh state with what was saved: tensors are copied into its tensors, numbers may have been saved as tensors.
 * @throws SerializationError for what is missing or has another shape
 */
export function fillState<S extends object>(fresh: S, saved: SavedState): S {
  const fields = fresh as Record<string, unknown>;
  for (const [field, value] of Object.entries(fields)) {
    const key = stateKey(field);
    const found = saved[key];
    if (value instanceof Tensor) {
      if (!(found instanceof Tensor)) throw new SerializationError(`${key} is missing`);
      if (!sameShape(found.shape, value.shape)) {
        throw new SerializationError(`${key}: expected shape ${show(value.shape)}, got ${show(found.shape)}`);
      }
      value.copy_(found.detach());
    } else {
      fields[field] = numberIn(key, found);
    }
  }
  return fresh;
}

/** A number, whether saved as one or as a tensor of one element. */
export function numberIn(key: string, value: StateValue | undefined): number {
  if (typeof value === 'number') return value;
  if (value instanceof Tensor && value.numel() === 1) return value.item();
  throw new SerializationError(`${key}: expected a number, got ${value === undefined ? 'nothing' : String(value)}`);
}
