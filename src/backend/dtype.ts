// The element types: their names, codes (shared with the native kernels), sizes and typed arrays.
// Which type results from two others is `tensor/promotion.ts`.

/** The name of an element type. */
export type DType = 'float32' | 'float64' | 'bfloat16' | 'int64' | 'int32' | 'int16' | 'int8' | 'uint8' | 'bool';

/** A typed array that can hold a tensor's elements; bool is stored as bytes 0 and 1, bfloat16 is read as float32. */
export type TypedArray = Float32Array | Float64Array | BigInt64Array | Int32Array | Int16Array | Int8Array | Uint8Array;

export type TypedArrayConstructor =
  | Float32ArrayConstructor
  | Float64ArrayConstructor
  | BigInt64ArrayConstructor
  | Int32ArrayConstructor
  | Int16ArrayConstructor
  | Int8ArrayConstructor
  | Uint8ArrayConstructor;

export interface DTypeInfo {
  readonly name: DType;
  /** The number by which the native kernels know the type. */
  readonly code: number;
  /** Bytes of one element. */
  readonly bytes: number;
  readonly kind: 'float' | 'integer' | 'bool';
  /** What elements are read into. */
  readonly array: TypedArrayConstructor;
}

/** Every element type. */
export const dtypes: { readonly [name in DType]: DTypeInfo } = {
  float32: { name: 'float32', code: 0, bytes: 4, kind: 'float', array: Float32Array },
  float64: { name: 'float64', code: 1, bytes: 8, kind: 'float', array: Float64Array },
  int64: { name: 'int64', code: 2, bytes: 8, kind: 'integer', array: BigInt64Array },
  int32: { name: 'int32', code: 3, bytes: 4, kind: 'integer', array: Int32Array },
  int16: { name: 'int16', code: 4, bytes: 2, kind: 'integer', array: Int16Array },
  int8: { name: 'int8', code: 5, bytes: 1, kind: 'integer', array: Int8Array },
  uint8: { name: 'uint8', code: 6, bytes: 1, kind: 'integer', array: Uint8Array },
  bool: { name: 'bool', code: 7, bytes: 1, kind: 'bool', array: Uint8Array },
  // The upper half of a float32; kernels that know it see it as int16.
  bfloat16: { name: 'bfloat16', code: 4, bytes: 2, kind: 'float', array: Float32Array },
};

/** The types that every kernel knows: bfloat16 is served by way of float32 (bfloat16.ts). */
export const kernelTypes = (Object.keys(dtypes) as DType[]).filter((name) => name !== 'bfloat16');

// Asked for by every operation, so without a look-up.

export function isFloat(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float64' || dtype === 'bfloat16';
}

export function isInteger(dtype: DType): boolean {
  return dtype !== 'bool' && !isFloat(dtype);
}

/** Bytes of one element. */
export function bytesOf(dtype: DType): number {
  return dtype === 'float32' ? 4 : dtypes[dtype].bytes;
}
