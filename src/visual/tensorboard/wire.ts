// Fields of protocol buffers as bytes: https://protobuf.dev/programming-guides/encoding/

function varint(value: number | bigint): number[] {
  // Negative numbers are written as 64 bits of two's complement.
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}

function tag(field: number, type: number): number[] {
  return varint((field << 3) | type);
}

/** A whole number: int32, int64, an enum. */
export function integer(field: number, value: number | bigint): Uint8Array {
  return Uint8Array.from([...tag(field, 0), ...varint(value)]);
}

export function double(field: number, value: number): Uint8Array {
  return Buffer.concat([Uint8Array.from(tag(field, 1)), little(Float64Array.of(value))]);
}

export function float(field: number, value: number): Uint8Array {
  return Buffer.concat([Uint8Array.from(tag(field, 5)), little(Float32Array.of(value))]);
}

/** Repeated doubles, packed. */
export function doubles(field: number, values: readonly number[]): Uint8Array {
  return bytes(field, little(Float64Array.from(values)));
}

export function text(field: number, value: string): Uint8Array {
  return bytes(field, Buffer.from(value));
}

/** Bytes, or a message within a message. */
export function bytes(field: number, value: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.from([...tag(field, 2), ...varint(value.length)]), value]);
}

export function message(field: number, ...fields: readonly Uint8Array[]): Uint8Array {
  return bytes(field, Buffer.concat(fields));
}

/** The bytes of numbers, the lowest first whatever the machine has. */
function little(values: Float32Array | Float64Array): Uint8Array {
  const buffer = Buffer.alloc(values.byteLength);
  const width = values.BYTES_PER_ELEMENT;
  values.forEach((value, i) => (width === 4 ? buffer.writeFloatLE(value, 4 * i) : buffer.writeDoubleLE(value, 8 * i)));
  return buffer;
}
