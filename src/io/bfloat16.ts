// bfloat16 in files: the upper halves of float32 numbers.

/** The bits of numbers that are bfloat16 already. */
export function upperHalves(numbers: Float32Array): Uint16Array {
  const words = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  return Uint16Array.from(words, (word) => word >>> 16);
}

/** The numbers that the bits of bfloat16 stand for. */
export function fromUpperHalves(bits: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(bits, (half) => half << 16).buffer);
}
