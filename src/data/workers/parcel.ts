// What travels between threads: values taken apart so that structured cloning carries them.
//
// Every object of the value has one entry, however often it is referred to, so that shared objects stay shared and circles
// closed. A slot holds a primitive as it is, or the number of an object's entry in an array of one. Tensors are views on
// storages, whose memory isn't copied: the parcel carries a token for each, which the receiver adopts, once.

import type { DType } from '../../backend/dtype.js';
import type { ExportName } from './module-exports.js';

/** A primitive, or [number of an entry]. */
export type Slot = undefined | null | boolean | number | bigint | string | readonly [entry: number];

export type Entry =
  /** What structured cloning carries as it is: dates, typed arrays (shared memory stays shared), arrays of primitives. */
  | { readonly kind: 'clone'; readonly value: unknown }
  | { readonly kind: 'array'; readonly slots: readonly Slot[] }
  /** `of` is undefined for a plain object, null for one without prototype, else the place of its class in `exports`. */
  | {
      readonly kind: 'object';
      readonly of: number | null | undefined;
      readonly keys: readonly string[];
      readonly slots: readonly Slot[];
    }
  | { readonly kind: 'map'; readonly keys: readonly Slot[]; readonly slots: readonly Slot[] }
  | { readonly kind: 'set'; readonly slots: readonly Slot[] }
  | {
      readonly kind: 'tensor';
      readonly storage: number;
      readonly dtype: DType;
      readonly shape: readonly number[];
      readonly strides: readonly number[];
      readonly offset: number;
      readonly requiresGrad: boolean;
    }
  | { readonly kind: 'generator'; readonly state: Uint32Array; readonly seed: number }
  | { readonly kind: 'url'; readonly href: string }
  | { readonly kind: 'buffer'; readonly bytes: Uint8Array }
  /** A function or class. */
  | { readonly kind: 'export'; readonly of: number };

export interface Parcel {
  readonly root: Slot;
  readonly entries: readonly Entry[];
  readonly exports: readonly ExportName[];
  /** Tokens of the storages, for one receiver. */
  readonly tokens: readonly unknown[];
}
