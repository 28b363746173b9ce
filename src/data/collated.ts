// The types of batches, which follow from the types of samples.

import type { TypedArray } from '../backend/dtype.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Bytes } from './bytes.js';

/**
 * Types that a program has added to the table with `registerCollate`: for each, under a name of one's own, the type of a
 * sample and that of its batch.
 *
 * ```ts
 * declare module 'flambeau/data' {
 *   interface CollatedTypes {
 *     tokens: [sample: Tokens, batch: PackedTokens];
 *   }
 * }
 * ```
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- filled by those who add types
export interface CollatedTypes {}

type Added = CollatedTypes[keyof CollatedTypes];

/** The batch type of a type that was added, never where it wasn't. */
type AddedBatch<T> = Added extends infer Entry
  ? Entry extends readonly [infer Sample, infer Batch]
    ? T extends Sample
      ? Batch
      : never
    : never
  : never;

type Untyped<T> = 0 extends 1 & T ? true : unknown extends T ? true : false;

/**
 * What `defaultCollate` makes of samples of type T: numbers, bigints, booleans, tensors and typed arrays become a tensor,
 * strings, dates and bytes a list; arrays and plain objects are collated position by position and field by field.
 */
export type Collated<T> =
  Untyped<T> extends true
    ? unknown
    : [AddedBatch<T>] extends [never]
      ? T extends number | bigint | boolean | Tensor | TypedArray
        ? Tensor
        : T extends string
          ? string[]
          : T extends Date
            ? Date[]
            : T extends Bytes
              ? Uint8Array[]
              : T extends null | undefined | symbol | ((...args: never) => unknown)
                ? never
                : { -readonly [K in keyof T]: Collated<T[K]> }
      : AddedBatch<T>;

/** What `defaultConvert` makes of one sample: typed arrays become tensors, all else stays. */
export type Converted<T> =
  Untyped<T> extends true
    ? unknown
    : T extends
          Tensor | Date | string | number | bigint | boolean | null | undefined | symbol | ((...args: never) => unknown)
      ? T
      : T extends TypedArray
        ? Tensor
        : T extends Bytes
          ? Uint8Array
          : { -readonly [K in keyof T]: Converted<T[K]> };
